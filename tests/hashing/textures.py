"""Textured pictures out of a number, the same on every machine and with every NumPy.

Only the raw bits of PCG64 and whole-number arithmetic are used. No picture is flat, symmetric or
a pure gradient: rounding would decide the hash of such.
"""

import numpy as np
from numpy.typing import NDArray

OCTAVES = ((4, 8), (9, 4), (23, 2), (61, 1))
"""Cells along a side of each layer of smooth noise, and the layer's weight."""
NOISE_WEIGHT = 1
"""Weight of the noise that differs from pixel to pixel."""


def texture(seed: int, height: int, width: int, channels: int) -> NDArray[np.uint8]:
    """Return smooth noise of shape (height, width, channels), of every scale."""
    planes = [_plane(16 * seed + channel, height, width) for channel in range(channels)]
    return np.stack(planes, axis=-1)


def _plane(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    bits = np.random.PCG64(seed)
    total = NOISE_WEIGHT * _noise(bits, height, width)
    for cells, weight in OCTAVES:
        total += weight * _stretched(_noise(bits, cells + 1, cells + 1), height, width)
    weights = NOISE_WEIGHT + sum(weight for _, weight in OCTAVES)
    contrast = total * 2 // weights - 128
    return np.clip(contrast, 0, 255).astype(np.uint8)


def _noise(bits: np.random.PCG64, height: int, width: int) -> NDArray[np.int64]:
    raw = np.asarray(bits.random_raw(height * width), np.uint64)
    return (raw >> np.uint64(56)).astype(np.int64).reshape(height, width)


def _stretched(grid: NDArray[np.int64], height: int, width: int) -> NDArray[np.int64]:
    """Return the grid's values, interpolated linearly in both directions."""
    return _stretched_rows(_stretched_rows(grid, height).T, width).T


def _stretched_rows(grid: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    place = np.arange(rows, dtype=np.int64) * (len(grid) - 1) * 256 // rows
    cell, share = place // 256, (place % 256)[:, None]
    return (grid[cell] * (256 - share) + grid[cell + 1] * share) // 256
