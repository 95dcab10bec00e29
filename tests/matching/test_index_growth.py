"""An index grows, shrinks and is searched at the same time, and stays as small as it can."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from hashreg.matching import HammingIndex, bits, engines, kernels, segment
from hashreg.matching import ring as ring_module
from hashreg.matching.engines import Engine
from hashreg.matching.ring import Ring
from hashreg.matching.scan import NOTHING, Near, Numbers, Words, scan
from hashreg.matching.segment import Segment
from matching.codes import at_distance, random_code, rows, seeded
from matching.ways import WAYS, way

ROUNDS = 30
"""Of adding, merging and removing while others search."""


def many(count: int, seed: int) -> NDArray[np.uint8]:
    """Return random codes."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


@pytest.mark.parametrize("name", WAYS)
def test_a_code_registered_40_000_times_is_compared_once(name: str) -> None:
    code = random_code(seeded(1))
    with way(name) as engine:
        index = HammingIndex.build(rows([code] * 40_000), engine=engine)
        if not name.endswith("scan"):
            assert [it.words.shape for it in index._segments] == [(4, 1), (4, 0)]
        limits, ids, distances = index.search(rows([code, random_code(seeded(2))]), 31)
        assert limits.tolist() == [0, 40_000, 40_000]
        assert np.array_equal(ids, np.arange(40_000))
        assert not distances.any()
        index.remove(np.arange(0, 40_000, 2))
        assert np.array_equal(index.search(rows([code]), 0)[1], np.arange(1, 40_000, 2))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_both_engines_make_the_same_tables(engine: str) -> None:
    words = np.ascontiguousarray(many(3000, 3).view(np.uint64).T)
    words[:, 1000:1500] = words[:, 1000:1001]  # a full bucket
    ring = Ring.build(words) if engine == "numpy" else kernels.build(words)
    for table in range(16):
        word, shift = divmod(16 * table, 64)
        chunk = (words[word] >> np.uint64(shift)) & np.uint64(0xFFFF)
        for bucket in (int(chunk[0]), int(chunk[1000]), int(chunk[2999])):
            begin, end = ring.offsets[table, bucket : bucket + 2]
            assert np.array_equal(ring.rows[table, begin:end], np.flatnonzero(chunk == bucket))


@pytest.mark.parametrize("code_bytes", [8, 32])
@pytest.mark.parametrize("name", ["numpy ring", "numba ring", "numba join"])
def test_full_buckets_and_full_tiles_lose_nothing(
    name: str, code_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring_module, "ENTRIES_AT_ONCE", 7)
    monkeypatch.setattr(ring_module, "PROBES_AT_ONCE", 40)
    monkeypatch.setattr(kernels, "FIRST_ROOM", 3)
    monkeypatch.setattr(kernels, "ROOM_A_QUERY", 0)
    chance = seeded(4)
    centre = random_code(chance, code_bytes)
    codes = [at_distance(chance, centre, chance.randrange(16)) for _ in range(60)]
    queries = [at_distance(chance, centre, chance.randrange(8)) for _ in range(9)]
    words, asked = (rows(it, code_bytes).view(np.uint64).T for it in (codes, queries))
    near = scan(words, asked, 8)
    expected = sorted(zip(*(it.tolist() for it in near), strict=True))
    assert len(expected) > 30
    with way(name) as engine:
        index = HammingIndex.build(rows(codes, code_bytes), engine=engine)
        limits, ids, distances = index.search(rows(queries, code_bytes), 8)
    numbers = np.repeat(np.arange(9), np.diff(limits)).tolist()
    assert list(zip(numbers, ids.tolist(), distances.tolist(), strict=True)) == expected


def test_merging_leaves_few_segments_and_none_with_removed_codes() -> None:
    with way("numpy ring", ring_from=8) as engine:
        index = HammingIndex(32, engine=engine)
        for seed in range(40):
            index.add(many(9, seed))
            if seed % 3 == 0:
                index.merge()
        index.remove(np.array([0, 100, 359]))
        index.merge()
        sizes = [it.entries for it in index._segments]
        assert sum(sizes) == len(index) == 357
        assert sum(it.removed for it in index._segments) == 0
        assert len(sizes) <= 6
        untouched = index._segments[0]
        index.add(many(9, 41))
        index.merge()
        assert index._segments[0] is untouched  # the big one isn't moved for a few codes


