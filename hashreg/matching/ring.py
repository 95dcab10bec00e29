"""The ring multi-index: exact Hamming range search that looks at few codes.

A code of 256 bits is cut into 16 chunks of 16 bits that stand in a ring, one of 64 bits into 4.
Chunk i gets a budget T_i, and the budgets add up to radius + 1. If a code lies within the radius of
a query, then the bits by which its chunks differ add up to less than the budgets, so some chunk
starts a run around the ring whose sums all stay below those of the budgets (the cycle lemma;
Norouzi, Punjani and Fleet 2012 for the tables, Qin and Xiao 2018 for the ring). So each table keeps
a code in the bucket of one chunk, beside its next two chunks: a query looks into the buckets less
than T_i bits away, and only what passes the test of the next two chunks is compared whole. At
radius 31 about one code in 100,000 that is looked at passes it.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.scan import Near, Words, joined

CHUNK_BITS = 16
BUCKETS = 1 << CHUNK_BITS
CHUNKS_A_WORD = 64 // CHUNK_BITS
PROBES_AT_ONCE, ENTRIES_AT_ONCE = 1 << 18, 1 << 20
"""Buckets and entries that NumPy looks at in one go: 8 MB of positions."""


class Plan(NamedTuple):
    """Where to look at one radius, and what must be near there: arrays of one length, by table."""

    tables: NDArray[np.int64]
    places: NDArray[np.uint32]
    """Where the offsets of each table begin."""
    masks: NDArray[np.uint32]
    """Bits of the query's chunk to flip."""
    most_next: NDArray[np.uint8]
    """Bits by which the next chunk may differ."""
    most: NDArray[np.uint8]
    """Bits by which the next two chunks may differ together."""
    firsts: NDArray[np.int64]
    """The first place of each table, and the end."""


@cache
def plan(chunks: int, radius: int) -> Plan:
    """Return where to look within ``radius`` bits of a code of so many chunks."""
    budgets = budgets_of(chunks, radius)
    rows = []
    for table, budget in enumerate(budgets):
        next_one, next_two = budgets[(table + 1) % chunks], budgets[(table + 2) % chunks]
        for bits in range(budget):  # there is no way to flip more than all
            most_next = budget + next_one - 1 - bits
            most = most_next + next_two
            flips = combinations(range(CHUNK_BITS), bits)
            rows += [(table, sum(1 << bit for bit in it), most_next, most) for it in flips]
    columns = np.array(rows, np.int64).T
    firsts = np.searchsorted(columns[0], np.arange(chunks + 1))
    return Plan(
        columns[0],
        (columns[0] * (BUCKETS + 1)).astype(np.uint32),
        columns[1].astype(np.uint32),
        np.minimum(columns[2], CHUNK_BITS).astype(np.uint8),
        np.minimum(columns[3], 2 * CHUNK_BITS).astype(np.uint8),
        firsts,
    )


