"""Keypoints: blobs of a picture that are found again after it was cropped, scaled or turned.

Extrema of differences of Gaussians in a scale space, after D. Lowe, "Distinctive image features
from scale-invariant keypoints", IJCV 60 (2004); the settings are those that were measured for the
tokens of recipe ``tokens-1`` (`docs/decisions/010-tokens.md`). NumPy only, float32.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
"""Shape (h, w)."""

SIGMA = 1.6
"""Blur of the first level, in pixels; the picture is taken to have a blur of 0.5."""
ASSUMED_SIGMA = 0.5
SCALES = 3
"""Levels in an octave; k = 2^(1/3)."""
STEP = 2 ** (1 / SCALES)
MOST_OCTAVES = 6
LEAST_OCTAVE_SIDE = 16
TRUNCATED_AT = 3
"""Standard deviations at which a Gaussian is cut off."""
LEAST_CANDIDATE, LEAST_CONTRAST = 0.2, 0.4
"""Grey levels of the difference, before and after interpolation."""
MARGIN = 4
"""Pixels from an octave's edge in which nothing is looked for."""
MOST_OFFSET = 0.6
EDGE_RATIO = 11**2 / 10
"""Above this ratio of curvatures a blob is an edge."""
SINGULAR = 1e-9
FRAME_SIGMAS = 3
"""A blob nearer than this to the picture's edge belongs to the frame (times its size)."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Blobs, strongest first: arrays of one length.

    ``x``, ``y`` and ``sigma`` are in pixels of the picture; ``octave`` and ``level`` name the
    plane of the scale space that they were found in.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    sigma: NDArray[np.float64]
    strength: NDArray[np.float64]
    octave: NDArray[np.int64]
    level: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Keypoints":
        return Keypoints(
            self.x[chosen],
            self.y[chosen],
            self.sigma[chosen],
            self.strength[chosen],
            self.octave[chosen],
            self.level[chosen],
        )


def scale_space(luma: Plane, octaves: int = MOST_OCTAVES) -> list[list[Plane]]:
    """Return the levels G0 to G5 of each octave; each octave has half the side of the one before.

    ``luma`` is a float32 luminance, 0 to 255.
    """
    base = blurred(luma, math.sqrt(SIGMA**2 - ASSUMED_SIGMA**2))
    space: list[list[Plane]] = []
    while len(space) < octaves and min(base.shape) >= LEAST_OCTAVE_SIDE:
        levels = [base]
        for level in range(1, SCALES + 3):
            more = SIGMA * STEP ** (level - 1) * math.sqrt(STEP**2 - 1)
            levels.append(blurred(levels[-1], more))
        space.append(levels)
        base = np.ascontiguousarray(levels[SCALES][::2, ::2])
    return space


def blurred(plane: Plane, sigma: float) -> Plane:
    """Return a plane blurred by a Gaussian; what lies outside is the plane mirrored."""
    radius = math.ceil(TRUNCATED_AT * sigma)
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    weights = (weights / weights.sum()).astype(np.float32)
    return _convolved(_convolved(plane, weights).T, weights).T


def _convolved(plane: Plane, weights: NDArray[np.float32]) -> Plane:
    """Return the plane convolved along its columns with symmetric weights."""
    radius = len(weights) // 2
    padded = np.pad(plane, ((radius, radius), (0, 0)), mode="symmetric")
    height = len(plane)
    result: Plane = weights[radius] * padded[radius : radius + height]
    pair = np.empty_like(result)
    for distance in range(1, radius + 1):
        np.add(
            padded[radius - distance : radius - distance + height],
            padded[radius + distance : radius + distance + height],
            out=pair,
        )
        pair *= weights[radius + distance]
        result += pair
    return result


def find_keypoints(space: list[list[Plane]], most: int) -> Keypoints:
    """Return the ``most`` strongest blobs of a picture by its scale space; none of a tiny one."""
    found = [points for octave, levels in enumerate(space) for points in _extrema(levels, octave)]
    if not found:
        return Keypoints(*np.empty((4, 0)), *np.empty((2, 0), np.int64))
    height, width = space[0][0].shape
    merged = Keypoints(
        *(np.concatenate([getattr(it, name) for it in found]) for name in Keypoints.__slots__)
    )
    frame = FRAME_SIGMAS * merged.sigma
    inside = (merged.x >= frame) & (merged.x <= width - 1 - frame)
    inside &= (merged.y >= frame) & (merged.y <= height - 1 - frame)
    merged = merged[inside]
    return merged[np.argsort(-merged.strength, kind="stable")[:most]]


def _extrema(levels: list[Plane], octave: int) -> Iterator[Keypoints]:
    """Yield the blobs of one octave, level by level."""
    difference = np.stack([upper - lower for lower, upper in itertools.pairwise(levels)])
    if min(difference.shape[1:]) <= 2 * MARGIN:
        return
    highest, lowest = _around(difference, np.maximum), _around(difference, np.minimum)
    for level in range(1, SCALES + 1):
        centre = difference[level, 1:-1, 1:-1]
        wanted = (np.abs(centre) > LEAST_CANDIDATE) & (
            (centre == highest[level - 1]) | (centre == lowest[level - 1])
        )
        inner = wanted[MARGIN - 1 : 1 - MARGIN, MARGIN - 1 : 1 - MARGIN]
        rows, columns = np.nonzero(inner)
        yield _refined(difference, level, rows + MARGIN, columns + MARGIN, octave)


def _around(difference: NDArray[np.float32], best: np.ufunc) -> NDArray[np.float32]:
    """Return the largest (or least) of each 3 x 3 x 3 neighbourhood, shape (levels, h-2, w-2)."""
    deep = best(best(difference[:-2], difference[1:-1]), difference[2:])
    tall = best(best(deep[:, :-2], deep[:, 1:-1]), deep[:, 2:])
    wide: NDArray[np.float32] = best(best(tall[:, :, :-2], tall[:, :, 1:-1]), tall[:, :, 2:])
    return wide


def _refined(
    difference: NDArray[np.float32],
    level: int,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    octave: int,
) -> Keypoints:
    """Return the blobs after one quadratic step, weak ones and edges left out."""
    steps = np.arange(-1, 2)
    around = difference[
        level + steps[:, None, None, None],
        rows + steps[None, :, None, None],
        columns + steps[None, None, :, None],
    ].astype(np.float64)
    slope, curvature = _derivatives(around)
    offset = _step(slope, curvature)
    value = around[1, 1, 1] + 0.5 * (slope * offset).sum(axis=1)
    xx, xy, yy = curvature[:, 0, 0], curvature[:, 0, 1], curvature[:, 1, 1]
    determinant, trace = xx * yy - xy * xy, xx + yy
    kept = (np.abs(value) > LEAST_CONTRAST) & (determinant > 0)
    kept &= trace * trace < EDGE_RATIO * determinant
    size, count = 2**octave, int(kept.sum())
    return Keypoints(
        (columns + offset[:, 0])[kept] * size,
        (rows + offset[:, 1])[kept] * size,
        SIGMA * size * STEP ** (level + offset[kept, 2]),
        np.abs(value[kept]),
        np.full(count, octave),
        np.full(count, level),
    )


def _derivatives(
    around: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return slopes (n, 3) and curvatures (n, 3, 3) in x, y and scale.

    ``around`` has shape (3, 3, 3, n): scale, rows, columns.
    """
    here = around[1, 1, 1]
    slope = np.stack(
        [
            (around[1, 1, 2] - around[1, 1, 0]) / 2,
            (around[1, 2, 1] - around[1, 0, 1]) / 2,
            (around[2, 1, 1] - around[0, 1, 1]) / 2,
        ],
        axis=1,
    )
    xx = around[1, 1, 2] + around[1, 1, 0] - 2 * here
    yy = around[1, 2, 1] + around[1, 0, 1] - 2 * here
    ss = around[2, 1, 1] + around[0, 1, 1] - 2 * here
    xy = (around[1, 2, 2] - around[1, 2, 0] - around[1, 0, 2] + around[1, 0, 0]) / 4
    xs = (around[2, 1, 2] - around[2, 1, 0] - around[0, 1, 2] + around[0, 1, 0]) / 4
    ys = (around[2, 2, 1] - around[2, 0, 1] - around[0, 2, 1] + around[0, 0, 1]) / 4
    matrix = ((xx, xy, xs), (xy, yy, ys), (xs, ys, ss))
    return slope, np.stack([np.stack(row, axis=1) for row in matrix], axis=1)


def _step(slope: NDArray[np.float64], curvature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the way to each extremum, at most ``MOST_OFFSET``; none where there is no one way."""
    solvable = np.abs(np.linalg.det(curvature)) > SINGULAR
    safe = np.where(solvable[:, None, None], curvature, np.eye(3))
    whole = -np.linalg.solve(safe, slope[..., None])[..., 0].astype(np.float64)
    return np.where(solvable[:, None], whole, 0.0).clip(-MOST_OFFSET, MOST_OFFSET)
