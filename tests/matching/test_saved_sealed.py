"""An index that is sealed tells nothing, and nobody without its key can change it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hashreg.matching import HammingIndex, saved
from hashreg.matching.saved import ALIGNMENT, LENGTH_BYTES, MANIFEST
from hashreg.model.errors import UnusableIndex
from matching.codes import random_code, rows, seeded, words_of
from matching.damage import DAMAGED, arrays, check_every_change, files, refused
from matching.pieces import content_of
from matching.sealing import Sealing

CIPHER = Sealing(bytes(range(32)))
CODES = [random_code(seeded(number)) for number in range(40)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sealed index of one file of several blocks of 128 bytes."""
    monkeypatch.setattr(saved, "BLOCK", 2 * ALIGNMENT)
    folder = tmp_path / "index"
    HammingIndex.build(rows(CODES)).save(folder, cipher=CIPHER)
    return folder


def answers_as_before(folder: Path) -> bool:
    limits, ids, distances = HammingIndex.open(folder, cipher=CIPHER).search(rows(CODES), 31)
    exact = np.array_equal(limits, np.arange(41)) and not distances.any()
    return exact and np.array_equal(ids, np.arange(40))


def blocks(path: Path) -> list[bytes]:
    """Return a file's sealed blocks, each with its length before it."""
    content, found = path.read_bytes(), []
    while content:
        size = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES])
        found.append(content[:size])
        content = content[size:]
    return found


def test_what_was_sealed_is_opened_as_it_was(folder: Path) -> None:
    assert len(blocks(arrays(folder)[0])) >= 10
    assert answers_as_before(folder) is True


def test_no_file_holds_a_part_of_a_code_or_says_what_it_is(folder: Path) -> None:
    content = content_of(folder)
    raw = [code[place:][:8] for code in CODES for place in range(0, 32, 8)]
    words = [word for code in CODES for word in words_of(code)]
    assert any(piece in content for piece in [*raw, *words]) is False
    assert any(word in content for word in (b"hamming", b"words", b"meta", b"uint")) is False
    HammingIndex.build(rows(CODES)).save(folder.with_name("open"))
    plain = content_of(folder.with_name("open"))
    assert all(word in plain for word in words) is True


def test_saving_twice_seals_differently(folder: Path) -> None:
    before = [path.read_bytes() for path in files(folder)]
    HammingIndex.build(rows(CODES)).save(folder, cipher=CIPHER)
    after = [path.read_bytes() for path in files(folder)]
    assert any(one == other for one in before for other in after) is False


class Noting(Sealing):
    """Notes to which places blocks are bound."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key)
        self.places: list[bytes] = []

    def seal(self, block: bytes, place: bytes) -> bytes:
        self.places.append(place)
        return super().seal(block, place)


def test_every_block_is_bound_to_a_place_of_its_own(folder: Path) -> None:
    """The checksums would tell a mistake, but they are no protection from a forger."""
    cipher = Noting(bytes(32))
    for codes in (CODES, CODES[::-1]):
        HammingIndex.build(rows(codes)).save(folder, cipher=cipher)
    places = [it for it in cipher.places if it != MANIFEST.encode()]
    assert len(cipher.places) - len(places) == 2
    assert len(set(places)) == len(places) >= 20


def test_another_key_opens_nothing(folder: Path) -> None:
    refused(folder, DAMAGED, Sealing(bytes(32)))


def test_a_sealed_index_is_not_opened_without_its_key_nor_an_open_one_with_a_key(
    folder: Path,
) -> None:
    refused(folder, DAMAGED, None)
    for cipher, other in ((None, CIPHER), (CIPHER, None)):  # each in place of the other
        HammingIndex.build(rows(CODES)).save(folder, cipher=cipher)
        refused(folder, DAMAGED, other)
    assert answers_as_before(folder) is True


def test_a_changed_or_cut_file_is_refused(folder: Path) -> None:
    check_every_change(folder, CIPHER)
    assert answers_as_before(folder) is True


@pytest.mark.parametrize(
    "change",
    [
        lambda it: [it[1], it[0], *it[2:]],
        lambda it: [it[0], it[0], *it[2:]],
        lambda it: [*it, it[-1]],
        lambda it: it[:-1],
        lambda it: it[1:],
        lambda it: it[:0],
    ],
    ids=["swapped", "copied", "once more", "without the last", "without the first", "none"],
)
def test_blocks_that_stand_elsewhere_or_lack_are_refused(
    folder: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    (path,) = arrays(folder)
    path.write_bytes(b"".join(change(blocks(path))))
    refused(folder, DAMAGED, CIPHER)


def test_blocks_and_files_of_an_older_state_are_refused(folder: Path) -> None:
    (old,) = arrays(folder)
    before, manifest = blocks(old), (folder / MANIFEST).read_bytes()
    HammingIndex.build(rows(CODES[::-1])).save(folder, cipher=CIPHER)
    (new,) = arrays(folder)
    after = blocks(new)
    for mixed in (before, [before[0], *after[1:]], [*after[:-1], before[-1]]):
        new.write_bytes(b"".join(mixed))
        refused(folder, DAMAGED, CIPHER)
    new.write_bytes(b"".join(after))
    assert len(HammingIndex.open(folder, cipher=CIPHER)) == 40
    (folder / MANIFEST).write_bytes(manifest)
    refused(folder, DAMAGED, CIPHER)


def test_files_that_stand_in_each_others_place_are_refused(folder: Path) -> None:
    codes = {"codes": rows(CODES)}
    parts = saved.Saved({}, {"one": saved.Section(codes), "other": saved.Section(codes)})
    saved.save(folder, "two", parts, CIPHER)
    one, other = arrays(folder)
    assert saved.load(folder, "two", CIPHER).sections.keys() == {"one", "other"}
    contents = one.read_bytes(), other.read_bytes()
    other.write_bytes(contents[0])
    one.write_bytes(contents[1])
    with pytest.raises(UnusableIndex, match=DAMAGED):
        saved.load(folder, "two", CIPHER)


def test_a_manifest_in_place_of_a_file_is_refused(folder: Path) -> None:
    (path,) = arrays(folder)
    manifest = (folder / MANIFEST).read_bytes()
    path.write_bytes(len(manifest).to_bytes(LENGTH_BYTES) + manifest)
    refused(folder, DAMAGED, CIPHER)


def test_saving_again_seals_only_what_is_new(folder: Path) -> None:
    sections = {"first": saved.Section({"codes": rows(CODES)})}
    saved.save(folder, "two", saved.Saved({}, sections), CIPHER)
    (first,) = arrays(folder)
    before = first.stat().st_mtime_ns, first.read_bytes()
    opened = saved.load(folder, "two", CIPHER)
    more = {**opened.sections, "second": saved.Section({"codes": rows(CODES[::-1])})}
    saved.save(folder, "two", saved.Saved({}, more), CIPHER)
    assert first in arrays(folder)
    assert len(arrays(folder)) == 2
    untouched = before == (first.stat().st_mtime_ns, first.read_bytes())
    assert untouched
    both = saved.load(folder, "two", CIPHER).sections
    assert all(
        np.array_equal(it.arrays["codes"], more[n].arrays["codes"]) for n, it in both.items()
    )