def budgets_of(chunks: int, radius: int) -> list[int]:
    """Return the chunks' budgets, as equal as can be."""
    return [(radius + 1 + extra) // chunks for extra in range(chunks)]


@cache
def probes(chunks: int, radius: int) -> int:
    """Return how many buckets a query looks into: the length of ``plan``."""
    return sum(
        comb(CHUNK_BITS, bits) for budget in budgets_of(chunks, radius) for bits in range(budget)
    )


class Ring(NamedTuple):
    """The tables of n codes with C chunks.

    Table i holds the rows of all codes by bucket, ascending in each: bucket b of table i is
    ``offsets[i, b]`` to ``offsets[i, b + 1]``.
    """

    offsets: NDArray[np.uint32]
    """(C, 65537)"""
    parts: NDArray[np.uint32]
    """(C, n): the next chunk, and the one after it in the upper half."""
    rows: NDArray[np.uint32]
    """(C, n)"""

    @classmethod
    def build(cls, words: Words) -> "Ring":
        """Index codes, columns of words."""
        chunks = chunks_of(words)
        ring = cls.empty(len(chunks), words.shape[1])
        for table, chunk in enumerate(chunks):
            order = np.argsort(chunk, kind="stable")
            ring.rows[table] = order
            pair = chunks[[(table + 1) % len(chunks), (table + 2) % len(chunks)]]
            np.take(pair[0] | pair[1].astype(np.uint32) << CHUNK_BITS, order, out=ring.parts[table])
            np.cumsum(np.bincount(chunk, minlength=BUCKETS), out=ring.offsets[table, 1:])
        return ring

    @classmethod
    def empty(cls, chunks: int, codes: int) -> "Ring":
        """Return tables to be filled."""
        return cls(
            np.zeros((chunks, BUCKETS + 1), np.uint32),
            np.empty((chunks, codes), np.uint32),
            np.empty((chunks, codes), np.uint32),
        )

    def search(self, words: Words, queries: Words, radius: int) -> Near:
        """Return all pairs within the radius of queries and ``words``, the codes indexed here."""
        where = plan(len(self.offsets), radius)
        block = max(1, PROBES_AT_ONCE // len(where.tables))
        found = []
        for first in range(0, queries.shape[1], block):
            asked = queries[:, first : first + block]
            for numbers, rows in self._candidates(asked, where):
                bits = np.zeros(len(rows), np.uint16)
                for column, word in zip(words, asked, strict=True):
                    bits += np.bitwise_count(column[rows] ^ word[numbers])
                near = np.flatnonzero(bits <= radius)
                found.append((first + numbers[near], rows[near], bits[near]))
        return distinct(joined(found), words.shape[1])

    def _candidates(
        self, queries: Words, where: Plan
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield numbers of queries and rows that passed the test, some of them more than once."""
        chunks = chunks_of(queries).astype(np.uint32)
        following = following_of(chunks)[where.tables].reshape(-1)
        buckets = chunks[where.tables] ^ where.masks[:, np.newaxis]
        buckets += where.places[:, np.newaxis]
        offsets, parts, rows = (it.reshape(-1) for it in (self.offsets, self.parts, self.rows))
        firsts = offsets[buckets].astype(np.int64)
        counts = offsets[buckets + 1] - firsts
        firsts += (where.tables * self.parts.shape[1])[:, np.newaxis]
        asked = queries.shape[1]
        for some, entries, sizes in _tiles(firsts.reshape(-1), counts.reshape(-1)):
            differ = parts[entries]
            differ ^= np.repeat(following[some], sizes)
            most = where.most[np.arange(some.start, some.stop) // asked]
            passed = np.flatnonzero(np.bitwise_count(differ) <= np.repeat(most, sizes))
            probes = some.start + np.searchsorted(np.cumsum(sizes), passed, "right")
            next_bits = np.bitwise_count(differ[passed] & (BUCKETS - 1))
            kept = next_bits <= where.most_next[probes // asked]
            yield probes[kept] % asked, rows[entries[passed[kept]]].astype(np.int64)


def chunks_of(words: Words) -> NDArray[np.uint16]:
    """Return the chunks of codes, (C, n)."""
    return np.ascontiguousarray(np.ascontiguousarray(words.T).view(np.uint16).T)


def following_of(chunks: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the next chunk of each, with the one after it in the upper half."""
    around = np.arange(len(chunks)) - len(chunks)
    return chunks[around + 1] | chunks[around + 2] << np.uint32(CHUNK_BITS)


def distinct(found: Near, codes: int) -> Near:
    """Return each pair once, by query and row, of an index of so many codes."""
    numbers, rows, distances = found
    if not len(rows):
        return found
    pairs = numbers * codes + rows
    order = np.argsort(pairs)
    pairs = pairs[order]
    first = np.ones(len(pairs), np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    kept = order[first]
    return numbers[kept], rows[kept], distances[kept]


def _tiles(
    firsts: NDArray[np.int64], counts: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """Cut runs of entries into tiles: which runs, the entries' places, how many each run has."""
    ends = np.cumsum(counts)
    begins = ends - counts
    for low in range(0, int(ends[-1]), ENTRIES_AT_ONCE):
        high = low + ENTRIES_AT_ONCE
        first = int(np.searchsorted(ends, low, "right"))
        last = int(np.searchsorted(begins, high))
        some = slice(first, last)
        lowest = np.maximum(begins[some], low)
        inside = np.minimum(ends[some], high) - lowest
        stops = np.cumsum(inside)
        starts = firsts[some] + lowest - begins[some] - stops + inside
        places = np.repeat(starts, inside)
        places += np.arange(len(places))
        yield some, places, inside
