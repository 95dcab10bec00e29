"""How rare are distances that nobody has seen: a fit to the lower tail, and what it says of 31.

Distances are counted in bins of two bits (two PDQ hashes that have 128 bits set each are an even
number of bits apart). If pairs become rarer by one factor with every bin, how far the pairs of the
tail lie below its upper edge is geometric, and the mean of that gives the factor: its maximum
likelihood. The fit is made for several edges: where the factors differ, the line isn't straight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP = 2
SHARES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
"""Upper edges of the tail: the nearest of so many pairs."""
LEAST_PAIRS = 20
"""A tail of fewer pairs is not fitted."""
RESAMPLES = 1_000
CONFIDENCE = 0.95

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through the logarithms: the share within ``edge`` bits, and the fall."""

    edge: int
    share: float
    factor: float

    def within(self, radius: int) -> float:
        """Return the share of pairs within ``radius`` bits."""
        return self.share * self.factor ** -((self.edge - radius) // STEP)


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: the tail up to ``edge`` bits, and what it says of each radius.

    ``half_from`` is how many of the asked photos have half of the tail's pairs between them.
    ``within`` and ``high`` are shares of pairs by radius; ``high`` is the 95 % bound over resamples
    of photos on both sides.
    """

    edge: int
    pairs: int
    half_from: int
    factor: float
    within: dict[int, float]
    high: dict[int, float]


def binned(distances: Counts) -> Counts:
    """Return counts by distance, (..., 257), as counts by bins of two bits, (..., 129)."""
    padded = np.concatenate([distances, np.zeros_like(distances[..., :1])], axis=-1)
    counts: Counts = padded.reshape(*distances.shape[:-1], -1, STEP).sum(-1)
    return counts


def fits(counts: Counts, radii: Sequence[int], seed: int) -> list[Fit]:
    """Fit the tail of binned counts of shape (photos, sources, 129) at every edge of ``SHARES``."""
    total = counts.sum((0, 1))
    below = np.cumsum(total)
    found = []
    for share in SHARES:
        edge = int(np.searchsorted(below, share * below[-1], side="right")) - 1
        if edge >= 0 and below[edge] >= LEAST_PAIRS:
            found.append(_fit(counts, edge, radii, seed))
    return found


def line(total: Counts, edge: int, pairs: float) -> Line | None:
    """Fit binned counts up to bin ``edge``; None if they all lie in that bin or there are none."""
    tail = total[: edge + 1]
    inside = float(tail.sum())
    mean = float((tail * np.arange(edge, -1, -1)).sum()) / inside if inside else 0.0
    if not mean:
        return None
    return Line(edge * STEP + 1, inside / pairs, 1 + 1 / mean)


def _fit(counts: Counts, edge: int, radii: Sequence[int], seed: int) -> Fit:
    total = counts.sum((0, 1))
    best = line(total, edge, float(total.sum()))
    resampled = [it for it in _resampled(counts, edge, seed) if it]
    if best is None or not resampled:
        raise ValueError("a tail with one distance only can't be fitted")
    high = {
        radius: float(np.quantile([it.within(radius) for it in resampled], CONFIDENCE))
        for radius in radii
    }
    within = {radius: best.within(radius) for radius in radii}
    by_photo = np.sort(counts[:, :, : edge + 1].sum((1, 2)))[::-1].cumsum()
    half_from = int(np.searchsorted(by_photo, by_photo[-1] / 2)) + 1
    return Fit(best.edge, int(by_photo[-1]), half_from, best.factor, within, high)


def _resampled(counts: Counts, edge: int, seed: int) -> list[Line | None]:
    """Fit again with the photos of both sides drawn anew, with repetition.

    Pairs that share a photo are not independent, so photos are drawn and not pairs.
    """
    random = np.random.default_rng(seed)
    photos, sources, _ = counts.shape
    tail = counts[:, :, : edge + 1].astype(np.float64)
    pairs = counts.sum(2).astype(np.float64)
    lines = []
    for _ in range(RESAMPLES):
        ours = random.multinomial(photos, np.full(photos, 1 / photos)).astype(np.float64)
        theirs = random.multinomial(sources, np.full(sources, 1 / sources)).astype(np.float64)
        drawn = np.einsum("p,s,psb->b", ours, theirs, tail, optimize=True)
        lines.append(line(drawn, edge, float(ours @ pairs @ theirs)))
    return lines
