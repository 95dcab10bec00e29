"""What registered hashes and tokens give away: pictures rebuilt from them without any learning.

``OMP_NUM_THREADS=1 python docs/attacks/reconstruct.py [--out docs/attacks/reconstruction.jpg]``

Every bit of a PDQ hash, and of a token's word, says on which side of zero one wave in one part of
the picture lies. The attack looks for the picture that agrees with all of these bits and is
otherwise as smooth as photos are on average: the most probable one under a logistic likelihood and
a Gaussian prior. Nothing is learned from other pictures.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import decode, upright
from hashreg.hashing.keypoints import blurred, find_keypoints, scale_space
from hashreg.hashing.patches import GRID, PATCH_SPACING, upright_patches
from hashreg.hashing.pdq import LOW_SIDE
from hashreg.hashing.tokens import REGISTERED_SIDE, resized
from hashreg.hashing.views import REGISTERED, PartViews, Window
from hashreg.matching import tokens as packed
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.tokens import (
    CELLS,
    DIRECTIONS,
    MOST_TOKENS,
    SIZE_STEP,
    WORD_BITS,
    TokenKind,
)

SAMPLES = Path(__file__).parents[2] / "sample_images" / "originals"
ON_THE_SHEET = ("astronaut", "officer", "photographer")
SIDE = 128
"""Pixels of a rebuilt picture in either direction, before it gets its shape."""
ROUNDS, STEP, MOMENTUM = 150, 0.02, 0.9
PDQ_TRUST, TOKEN_TRUST = 8.0, 1.0
"""How steeply the likelihood rises. Tokens are placed coarsely, so their bits are less certain."""
DRAWS = 24
"""Random pictures by which each wave's usual size is measured."""
DETAIL = 6
"""Pixels, at 256: what a Gaussian of this size removes is not detail."""
TITLES = ("one PDQ hash", "all PDQ windows", "tokens", "PDQ and tokens", "tokens, no cap")
TILE, MARGIN, LINE = 236, 6, 22

FREQUENCIES = sorted(
    ((u, v) for u in range(GRID) for v in range(GRID) if u + v), key=lambda it: (sum(it), it[0])
)
"""Of rows and columns, in the order of the bits of a word."""
HALF = 0.5

Plane = NDArray[np.float64]
Numbers = NDArray[np.float32] | Plane
WHOLE: Window = (0, 1, 0, 1)


@dataclass(frozen=True, slots=True)
class PdqBits:
    """A PDQ hash of a window: signs (16, 16) and the waves of either side, (16, 128)."""

    signs: Plane
    rows: Plane
    columns: Plane

    def of(self, picture: Plane) -> Plane:
        """Return the window's coefficients."""
        return self.rows @ picture @ self.columns.T

    def back(self, weights: Plane) -> Plane:
        """Return the sum of the waves, each weighted."""
        return self.rows.T @ weights @ self.columns


@dataclass(frozen=True, slots=True)
class TokenBits:
    """Words of patches: ``signs`` (n,), and the pixels of each bit's wave, one bit after another.

    Bit k's wave has the heights ``heights[starts[k]:starts[k + 1]]`` at ``pixels`` of the same.
    """

    signs: Plane
    starts: NDArray[np.intp]
    pixels: NDArray[np.intp]
    heights: Plane

    def of(self, picture: Plane) -> Plane:
        """Return the patches' coefficients."""
        summed: Plane = np.add.reduceat(picture.ravel()[self.pixels] * self.heights, self.starts)
        return summed

    def back(self, weights: Plane) -> Plane:
        """Return the sum of the waves, each weighted."""
        counts = np.diff(self.starts, append=len(self.pixels))
        drawn = np.repeat(weights, counts) * self.heights
        summed = np.bincount(self.pixels, drawn, SIDE * SIDE).astype(np.float64)
        return summed.reshape(SIDE, SIDE)


Evidence = PdqBits | TokenBits


@dataclass(frozen=True, slots=True)
class Patch:
    """Where a token lies: in shares of the long side, and radians."""

    x: float
    y: float
    sigma: float
    turn: float
    signs: NDArray[np.bool_]


def pdq_bits(digest: bytes, window: Window) -> PdqBits:
    """Return what a PDQ hash says of a window of the picture."""
    bits = np.unpackbits(np.frombuffer(digest, np.uint8))[::-1].reshape(LOW_SIDE, LOW_SIDE)
    top, bottom, left, right = window
    return PdqBits(bits.astype(np.float64) * 2 - 1, _waves(top, bottom), _waves(left, right))


def _waves(first: float, last: float) -> Plane:
    """Return cosines 1 to 16 of a part of a side, shape (16, 128)."""
    place = ((np.arange(SIDE) + 0.5) / SIDE - first) / (last - first)
    inside = (place >= 0) & (place <= 1)
    waves: Plane = np.cos(np.pi * np.outer(np.arange(1, LOW_SIDE + 1), place)) * inside
    return waves


