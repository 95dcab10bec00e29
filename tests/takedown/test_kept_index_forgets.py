"""What was withdrawn is in no file of the index that is kept, whatever happens to it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from matching.pieces import holds_raw, share_held

from hashreg.matching.saved import ARRAYS, MANIFEST
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import live
from hashreg.takedown.intake import take_in
from hashreg.takedown.purge import purge
from support.cases import NOW, Victim
from takedown.keeping import (
    EVERY,
    NONE,
    found,
    full,
    keep,
    keep_folder,
    opened,
    refreshed,
    registered,
)


def test_after_a_withdrawal_no_file_of_the_index_holds_what_was_withdrawn(
    store: SqliteStore,
) -> None:
    victim, stays, goes = Victim(), registered(90), registered(91)
    take_in(store, Victim().submission(stays), NOW)
    take_in(store, victim.submission(goes), NOW)
    folder = keep_folder(store)
    assert [share_held(folder, it, store.index_cipher) for it in (stays, goes)] == [1.0, 1.0]
    assert take_in(store, victim.withdrawal(), NOW).cleaned
    assert [share_held(folder, it, store.index_cipher) for it in (stays, goes)] == [1.0, 0.0]
    assert not holds_raw(folder, goes, store.index_cipher)
    assert found(opened(store), [stays, goes]) == [EVERY, NONE]
    assert {it.suffix for it in folder.iterdir()} == {ARRAYS, Path(MANIFEST).suffix}


@pytest.mark.parametrize("again", [False, True])
def test_what_came_after_the_index_was_kept_goes_like_everything_else(
    store: SqliteStore, again: bool
) -> None:
    stays, goes, victim = registered(97), registered(98), Victim()
    take_in(store, Victim().submission(stays), NOW)
    folder = keep_folder(store)
    take_in(store, victim.submission(goes), NOW)
    index = opened(store)
    assert found(index, [stays, goes]) == [EVERY] * 2
    if again:
        index.keep(store, least=0)
    take_in(store, victim.withdrawal(), NOW)
    assert [share_held(folder, it, store.index_cipher) for it in (stays, goes)] == [1.0, 0.0]
    with store.read():
        index.refresh(store)
    for it in (index, opened(store)):
        assert found(it, [stays, goes]) == [EVERY, NONE]


def test_a_withdrawal_makes_no_index_where_none_was_kept(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.submission(registered(92)), NOW)
    assert take_in(store, victim.withdrawal(), NOW).cleaned
    assert not store.index_folder.exists()


def test_an_index_that_cant_be_cleaned_goes_with_what_was_withdrawn(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = Victim()
    take_in(store, Victim().submission(registered(93)), NOW)
    take_in(store, victim.submission(registered(94)), NOW)
    folder = keep_folder(store)
    with monkeypatch.context() as patch:
        patch.setattr(live, "save", full)
        assert take_in(store, victim.withdrawal(), NOW).cleaned
    assert not folder.exists()
    assert found(keep(store), [registered(93), registered(94)]) == [EVERY, NONE]


def test_what_can_neither_be_cleaned_nor_deleted_is_said_and_tried_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, goes = Victim(), registered(95)
    take_in(store, victim.submission(goes), NOW)
    folder = keep_folder(store)
    with monkeypatch.context() as patch:
        patch.setattr(live, "save", full)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        assert not take_in(store, victim.withdrawal(), NOW).cleaned
        assert not purge(store, NOW).cleaned
    assert share_held(folder, goes, store.index_cipher) == 0.0  # unreadable already
    assert purge(store, NOW).cleaned
    assert not folder.exists()


def test_a_slower_command_does_not_bring_withdrawn_codes_back(store: SqliteStore) -> None:
    victim, goes = Victim(), registered(101)
    take_in(store, victim.submission(goes), NOW)
    slow = keep(store)
    assert take_in(store, victim.withdrawal(), NOW).cleaned
    assert slow.keep(store, least=0)
    assert share_held(store.index_folder, goes, store.index_cipher) == 0.0


@pytest.mark.parametrize("how", ["damaged manifest", "no manifest", "left by a crash"])
def test_a_withdrawal_leaves_nothing_in_files_that_no_manifest_names(
    store: SqliteStore, how: str
) -> None:
    victim, goes = Victim(), registered(102)
    take_in(store, victim.submission(goes), NOW)
    folder = keep_folder(store)
    if how == "damaged manifest":
        (folder / MANIFEST).write_bytes(b"")
    elif how == "no manifest":
        (folder / MANIFEST).unlink()
    else:
        for file in list(folder.glob("*.arrays")):
            shutil.copy(file, folder / f"0{file.name}")
    assert take_in(store, victim.withdrawal(), NOW).cleaned
    assert not folder.exists() or share_held(folder, goes, store.index_cipher) == 0.0
    assert folder.exists() == (how == "left by a crash")  # what can't be read is made anew later


def test_a_copy_of_the_index_from_before_is_unreadable_after_a_withdrawal(
    store: SqliteStore, tmp_path: Path
) -> None:
    victim, goes = Victim(), registered(108)
    take_in(store, victim.submission(goes), NOW)
    copy = Path(shutil.copytree(keep_folder(store), tmp_path / "backup"))
    assert share_held(copy, goes, store.index_cipher) == 1.0
    take_in(store, victim.withdrawal(), NOW)
    assert share_held(copy, goes, store.index_cipher) == 0.0


def test_the_index_on_disk_says_nothing_without_the_keys(store: SqliteStore) -> None:
    stays = registered(109)
    take_in(store, Victim().submission(stays), NOW)
    folder = keep_folder(store)
    assert share_held(folder, stays) == 0.0
    assert b"sections" not in (folder / MANIFEST).read_bytes()


def test_commands_that_keep_the_index_at_once_leave_a_whole_one(path: Path) -> None:
    pictures = [registered(number) for number in range(103, 107)]
    with closing(SqliteStore.create(path)) as store:
        for it in pictures:
            take_in(store, Victim().submission(it), NOW)

    def keep_often() -> bool:
        with closing(SqliteStore.open(path)) as store:
            index = refreshed(store, store.index_folder)
            return all(index.keep(store, least=0) for _ in range(8))

    with ThreadPoolExecutor(3) as pool:
        assert all(it.result() for it in [pool.submit(keep_often) for _ in range(3)])
    with closing(SqliteStore.open(path)) as store:
        assert found(opened(store), pictures) == [EVERY] * 4
