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

JOIN_FROM = 400_000
"""Queries times codes a bucket from which on queries are looked up bucket by bucket, not one after
the other: 2,600 queries among 10 M codes, 26,000 among 1 M."""


class _Account:
    """What this process has spent on searching with NumPy, in seconds."""

    spent = 0.0


def search(ring: Ring | None, words: Words, queries: Words, radius: int, engine: Engine) -> Near:
    """Return all pairs of queries and ``words`` within the radius; ``ring`` has their tables."""
    expected = queries.shape[1] * min(costs_of(words, radius, NUMPY)) / 1e9
    compiled = _compiled(engine, at_once=_Account.spent + expected >= LOADING)
    by_tables, by_scan = costs_of(words, radius, COMPILED if compiled else NUMPY)
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
    if len(codes) > bits.TILE and _compiled(engine, at_once=len(codes) >= BUILT_COMPILED):
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
