"""The index beside what others would use: faiss' flat and multi-hash indexes, one thread each.

``python benchmarks/hamming_index.py [--codes 10000000] [--rounds 5] [--json FILE]``

Codes of 256 bits within 31 of a query, recall 1.0: every answer is compared with that of faiss'
flat index. Two sets: uniform codes, and skewed ones, as pictures make them: eighteen views of each
that are near each other, and in a fifth of the codes chunks that thousands share. Queries are new
codes of the same kind, and copies of registered ones a few bits off. Times are medians over rounds
in which all take turns, in microseconds a query.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from hashreg.matching import HammingIndex
from hashreg.matching.engines import RING_FROM, Engine

RADIUS = 31
VIEWS, SHARED, PATTERNS = 18, 0.2, 4096
SINGLE = {"flat": 40, "multi_hash": 40, "numpy": 400, "numba": 2000}
"""Queries asked alone in a round; many of the fast, so that they meet caches as a server's do."""
MANY, FLAT_AT_ONCE = 20_000, 200
Codes = NDArray[np.uint8]


def uniform(count: int, random: np.random.Generator) -> Codes:
    """Return random codes."""
    return random.integers(0, 256, (count, 32), np.uint8)


def skewed(count: int, random: np.random.Generator) -> Codes:
    """Return codes as pictures make them."""
    chunks = np.repeat(uniform(count // VIEWS + 1, random), VIEWS, axis=0)[:count]
    flips = uniform(count, random) & uniform(count, random)  # a quarter of the bits
    codes: NDArray[np.uint16] = (chunks ^ flips).view(np.uint16)
    plain = random.random(count) < SHARED
    patterns = np.minimum(random.zipf(1.2, (int(plain.sum()), 16)), PATTERNS).astype(np.uint16)
    patterns *= np.uint16(40503)  # spread over the buckets
    codes[plain] = np.where(random.random(patterns.shape) < 0.5, patterns, codes[plain])
    return codes.view(np.uint8)


def asked(codes: Codes, new: Codes, random: np.random.Generator) -> Codes:
    """Return new codes, every second one a registered code with up to 31 bits flipped."""
    queries = new.copy()
    for number in range(0, len(queries), 2):
        bits = random.choice(256, int(random.integers(0, RADIUS + 1)), replace=False)
        flips = np.zeros(256, np.uint8)
        flips[bits] = 1
        queries[number] = codes[random.integers(len(codes))] ^ np.packbits(flips)
    return queries


def each(search: Callable[[Codes], object], queries: Codes) -> float:
    """Return the median time of one query asked alone, in microseconds of CPU."""
    times = []
    for number in range(len(queries)):
        begun = time.perf_counter()
        search(queries[number : number + 1])
        times.append(time.perf_counter() - begun)
    return 1e6 * statistics.median(times)


def together(search: Callable[[Codes], object], queries: Codes) -> float:
    """Return the time of a query asked with all others, in microseconds."""
    begun = time.perf_counter()
    search(queries)
    return 1e6 * (time.perf_counter() - begun) / len(queries)


def same(ours: HammingIndex, flat: faiss.IndexBinaryFlat, queries: Codes) -> bool:
    """Tell whether both find the same entries."""
    limits, ids, distances = ours.search(queries, RADIUS)
    its_limits, its_distances, its_ids = flat.range_search(queries, RADIUS + 1)
    if not np.array_equal(limits, its_limits.astype(np.int64)):
        return False
    order = np.lexsort((its_ids, np.repeat(np.arange(len(queries)), np.diff(limits))))
    return bool((ids == its_ids[order]).all() and (distances == its_distances[order]).all())


def built(make: Callable[[], object]) -> tuple[object, float]:
    """Return what is made and the CPU seconds that it took."""
    begun = time.process_time()
    made = make()
    return made, time.process_time() - begun


def multi_hash(codes: Codes) -> faiss.IndexBinaryMultiHash:
    """Return faiss' multi-hash index with the chunks that ours has."""
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1
    index.add(codes)
    return index


def flat_index(codes: Codes) -> faiss.IndexBinaryFlat:
    """Return faiss' flat index."""
    index = faiss.IndexBinaryFlat(256)
    index.add(codes)
    return index


def ours(codes: Codes, engine: Engine) -> tuple[HammingIndex, dict[str, float]]:
    """Return our index, and what it cost."""
    HammingIndex.build(codes[: 2 * RING_FROM], engine=engine)  # loads numba
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index, seconds = built(lambda: HammingIndex.build(codes, engine=engine))
    assert isinstance(index, HammingIndex)  # noqa: S101
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return index, {"build_cpu_s": seconds, "gigabytes": index.nbytes / 1e9, "peak_gb": peak / 1e6}


def measured(
    codes: Codes, new: Codes, rounds: int, random: np.random.Generator
) -> dict[str, object]:
    """Return every figure of one set of codes."""
    queries = asked(codes, new, random)
    by_numpy, costs = ours(codes, "numpy")
    by_numba, its_costs = ours(codes, "numba")
    flat, (multi, multi_cpu) = flat_index(codes), built(lambda: multi_hash(codes))
    assert isinstance(multi, faiss.IndexBinaryMultiHash)  # noqa: S101
    by_numba.search(queries[:1], RADIUS), by_numba.search(queries, RADIUS)  # compiled
    exact = same(by_numpy, flat, queries[:FLAT_AT_ONCE]) and same(
        by_numba, flat, queries[:FLAT_AT_ONCE]
    )
    ways: dict[str, Callable[[Codes], object]] = {
        "flat": lambda it: flat.range_search(it, RADIUS + 1),
        "multi_hash": lambda it: multi.range_search(it, RADIUS + 1),
        "numpy": lambda it: by_numpy.search(it, RADIUS),
        "numba": lambda it: by_numba.search(it, RADIUS),
    }
    single: dict[str, list[float]] = {name: [] for name in ways}
    many: dict[str, list[float]] = {name: [] for name in ("flat", "numpy", "numba")}
    for _ in range(rounds):
        for name, search in ways.items():
            some = random.choice(len(queries), SINGLE[name], replace=False)
            single[name].append(each(search, queries[some]))
        for name, its in many.items():
            its.append(together(ways[name], queries[: FLAT_AT_ONCE if name == "flat" else MANY]))
    return {
        "exact": exact,
        "numpy": costs,
        "numba": its_costs,
        "multi_hash_build_cpu_s": multi_cpu,
        "single_us": {name: statistics.median(its) for name, its in single.items()},
        "batch_us": {name: statistics.median(its) for name, its in many.items()},
        "single_times_flat": ratios(single, "flat"),
        "single_times_multi_hash": ratios(single, "multi_hash"),
        "batch_times_flat": ratios(many, "flat"),
    }


def ratios(times: dict[str, list[float]], peer: str) -> dict[str, float]:
    """Return how many times faster than the peer each is: the median over rounds."""
    return {
        name: statistics.median(b / a for a, b in zip(its, times[peer], strict=True))
        for name, its in times.items()
        if name in ("numpy", "numba")
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    random = np.random.default_rng(7)
    result: dict[str, object] = {"codes": options.codes, "radius": RADIUS}
    for name, make in (("uniform", uniform), ("skewed", skewed)):
        codes, new = make(options.codes, random), make(MANY, random)
        result[name] = measured(codes, new, options.rounds, random)
        print(json.dumps({name: result[name]}, indent=1), flush=True)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