def token_bits(patches: Sequence[Patch], shape: tuple[float, float]) -> TokenBits:
    """Return what words say; ``shape`` is width and height in shares of the long side."""
    places = (np.arange(SIDE) + 0.5) / SIDE
    signs, pixels, heights = [], [], []
    for it in patches:
        x, y = places[None, :] * shape[0] - it.x, places[:, None] * shape[1] - it.y
        cosine, sine, side = math.cos(it.turn), math.sin(it.turn), GRID * PATCH_SPACING * it.sigma
        across, down = (cosine * x + sine * y) / side + 0.5, (cosine * y - sine * x) / side + 0.5
        inside = np.flatnonzero((np.abs(across - 0.5) <= HALF) & (np.abs(down - 0.5) <= HALF))
        across, down = across.ravel()[inside], down.ravel()[inside]
        for sign, (u, v) in zip(it.signs, FREQUENCIES, strict=False):
            signs.append(1 if sign else -1)
            pixels.append(inside)
            wave = np.cos(np.pi * u * down) * np.cos(np.pi * v * across)
            heights.append(wave - wave.mean())
    starts = np.cumsum([0, *(len(one) for one in pixels[:-1])])
    return TokenBits(np.array(signs), starts, np.concatenate(pixels), np.concatenate(heights))


def registered_patches(it: Fingerprint) -> list[Patch]:
    """Return what the registered tokens of a fingerprint say, each in the middle of its cell."""
    if it.tokens is None:
        return []
    words, places = packed.registered(it.tokens)
    place = packed.unpacked(places)
    signs = (words[:, None] >> np.arange(WORD_BITS - 1, -1, -1) & 1).astype(bool)
    return _patches(place.x, place.y, np.exp(place.log_size), place.turn, signs)


def uncapped_patches(luma: NDArray[np.float32]) -> list[Patch]:
    """Return as many tokens without the cap: patches of any size, all 64 bits, placed as coarsely.

    hashreg never makes these.
    """
    plane = resized(luma, REGISTERED_SIDE)
    space = scale_space(plane)
    points = find_keypoints(space, MOST_TOKENS[TokenKind.REGISTERED])
    found = upright_patches(space, points, peaks_from=None)
    side, circle = max(plane.shape), 2 * math.pi / DIRECTIONS
    x, y = ((np.floor(one * CELLS / side) + 0.5) / CELLS for one in (points.x, points.y))
    sigma = np.exp((np.floor(np.log(points.sigma / side) / SIZE_STEP) + 0.5) * SIZE_STEP)
    turn = np.round(found.angle / circle) * circle
    return _patches(x, y, sigma, turn, found.signs)


def _patches(
    x: Numbers, y: Numbers, sigma: Numbers, turn: Numbers, signs: NDArray[np.bool_]
) -> list[Patch]:
    where = zip(x.tolist(), y.tolist(), sigma.tolist(), turn.tolist(), signs, strict=True)
    return [Patch(*one) for one in where]


def rebuilt(evidence: Sequence[Evidence], shape: tuple[float, float]) -> Plane:
    """Return the most probable picture, (128, 128), by gradient ascent with momentum."""
    usual, cosines = _usual_sizes(shape), _cosines()
    trusts = _trusts(evidence, usual, cosines)
    white, speed = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for _ in range(ROUNDS):
        picture = cosines.T @ (usual * white) @ cosines
        slope = np.zeros((SIDE, SIDE))
        for it, trust in zip(evidence, trusts, strict=True):
            slope += it.back(trust * _doubt(trust * it.of(picture)))
        speed = MOMENTUM * speed + usual * (cosines @ slope @ cosines.T) - white
        white = white + STEP * speed
    best: Plane = cosines.T @ (usual * white) @ cosines
    return best


def _trusts(evidence: Sequence[Evidence], usual: Plane, cosines: Plane) -> list[Plane]:
    """Return each bit's sign and weight: large where photos have small coefficients."""
    random = np.random.default_rng(1).standard_normal((DRAWS, SIDE, SIDE))
    draws = [cosines.T @ (usual * it) @ cosines for it in random]
    trusts = []
    for it in evidence:
        size = np.sqrt(np.mean([it.of(draw) ** 2 for draw in draws], axis=0))
        trust = PDQ_TRUST if isinstance(it, PdqBits) else TOKEN_TRUST
        trusts.append(it.signs * trust / np.maximum(size, 1e-9))
    return trusts


def _doubt(agreement: Plane) -> Plane:
    """Return the slope of the logistic likelihood: near 1 where the picture contradicts a bit."""
    doubt: Plane = 1 / (1 + np.exp(agreement.clip(-50, 50)))
    return doubt


