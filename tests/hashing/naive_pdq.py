"""PDQ as the paper describes it, step by step with running sums: slow, plain, bit-exact.

The twin of ``hashreg.hashing.pdq``. Everything is float32 in the order of a C program without
fused multiply-add; NumPy only carries out one step on all lines of the picture at once.
"""

import numpy as np
from numpy.typing import NDArray

from hashreg.hashing.pdq import Pdq

Floats = NDArray[np.float32]
F = np.float32


def naive_pdq(pixels: NDArray[np.uint8]) -> Pdq:
    """Return PDQ of ``pixels``, shape (h, w, c) with c = 1 grey, 3 RGB, 4 RGB and an idle byte."""
    if min(pixels.shape[:2]) < 5:
        return Pdq("0" * 64, 0)
    small = decimated(filtered(luminance(pixels)))
    return Pdq(bits_above_median(low_frequencies(small)), gradient_quality(small))


def luminance(pixels: NDArray[np.uint8]) -> Floats:
    """Return ITU-R BT.601 luminance, weighted in float64 and rounded once."""
    if pixels.shape[2] == 1:
        return pixels[..., 0].astype(F)
    red, green, blue = (pixels[..., channel].astype(np.float64) for channel in range(3))
    return (0.299 * red + 0.587 * green + 0.114 * blue).astype(F)


def filtered(picture: Floats) -> Floats:
    """Return the picture after two box filters along its rows and two along its columns."""
    height, width = picture.shape
    if (height, width) == (64, 64):
        return picture
    for _ in range(2):
        picture = box_filtered(picture.T, -(-width // 128)).T
        picture = box_filtered(picture, -(-height // 128))
    return picture


def box_filtered(lines: Floats, window: int) -> Floats:
    """Return the mean of each line and its neighbours: ``window`` lines, fewer at the ends.

    The window of line i ends (window + 2) // 2 lines after it.
    """
    ahead = (window + 2) // 2
    means = np.empty_like(lines)
    total = np.zeros(lines.shape[1], F)
    members = 0
    for step in range(len(lines) + ahead - 1):
        if step < len(lines):
            total, members = total + lines[step], members + 1
        if step >= window:
            total, members = total - lines[step - window], members - 1
        if step >= ahead - 1:
            means[step - ahead + 1] = total / F(members)
    return means


def decimated(picture: Floats) -> Floats:
    """Return the 64 x 64 pixels at the middles of as many equal cells."""
    rows, columns = (
        [int((cell + 0.5) * side / 64) for cell in range(64)] for side in picture.shape
    )
    return picture[np.ix_(rows, columns)]


def low_frequencies(small: Floats) -> Floats:
    """Return the DCT coefficients of frequencies 1 to 16 in both directions."""
    waves = [
        [np.sqrt(2 / 64) * np.cos(np.pi / 128 * f * (2 * x + 1)) for x in range(64)]
        for f in range(1, 17)
    ]
    table = np.array(waves).astype(F)
    return product(product(table, small), table.T)


def product(left: Floats, right: Floats) -> Floats:
    """Return the matrix product, summed term by term in the order of the index."""
    total = np.zeros((left.shape[0], right.shape[1]), F)
    for k in range(left.shape[1]):
        total = total + left[:, k, None] * right[None, k, :]
    return total


def bits_above_median(coefficients: Floats) -> str:
    """Return the hash: bit 16 i + j tells whether coefficient (i, j) is above the lower median."""
    flat = coefficients.ravel()
    median = sorted(flat)[127]
    return f"{sum(1 << index for index, value in enumerate(flat) if value > median):064x}"


def gradient_quality(small: Floats) -> int:
    """Return the quality: the steps between neighbours in whole percent of the range, over 90."""
    total = 0
    for one, other in ((small[:-1], small[1:]), (small[:, :-1], small[:, 1:])):
        percent = ((one - other) * F(100) / F(255)).astype(np.int64)
        total += int(np.abs(percent).sum())
    return min(100, total // 90)


def median_gap(pixels: NDArray[np.uint8]) -> float:
    """Return how far the lower median is from the next coefficient above it.

    Where this is next to nothing, rounding decides two bits of the hash.
    """
    flat = np.sort(low_frequencies(decimated(filtered(luminance(pixels)))).ravel())
    return float(flat[128] - flat[127])
