"""Finding pictures by shape: tokens propose how a registered picture lies in an upload.

Exact words are asked first, plain and mirrored. Words with one of their least certain bits flipped
are asked only where nothing was found otherwise: they find 2 points more of the heavily edited
copies and cost a dozen times as much (decision 010).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import policy, votes
from hashreg.matching import tokens as packed
from hashreg.matching.token_index import Postings, TokenIndex
from hashreg.matching.tokens import AskedTokens, Geometry
from hashreg.model.matches import Shape
from hashreg.model.tokens import MIRROR_MASK, WORD_BITS, Tokens, Transform

MOST_PROPOSALS = 8
"""Candidates that an upload is aligned with: the best by votes."""
SHARE_GRID = 20
PAIRS_AT_ONCE = 1 << 16
"""Of pairs of pairs: what is compared at a time, so that it stays in the cache."""
MOST_EQUAL = 8
"""Equal words of one upload that are asked."""
MOST_PAIRS = 512
"""Equal words of an upload and one picture whose votes are counted, the upload's strongest first:
a true copy has about a hundred, one word repeated on both sides 96,000."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A registered picture that may be in the upload, and how it would lie there."""

    owner: int
    shape: Shape
    transform: Transform


def proposals(index: TokenIndex, tokens: Tokens, *, flipped: bool) -> list[Proposal]:
    """Return the pictures that at least three tokens agree on, the surest first, each once."""
    if not len(index) or not len(tokens):
        return []
    asked = packed.asked(tokens)
    best: dict[int, Proposal] = {}
    for mirrored in (False, True):
        for it in _proposed(index, asked, mirrored=mirrored, flipped=flipped):
            if it.owner not in best or it.shape.points > best[it.owner].shape.points:
                best[it.owner] = it
    return sorted(best.values(), key=lambda it: (-it.shape.points, it.owner))


def _proposed(
    index: TokenIndex, asked: AskedTokens, *, mirrored: bool, flipped: bool
) -> Sequence[Proposal]:
    words = asked.words ^ np.uint32(MIRROR_MASK if mirrored else 0)
    sources = packed.first_of_equals(words, MOST_EQUAL)
    words = words[sources]
    if flipped:
        words, sources = _with_flips(words, asked.unsure[sources], sources)
    numbers, found = index.find(words)
    geometry = asked.geometry.mirrored(asked.width) if mirrored else asked.geometry
    result = []
    for owner, pairs in _candidates(found, sources[numbers], geometry):
        vote, size = votes.vote(pairs), index.shape(owner)
        if size and vote.count >= policy.LEAST_TOKENS:
            width, height = size
            a, b, c, d, e, f = votes.fitted(pairs, vote.agreeing, width, height)
            turned = round(math.degrees(math.atan2(d / width, a / width)))
            if mirrored:
                a, b, c = -a, -b, asked.width - c
            transform = (a, b, c, d, e, f)
            share = _share_shown(transform, asked)
            result.append(Proposal(owner, Shape(vote.count, turned, share, mirrored), transform))
    return result


def _share_shown(transform: Transform, asked: AskedTokens) -> float:
    """Return how much of the registered picture lies inside the upload, 0 to 1."""
    a, b, c, d, e, f = transform
    places = (np.arange(SHARE_GRID) + 0.5) / SHARE_GRID
    u, v = places[None, :], places[:, None]
    x, y = a * u + b * v + c, d * u + e * v + f
    inside = (x >= 0) & (x <= asked.width) & (y >= 0) & (y <= asked.height)
    return round(float(inside.mean()), 2)


def _with_flips(
    words: NDArray[np.uint32], unsure: NDArray[np.uint32], sources: NDArray[np.intp]
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Return the words, then each with one of its unsure bits flipped, and whose they are."""
    more, whose = [words], [sources]
    for place in range(WORD_BITS):
        bit = np.uint32(1 << place)
        chosen = np.flatnonzero(unsure & bit)
        more.append(words[chosen] ^ bit)
        whose.append(sources[chosen])
    return np.concatenate(more), np.concatenate(whose)


def _candidates(
    found: Postings, sources: NDArray[np.intp], geometry: Geometry
) -> Iterator[tuple[int, votes.Pairs]]:
    """Yield the pictures of which some pair agrees with enough others, and their pairs.

    A picture may share words by chance, and in a large registry thousands do; their votes are
    counted in one go for all that share so many.
    """
    several, first, counts = _by_owner(found.owners)
    for count in np.unique(counts):
        same = np.flatnonzero(counts == count)
        at_once = max(1, PAIRS_AT_ONCE // int(count) ** 2)
        for start in range(0, len(same), at_once):
            rows = several[first[same[start : start + at_once], None] + np.arange(count)]
            for row in _promising(rows, found, sources, geometry):
                pairs = votes.Pairs(
                    sources[row],
                    found.words[row].astype(np.uint64) << np.uint64(16) | found.places[row],
                    geometry[sources[row]],
                    packed.unpacked(found.places[row]),
                )
                yield int(found.owners[row[0]]), pairs


def _by_owner(
    owners: NDArray[np.uint32],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the postings of owners that have enough, grouped, and each group's start and size."""
    enough = np.bincount(owners) >= policy.LEAST_TOKENS
    several = np.flatnonzero(enough[owners])
    several = several[np.argsort(owners[several], kind="stable")]
    _, first, counts = np.unique(owners[several], return_index=True, return_counts=True)
    return several, first, np.minimum(counts, MOST_PAIRS)


def _promising(
    rows: NDArray[np.intp], found: Postings, sources: NDArray[np.intp], geometry: Geometry
) -> NDArray[np.intp]:
    """Return the rows of pairs in which one has enough that agree with it; cheap tests first."""
    for agree in (votes.alike, votes.agreement):
        if len(rows):
            places = packed.unpacked(found.places[rows])
            agreeing = agree(geometry[sources[rows]], places).sum(axis=2).max(axis=1)
            rows = rows[agreeing >= policy.LEAST_TOKENS]
    return rows
