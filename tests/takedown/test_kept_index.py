"""The index that is kept between commands: true or not used, and never a refuge of secrets."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.matching.saved import MANIFEST
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Role
from hashreg.model.records import FingerprintId, HoldReason
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import live
from hashreg.takedown.holds import admit, hold_active
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import KEPT_FROM, RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.purge import purge
from support.cases import NOW, Victim
from support.sqlite import files_of
from takedown.keeping import (
    EVERY,
    NONE,
    answers_alike,
    found,
    full,
    keep,
    keep_folder,
    loaded,
    opened,
    refreshed,
    registered,
)


def test_a_kept_index_answers_as_one_that_was_loaded(store: SqliteStore) -> None:
    pictures = [registered(seed) for seed in range(4)]
    take_in(store, Victim().submission(*pictures[:3]), NOW)
    keep(store)
    index = opened(store)
    assert found(index, pictures) == [EVERY] * 3 + [NONE]
    assert answers_alike(store, index, pictures)
    with store.read():
        assert index.sequence == store.events.last_sequence()


def test_a_kept_index_takes_in_what_came_and_went_later(store: SqliteStore) -> None:
    pictures = [registered(seed) for seed in range(10, 15)]
    goes, stays = Victim(), Victim()
    take_in(store, goes.submission(pictures[0]), NOW)
    take_in(store, stays.submission(pictures[1], pictures[2]), NOW)
    folder = keep_folder(store)
    shutil.copytree(folder, older := folder.with_name("older"))
    held = hold(store, stays, 1)
    take_in(store, goes.withdrawal(), NOW)  # which writes the index again
    take_in(store, stays.addition(pictures[3]), NOW)
    index = opened(store)
    assert found(index, pictures) == [NONE, EVERY, NONE, EVERY, NONE]
    assert answers_alike(store, index, pictures)
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    assert loaded(store)  # the withdrawal has destroyed the key of what was kept before it
    keep(store)
    admit(store, held, "kim", NOW)
    for index in (opened(store), keep(store), opened(store)):
        assert found(index, pictures) == [NONE, EVERY, EVERY, EVERY, NONE]
        assert answers_alike(store, index, pictures)


def hold(store: SqliteStore, victim: Victim, number: int) -> FingerprintId:
    """Hold the picture of a case that came as this number."""
    with store.write():
        case = store.cases.find(victim.number)
        assert case is not None
        stored = store.cases.fingerprint(store.cases.fingerprint_ids(case.case_id)[number])
        assert stored is not None
        assert hold_active(store, stored, HoldReason.MANY_HITS, "", NOW)
    return stored.fingerprint_id


def test_an_index_goes_on_following_after_it_was_kept(store: SqliteStore) -> None:
    pictures = [registered(seed) for seed in range(20, 24)]
    index = keep(store)
    for number, one in enumerate(pictures):
        victim = Victim()
        take_in(store, victim.submission(one), NOW)
        with store.read():
            index.refresh(store)
        assert index.keep(store, least=0)
        assert found(index, pictures) == found(opened(store), pictures)
        assert found(index, pictures) == [EVERY] * (number + 1) + [NONE] * (3 - number)
    take_in(store, victim.withdrawal(), NOW)
    with store.read():
        index.refresh(store)
    assert found(index, pictures) == [EVERY] * 3 + [NONE]


def test_it_is_kept_once_enough_pictures_came_or_went(store: SqliteStore) -> None:
    folder, victims = store.index_folder, [Victim() for _ in range(3)]
    assert KEPT_FROM >= 100
    for number, victim in enumerate(victims):
        take_in(store, victim.submission(registered(30 + number)), NOW)
    index = refreshed(store, folder)
    assert index.keep(store)
    assert index.keep(store, least=4)
    assert not folder.exists()
    assert index.keep(store, least=3)
    before = (folder / MANIFEST).stat().st_mtime_ns
    assert index.keep(store, least=1)  # nothing came since
    index = opened(store)
    assert index.keep(store, least=1)
    take_in(store, Victim().submission(registered(34)), NOW)
    with store.read():
        index.refresh(store)
    assert index.keep(store, least=2)
    assert (folder / MANIFEST).stat().st_mtime_ns == before
    assert index.keep(store, least=1)
    assert (folder / MANIFEST).stat().st_mtime_ns > before


def test_removed_pictures_count_as_well(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.submission(registered(35), registered(36)), NOW)
    index = refreshed(store, folder := store.index_folder)
    index._unkept = 0
    take_in(store, victim.withdrawal(), NOW)
    with store.read():
        index.refresh(store)
    assert index.keep(store, least=3)
    assert not folder.exists()
    assert index.keep(store, least=2)
    assert folder.exists()


def test_an_index_without_a_folder_is_not_kept(store: SqliteStore, path: Path) -> None:
    take_in(store, Victim().submission(registered(37)), NOW)
    before = files_of(path)
    assert refreshed(store).keep(store, least=0)
    assert files_of(path) == before


@pytest.fixture
def other(tmp_path: Path) -> Iterator[SqliteStore]:
    """A registry of the same people, whose events are as many."""
    with closing(SqliteStore.create(tmp_path / "other.db")) as store:
        for name in ("examplegram", "bada"):
            add_person(store, Role.PLATFORM, name, NOW)
        for name in ("kim", "lee"):
            add_person(store, Role.MODERATOR, name, NOW)
        yield store


@pytest.mark.parametrize("count", [1, 2, 3], ids=["longer", "as long", "shorter"])
def test_the_kept_index_of_another_registry_is_not_used(
    store: SqliteStore, other: SqliteStore, count: int
) -> None:
    pictures = [registered(seed) for seed in range(40, 45)]
    for one in pictures[3:]:
        take_in(other, Victim().submission(one), NOW)
    for one in pictures[:count]:
        take_in(store, Victim().submission(one), NOW)
    shutil.copytree(keep_folder(other), store.index_folder)
    expected = [EVERY] * count + [NONE] * (5 - count)
    assert loaded(store)
    index = refreshed(store, store.index_folder)
    assert found(index, pictures) == expected
    assert index.keep(store, least=0)
    assert found(opened(store), pictures) == expected


@pytest.mark.parametrize(("count", "ahead"), [(0, -3), (1, -1), (2, 0), (3, 1)])
def test_an_index_kept_after_the_backup_that_was_restored_is_not_used(
    path: Path, tmp_path: Path, count: int, ahead: int
) -> None:
    """Whether the restored registry has fewer events, as many or more than the index knows of."""
    pictures, owner, backup = [registered(50), registered(51)], Victim(), tmp_path / "backup"
    with closing(SqliteStore.create(path)) as store:
        take_in(store, owner.submission(pictures[0]), NOW)
    shutil.copy(path, backup)
    with closing(SqliteStore.open(path)) as store:
        take_in(store, owner.addition(registered(52)), NOW)
        take_in(store, Victim().submission(pictures[1]), NOW)
        sequence = keep(store).sequence
    shutil.copy(backup, path)
    with closing(SqliteStore.open(path)) as store:
        new = [registered(53 + number) for number in range(count)]
        if new:
            take_in(store, Victim().submission(*new), NOW)
        assert loaded(store)
        index = refreshed(store, store.index_folder)
        assert index.sequence == sequence + ahead
        expected = [EVERY, NONE, *[EVERY] * count]
        assert found(index, [*pictures, *new]) == expected
        assert index.keep(store, least=0)
        assert found(opened(store), [*pictures, *new]) == expected


def test_an_index_kept_before_the_backup_that_was_restored_is_used(
    path: Path, tmp_path: Path
) -> None:
    with closing(SqliteStore.create(path)) as store:
        take_in(store, Victim().submission(registered(60)), NOW)
        keep(store)
        take_in(store, Victim().submission(registered(61)), NOW)
    shutil.copy(path, tmp_path / "backup")
    with closing(SqliteStore.open(path)) as store:
        take_in(store, Victim().submission(registered(62)), NOW)
    shutil.copy(tmp_path / "backup", path)
    with closing(SqliteStore.open(path)) as store:
        pictures = [registered(60), registered(61), registered(62)]
        assert found(opened(store), pictures) == [EVERY, EVERY, NONE]


@pytest.mark.parametrize("seen", [False, True])
def test_an_index_that_was_kept_empty_takes_in_all_that_comes(path: Path, seen: bool) -> None:
    """One that has not even seen its registry is not kept at all."""
    with closing(SqliteStore.create(path)) as store:
        index = RegistryIndex(store.index_folder)
        if seen:
            with store.read():
                index.refresh(store)
        assert index.keep(store, least=0)
        assert store.index_folder.exists() is seen
        take_in(store, Victim().submission(registered(65)), NOW)
        index = opened(store) if seen else refreshed(store, store.index_folder)
        assert found(index, [registered(65)]) == [EVERY]
        hold(store, take_in_one(store, registered(66)), 0)
        with store.read():
            index.refresh(store)
        assert found(index, [registered(65), registered(66)]) == [EVERY, NONE]


def take_in_one(store: SqliteStore, one: Fingerprint) -> Victim:
    victim = Victim()
    take_in(store, victim.submission(one), NOW)
    return victim


def _damaged(folder: Path) -> Iterator[str]:
    """Damage a kept index, one file after the other, in all ways; yield what was done."""
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        for changed in (content[: len(content) // 2], b"", bytes([content[0] ^ 1]) + content[1:]):
            path.write_bytes(changed)
            yield "changed"
        path.unlink()
        yield "missing"
        path.write_bytes(content)


def test_a_damaged_index_is_made_anew_and_nobody_notices(store: SqliteStore) -> None:
    pictures = [registered(seed) for seed in range(70, 73)]
    take_in(store, Victim().submission(*pictures), NOW)
    whole = store.index_folder.with_name("whole")
    keep_folder(store).rename(whole)
    for _ in _damaged(whole):
        shutil.rmtree(store.index_folder, ignore_errors=True)
        shutil.copytree(whole, store.index_folder)
        assert loaded(store)
        index = refreshed(store, store.index_folder)
        assert found(index, pictures) == [EVERY] * 3
        assert index.keep(store, least=3)
        assert found(opened(store), pictures) == [EVERY] * 3


def test_where_there_is_a_file_in_place_of_the_folder_everything_works(store: SqliteStore) -> None:
    store.index_folder.write_bytes(b"something else")
    take_in(store, Victim().submission(registered(75)), NOW)
    index = refreshed(store, store.index_folder)
    assert found(index, [registered(75)]) == [EVERY]
    assert not index.keep(store, least=0)
    assert store.index_folder.read_bytes() == b"something else"


def test_an_index_that_cant_be_written_stops_nothing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [registered(80), registered(81)]
    take_in(store, Victim().submission(pictures[0]), NOW)
    keep(store)
    with monkeypatch.context() as patch:
        patch.setattr(live, "save", full)
        take_in(store, Victim().submission(pictures[1]), NOW)
        index = opened(store)
        assert not index.keep(store, least=0)
        assert found(index, pictures) == [EVERY] * 2
        assert found(opened(store), pictures) == [EVERY] * 2
    assert index.keep(store, least=1)  # for what could not be kept still counts
    assert found(opened(store), pictures) == [EVERY] * 2


def test_where_its_key_cant_be_renewed_the_index_is_deleted_and_it_is_tried_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a withdrawn picture would stay readable in it."""
    picture, goes = registered(82), Victim()
    take_in(store, Victim().submission(picture), NOW)
    take_in(store, goes.submission(registered(83)), NOW)
    keep(store)
    with monkeypatch.context() as patch:
        patch.setattr(store, "renew_index_key", _full)
        assert not take_in(store, goes.withdrawal(), NOW).cleaned
        assert not store.index_folder.exists()
    assert found(refreshed(store, store.index_folder), [picture, registered(83)]) == [EVERY, NONE]
    assert purge(store, NOW).cleaned


def _full() -> None:
    raise RegistryUnavailable("the disk is full")


def test_loading_many_pictures_is_called_slow_and_opening_is_not(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    take_in(store, Victim().submission(*(registered(85 + number) for number in range(4))), NOW)
    for most, expected in ((4, 0), (3, 1)):
        monkeypatch.setattr(live, "SLOW_FROM", most)
        index = RegistryIndex(store.index_folder, slow=lambda: said.append("slow"))
        with store.read():
            index.refresh(store)
        assert len(said) == expected
    assert index.keep(store, least=0)
    index = RegistryIndex(store.index_folder, slow=lambda: said.append("again"))
    with store.read():
        index.refresh(store)
    assert said == ["slow"]
