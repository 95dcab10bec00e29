"""A saved index, opened again, is the index that it was, and its folder holds nothing else."""

import json
import os
import stat
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import HammingIndex, saved
from hashreg.matching.engines import Engine
from hashreg.matching.saved import MANIFEST, BlockCipher
from hashreg.matching.scan import Numbers, Words
from hashreg.matching.segment import Segment
from matching.codes import at_distance, random_code, rows, seeded, stored, words_of
from matching.naive_index import NaiveIndex, Result
from matching.pieces import content_of
from matching.sealing import Sealing
from matching.ways import WAYS, way

SIZES = (8, 32)
RADII = {8: (0, 3, 12), 32: (0, 31, 45)}
STEPS = ["add", "add", "remove", "merge", "reopen", "reopen sealed"]
SEALING = Sealing(bytes(32))


def found(index: HammingIndex, queries: Sequence[bytes], radius: int) -> Result:
    limits, ids, distances = index.search(rows(queries, index.code_bytes), radius)
    return limits.tolist(), ids.tolist(), distances.tolist()


def reopened(index: HammingIndex, folder: Path, cipher: BlockCipher | None = None) -> HammingIndex:
    """Save an index and return what is opened of it, which searches the same way."""
    index.save(folder, cipher=cipher)
    opened = HammingIndex.open(folder, cipher=cipher)
    opened._engine = index._engine
    return opened


def some(count: int, seed: int, code_bytes: int = 32) -> list[bytes]:
    """Return random codes."""
    chance = seeded(seed)
    return [random_code(chance, code_bytes) for _ in range(count)]


