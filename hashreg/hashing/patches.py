"""What a keypoint's neighbourhood looks like, upright: the signs of its lowest frequencies.

A patch is turned so that its gradients point one way, 16 x 16 samples wide; of its DCT the signs of
the lowest 64 coefficients are kept, the first 24 of them as a word that can be looked up exactly.
Settings: `docs/decisions/010-tokens.md`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashreg.hashing.keypoints import Keypoints, Plane
from hashreg.model.tokens import WORD_BITS

GRID = 16
"""Samples along a patch's side."""
PATCH_SPACING = 0.75
"""Distance of a patch's samples, in sigmas: the patch is 12 sigmas wide."""
GRADIENT_SPACING = 9 / 16
GRADIENT_SIGMAS = 1.5
BINS = 36
BITS = 64
FREQUENCIES = 11
"""Frequencies 0 to 10 hold the 64 lowest of both sides together."""

_OFFSETS = np.arange(GRID) - (GRID - 1) / 2
_DCT = np.cos(np.pi / (2 * GRID) * np.outer(np.arange(FREQUENCIES), 2 * np.arange(GRID) + 1))
_ORDER = sorted(
    ((u, v) for u in range(FREQUENCIES) for v in range(FREQUENCIES) if u + v),
    key=lambda it: (sum(it), it[0]),
)[:BITS]
_ROWS, _COLUMNS = (np.array([it[side] for it in _ORDER]) for side in (0, 1))


@dataclass(frozen=True, slots=True)
class Patches:
    """Upright patches, one a row; ``source`` is the number of the keypoint.

    ``angle`` is in radians, ``signs`` has shape (n, 64), ``size`` holds the absolute values of
    the 24 coefficients of the word.
    """

    source: NDArray[np.intp]
    angle: NDArray[np.float64]
    signs: NDArray[np.bool_]
    size: NDArray[np.float64]

    def words(self) -> NDArray[np.uint32]:
        """Return the words, 24 bits each, the lowest frequency first."""
        weights = 1 << np.arange(WORD_BITS - 1, -1, -1)
        return (self.signs[:, :WORD_BITS] @ weights).astype(np.uint32)


def upright_patches(
    space: list[list[Plane]], points: Keypoints, *, peaks_from: float | None
) -> Patches:
    """Return a patch for the main direction of each keypoint.

    ``peaks_from``: also for each direction that is at least so strong, as a share of the
    strongest; None takes the strongest alone.
    """
    sources, angles = _directions(space, points, peaks_from)
    chosen = points[sources]
    (samples,) = _samples(space, chosen, angles, PATCH_SPACING)
    samples -= samples.mean(axis=(1, 2), keepdims=True)
    frequencies = np.einsum("uj,njv->nuv", _DCT, np.einsum("njk,vk->njv", samples, _DCT))
    lowest = frequencies[:, _ROWS, _COLUMNS]
    return Patches(sources, angles, lowest > 0, np.abs(lowest[:, :WORD_BITS]))


def _directions(
    space: list[list[Plane]], points: Keypoints, peaks_from: float | None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return keypoint numbers and angles in radians, strongest keypoints first."""
    histogram = _histograms(space, points)
    for _ in range(2):
        histogram = (np.roll(histogram, 1, 1) + histogram + np.roll(histogram, -1, 1)) / 3
    before, after = np.roll(histogram, 1, 1), np.roll(histogram, -1, 1)
    highest = histogram.max(axis=1, keepdims=True)
    if peaks_from is None:
        sources = np.arange(len(points))
        bins = histogram.argmax(axis=1)
    else:
        peaks = (histogram > before) & (histogram >= after) & (histogram >= peaks_from * highest)
        sources, bins = np.nonzero(peaks)
    left, here, right = (it[sources, bins] for it in (before, histogram, after))
    bend = left - 2 * here + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0)
    return sources, (bins + shift + 0.5) * (2 * math.pi / BINS)


def _histograms(space: list[list[Plane]], points: Keypoints) -> NDArray[np.float64]:
    """Return the weighted gradients round each keypoint by direction, shape (n, 36)."""
    upright = np.zeros(len(points))
    down, across = _samples(space, points, upright, GRADIENT_SPACING, gradients=True)
    away = (_OFFSETS * GRADIENT_SPACING) ** 2
    weight = np.exp(-(away[:, None] + away[None, :]) / (2 * GRADIENT_SIGMAS**2))
    strength = np.hypot(across, down) * weight
    place = np.arctan2(down, across) * (BINS / (2 * math.pi)) - 0.5
    lower = np.floor(place).astype(np.intp)
    share = place - lower
    first = np.arange(len(points))[:, None, None] * BINS
    histogram = np.zeros(len(points) * BINS)
    for bins, part in ((lower, 1 - share), (lower + 1, share)):
        histogram += np.bincount(
            (first + bins % BINS).ravel(), (strength * part).ravel(), len(histogram)
        )
    return histogram.reshape(-1, BINS)


def _samples(
    space: list[list[Plane]],
    points: Keypoints,
    angles: NDArray[np.float64],
    spacing: float,
    *,
    gradients: bool = False,
) -> list[NDArray[np.float32]]:
    """Return 16 x 16 bilinear samples round each keypoint, turned by its angle.

    They are read from the keypoint's own level or, with ``gradients``, from that level's gradients:
    first down, then across.
    """
    results = [np.empty((len(points), GRID, GRID), np.float32) for _ in range(1 + gradients)]
    places = points.octave * 16 + points.level
    for place in np.unique(places).tolist():
        chosen = np.flatnonzero(places == place)
        octave, level = divmod(place, 16)
        plane = space[octave][level]
        planes = [np.gradient(plane, axis=axis) for axis in (0, 1)] if gradients else [plane]
        size = 2**octave
        step = points.sigma[chosen] / size * spacing
        cosine, sine = np.cos(angles[chosen]) * step, np.sin(angles[chosen]) * step
        x = points.x[chosen, None, None] / size
        y = points.y[chosen, None, None] / size
        across, down = _OFFSETS[None, None, :], _OFFSETS[None, :, None]
        sampled = bilinear(
            planes,
            x + cosine[:, None, None] * across - sine[:, None, None] * down,
            y + sine[:, None, None] * across + cosine[:, None, None] * down,
        )
        for result, values in zip(results, sampled, strict=True):
            result[chosen] = values
    return results


def bilinear(
    planes: Sequence[Plane], x: NDArray[np.float64], y: NDArray[np.float64]
) -> Iterator[NDArray[np.float32]]:
    """Yield the planes' values between their pixels; outside, those of the nearest edge.

    The planes have one shape; ``x`` and ``y`` are in pixels, of any one shape.
    """
    height, width = planes[0].shape
    x, y = x.clip(0, width - 1), y.clip(0, height - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    dx, dy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    right = np.minimum(left + 1, width - 1)
    above, below = top * width, np.minimum(top + 1, height - 1) * width
    for plane in planes:
        flat = plane.ravel()
        upper, lower = flat[above + left], flat[below + left]
        upper += (flat[above + right] - upper) * dx
        lower += (flat[below + right] - lower) * dx
        yield upper + (lower - upper) * dy
