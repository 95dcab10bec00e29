"""False hits: uploads that are called the copy of a picture they have nothing to do with."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from edits import EDITS, edited
from nearest import BITS, asked_words, histogram, words
from numpy.typing import NDArray
from PIL import Image
from recall import PDQ_RADIUS, PHASH_RADIUS, Picture, hashed
from tail import LEAST_PAIRS, binned, line

from hashreg.matching import Hit, Matcher
from hashreg.matching.policy import REVIEW_RADIUS
from hashreg.model.matches import Tier

MILLION = 1_000_000
CONFIDENCE = 0.95
CUTS = "cuts of photos that are not asked"
VIEWS = "more such cuts, by their views alone"
CUT_SHARE = (0.3, 0.6)
"""A cut takes this share of each side of a photo."""
CUT_FROM_SIDE = 640
"""Photos are scaled down to this side before they are cut, so that many cuts can be had."""
BATCH = 200
FRAMED_TAIL = 0.01
"""The line is fitted to the nearest of 100 pairs, since a few thousand are all there is."""

FRAMES = (
    "thin-border",
    "caption",
    "letterbox",
    "square",
    "tilt5",
    "tilt10",
    "tilt20",
    "meme",
    "large-text",
    "phone-screenshot",
    "phone-crop20",
    "desktop-screenshot",
)
"""Edits that put the same thing around or over different pictures."""


@dataclass(slots=True)
class FalseHits:
    """Hits between unrelated pictures: counts. ``review`` has both tiers."""

    registry: str
    uploads: int
    pictures: int
    pairs: int = 0
    match: int = 0
    review: int = 0
    plain_pdq: int = 0
    plain_phash: int = 0


@dataclass(frozen=True, slots=True)
class Framed:
    """Hits between different pictures that went through the same edit on both sides.

    ``expected`` is how many hits in both tiers an upload would have in a registry of 1 M pictures
    that all have this frame: at the rate that was counted, or where nothing hit, by a line through
    the tail of the views' distances; None for too few pairs.
    """

    edit: str
    pairs: int
    match: int
    review: int
    closest: int
    expected: float | None


def bounds(hits: int, pairs: int) -> tuple[float, float]:
    """Return the rates below and above which ``hits`` of ``pairs`` lie, each with 95 % confidence.

    Clopper and Pearson's exact bounds, from the binomial distribution.
    """
    if pairs == 0:
        return 0.0, 1.0
    lower = _rate_where(hits - 1, pairs, CONFIDENCE) if hits else 0.0
    return lower, _rate_where(hits, pairs, 1 - CONFIDENCE) if hits < pairs else 1.0


def _rate_where(hits: int, pairs: int, probability: float) -> float:
    """Return the rate at which this many hits or fewer have this probability."""
    low, high = -60.0, 0.0  # logarithms of rates; the probability falls as the rate grows
    for _ in range(80):
        middle = (low + high) / 2
        if _at_most(hits, pairs, math.exp(middle)) > probability:
            low = middle
        else:
            high = middle
    return math.exp(high)


def _at_most(hits: int, pairs: int, rate: float) -> float:
    """Return the probability of at most ``hits`` of ``pairs`` at this rate."""
    if rate >= 1:
        return 0.0
    log_ways = np.cumsum(np.log([1.0, *((pairs - i) / (i + 1) for i in range(hits))]))
    numbers = np.arange(hits + 1)
    return float(
        np.exp(log_ways + numbers * math.log(rate) + (pairs - numbers) * math.log1p(-rate)).sum()
    )


def among(originals: Sequence[Picture], asked: Sequence[Picture]) -> FalseHits:
    """Ask all copies for the other photos' originals."""
    result = FalseHits("other photos", len(asked), len(originals) - 1)
    result.pairs = len(asked) * (len(originals) - 1)
    for copy, hits in _found(originals, asked):
        _count(result, (hit for hit in hits if hit.id != copy.photo))
    for copy, pdq, phash in _plainly_found(originals, asked):
        own = copy.photo
        result.plain_pdq += int(pdq.sum()) - bool(pdq[own])
        result.plain_phash += int(phash.sum()) - bool(phash[own])
    return result


def filled(name: str, pictures: Sequence[Picture], asked: Sequence[Picture]) -> FalseHits:
    """Ask all copies in a registry of pictures that have nothing to do with them."""
    result = FalseHits(name, len(asked), len(pictures), len(asked) * len(pictures))
    for _, hits in _found(pictures, asked):
        _count(result, hits)
    for _, pdq, phash in _plainly_found(pictures, asked):
        result.plain_pdq += int(pdq.sum())
        result.plain_phash += int(phash.sum())
    return result