def arrays_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the files of arrays with what tells whether they were written again."""
    stats = {path.name: path.stat() for path in folder.iterdir() if path.name != MANIFEST}
    return {name: (it.st_ino, it.st_mtime_ns) for name, it in stats.items()}


def named(folder: Path) -> set[str]:
    """Return the files that the manifest names."""
    manifest = json.loads((folder / MANIFEST).read_bytes()[saved.CHECKSUM_BYTES :])
    return {entry["file"] for entry in manifest["sections"].values()}


@given(
    seed=st.integers(0, 2**32),
    code_bytes=st.sampled_from(SIZES),
    steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=12),
)
@settings(patient, max_examples=25)
@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
def test_an_index_that_is_saved_and_opened_at_any_moment_equals_its_twin(
    name: str, seed: int, code_bytes: int, steps: list[str]
) -> None:
    chance = seeded(seed)
    centre = random_code(chance, code_bytes)
    with way(name, ring_from=5) as engine, tempfile.TemporaryDirectory() as folder:
        index, twin = HammingIndex(code_bytes, engine=engine), NaiveIndex()
        for number, step in enumerate([*steps, "reopen"]):
            if step == "add":
                near = [at_distance(chance, centre, chance.randrange(20)) for _ in range(4)]
                codes = [chance.choice(near) for _ in range(chance.randrange(8))]
                assert index.add(rows(codes, code_bytes)).tolist() == twin.add(codes)
            elif step == "remove":
                gone = [chance.randrange(20) for _ in range(3)]
                index.remove(np.array(gone))
                twin.remove(gone)
            elif step == "merge":
                index.merge()
            else:  # into a folder of its own now and then
                place = Path(folder, str(number % 2))
                index = reopened(index, place, SEALING if step.endswith("sealed") else None)
            radius = chance.choice(RADII[code_bytes])
            queries = [at_distance(chance, centre, chance.randrange(20)) for _ in range(3)]
            assert found(index, queries, radius) == twin.search(queries, radius)
            assert len(index) == len(twin.codes)


@pytest.mark.parametrize("code_bytes", SIZES)
@pytest.mark.parametrize("cipher", [None, SEALING], ids=["open", "sealed"])
def test_an_opened_index_searches_alike_in_all_ways(
    code_bytes: int, cipher: BlockCipher | None, tmp_path: Path
) -> None:
    chance = seeded(code_bytes)
    codes = some(40, 1, code_bytes) * 2
    radius = RADII[code_bytes][1]
    queries = [at_distance(chance, code, radius + n % 2) for n, code in enumerate(codes[:20])]
    with way("numpy ring", ring_from=30) as engine:
        index = HammingIndex.build(rows(codes, code_bytes), engine=engine)
        index.remove(np.arange(0, 80, 7))
        index.add(rows(codes[:20], code_bytes))  # which stay in the tail
        expected = found(index, queries, radius)
        opened = reopened(index, tmp_path / "index", cipher)
    assert [it.ring is None for it in opened._segments] == [False, True]
    assert len(expected[1]) >= 20
    for name in WAYS:
        with way(name) as engine:
            opened._engine = engine
            assert found(opened, queries, radius) == expected


def test_every_array_of_an_opened_index_begins_a_line_of_the_cache(tmp_path: Path) -> None:
    with way("numpy ring", ring_from=8) as engine:
        index = HammingIndex.build(rows([*some(9, 2), *some(9, 2)]), engine=engine)
        index.remove(np.array([3, 12]))
        index.save(tmp_path)
    sections = saved.load(tmp_path, "hamming", None).sections.values()
    arrays = [it for section in sections for it in section.arrays.values()]
    assert len(arrays) == 12
    assert not any(it.ctypes.data % saved.ALIGNMENT for it in arrays if it.size)


@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
@pytest.mark.parametrize("code_bytes", SIZES)
def test_an_empty_index_can_be_saved_and_its_ids_go_on(
    name: str, code_bytes: int, tmp_path: Path
) -> None:
    (code,) = some(1, 2, code_bytes)
    with way(name) as engine:
        index = reopened(HammingIndex(code_bytes, engine=engine), tmp_path)
        assert found(index, [code], 3) == ([0, 0], [], [])
        assert index.add(rows([code] * 3, code_bytes)).tolist() == [0, 1, 2]
        index.remove(np.arange(3))
        index = reopened(index, tmp_path)
        assert len(index) == 0
        assert index.add(rows([code], code_bytes)).tolist() == [3]
        assert found(reopened(index, tmp_path), [code], 0) == ([0, 1], [3], [0])


def test_an_opened_index_does_not_write_to_its_files(tmp_path: Path) -> None:
    codes = some(20, 3)
    with way("numpy ring", ring_from=8) as engine:
        index = reopened(HammingIndex.build(rows(codes), engine=engine), tmp_path)
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        index.remove(np.arange(10))
        index.add(rows(codes[:5]))
        index.merge()
        same = before == {path: path.read_bytes() for path in tmp_path.iterdir()}
        assert same is True
        assert found(HammingIndex.open(tmp_path), codes[:1], 0)[1] == [0]


@pytest.mark.parametrize("opened", [False, True])
def test_saving_again_writes_only_what_is_new(opened: bool, tmp_path: Path) -> None:
    with way("numpy ring", ring_from=8) as engine:
        index = HammingIndex.build(rows(some(40, 4)), engine=engine)
        index.save(tmp_path)
        first, tail = (it.section().entry["file"] for it in index._segments)
        before = arrays_of(tmp_path)
        assert before.keys() == {first, tail} == named(tmp_path)
        if opened:
            index = HammingIndex.open(tmp_path)
        index.add(rows(some(9, 5)))
        index.save(tmp_path)
        after = arrays_of(tmp_path)
        assert len(after) == 3
        assert after.keys() == named(tmp_path)
        assert before.keys() & after.keys() == {first}
        assert before[first] == after[first]
        index.remove(np.array([3]))
        index.save(tmp_path)
        assert arrays_of(tmp_path).keys() == named(tmp_path)
        assert first not in named(tmp_path)


def test_an_index_can_be_saved_in_two_folders_in_turns(tmp_path: Path) -> None:
    codes = some(30, 6)
    with way("numpy ring", ring_from=8) as engine:
        index = HammingIndex(32, engine=engine)
        for number in range(6):
            index.add(rows(codes[5 * number :][:5]))
            folder = tmp_path / f"{number % 2}"
            index.save(folder)
            assert arrays_of(folder).keys() == named(folder)
            expected = found(index, codes, 31)
            assert found(HammingIndex.open(folder), codes, 31) == expected


@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
def test_no_file_holds_a_removed_code_once_the_index_is_saved(
    name: str, reopen: bool, tmp_path: Path
) -> None:
    codes = some(30, 7)
    gone = codes[4], codes[29]
    raw = [code[place:][:8] for code in gone for place in range(0, 32, 8)]
    words = [word for code in gone for word in words_of(code)]
    pairs = [(stored(code) * 2)[place:][:4] for code in gone for place in range(0, 32, 2)]
    with way(name, ring_from=20) as engine:
        index = HammingIndex.build(rows([*codes, codes[4]]), engine=engine)
        index.save(tmp_path)
        assert all(word in content_of(tmp_path) for word in words) is True
        if name == "numpy ring":  # the tables keep parts of codes
            assert all(pair in content_of(tmp_path) for pair in pairs) is True
        if reopen:
            index = HammingIndex.open(tmp_path)
        index.remove(np.array([4, 29, 30]))
        index.save(tmp_path)
        content = content_of(tmp_path)
    assert any(piece in content for piece in [*gone, *raw, *words, *pairs]) is False
    assert all(word in content for word in words_of(codes[5])) is True


def test_only_their_owner_can_read_the_files(tmp_path: Path) -> None:
    folder, before = tmp_path / "index", os.umask(0)
    try:
        for cipher in (None, SEALING):
            HammingIndex.build(rows(some(3, 8))).save(folder, cipher=cipher)
            modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
            assert modes == {0o600}
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_what_a_broken_off_attempt_left_goes_with_the_next_one(tmp_path: Path) -> None:
    index = HammingIndex.build(rows(some(3, 9)))
    index.save(tmp_path)
    for ending in (".arrays", ".new", ".txt"):
        (tmp_path / f"left{ending}").write_bytes(b"left")
    index.save(tmp_path)
    left = {path.name for path in tmp_path.iterdir()} - named(tmp_path) - {MANIFEST}
    assert left == {"left.txt"}  # which isn't ours
    assert len(HammingIndex.open(tmp_path)) == 3


def test_an_index_that_is_saved_with_a_cipher_leaves_nothing_open(tmp_path: Path) -> None:
    codes = some(3, 10)
    index = HammingIndex.build(rows(codes))
    index.save(tmp_path)
    index.save(tmp_path, cipher=SEALING)
    content = content_of(tmp_path)
    assert any(word in content for code in codes for word in words_of(code)) is False


def test_what_is_removed_while_a_save_merges_stays_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, make = some(20, 11), Segment.of
    with way("numpy ring", ring_from=8) as engine, ThreadPoolExecutor(1) as pool:
        index = HammingIndex(32, engine=engine)
        index.add(rows(codes[:10]))
        index.add(rows(codes[10:]))
        removing: list[Future[None]] = []

        def make_slowly(words: Words, ids: Numbers, engine: Engine) -> Segment:
            removing.append(pool.submit(index.remove, np.array([3, 12])))
            return make(words, ids, engine)

        monkeypatch.setattr(Segment, "of", make_slowly)
        index.save(tmp_path)
        removing[0].result()
        assert len(index) == 18
        opened = HammingIndex.open(tmp_path)
    asked = rows([*codes, bytes(32)])
    assert opened.search(asked, 0)[1].tolist() in (list(range(20)), sorted({*range(20)} - {3, 12}))