def test_what_is_removed_while_segments_are_merged_stays_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = many(20, 10)
    with way("numpy ring", ring_from=8) as engine:
        index = HammingIndex(32, engine=engine)
        index.add(codes[:10])
        index.add(codes[10:])
        make = Segment.of

        def make_slowly(words: Words, ids: Numbers, engine: Engine) -> Segment:
            made = make(words, ids, engine)
            index.remove(np.array([3, 12]))
            return made

        monkeypatch.setattr(Segment, "of", make_slowly)
        index.merge()
        assert [it.entries for it in index._segments] == [20, 0]
        assert index.search(codes, 0)[1].tolist() == [it for it in range(20) if it not in {3, 12}]


def test_different_codes_with_one_key_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "MIX", np.uint64(0))  # the last word alone makes the key
    codes = many(30, 11)
    codes[:, 24:] = codes[0, 24:]
    codes[20:] = codes[:10]
    with way("numpy ring") as engine:
        index = HammingIndex.build(codes, engine=engine)
        assert index._segments[0].words.shape == (4, 20)
        limits, ids, _ = index.search(codes[:20], 0)
    expected = [[it, it + 20] if it < 10 else [it] for it in range(20)]
    assert [ids[a:b].tolist() for a, b in pairwise(limits.tolist())] == expected


def test_a_process_takes_numba_once_it_has_searched_long_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[str] = []

    def search(ring: Ring | None, words: Words, queries: Words, radius: int) -> Near:
        used.append("numba")
        return NOTHING

    monkeypatch.setattr(kernels, "search", search)
    monkeypatch.setattr(engines._Account, "spent", 0.0)
    index = HammingIndex.build(many(2000, 5))
    index.search(many(1, 6), 31)
    assert not used  # but many queries are worth it at once:
    index.search(np.zeros((300_000, 32), np.uint8), 31)
    assert used == ["numba"]
    used.clear()
    assert 0 < engines._Account.spent < engines.LOADING
    monkeypatch.setattr(engines._Account, "spent", engines.LOADING)
    index.search(many(1, 6), 31)
    assert used == ["numba"]
    monkeypatch.setattr(engines, "find_spec", lambda _: None)  # it is not installed
    index.search(many(1, 6), 31)
    assert used == ["numba"]


def test_tables_are_asked_where_they_pay() -> None:
    def pays(codes: int, radius: int, words: int = 4) -> bool:
        shape = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint64), (words, codes), (0, 0))
        by_tables, by_scan = engines.costs_of(shape, radius, engines.NUMPY)
        return by_tables < by_scan

    assert pays(1_000_000, 31)
    assert pays(1_000_000, 45)
    assert pays(1_000_000, 8, words=1)
    assert not pays(100, 31)
    assert not pays(1_000_000, 72)
    assert not pays(1_000_000, 32, words=1)


@pytest.mark.parametrize("name", ["numpy ring", "numba ring"])
def test_searches_never_miss_what_stays_while_others_add_remove_and_merge(name: str) -> None:
    stays = many(600, 7)
    with way(name, ring_from=64) as engine, ThreadPoolExecutor(4) as pool:
        index = HammingIndex.build(stays, engine=engine)
        stop, rounds = threading.Event(), [0, 0]

        def change(number: int) -> None:
            chance = np.random.default_rng(number)
            while not stop.is_set():
                ids = index.add(many(int(chance.integers(1, 90)), int(chance.integers(1 << 30))))
                if rounds[number] % 2:
                    index.merge()
                index.remove(ids)
                rounds[number] += 1

        changing = [pool.submit(change, number) for number in range(2)]
        try:
            starts = itertools.cycle(range(0, 600, 10))
            while min(rounds) < ROUNDS and not any(it.done() for it in changing):
                start = next(starts)
                asked = stays[start : start + 10]
                limits, ids, distances = index.search(asked, 31)
                assert limits.tolist() == list(range(11))
                assert ids.tolist() == list(range(start, start + 10))
                assert not distances.any()
        finally:
            stop.set()
        for it in changing:
            it.result()
        assert min(rounds) >= ROUNDS
        index.merge()
        assert len(index) == 600


@pytest.mark.parametrize("code_bytes", [8, 32])
@pytest.mark.parametrize("count", [0, 1, bits.FEW, bits.FEW + 1, bits.TILE + 1])
def test_bits_are_moved_alike_by_both_engines_and_back(code_bytes: int, count: int) -> None:
    codes = many(count, 12)[:, :code_bytes]
    words = bits.to_words(codes)
    assert words.shape == (code_bytes // 8, count)
    assert np.array_equal(kernels.to_words(codes), words)
    assert np.array_equal(bits.to_codes(words), codes)
    moved = codes.copy()
    moved[:, 0] ^= 1  # one bit is one bit
    assert (np.bitwise_count(bits.to_words(moved) ^ words).sum(axis=0) == 1).all()
