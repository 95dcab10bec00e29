"""Hamming distances by looking at every code, in tiles.

The codes lie as columns of 64-bit words. Two words (128 of 256 bits) settle nearly every code:
unrelated ones differ there in 64 bits on average, with a deviation of 6, far above any radius.
"""

import numpy as np
from numpy.typing import NDArray

TILE = 1 << 16
"""Codes compared at a time: 0.5 MB a word column, so that a tile stays in the cache."""
FIRST_WORDS = 2

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Near = tuple[Numbers, Numbers, NDArray[np.uint16]]
"""Numbers of queries, rows of entries, and their distances in bits: arrays of one length."""

NOTHING: Near = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))


def scan(words: Words, queries: Words, radius: int) -> Near:
    """Return all pairs within ``radius`` bits of columns of ``words`` and ``queries``."""
    if queries.shape[1] <= words.shape[1]:
        return _pairs(queries, words, radius)
    rows, numbers, distances = _pairs(words, queries, radius)
    return numbers, rows, distances


def distance(words: Words, query: Words) -> NDArray[np.uint16]:
    """Return the Hamming distances between the columns of ``words`` and ``query``."""
    total = np.zeros(words.shape[1], np.uint16)
    for column, word in zip(words, query, strict=True):
        total += np.bitwise_count(column ^ word)
    return total


def joined(found: list[Near]) -> Near:
    """Return the pairs of all as one."""
    if not found:
        return NOTHING
    numbers, rows, distances = zip(*found, strict=True)
    return np.concatenate(numbers), np.concatenate(rows), np.concatenate(distances)


def _pairs(few: Words, many: Words, radius: int) -> Near:
    found = []
    for number in range(few.shape[1]):
        for start in range(0, many.shape[1], TILE):
            rows, bits = _near_in_tile(many[:, start : start + TILE], few[:, number], radius)
            if len(rows):
                found.append((np.full(len(rows), number, np.int64), start + rows, bits))
    return joined(found)


def _near_in_tile(tile: Words, query: Words, radius: int) -> tuple[Numbers, NDArray[np.uint16]]:
    """Return the rows of the tile within the radius and their distances."""
    partial = distance(tile[:FIRST_WORDS], query[:FIRST_WORDS])
    rows = np.flatnonzero(partial <= radius)
    distances = partial[rows] + distance(tile[FIRST_WORDS:, rows], query[FIRST_WORDS:])
    near = distances <= radius
    return rows[near], distances[near]