def _count(result: FalseHits, hits: Iterable[Hit]) -> None:
    for hit in hits:
        result.match += hit.tier is Tier.MATCH
        result.review += 1


def _found(
    pictures: Sequence[Picture], asked: Sequence[Picture]
) -> Iterator[tuple[Picture, list[Hit]]]:
    matcher = Matcher.of(it.fingerprint for it in pictures)
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        yield from zip(batch, matcher.find_many([it.fingerprint for it in batch]), strict=True)


def _plainly_found(
    pictures: Sequence[Picture], asked: Sequence[Picture]
) -> Iterator[tuple[Picture, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield each copy with what one PDQ hash and what one pHash find."""
    known = [it.plain.pdq for it in pictures]
    digests = b"".join((it or 0).to_bytes(32) for it in known)
    columns = np.ascontiguousarray(np.frombuffer(digests, np.uint64).reshape(-1, 4).T)
    usable = np.array([it is not None for it in known])
    phashes = np.array([it.plain.phash for it in pictures], np.uint64)
    for copy in asked:
        near = np.bitwise_count(phashes ^ np.uint64(copy.plain.phash)) <= PHASH_RADIUS
        if copy.plain.pdq is None:
            yield copy, np.zeros(len(pictures), np.bool_), near
            continue
        code = np.frombuffer(copy.plain.pdq.to_bytes(32), np.uint64)
        distance = np.zeros(len(pictures), np.uint16)
        for column, word in zip(columns, code, strict=True):
            distance += np.bitwise_count(column ^ word)
        yield copy, usable & (distance <= PDQ_RADIUS), near


def cuts(
    photos: Sequence[Image.Image], count: int, seed: int, *, tokens: bool = True
) -> Iterator[Picture]:
    """Yield ``count`` pictures cut at random from these photos, hashed as a case holds them.

    ``photo`` is the number of the photo that a picture was cut from. Without ``tokens`` they can be
    found by their views alone.
    """
    random = Random(seed)
    small = [photo.copy() for photo in photos]
    for photo in small:
        photo.thumbnail((CUT_FROM_SIDE, CUT_FROM_SIDE))
    for _ in range(count):
        number = random.randrange(len(small))
        photo = small[number]
        width, height = (round(side * random.uniform(*CUT_SHARE)) for side in photo.size)
        left = random.randint(0, photo.width - width)
        top = random.randint(0, photo.height - height)
        part = photo.crop((left, top, left + width, top + height))
        yield hashed(part, number, "cut", "register", tokens=tokens)


def framed(photos: Sequence[Image.Image], asked: Sequence[Picture], seed: int) -> Iterator[Framed]:
    """Register other photos in the frames of ``FRAMES``, and ask those in the same frame."""
    for edit in (it for it in EDITS if it.name in FRAMES):
        pictures = [
            hashed(edited(photo, number, edit, seed + 1), number, edit.name, "register")
            for number, photo in enumerate(photos)
        ]
        same = [it for it in asked if it.edit == edit.name]
        hits = filled(edit.name, pictures, same)
        distances = _distances(pictures, same)
        closest = int(np.flatnonzero(distances)[0]) if distances.any() else BITS
        rate = hits.review / hits.pairs
        expected = rate * MILLION if rate else _expected_at_million(distances)
        yield Framed(edit.name, hits.pairs, hits.match, hits.review, closest, expected)


def _distances(pictures: Sequence[Picture], asked: Sequence[Picture]) -> NDArray[np.int64]:
    """Return how many pairs have each smallest distance, int64 (257,)."""
    counts = histogram(
        [asked_words(it.fingerprint) for it in asked],
        [0] * len(asked),
        [words(it.fingerprint) for it in pictures],
        [0] * len(pictures),
    )
    together: NDArray[np.int64] = counts.sum((0, 1))
    return together


def _expected_at_million(distances: NDArray[np.int64]) -> float | None:
    counts = binned(distances)
    below = np.cumsum(counts)
    edge = int(np.searchsorted(below, FRAMED_TAIL * below[-1], side="right")) - 1
    if edge < 0 or below[edge] < LEAST_PAIRS:
        return None
    fitted = line(counts, edge, float(below[-1]))
    return fitted.within(REVIEW_RADIUS) * MILLION if fitted else None
