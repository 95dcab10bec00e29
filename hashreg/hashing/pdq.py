"""PDQ: 256 bits and a quality of a picture.

Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", 2019
(facebook/ThreatExchange, `hashing/hashing.pdf`). Up to the median PDQ is linear, so each side's two
box passes and the sampling of 64 positions are one banded 64 x n matrix; the result is bit-exact
with the running sums of pdqhash on photographs (`docs/decisions/002-pdq-as-matrix-products.md`).
Products go through ``einsum``: a threaded BLAS spins and costs 40 times the CPU.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hashreg.model.orientation import UPRIGHT, Orientation

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""Shape (h, w, c), 0 to 255: c = 1 luminance, 3 RGB, 4 RGB and a byte that is ignored."""

SIDE = 64
"""Side of the low-pass picture."""
LOW_SIDE = 16
"""Side of the block of low DCT frequencies that becomes the hash."""
LEAST_PIXELS = 5
"""A picture with a shorter side has no hash: zero bits, quality 0."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601 weights of red, green and blue."""
QUALITY_SCALE = 90
"""The sum of gradients that counts one point of quality, from the paper's appendix."""

DCT = (
    np.sqrt(2 / SIDE)
    * np.cos(np.pi / (2 * SIDE) * np.outer(np.arange(1, LOW_SIDE + 1), 2 * np.arange(SIDE) + 1))
).astype(np.float32)
"""Frequencies 1 to 16 of the 64-point DCT-II, shape (16, 64); the constant term is left out."""

_MIRROR_SIGNS = np.where(np.arange(LOW_SIDE) % 2 == 0, np.float32(-1), np.float32(1))
"""Flipping a side changes the sign of its odd frequencies: 1, 3, … at rows 0, 2, …"""


EXACT_SIDE = 1_700
"""Where the shorter side is below this, each orientation is computed as if the pixels had been
turned. Above it the signs of the DCT are flipped instead, which costs nothing and is at most 12
bits off: sampling is not symmetric by a pixel or two, and that is 50 bits at 256 px, 22 at 400, 14
at 1,500, 10 at 2,000 and 8 at 3,000 (`docs/decisions/003-orientations.md`)."""


@dataclass(frozen=True, slots=True)
class Pdq:
    """A PDQ hash, 64 hex digits with bit 255 first, and its quality 0-100."""

    hash: str = field(repr=False)
    quality: int


def pdq(pixels: Pixels, orientation: Orientation = UPRIGHT) -> Pdq:
    """Compute PDQ of ``pixels`` turned by ``orientation``.

    ``pixels`` has shape (h, w, c): c = 1 luminance, c = 3 RGB, c = 4 RGB and a byte that is
    ignored.
    """
    return pdq_views(pixels, {"whole": orientation})["whole"]


def pdq_views(pixels: Pixels, orientations: Mapping[str, Orientation]) -> dict[str, Pdq]:
    """Compute PDQ of ``pixels`` (as for ``pdq``) in several orientations at once."""
    if min(pixels.shape[:2]) < LEAST_PIXELS:
        return dict.fromkeys(orientations, Pdq("0" * 64, 0))
    transforms = _Transforms(pixels)
    first = next(iter(orientations.values()))
    exact = min(pixels.shape[:2]) < EXACT_SIDE
    return {
        name: transforms.exact(wanted) if exact else transforms.by_signs(first, wanted)
        for name, wanted in orientations.items()
    }


class _Transforms:
    """The low-pass pictures and DCTs of one picture, each computed once."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._luma: dict[bool, NDArray[np.float32]] = {}
        self._dct: dict[tuple[bool, bool], tuple[NDArray[np.float32], int]] = {}

    def exact(self, wanted: Orientation) -> Pdq:
        """Return PDQ of the pixels as if they had been turned."""
        coefficients, quality = self._transform(wanted.flip_rows, wanted.flip_columns)
        return Pdq(_hash(coefficients.T if wanted.transpose else coefficients), quality)

    def by_signs(self, first: Orientation, wanted: Orientation) -> Pdq:
        """Return PDQ of the pixels turned as ``first``, its DCT's signs flipped to ``wanted``."""
        coefficients, quality = self._transform(first.flip_rows, first.flip_columns)
        if wanted.flip_rows != first.flip_rows:
            coefficients = coefficients * _MIRROR_SIGNS[:, None]
        if wanted.flip_columns != first.flip_columns:
            coefficients = coefficients * _MIRROR_SIGNS[None, :]
        return Pdq(_hash(coefficients.T if wanted.transpose else coefficients), quality)

    def _transform(self, rows: bool, columns: bool) -> tuple[NDArray[np.float32], int]:
        if (rows, columns) not in self._dct:
            if rows not in self._luma:
                self._luma[rows] = _contract_rows(self._pixels, rows)
            small = _contract_columns(self._luma[rows], columns)
            coefficients = np.einsum("ik,kj->ij", DCT, np.einsum("kl,jl->kj", small, DCT))
            self._dct[rows, columns] = coefficients, _quality(small)
        return self._dct[rows, columns]


