"""A full disk: the next write is refused in plain words, and what was accepted before is there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.cases import CaseNumber
from hashreg.model.errors import RegistryUnavailable
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from support.cases import NOW, Victim, picture, seeded
from support.disks import mounted
from support.sqlite import raw
from support.writing import fill, fill_up, running


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "1m") as disk:
        yield disk


def numbers(told: list[str]) -> set[str]:
    return {line.split()[1] for line in told if line.startswith("taken ")}


def cases(store: SqliteStore) -> set[str]:
    with store.read():
        return {case.number for case in store.cases.all()}


def test_a_full_disk_is_named_and_nothing_is_lost(small_disk: Path) -> None:
    told: list[str] = []
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    registry = small_disk / "registry.db"
    with closing(SqliteStore.create(registry)) as store:
        words = fill_up(store, told.append)
        assert "The disk that holds the registry" in words
        assert "is full" in words
        assert str(registry) in words
        assert len(told) > 10
        assert cases(store) == numbers(told)  # reading works while the disk is full
        ballast.unlink()
        late = Victim()
        take_in(store, late.submission(picture(seeded(1))), NOW)
        assert cases(store) == numbers(told) | {late.number}
    with raw(registry) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_registry_that_finds_no_room_leaves_nothing_in_the_way(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(1_000_000))
    registry = small_disk / "registry.db"
    with pytest.raises(RegistryUnavailable, match="is full"):
        SqliteStore.create(registry)
    assert list(small_disk.iterdir()) == [ballast]
    ballast.unlink()
    SqliteStore.create(registry).close()


def test_a_file_that_may_not_grow_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    registry, kept = tmp_path / "registry.db", tmp_path / "kept"
    SqliteStore.create(registry).close()
    with running(fill, registry, kept, 400_000) as process:
        process.join(60)
        assert process.exitcode == 0
    *told, words = kept.read_text().splitlines()
    assert words.startswith(f"The registry at {registry} could not be read or written.")
    assert len(told) > 10
    with raw(registry) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SqliteStore.open(registry)) as store:
        assert cases(store) == numbers(told)
        with store.read():
            assert store.cases.find(CaseNumber(told[-1].split()[1])) is not None
