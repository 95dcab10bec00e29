"""Which way a search goes: NumPy or compiled, tables or every code. All rules of the choice.

The figures are of ``benchmarks/hamming_index.py`` on one Zen 4 core, 0.1 to 10 M codes.
"""

import math
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from hashreg.matching import bits
from hashreg.matching.bits import Codes
from hashreg.matching.ring import BUCKETS, CHUNKS_A_WORD, Ring, probes
from hashreg.matching.scan import Near, Words, scan

Engine = Literal["auto", "numpy", "numba"]

RING_FROM = 1 << 17
"""Codes from which on tables are made: to scan so many takes NumPy 0.3 ms, as long as a look into
tables does."""
SOONER = 8
"""Where the compiled searches are used from the first one on, tables pay with so many times fewer
codes: they take 20 us for the nine orientations of an upload, as long as to scan 6,000 codes, but
have 4 MB a segment."""
MOST_PROBES = 1 << 14
"""Buckets a query up to which tables are asked: 63 bits of 256 are searched by 11,152."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Nanoseconds that an engine takes."""

    compared: float
    """To compare a query with a code, when every code is."""
    opened: float
    """To find a bucket."""
    looked_at: float
    """To look at an entry of a bucket."""


NUMPY, COMPILED = Costs(2.4, 60, 8), Costs(0.6, 30, 1)

LOADING = 1.0
"""Seconds that loading numba and its cached kernels costs. A process that has searched as long with
NumPy, or is about to, loads them: so it never takes much more than twice as long as with the better
choice, and a command that asks for one picture never loads them."""
BUILT_COMPILED = 4_000_000
"""Codes from which on tables are made by numba at once: it saves 0.5 us a code."""

COMPILED_FROM = 4096
"""Codes whose bits a compiled call moves faster, where it is loaded."""

JOIN_FROM = 5 * 10**17
"""Queries times codes times codes from which on queries are looked up bucket by bucket, not one
after the other: 5,000 queries among 10 M codes, 31,000 among 4 M, 500,000 among 1 M, whose tables
stay in the cache each."""


class _Account:
    """Seconds that this process has spent on searching with NumPy, and whether it was warmed."""

    spent, is_warm = 0.0, False


def ring_from() -> int:
    """Return the number of codes from which on tables are made."""
    return max(1, RING_FROM // SOONER) if _Account.is_warm else RING_FROM


def warm() -> None:
    """Load the compiled searches now, if numba is installed, and use them from here on."""
    if find_spec("numba") is not None:
        from hashreg.matching import kernels

        kernels.warm()
        _Account.is_warm, _Account.spent = True, max(_Account.spent, LOADING)


def search(ring: Ring | None, words: Words, queries: Words, radius: int, engine: Engine) -> Near:
    """Return all pairs of queries and ``words`` within the radius; ``ring`` has their tables."""
    costs = costs_of(words, radius, NUMPY)
    expected = queries.shape[1] * min(costs) / 1e9
    compiled = _compiled(engine, at_once=_Account.spent + expected >= LOADING)
    by_tables, by_scan = costs_of(words, radius, COMPILED) if compiled else costs
    ring = ring if by_tables < by_scan else None
    if compiled:
        from hashreg.matching import kernels

        return kernels.search(ring, words, queries, radius)
    began = time.thread_time()
    found = ring.search(words, queries, radius) if ring else scan(words, queries, radius)
    _Account.spent += time.thread_time() - began
    return found


def to_words(codes: Codes, engine: Engine) -> Words:
    """Return codes as columns of words."""
    many = len(codes) >= BUILT_COMPILED or _Account.spent >= LOADING
    if len(codes) > COMPILED_FROM and _compiled(engine, at_once=many):
        from hashreg.matching import kernels

        return kernels.to_words(codes)
    return bits.to_words(codes)


def build(words: Words, engine: Engine) -> Ring:
    """Return the tables of codes."""
    if _compiled(engine, at_once=words.shape[1] >= BUILT_COMPILED):
        from hashreg.matching import kernels

        return kernels.build(words)
    return Ring.build(words)


def costs_of(words: Words, radius: int, costs: Costs) -> tuple[float, float]:
    """Return what a query costs by tables, and what it costs to compare it with every code."""
    codes = int(words.shape[1])
    buckets = probes(CHUNKS_A_WORD * len(words), radius)
    look = buckets * (costs.opened + costs.looked_at * codes / BUCKETS)
    return (look if buckets <= MOST_PROBES else math.inf), costs.compared * codes


def _compiled(engine: Engine, *, at_once: bool) -> bool:
    """Tell whether numba is to be used, and is installed."""
    return engine == "numba" or (engine == "auto" and at_once and find_spec("numba") is not None)


def is_joined(words: Words, queries: Words) -> bool:
    """Tell whether queries are looked up bucket by bucket, not one after the other."""
    return int(queries.shape[1]) * int(words.shape[1]) ** 2 >= JOIN_FROM
