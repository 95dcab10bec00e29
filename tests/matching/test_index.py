"""Nothing within the radius is missed, and nothing beyond it is found."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from model.strategies import patient

from hashreg.matching import HammingIndex
from hashreg.matching import scan as scan_module
from hashreg.matching.bits import to_codes
from matching.codes import at_distance, random_code, rows, seeded
from matching.naive_index import NaiveIndex, apart
from matching.ways import WAYS, way

RADII = (0, 1, 15, 31, 32, 45, 47, 60, 72)
SIZES = (8, 32)
FURTHEST = {8: 12, 32: 60}
"""A radius up to which tables have few enough buckets for a test."""


def same(index: HammingIndex, twin: NaiveIndex, queries: list[bytes], radius: int) -> bool:
    """Tell whether the index and its twin give the same answer."""
    radius = min(radius, 8 * index.code_bytes)
    limits, ids, distances = index.search(rows(queries, index.code_bytes), radius)
    return (limits.tolist(), ids.tolist(), distances.tolist()) == twin.search(queries, radius)


def planted(
    chance: random.Random, code_bytes: int, entries: int, asked: int, radius: int
) -> tuple[list[bytes], list[bytes]]:
    """Return entries and queries, some exactly at the radius of each other, some a bit off."""
    bits = 8 * code_bytes
    codes = [random_code(chance, code_bytes) for _ in range(entries)]
    queries = [random_code(chance, code_bytes) for _ in range(asked)]
    for query in queries:
        for distance in (0, radius - 1, radius, radius + 1):
            if codes and 0 <= distance <= bits:
                near = at_distance(chance, query, distance)
                codes[chance.randrange(len(codes))] = near
    codes += codes[: len(codes) // 3]  # duplicates
    chance.shuffle(codes)
    return codes, queries + queries[:1]


@given(
    seed=st.integers(0, 2**32),
    code_bytes=st.sampled_from(SIZES),
    radius=st.sampled_from(RADII),
    entries=st.integers(0, 60),
    asked=st.integers(0, 12) | st.integers(0, 90),
)
@settings(patient, max_examples=60)
@pytest.mark.parametrize("name", WAYS)
def test_the_index_equals_brute_force_at_every_radius(
    name: str, seed: int, code_bytes: int, radius: int, entries: int, asked: int
) -> None:
    codes, queries = planted(seeded(seed), code_bytes, entries, asked, radius)
    twin = NaiveIndex()
    twin.add(codes)
    with way(name) as engine:
        index = HammingIndex.build(rows(codes, code_bytes), engine=engine)
        assert same(index, twin, queries, min(radius, FURTHEST[code_bytes]))


@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("code_bytes", SIZES)
@pytest.mark.parametrize("bulk", [0, 50], ids=["more queries than entries", "fewer"])
@pytest.mark.parametrize("name", WAYS)
def test_an_entry_at_the_radius_is_found_and_one_a_bit_further_is_not(
    name: str, radius: int, code_bytes: int, bulk: int
) -> None:
    chance = seeded(f"{radius} {code_bytes} {bulk}")
    bits = 8 * code_bytes
    radius = min(radius, bits if name.endswith("scan") else FURTHEST[code_bytes])
    query = random_code(chance, code_bytes)
    wanted = [distance for distance in range(radius - 1, radius + 2) if 0 <= distance <= bits]
    codes = [at_distance(chance, query, distance) for distance in wanted]
    opposite = at_distance(chance, query, bits)
    codes += [opposite] * bulk
    queries = [query, *[opposite] * (0 if bulk else 5)]
    with way(name) as engine:
        index = HammingIndex.build(rows(codes, code_bytes), engine=engine)
        limits, ids, distances = index.search(rows(queries, code_bytes), radius)
    expected = [distance for distance in wanted if distance <= radius]
    if radius < bits:
        assert ids[: limits[1]].tolist() == list(range(len(expected)))
        assert distances[: limits[1]].tolist() == expected
    else:
        assert limits[1] == len(codes)


def test_the_index_looks_into_every_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "TILE", 7)
    chance = seeded(1)
    codes, queries = planted(chance, 32, 50, 20, 31)
    index, twin = HammingIndex.build(rows(codes)), NaiveIndex()
    twin.add(codes)
    assert len(codes) > 7 * 7
    assert len(twin.search(queries, 31)[1]) > 5
    assert same(index, twin, queries, 31)
    assert same(index, twin, queries * 10, 31)


def test_a_big_index_equals_brute_force() -> None:
    chance = seeded(2)
    query = random_code(chance)
    places = {0: 31, 65_535: 30, 65_536: 31, 99_999: 32, 131_071: 0, 131_072: 31, 149_999: 31}
    numbers = np.random.default_rng(2)
    codes = numbers.integers(0, 256, (150_000, 32), np.uint8)
    for place, distance in places.items():
        codes[place] = rows([at_distance(chance, query, distance)])[0]
    limits, ids, distances = HammingIndex.build(codes).search(rows([query]), 31)
    found = {place: bits for place, bits in places.items() if bits <= 31}
    assert limits.tolist() == [0, len(found)]
    assert dict(zip(ids.tolist(), distances.tolist(), strict=True)) == found


@pytest.mark.parametrize("code_bytes", SIZES)
@pytest.mark.parametrize(("entries", "asked"), [(0, 0), (0, 3), (3, 0), (3, 3), (3, 9), (9, 3)])
def test_the_answer_has_the_shapes_and_types_of_faiss(
    code_bytes: int, entries: int, asked: int
) -> None:
    chance = seeded(3)
    code = random_code(chance, code_bytes)
    index = HammingIndex.build(rows([code] * entries, code_bytes))
    limits, ids, distances = index.search(rows([code] * asked, code_bytes), 31)
    assert [str(it.dtype) for it in (limits, ids, distances)] == ["int64", "int64", "uint16"]
    assert (limits.shape, ids.shape) == ((asked + 1,), (asked * entries,))
    assert distances.shape == ids.shape
    assert limits.tolist() == [entries * number for number in range(asked + 1)]
    assert ids.tolist() == list(range(entries)) * asked


def test_codes_need_not_lie_in_one_piece_of_memory() -> None:
    chance = seeded(4)
    codes = [random_code(chance) for _ in range(8)]
    every_second = rows(codes)[::2]
    assert not every_second.flags.c_contiguous
    index, twin = HammingIndex.build(every_second), NaiveIndex()
    twin.add(codes[::2])
    assert same(index, twin, codes, 31)
    limits, ids, _ = index.search(every_second[::-1], 0)
    assert ids.tolist() == [3, 2, 1, 0]
    assert limits.tolist() == [0, 1, 2, 3, 4]


def test_the_index_doesnt_change_when_the_callers_array_does() -> None:
    code = random_code(seeded(5))
    mine = rows([code]).copy()
    index = HammingIndex.build(mine)
    mine[:] ^= 0xFF
    assert index.search(rows([code]), 0)[1].tolist() == [0]


@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((2, 31), np.uint8),
        np.zeros((2, 8), np.uint8),
        np.zeros((2, 0), np.uint8),
        np.zeros(32, np.uint8),
        np.zeros((1, 2, 32), np.uint8),
        np.zeros((2, 32), np.int8),
        np.zeros((2, 32), np.int64),
        np.zeros((2, 32), bool),
        np.zeros((2, 4), np.uint64),
    ],
    ids=lambda codes: f"{codes.dtype} {codes.shape}",
)
def test_codes_of_another_type_or_shape_are_refused(codes: np.typing.NDArray[np.uint8]) -> None:
    index = HammingIndex.build(np.zeros((1, 32), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        index.add(codes)
    with pytest.raises(ValueError, match="uint8"):
        index.search(codes, 31)
    assert len(index) == 1
    if codes.shape != (2, 8):  # which is a good shape for an index of its own
        with pytest.raises(ValueError, match=r"bytes|dimensions|uint8"):
            HammingIndex.build(codes)


@pytest.mark.parametrize("code_bytes", [0, 1, 16, 33, 64, -8])
def test_only_codes_of_64_and_256_bits_are_indexed(code_bytes: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        HammingIndex(code_bytes)


@pytest.mark.parametrize("code_bytes", SIZES)
def test_a_radius_lies_between_0_and_the_length_of_a_code(code_bytes: int) -> None:
    index = HammingIndex.build(np.zeros((1, code_bytes), np.uint8))
    query = np.full((1, code_bytes), 255, np.uint8)
    for radius in (-1, 8 * code_bytes + 1, 10**6):
        with pytest.raises(ValueError, match="radius"):
            index.search(query, radius)
    assert index.search(query, 8 * code_bytes)[2].tolist() == [8 * code_bytes]
    assert index.search(query, 8 * code_bytes - 1)[2].tolist() == []


@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
def test_removed_codes_are_gone_from_the_indexs_memory(name: str) -> None:
    chance = seeded(6)
    codes = [random_code(chance) for _ in range(20)]
    codes.append(codes[3])  # stays
    gone = {codes[number] for number in (7, 19)}
    with way(name) as engine:
        index = HammingIndex.build(rows(codes), engine=engine)
        before = [it.words for it in index._segments]
        index.remove(np.array([3, 7, 19]))
        assert not gone & held(before)  # overwritten at once, not only dropped
        tables = [it.ring for it in index._segments]
        index.merge()
        assert held([it.words for it in index._segments]) == set(codes) - gone
        assert not any(old is it.ring for it in index._segments for old in tables if old)


def held(arrays: list[np.typing.NDArray[np.uint64]]) -> set[bytes]:
    """Return the codes that arrays of columns hold."""
    return {code.tobytes() for it in arrays for code in to_codes(it)}


def test_ids_never_recur_and_those_that_are_not_there_are_ignored() -> None:
    code = random_code(seeded(7))
    index = HammingIndex.build(rows([code] * 3))
    index.remove(np.array([1, 2, 77, -1]))
    index.remove(np.array([1]))
    index.remove(np.array([], np.int64))
    assert len(index) == 1
    assert index.add(rows([code] * 2)).tolist() == [3, 4]
    index.remove(np.arange(10))
    assert len(index) == 0
    assert index.add(rows([code])).tolist() == [5]
    assert index.search(rows([code]), 0)[1].tolist() == [5]


def test_the_codes_of_ids_come_back_but_of_those_that_are_not_there() -> None:
    chance = seeded(8)
    codes = [random_code(chance) for _ in range(6)]
    index = HammingIndex.build(rows(codes))
    index.remove(np.array([0, 2]))
    places, got = index.codes(np.array([1, 0, 5, 6, 3, 2]))
    assert places.tolist() == [0, 2, 4]
    assert got.dtype == np.uint8
    assert got.shape == (3, 32)
    assert (got.tobytes() == codes[1] + codes[5] + codes[3]) is True
    assert index.codes(np.array([], np.int64))[1].shape == (0, 32)


class IndexAndTwin(RuleBasedStateMachine):
    """Adds, removals and searches in any order leave the index equal to its twin."""

    @initialize(
        code_bytes=st.sampled_from(SIZES),
        seed=st.integers(0, 2**32),
        name=st.sampled_from(list(WAYS)),
    )
    def make(self, code_bytes: int, seed: int, name: str) -> None:
        self.chance = seeded(seed)
        self.centre = random_code(self.chance, code_bytes)
        self.way = way(name, ring_from=4)
        self.index = HammingIndex(code_bytes, engine=self.way.__enter__())
        self.twin = NaiveIndex()
        self.given: set[int] = set()

    def near(self, count: int) -> list[bytes]:
        """Return codes around the centre, so that radii of all sizes find some."""
        return [
            at_distance(self.chance, self.centre, self.chance.randrange(40)) for _ in range(count)
        ]

    @rule(count=st.integers(0, 6))
    def add(self, count: int) -> None:
        codes = self.near(count)
        ids = self.index.add(rows(codes, self.index.code_bytes)).tolist()
        assert ids == self.twin.add(codes)
        assert not self.given & set(ids)
        self.given |= set(ids)

    @rule(ids=st.lists(st.integers(0, 30), max_size=5))
    def remove(self, ids: list[int]) -> None:
        self.index.remove(np.array(ids, np.int64))
        self.twin.remove(ids)

    @rule()
    def merge(self) -> None:
        self.index.merge()

    @rule(count=st.integers(0, 12), radius=st.sampled_from(RADII))
    def search(self, count: int, radius: int) -> None:
        radius = min(radius, FURTHEST[self.index.code_bytes])
        assert same(self.index, self.twin, self.near(count), radius)

    def teardown(self) -> None:
        if hasattr(self, "way"):
            self.way.__exit__(None, None, None)

    @invariant()
    def holds_the_same(self) -> None:
        if hasattr(self, "index"):
            ids = sorted(self.twin.codes)
            assert len(self.index) == len(ids)
            places, held = self.index.codes(np.arange(max(ids, default=0) + 2))
            assert places.tolist() == ids
            assert (held.tobytes() == b"".join(self.twin.codes[it] for it in ids)) is True


IndexAndTwin.TestCase.settings = settings(patient, max_examples=60, stateful_step_count=20)
TestIndexAndTwin = IndexAndTwin.TestCase


def test_the_twin_counts_bits() -> None:
    assert apart(b"\x00\xff", b"\x01\x0f") == 5