def _hash(coefficients: NDArray[np.float32]) -> str:
    flat = coefficients.ravel()
    lower_median = np.partition(flat, flat.size // 2 - 1)[flat.size // 2 - 1]
    return np.packbits((flat > lower_median)[::-1]).tobytes().hex()


def _quality(small: NDArray[np.float32]) -> int:
    """Return PDQ's quality 0-100: the sum of the truncated steps between neighbours."""
    hundred, full = np.float32(100), np.float32(255)
    down = np.trunc((small[:-1] - small[1:]) * hundred / full)
    across = np.trunc((small[:, :-1] - small[:, 1:]) * hundred / full)
    return min(100, int(np.abs(down).sum() + np.abs(across).sum()) // QUALITY_SCALE)


def _contract_rows(pixels: Pixels, flipped: bool) -> NDArray[np.float32]:
    """Return luminance of shape (64, w): each row a weighted sum of a band of pixel rows.

    Band by band through one buffer, so that the float copy stays in the cache.
    """
    height, width, channels = pixels.shape
    flat = pixels.reshape(height, width * channels)
    bands = _bands(height, flipped)
    buffer = np.empty((max(len(weights) for _, weights in bands), width * channels), np.float32)
    result = np.empty((SIDE, width), np.float32)
    for row, (first, weights) in enumerate(bands):
        band = buffer[: len(weights)]
        np.copyto(band, flat[first : first + len(weights)])
        result[row] = _luma(np.einsum("r,rx->x", weights, band).reshape(width, channels))
    return result


def _luma(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return luminance of shape (w,) from (w, c), ``c`` as for ``pdq``."""
    if colours.shape[1] == 1:
        return colours[:, 0]
    luma: NDArray[np.float32] = colours[:, 0] * LUMA[0]
    for channel in (1, 2):
        luma += colours[:, channel] * LUMA[channel]
    return luma


def _contract_columns(luma: NDArray[np.float32], flipped: bool) -> NDArray[np.float32]:
    """Return shape (64, 64) from (64, w)."""
    result = np.empty((SIDE, SIDE), np.float32)
    for column, (first, weights) in enumerate(_bands(luma.shape[1], flipped)):
        band = luma[:, first : first + len(weights)]
        np.einsum("kx,x->k", band, weights, out=result[:, column])
    return result


@lru_cache(maxsize=64)
def _bands(side: int, flipped: bool) -> tuple[tuple[int, NDArray[np.float32]], ...]:
    """Return, for each of the 64 samples, its first pixel and the weights from there on.

    Sample k averages, over the window around pixel floor((k + 1/2) side / 64), the windows
    around each member; windows hold ceil(side / 128) pixels and are cut at the edges.
    """
    width = -(-side // (2 * SIDE))
    right = (width + 2) // 2
    starts = np.maximum(np.arange(side) + right - width, 0)
    stops = np.minimum(np.arange(side) + right, side)
    bands = []
    for sample in range(SIDE):
        centre = (2 * sample + 1) * side // (2 * SIDE)
        members = range(starts[centre], stops[centre])
        first, last = int(starts[members[0]]), int(stops[members[-1]])
        weights = np.zeros(last - first)
        for member in members:
            begin, end = starts[member], stops[member]
            weights[begin - first : end - first] += 1 / ((end - begin) * len(members))
        if flipped:
            first, weights = side - last, weights[::-1]
        bands.append((first, np.ascontiguousarray(weights, np.float32)))
    return tuple(bands)
