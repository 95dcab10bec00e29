"""The geometric vote: whether the tokens that two pictures share agree how one lies in the other.

Every pair of equal words proposes a similarity from the registered picture to the upload; the pairs
that agree with it are counted, and the transform is fitted to them. Tolerances: decision 010.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.tokens import Geometry
from hashreg.model.tokens import Transform

LOG_SIZE_TOLERANCE, TURN_TOLERANCE = 0.45, 0.4
PLACE_TOLERANCE, DISTANCE_TOLERANCE, SIZE_TOLERANCE = 0.04, 0.35, 3
"""A pair's place may be off by scale x (0.04 + 0.35 x the distance of the two registered points)
+ 3 sigmas of the asked token."""
TURN = np.float32(2 * np.pi)
AFFINE_FROM = 5
"""Agreeing pairs from which on a stretch is fitted as well."""
RIDGE = 0.02
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Pairs:
    """Equal words of an upload and one registered picture: numbers and places of both."""

    asked: NDArray[np.intp]
    registered: NDArray[np.uint64]
    asked_at: Geometry
    registered_at: Geometry

    def __len__(self) -> int:
        return len(self.asked)


@dataclass(frozen=True, slots=True)
class Vote:
    """How many tokens agree at best, and which pairs do."""

    count: int
    agreeing: NDArray[np.bool_]


def vote(pairs: Pairs) -> Vote:
    """Return the largest agreement; distinct tokens are counted on both sides."""
    agree = agreement(pairs.asked_at, pairs.registered_at)
    counts = [_distinct(pairs, row) for row in agree]
    best = int(np.argmax(counts))
    return Vote(counts[best], agree[best])


def alike(q: Geometry, r: Geometry) -> NDArray[np.bool_]:
    """Return shape (..., n, n): whether two pairs propose a like scale and turn.

    ``q`` and ``r`` hold the places of n pairs, shape (..., n). A part of ``agreement``, cheap.
    """
    log_scale, turn = q.log_size - r.log_size, q.turn - r.turn
    scales = log_scale[..., None, :] - log_scale[..., :, None]
    turns = turn[..., None, :] - turn[..., :, None]
    turns -= TURN * np.rint(turns / TURN)
    both: NDArray[np.bool_] = np.abs(scales) <= LOG_SIZE_TOLERANCE
    both &= np.abs(turns) <= TURN_TOLERANCE
    return both


def agreement(q: Geometry, r: Geometry) -> NDArray[np.bool_]:
    """Return shape (..., n, n), as ``alike``: whether pair j agrees with what pair i proposes."""
    log_scale, turn = q.log_size - r.log_size, q.turn - r.turn
    scale = np.exp(log_scale)
    across = r.x[..., None, :] - r.x[..., :, None]
    down = r.y[..., None, :] - r.y[..., :, None]
    cosine, sine = (scale * np.cos(turn))[..., :, None], (scale * np.sin(turn))[..., :, None]
    off = np.hypot(
        q.x[..., :, None] + cosine * across - sine * down - q.x[..., None, :],
        q.y[..., :, None] + sine * across + cosine * down - q.y[..., None, :],
    )
    allowed = PLACE_TOLERANCE + DISTANCE_TOLERANCE * np.hypot(across, down)
    allowed = scale[..., :, None] * allowed + SIZE_TOLERANCE * np.exp(q.log_size)[..., None, :]
    agree: NDArray[np.bool_] = alike(q, r) & (off <= allowed)
    return agree


def _distinct(pairs: Pairs, chosen: NDArray[np.bool_]) -> int:
    """Return how many tokens of either side are among these pairs: the smaller number."""
    return min(len(set(pairs.asked[chosen].tolist())), len(set(pairs.registered[chosen].tolist())))


def fitted(pairs: Pairs, agreeing: NDArray[np.bool_], width: float, height: float) -> Transform:
    """Return the transform from the registered picture's unit square to the upload.

    ``width`` and ``height`` are the registered picture's, in shares of its long side. Least squares
    over the agreeing pairs, those that lie far off weighing less.
    """
    q, r = pairs.asked_at[np.flatnonzero(agreeing)], pairs.registered_at[np.flatnonzero(agreeing)]
    source, target = np.stack([r.x, r.y], 1).astype(float), np.stack([q.x, q.y], 1).astype(float)
    weights = np.ones(len(source))
    for _ in range(1 + ROUNDS):
        linear, shift = _similarity(source, target, weights)
        if len(source) >= AFFINE_FROM:
            linear, shift = _stretched(source, target, weights, linear)
        off = np.hypot(*(source @ linear.T + shift - target).T)
        weights = 1 / (1 + (off / max(float(np.median(off)), 1e-6)) ** 2)
    (a, b), (c, d) = linear
    return a * width, b * height, shift[0], c * width, d * height, shift[1]


def _similarity(
    source: NDArray[np.float64], target: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the turned and scaled matrix and the shift that fit best."""
    middle, goal = (np.average(it, axis=0, weights=weights) for it in (source, target))
    x, y = (source - middle).T
    u, v = (target - goal).T
    size = max(float((weights * (x * x + y * y)).sum()), 1e-12)
    a = float((weights * (x * u + y * v)).sum()) / size
    b = float((weights * (x * v - y * u)).sum()) / size
    linear = np.array([[a, -b], [b, a]])
    return linear, goal - linear @ middle


def _stretched(
    source: NDArray[np.float64],
    target: NDArray[np.float64],
    weights: NDArray[np.float64],
    similarity: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the affine fit, drawn towards the similarity where points are few or in a line."""
    middle, goal = (np.average(it, axis=0, weights=weights) for it in (source, target))
    points, rest = source - middle, target - goal - (source - middle) @ similarity.T
    left = points.T @ (weights[:, None] * points) + RIDGE * weights.sum() * np.eye(2)
    linear = similarity + np.linalg.solve(left, points.T @ (weights[:, None] * rest)).T
    return linear, goal - linear @ middle
