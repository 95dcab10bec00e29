"""The searches of ``ring`` and ``scan``, compiled by numba: the same answers, many times faster.

``engines`` says when loading this pays. The kernels hold no lock while they run, so that threads of
a server search at once.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hashreg.matching import bits, engines
from hashreg.matching import ring as tables
from hashreg.matching.instructions import LANES, fetch, lanes, lowest, ones
from hashreg.matching.ring import BUCKETS, CHUNK_BITS, CHUNKS_A_WORD, Plan, Ring
from hashreg.matching.scan import Near, Numbers, Words

FIRST_ROOM, ROOM_A_QUERY = 1 << 10, 4
"""Pairs that there is room for at first; a search that finds more is repeated with as much room."""
AHEAD, LINE = 16, 16
"""Buckets that are fetched before they are looked at, and entries that one fetch brings: it halves
the time that a query of 1 M codes takes."""
QUERIES_AT_ONCE = 128
"""Whose buckets are found before they are looked at."""
TILE = 2048
"""Codes compared before looking whether any is near."""
FOUR = 4
"""Words of a PDQ hash."""
STEP = 256
"""Buckets that are filled at a time."""
NONE = (1 << 32) - 1
"""No row."""

# numba compiles what these decorate by the types of the arguments; they have no types themselves
_compiled = cast("Callable[[Any], Any]", njit(nogil=True, cache=True))


Column = NDArray[np.uint32]


class Asked(NamedTuple):
    """Queries, q of them."""

    words: Words
    chunks: Column
    """(C, q)"""
    following: Column
    """(C, q): the next two chunks of each."""
    last: Column
    """(q,): the row that was compared last, which other tables often show again."""


class Found(NamedTuple):
    """Room for pairs."""

    numbers: Numbers
    rows: Numbers
    distances: NDArray[np.uint16]


def warm() -> None:
    """Load all kernels, or compile them; on a few made-up codes of either length."""
    for code_bytes in (8, 32):
        codes = np.random.default_rng(1).integers(0, 256, (LANES, code_bytes), np.uint8)
        words = to_words(codes)
        ring = build(words)
        for tables_of in (None, ring):
            search(tables_of, words, words, 1)
        _by_join(ring, words, _asked(words), 1, FIRST_ROOM)


def to_words(codes: NDArray[np.uint8]) -> Words:
    """Return what ``bits.to_words`` does; compiled for codes of four words."""
    if codes.shape[1] != FOUR * bits.WORD_BYTES:
        return bits.to_words(codes)
    table = np.ascontiguousarray(np.moveaxis(bits.moved(codes.shape[1]), 0, 2))
    words = np.empty((FOUR, len(codes)), np.uint64)
    _move(np.ascontiguousarray(codes), table.reshape(-1), words)
    return words


def build(words: Words) -> Ring:
    """Return what ``Ring.build`` does."""
    ring = Ring.empty(len(words) * CHUNKS_A_WORD, words.shape[1])
    entries, lower = np.empty(words.shape[1], np.uint64), np.empty(words.shape[1], np.uint8)
    for table in range(len(ring.offsets)):
        _fill(words, table, *(it[table] for it in ring), entries, lower)
    return ring


def search(ring: Ring | None, words: Words, queries: Words, radius: int) -> Near:
    """Return what ``Ring.search`` does, or what ``scan`` does where there are no tables."""
    queries = np.ascontiguousarray(queries)
    room = max(FIRST_ROOM, ROOM_A_QUERY * queries.shape[1])
    if ring is None or ring.parts.size < LANES:
        return _with_room(room, lambda found: _scan(words, queries, radius, found))
    asked = _asked(queries)
    if engines.is_joined(words, queries):
        near = _by_join(ring, words, asked, radius, room)
    else:
        where = tables.plan(len(ring.offsets), radius)
        near = _with_room(room, lambda found: _search(ring, where, words, asked, radius, found))
    return tables.distinct(near, words.shape[1])


def _asked(queries: Words) -> Asked:
    chunks, following = _chunks(queries)
    return Asked(queries, chunks, following, np.empty(queries.shape[1], np.uint32))


def _by_join(ring: Ring, words: Words, asked: Asked, radius: int, room: int) -> Near:
    where = tables.plan(len(ring.offsets), radius)
    orders = np.argsort(asked.chunks, axis=1, kind="stable")
    return _with_room(room, lambda found: _join(ring, where, words, asked, orders, radius, found))


def _with_room(room: int, find: Callable[[Found], int]) -> Near:
    while True:
        found = Found(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint16))
        count = find(found)
        if count <= room:
            return found.numbers[:count], found.rows[:count], found.distances[:count]
        room = count


@_compiled
def _move(codes: NDArray[np.uint8], table: Words, words: Words) -> None:
    """Put the bits of codes in order; the table has four words for each value of each byte."""
    for row in range(len(codes)):
        one = two = three = four = np.uint64(0)
        for byte in range(codes.shape[1]):
            place = np.uint64(FOUR) * (np.uint64(256 * byte) + np.uint64(codes[row, byte]))
            one |= table[place]
            two |= table[place + np.uint64(1)]
            three |= table[place + np.uint64(2)]
            four |= table[place + np.uint64(3)]
        words[0, row], words[1, row], words[2, row], words[3, row] = one, two, three, four


@_compiled
def _chunk(words: Words, chunk: int, row: int) -> int:
    """Return a chunk of a code; after the last one comes the first."""
    place = chunk % (len(words) * CHUNKS_A_WORD)
    word = words[place // CHUNKS_A_WORD, row]
    value: int = word >> np.uint64(place % CHUNKS_A_WORD * CHUNK_BITS) & np.uint64(BUCKETS - 1)
    return value


@_compiled
def _fill(
    words: Words, table: int, offsets: Column, parts: Column, rows: Column,
    entries: NDArray[np.uint64], lower: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Sort the rows of one table by counting, in two steps that each stay in the cache.

    ``entries`` and ``lower`` is room for the first step, an element for each row.
    """
    for row in range(words.shape[1]):
        offsets[_chunk(words, table, row) + np.uint64(1)] += np.uint32(1)
    for bucket in range(BUCKETS):
        offsets[bucket + 1] += offsets[bucket]
    free = offsets[:BUCKETS:STEP].copy()
    for row in range(words.shape[1]):
        bucket = _chunk(words, table, row)
        place = free[bucket // np.uint64(STEP)]
        free[bucket // np.uint64(STEP)] = place + np.uint32(1)
        after = _chunk(words, table + 1, row) | _chunk(words, table + 2, row) << np.uint64(16)
        entries[place] = after << np.uint64(32) | np.uint64(row)
        lower[place] = bucket % np.uint64(STEP)
    free = offsets[:BUCKETS].copy()
    for first in range(0, BUCKETS, STEP):
        for place in range(offsets[first], offsets[first + STEP]):
            bucket = first + lower[place]
            to = free[bucket]
            free[bucket] = to + np.uint32(1)
            parts[to] = entries[place] >> np.uint64(32)
            rows[to] = entries[place] & np.uint64(NONE)


@_compiled
def _chunks(words: Words) -> tuple[Column, Column]:
    """Return what ``chunks_of`` and ``following_of`` do."""
    count = len(words) * CHUNKS_A_WORD
    chunks = np.empty((count, words.shape[1]), np.uint32)
    following = np.empty_like(chunks)
    for number in range(words.shape[1]):
        for chunk in range(count):
            chunks[chunk, number] = _chunk(words, chunk, number)
            then = np.uint32(_chunk(words, chunk + 2, number)) << np.uint32(CHUNK_BITS)
            following[chunk, number] = np.uint32(_chunk(words, chunk + 1, number)) | then
    return chunks, following


@_compiled
def _keep(found: Found, count: int, number: int, row: int, apart: int) -> int:
    """Write a pair down where there is room, and return how many there are now."""
    if count < len(found.rows):
        found.numbers[count], found.rows[count], found.distances[count] = number, row, apart
    return count + 1


@_compiled
def _apart(words: Words, row: int, asked: Words, number: int) -> int:
    """Return the Hamming distance of a code and a query."""
    differ = 0
    for word in range(words.shape[0]):
        differ += ones(words[word, row] ^ asked[word, number])
    return differ


@_compiled
def _passing(entries: Column, begin: int, end: int, following: int, most: int) -> Any:
    """Return which of the entries pass, as bits: the first LANES of them."""
    first = min(begin, len(entries) - LANES)
    passed = lanes(entries, first, following, np.uint32(most)) >> np.uint64(begin - first)
    if end - begin < LANES:
        passed &= (np.uint64(1) << np.uint64(end - begin)) - np.uint64(1)
    return passed


@_compiled
def _compare(
    passed: Any, entries: Column, rows: Column, first: int, where: Plan, place: int,
    table: int, words: Words, asked: Asked, number: int, radius: int, found: Found, count: int,
) -> int:  # fmt: skip
    """Compare the entries of a bucket that pass with a query; return how many pairs there are."""
    following, most_next = asked.following[table, number], where.most_next[place]
    while passed:
        entry = first + np.int64(lowest(passed))
        passed &= passed - np.uint64(1)
        if ones((entries[entry] ^ following) & np.uint32(BUCKETS - 1)) <= most_next:
            row = rows[entry]
            if row != asked.last[number]:
                asked.last[number] = row
                apart = _apart(words, row, asked.words, number)
                if apart <= radius:
                    count = _keep(found, count, number, row, apart)
    return count


@_compiled
def _find(
    table: int, ring: Ring, where: Plan, chunks: Column, entries: Column,
    begins: Numbers, ends: Numbers,
) -> None:  # fmt: skip
    """Write down where the buckets of one table are that queries with these chunks look into."""
    offsets, base, probe = ring.offsets[table], table * ring.parts.shape[1], 0
    for chunk in chunks:
        for place in range(where.firsts[table], where.firsts[table + 1]):
            bucket = chunk ^ where.masks[place]
            begins[probe] = base + offsets[bucket]
            ends[probe] = base + offsets[bucket + np.uint32(1)]
            if probe < AHEAD:
                fetch(entries, begins[probe])
            probe += 1


@_compiled
def _search(ring: Ring, where: Plan, words: Words, asked: Asked, radius: int, found: Found) -> int:
    """Go through the tables, each with all queries while it is in the cache."""
    asked.last[:] = NONE
    count, most = 0, where.most
    entries, rows = ring.parts.reshape(-1), ring.rows.reshape(-1)
    room = min(QUERIES_AT_ONCE, asked.words.shape[1]) * np.diff(where.firsts).max() + AHEAD
    begins, ends = np.zeros(room, np.int64), np.zeros(room, np.int64)
    for table in range(len(ring.parts)):
        following = asked.following[table]
        begin_place, end_place = where.firsts[table], where.firsts[table + 1]
        for first in range(0, asked.words.shape[1], QUERIES_AT_ONCE):
            chunks = asked.chunks[table, first : first + QUERIES_AT_ONCE]
            _find(table, ring, where, chunks, entries, begins, ends)
            probe = 0
            for number in range(first, first + len(chunks)):
                for place in range(begin_place, end_place):
                    fetch(entries, begins[probe + AHEAD])
                    fetch(entries, begins[probe + AHEAD] + LINE)
                    end = ends[probe]
                    for at in range(begins[probe], end, LANES):
                        passed = _passing(entries, at, end, following[number], most[place])
                        if passed:
                            count = _compare(
                                passed, entries, rows, at, where, place, table,
                                words, asked, number, radius, found, count,
                            )  # fmt: skip
                    probe += 1
    return count


@_compiled
def _join(
    ring: Ring, where: Plan, words: Words, asked: Asked, orders: Numbers, radius: int, found: Found
) -> int:
    """Go through the buckets, each with all queries that look into it while it is in the cache."""
    asked.last[:] = NONE
    count = 0
    entries, rows = ring.parts.reshape(-1), ring.rows.reshape(-1)
    most = where.most
    begins = np.empty(BUCKETS + 1, np.int64)
    for table in range(len(ring.parts)):
        offsets, base = ring.offsets[table], table * ring.parts.shape[1]
        following = asked.following[table]
        begins[:] = 0
        for value in asked.chunks[table]:
            begins[np.int64(value) + 1] += 1
        for bucket in range(BUCKETS):
            begins[bucket + 1] += begins[bucket]
        for bucket in range(BUCKETS):
            begin, end = base + offsets[bucket], base + offsets[bucket + 1]
            if begin == end:
                continue
            for place in range(where.firsts[table], where.firsts[table + 1]):
                value = np.uint32(bucket) ^ where.masks[place]
                for nth in range(begins[value], begins[value + np.uint32(1)]):
                    number = orders[table, nth]
                    for at in range(begin, end, LANES):
                        passed = _passing(entries, at, end, following[number], most[place])
                        if passed:
                            count = _compare(
                                passed, entries, rows, at, where, place, table,
                                words, asked, number, radius, found, count,
                            )  # fmt: skip
    return count


@_compiled
def _near(words: Words, begin: int, end: int, asked: Words, number: int, most: int) -> int:
    """Return how many codes of a tile are near a query; of 64 bits or of 256."""
    near, one, first = 0, asked[0, number], words[0, begin:end]
    if len(words) == 1:
        for row in range(len(first)):
            near += ones(first[row] ^ one) <= most
        return near
    two, three, four = asked[1, number], asked[2, number], asked[3, number]
    second, third, fourth = words[1, begin:end], words[2, begin:end], words[3, begin:end]
    for row in range(len(first)):
        left = ones(first[row] ^ one) + ones(second[row] ^ two)
        right = ones(third[row] ^ three) + ones(fourth[row] ^ four)
        near += left + right <= most
    return near


@_compiled
def _scan(words: Words, asked: Words, radius: int, found: Found) -> int:
    """Compare every code with every query."""
    count = 0
    for number in range(asked.shape[1]):
        for begin in range(0, words.shape[1], TILE):
            end = min(begin + TILE, words.shape[1])
            if _near(words, begin, end, asked, number, np.uint64(radius)):
                for row in range(begin, end):
                    apart = _apart(words, row, asked, number)
                    if apart <= radius:
                        count = _keep(found, count, number, row, apart)
    return count
