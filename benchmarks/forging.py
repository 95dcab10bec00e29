"""Making forged collisions: a photo changed until its PDQ hash is near a registered one.

Up to the median PDQ is linear, so a few rounds of adding slow waves do.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hashreg.hashing.pdq import LOW_SIDE, LUMA, pdq

ROUNDS = 30
STEP = 0.15
"""Of the mean distance of the coefficients from their median: how far a wrong one is pushed."""


def forge(photo: Image.Image, target: str, wish: int) -> tuple[Image.Image, int]:
    """Return the photo changed until its PDQ is within ``wish`` bits of ``target``, and how near.

    ``target`` is 64 hex digits. Where that takes too many rounds, the last try is returned.
    """
    wanted = _bits(target)
    pixels = np.asarray(photo, np.uint8)
    rows, columns = _waves(pixels.shape[0]), _waves(pixels.shape[1])
    near = 256
    for _ in range(ROUNDS):
        near = int((_bits(pdq(pixels).hash) != wanted).sum())
        if near <= wish:
            break
        coefficients = rows @ (pixels @ LUMA.astype(np.float64)) @ columns.T
        change = rows.T @ _push(coefficients, wanted) @ columns
        pixels = (pixels + change[..., None]).clip(0, 255).round().astype(np.uint8)
    return Image.fromarray(pixels), near


def _push(coefficients: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what to add to each coefficient so that it lies on the wanted side of the median."""
    median = np.median(coefficients)
    margin = STEP * np.abs(coefficients - median).mean()
    goal = np.where(wanted, median + margin, median - margin)
    unsure = ((coefficients > median) != wanted) | (np.abs(coefficients - median) < margin)
    return np.where(unsure, goal - coefficients, 0)


def _waves(side: int) -> NDArray[np.float64]:
    """Return cosines of frequencies 1 to 16, shape (16, side)."""
    steps = np.outer(np.arange(1, LOW_SIDE + 1), 2 * np.arange(side) + 1)
    waves: NDArray[np.float64] = np.sqrt(2 / side) * np.cos(np.pi / (2 * side) * steps)
    return waves


def _bits(digits: str) -> NDArray[np.bool_]:
    packed = np.frombuffer(bytes.fromhex(digits), np.uint8)
    return np.unpackbits(packed)[::-1].reshape(LOW_SIDE, LOW_SIDE).astype(bool)
