"""A saved index is opened whole and true, or not at all; and a full disk does it no harm."""

import errno
import json
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hashreg.matching import HammingIndex, saved
from hashreg.matching.saved import MANIFEST
from hashreg.model.errors import UnusableIndex
from hashreg.model.messages import LANGUAGES, use_language
from matching.codes import random_code, rows, seeded
from matching.damage import (
    DAMAGED,
    FOREIGN,
    MISSING,
    STALE,
    arrays,
    check_every_change,
    files,
    refused,
)
from matching.ways import way

CODES = 60


def codes(seed: int = 1) -> list[bytes]:
    chance = seeded(seed)
    return [random_code(chance, 8) for _ in range(CODES)]


def index_of(every: list[bytes]) -> HammingIndex:
    """Return an index of two segments, with duplicates and without ids that follow each other."""
    index = HammingIndex.build(rows([*every, every[0]], 8))
    index.remove(np.array([5]))
    index.merge()
    index.add(rows(every[:7], 8))
    return index


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A saved index of a segment with tables and a tail."""
    with way("numpy ring", ring_from=20):
        folder = tmp_path / "index"
        index_of(codes()).save(folder, sequence=7)
        assert len(files(folder)) == 3
        yield folder


def test_a_file_with_a_flipped_bit_or_of_another_length_is_refused(folder: Path) -> None:
    check_every_change(folder)
    assert len(HammingIndex.open(folder)) == CODES + 7


def test_a_missing_file_is_refused(folder: Path) -> None:
    for path in files(folder):
        hidden = path.rename(folder.with_name("hidden"))
        refused(folder, MISSING if path.name == MANIFEST else DAMAGED)
        hidden.rename(path)
        path.rename(hidden)
        path.mkdir()
        refused(folder, DAMAGED)
        path.rmdir()
        hidden.rename(path)
    assert len(HammingIndex.open(folder)) == CODES + 7


def test_where_there_is_no_index_none_is_opened(tmp_path: Path) -> None:
    refused(tmp_path, MISSING)
    refused(tmp_path / "nowhere", MISSING)
    refused(tmp_path / "nowhere" / "at" / "all", MISSING)
    file = tmp_path / "file"
    file.write_bytes(b"something else")
    refused(file, MISSING)
    with pytest.raises(OSError, match="File exists"):
        index_of(codes()).save(file)
    assert file.read_bytes() == b"something else"


def rewrite(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest, with a checksum that is right."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_bytes()[4:])
    change(manifest)
    text = json.dumps(manifest).encode()
    path.write_bytes(zlib.crc32(text).to_bytes(4, "big") + text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "another index"),
        ("version", 0),
        ("version", [saved.VERSION[0] + 1, saved.VERSION[1]]),
        ("version", [saved.VERSION[0], saved.VERSION[1] + 1]),
        ("kind", "registry"),
        ("byte_order", "big" if sys.byteorder == "little" else "little"),
    ],
)
def test_an_index_of_another_kind_version_or_machine_is_refused(
    folder: Path, name: str, value: object
) -> None:
    rewrite(folder, lambda manifest: manifest.update({name: value}))
    refused(folder, FOREIGN)


@pytest.mark.parametrize("name", ["format", "version", "kind", "byte_order", "meta", "sections"])
def test_a_manifest_that_lacks_something_is_refused(folder: Path, name: str) -> None:
    rewrite(folder, lambda manifest: manifest.pop(name))
    refused(folder, DAMAGED)


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {"0": None}, {"0": {}}, {"0": {"file": "nothing.arrays"}}, {"0": {"file": ""}}],
    ids=repr,
)
def test_a_manifest_whose_sections_are_none_is_refused(folder: Path, value: object) -> None:
    rewrite(folder, lambda manifest: manifest.update({"sections": value}))
    refused(folder, DAMAGED)


@pytest.mark.parametrize("content", ["[]", "3", "null", '"x"', "{", ""])
def test_a_manifest_that_is_no_object_is_refused(folder: Path, content: str) -> None:
    text = content.encode()
    (folder / MANIFEST).write_bytes(zlib.crc32(text).to_bytes(4, "big") + text)
    refused(folder, DAMAGED)


def test_files_that_stand_in_each_others_place_are_refused(folder: Path) -> None:
    one, other = (path.read_bytes() for path in arrays(folder))
    for path, content in zip(arrays(folder), (other, one), strict=True):
        path.write_bytes(content)
    refused(folder, DAMAGED)


def test_a_file_of_another_index_of_the_same_size_is_refused(folder: Path) -> None:
    other = folder.with_name("other")
    index_of(codes(3)).save(other)
    sizes = {path.stat().st_size: path for path in arrays(other)}
    assert sizes.keys() == {path.stat().st_size for path in arrays(folder)}
    for path in arrays(folder):
        content = path.read_bytes()
        path.write_bytes(sizes[len(content)].read_bytes())
        refused(folder, DAMAGED)
        path.write_bytes(content)


def test_an_index_of_another_state_than_asked_is_refused(folder: Path) -> None:
    for sequence in (None, 7):
        assert len(HammingIndex.open(folder, sequence=sequence)) == CODES + 7
    for sequence in (0, 6, 8, -1):
        with pytest.raises(UnusableIndex, match=STALE) as caught:
            HammingIndex.open(folder, sequence=sequence)
        assert str(folder) in str(caught.value)


def test_every_error_names_the_folder_in_the_readers_language(folder: Path) -> None:
    texts = (saved.MISSING, saved.FOREIGN, saved.DAMAGED, saved.STALE)
    errors = [UnusableIndex(text, path=folder) for text in texts]
    said = set()
    for language in LANGUAGES:
        use_language(language)
        said |= {str(it) for it in errors}
    assert len(said) == 8
    assert all(str(folder) in it for it in said)
    assert {it.as_json()["code"] for it in errors} == {"unusable_index"}


@pytest.mark.parametrize("place", range(3))
def test_a_disk_that_fills_up_in_the_middle_of_a_save_leaves_the_index_as_it_was(
    folder: Path, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, index = files(folder), index_of(codes(4))
    sync, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == place + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    check_that_the_save_fails(index, folder)
    assert len(calls) == place + 1
    assert files(folder) == before
    index.save(folder, sequence=8)  # and once there is space again
    assert len(HammingIndex.open(folder, sequence=8)) == len(index)
    assert not {*files(folder)} & {*before} - {folder / MANIFEST}


def test_a_save_that_breaks_off_before_the_end_leaves_the_index_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, index = files(folder), HammingIndex.open(folder)

    def fail(path: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    index.add(rows(codes(5), 8))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        check_that_the_save_fails(index, folder)
    assert files(folder) == before
    index.save(folder)
    assert len(HammingIndex.open(folder)) == len(index)


def check_that_the_save_fails(index: HammingIndex, folder: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        index.save(folder, sequence=8)
    assert caught.value.errno == errno.ENOSPC
    opened = HammingIndex.open(folder, sequence=7)
    assert len(opened) == CODES + 7
    assert opened.search(rows(codes()[:1], 8), 0)[1].tolist() == [0, 60, 61]


def test_a_folder_that_cant_be_made_last_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every system lets a program sync a folder."""
    sync = os.fsync

    def sync_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", sync_files)
    index_of(codes()).save(tmp_path)
    assert len(HammingIndex.open(tmp_path)) == CODES + 7