def _usual_sizes(shape: tuple[float, float]) -> Plane:
    """Return how strong the waves of a photo are on average: inverse to their frequency."""
    steps = np.arange(SIDE)
    size = 1 / np.maximum(np.hypot(steps[:, None] / shape[1], steps[None, :] / shape[0]), 1)
    size[0, 0] = 0
    return size.astype(np.float64)


def _cosines() -> Plane:
    """Return the orthonormal DCT-II, (128, 128)."""
    steps = np.arange(SIDE)
    waves = np.sqrt(2 / SIDE) * np.cos(np.pi / SIDE * np.outer(steps, steps + 0.5))
    waves[0] /= math.sqrt(2)
    result: Plane = waves.astype(np.float64)
    return result


def attacks(it: Fingerprint, luma: NDArray[np.float32]) -> list[Plane]:
    """Return what is rebuilt of one picture from each kind of evidence, as in ``TITLES``."""
    height, width = luma.shape
    shape = (width / max(luma.shape), height / max(luma.shape))
    codes = {one.view: one.digest for one in it.hashes if one.algorithm is Algorithm.PDQ}
    base = pdq_bits(codes["trimmed" if "trimmed" in codes else "whole"], WHOLE)
    windows = [
        pdq_bits(codes[f"window:{name}"], window)
        for name, window in REGISTERED.items()
        if f"window:{name}" in codes
    ]
    tokens = token_bits(registered_patches(it), shape)
    evidence: list[list[Evidence]] = [
        [base],
        [base, *windows],
        [tokens],
        [base, *windows, tokens],
        [token_bits(uncapped_patches(luma), shape)],
    ]
    return [rebuilt(parts, shape) for parts in evidence]


def true_luma(content: bytes) -> NDArray[np.float32]:
    """Return the luminance that windows and tokens are taken from, long side 256."""
    picture = decode(content)
    base = PartViews(upright(picture.reduced(), picture.orientation)).base()
    return resized(base, REGISTERED_SIDE)


def as_pixels(rebuilt_one: Plane, like: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what was rebuilt in the shape of the true picture, with its mean and contrast."""
    height, width = like.shape
    image = Image.fromarray(rebuilt_one.astype(np.float32))
    plane = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    scale = float(like.std()) / max(float(plane.std()), 1e-9)
    result: NDArray[np.float32] = (plane - plane.mean()) * scale + like.mean()
    return result


def likeness(one: NDArray[np.float32], true: NDArray[np.float32]) -> tuple[float, float]:
    """Return the correlation of two pictures, and that of their detail."""
    fine = [it - blurred(it, DETAIL) for it in (one, true)]
    pairs = ((one, true), (fine[0], fine[1]))
    whole, detail = (float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in pairs)
    return whole, detail


def sheet(rows: Mapping[str, Sequence[NDArray[np.float32]]], titles: Sequence[str]) -> Image.Image:
    """Return a picture with a row of tiles for each photo, and titles above."""
    step = TILE + MARGIN
    size = (step * len(titles) + MARGIN, step * len(rows) + MARGIN + LINE)
    page = Image.new("L", size, 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    for column, title in enumerate(titles):
        draw.text((MARGIN + column * step, MARGIN), title, 0, font)
    for row, tiles in enumerate(rows.values()):
        for column, tile in enumerate(tiles):
            image = Image.fromarray(tile.clip(0, 255).astype(np.uint8))
            image.thumbnail((TILE, TILE), Image.Resampling.LANCZOS)
            page.paste(image, (MARGIN + column * step, LINE + MARGIN + row * step))
    return page


def _line(name: str, numbers: Sequence[Sequence[float]]) -> str:
    return f"{name:16}" + "".join(f"{whole:>11.2f} / {detail:.2f}" for whole, detail in numbers)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("reconstruction.jpg"))
    options = parser.parse_args()
    rows: dict[str, list[NDArray[np.float32]]] = {}
    found: list[list[tuple[float, float]]] = []
    print(f"{'r / r of detail':16}" + "".join(f"{title:>18}" for title in TITLES))
    for path in sorted(SAMPLES.iterdir()):
        content = path.read_bytes()
        true = true_luma(content)
        rebuilt_ones = attacks(fingerprint(content, views="register"), true)
        tiles = [as_pixels(it, true) for it in rebuilt_ones]
        found.append([likeness(tile, true) for tile in tiles])
        print(_line(path.stem, found[-1]))
        if path.stem in ON_THE_SHEET:
            rows[path.stem] = [true, *tiles]
    print(_line("mean", np.mean(found, axis=0).tolist()))
    sheet(rows, ("the photo", *TITLES)).save(options.out, quality=82)


if __name__ == "__main__":
    main()
