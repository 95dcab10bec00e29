"""The SQLite file itself: who may read it, how safely it is written, what is left after erasing."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest

from hashreg.client import keys
from hashreg.model.records import EventKind, MatchState, PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId
from hashreg.model.submissions import Document
from hashreg.registry.log import LONG_BYTES, log_path, shorten_log
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign, remove_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.purge import purge
from support.cases import DAY, NOW, Victim, copy_of, picture, seeded
from support.sqlite import bodies, files_of, found_in_files, raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.create(path)) as store:
        yield store


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


def append(store: SqliteStore) -> None:
    with store.write():
        store.events.append(EventKind.VERDICT, "x", actor="kim", at=NOW)


def test_its_files_can_be_read_by_their_owner_alone(store: SqliteStore, path: Path) -> None:
    append(store)
    files = files_of(path)
    names = [f"registry.db{it}" for it in ("", "-key", "-keys", "-shm", "-wal")]
    assert [file.name for file in files] == names
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_only_the_registry_and_its_keys_stay_when_it_is_closed(path: Path) -> None:
    with closing(SqliteStore.create(path)) as store:
        append(store)
    names = [it.name for it in files_of(path)]
    assert names == ["registry.db", "registry.db-key", "registry.db-keys"]


@pytest.mark.parametrize("again", [False, True], ids=["made", "opened"])
def test_every_commit_reaches_the_disk_and_deleting_overwrites(path: Path, again: bool) -> None:
    store = SqliteStore.create(path)
    if again:
        store.close()
        store = SqliteStore.open(path)
    with closing(store):
        asked = ("journal_mode", "synchronous", "secure_delete", "temp_store", "trusted_schema")
        found = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
        pages = store._db.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    assert found == ["wal", 2, 1, 2, 0]  # 2: FULL, MEMORY
    assert pages == 0  # the log is emptied in a writer's turn only


def test_the_log_stays_short_however_much_is_written(store: SqliteStore, path: Path) -> None:
    """It is cut off where it begins again: else it would count as long after every write."""
    sizes = []
    for _ in range(40):
        write_much(store)
        sizes.append(log_path(path).stat().st_size)
    assert max(sizes) < LONG_BYTES * 1.5
    assert sum(later < earlier for earlier, later in pairwise(sizes)) in range(3, 9)
    assert path.stat().st_size > 5 * LONG_BYTES


def test_the_log_is_not_emptied_while_somebody_writes(store: SqliteStore, path: Path) -> None:
    for _ in range(4):
        write_much(store)
    before = path.read_bytes()
    with raw(path) as writer, mock.patch("hashreg.registry.log.LONG_BYTES", 0):
        writer.execute("BEGIN IMMEDIATE")
        shorten_log(path, store._db)
        assert path.read_bytes() == before
        writer.rollback()
        shorten_log(path, store._db)
    assert path.stat().st_size > len(before)


def test_shortening_makes_no_new_file_where_the_registry_was_moved(
    store: SqliteStore, path: Path
) -> None:
    write_much(store)
    path.rename(path.with_name("moved.db"))
    with mock.patch("hashreg.registry.log.LONG_BYTES", 0):
        shorten_log(path, store._db)
    assert not path.exists()


def write_much(store: SqliteStore) -> None:
    """Commit about 600 KiB."""
    with store.write():
        store._db.execute("CREATE TABLE IF NOT EXISTS much (content BLOB)")
        store._db.execute("INSERT INTO much VALUES (zeroblob(600000))")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET detail = 'forged'",
        "UPDATE events SET sequence = sequence + 1",
        "DELETE FROM events",
        "DELETE FROM events WHERE sequence = 2",
        "INSERT OR REPLACE INTO events VALUES (2, 'now', 'verdict', 'eve', 'x', '', x'')",
        "REPLACE INTO events SELECT sequence, at, kind, 'eve', subject, detail, chain FROM events",
    ],
)
def test_events_can_only_be_added(store: SqliteStore, path: Path, statement: str) -> None:
    for _ in range(3):
        append(store)
    with store.read():
        before = list(store.events.after(0))
    with raw(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    append(store)
    with store.read():
        *kept, new = store.events.after(0)
    assert kept == before
    assert new.sequence == 4


def test_nothing_of_a_withdrawn_case_is_left_in_the_files(store: SqliteStore, path: Path) -> None:
    victim, rng = Victim(), seeded(1)
    document = victim.submission(*(picture(rng, ("whole", "mirror")) for _ in range(4)))
    take_in(store, document, NOW)
    sealed = bodies(path)
    assert found_in_files(path, sealed) == 4  # so the search finds what is there
    assert found_in_files(path, pdq_of(document)) == 0
    take_in(store, victim.withdrawal(), NOW)
    assert found_in_files(path, sealed) == 0
    store.close()
    assert found_in_files(path, [*sealed, *pdq_of(document)]) == 0


def test_nothing_is_left_of_many_withdrawn_cases_among_many(store: SqliteStore, path: Path) -> None:
    """Rows move between pages as others come and go, and must not leave copies behind."""
    rng = seeded(2)
    victims: list[Victim] = []
    sealed: dict[str, list[bytes]] = {}
    gone: list[bytes] = []
    for _ in range(60):
        victim = Victim()
        views = ["whole", *(f"window:{number}" for number in range(rng.choice([0, 2, 17, 39])))]
        document = victim.submission(*(picture(rng, views) for _ in range(rng.randint(1, 5))))
        before = set(bodies(path))
        take_in(store, document, NOW)
        sealed[victim.number] = [it for it in bodies(path) if it not in before]
        victims.append(victim)
        if rng.randrange(2):
            victim = victims.pop(rng.randrange(len(victims)))
            take_in(store, victim.withdrawal(), NOW)
            gone += sealed.pop(victim.number)
            assert found_in_files(path, gone) == 0
    assert len(gone) > 50
    there = [body for kept in sealed.values() for body in kept]
    assert found_in_files(path, there) == len(there)


def test_nothing_of_a_withdrawn_held_picture_is_left_in_the_files(
    store: SqliteStore, path: Path
) -> None:
    meme, victim = picture(seeded(5)), Victim()
    add_benign(store, meme, "the cat that waits", NOW)
    document, before = victim.submission(copy_of(meme, seeded(6), 9)), bodies(path)
    assert take_in(store, document, NOW).held == 1
    sealed = [body for body in bodies(path) if body not in before]
    assert found_in_files(path, sealed) == 1
    take_in(store, victim.withdrawal(), NOW)
    assert found_in_files(path, [*sealed, *pdq_of(document)]) == 0


def test_nothing_of_a_removed_harmless_picture_is_left_in_the_files(
    store: SqliteStore, path: Path
) -> None:
    rng = seeded(7)
    gone, stays = picture(rng, ("whole", "mirror")), picture(rng)
    added, sealed = add_benign(store, gone, "", NOW).picture, bodies(path)
    add_benign(store, stays, "", NOW)
    kept = [body for body in bodies(path) if body not in sealed]
    assert found_in_files(path, sealed) == 1
    assert remove_benign(store, added.benign_id.hex(), NOW)
    assert found_in_files(path, [*sealed, *(item.digest for item in gone.hashes)]) == 0
    assert found_in_files(path, kept) == 1


def test_nothing_is_left_of_an_expired_report(store: SqliteStore, path: Path) -> None:
    asked = picture(seeded(3))
    kept = StoredReport(
        ReportId(b"r" * 16), PlatformName("examplegram"), ContentId("1"), asked, NOW + DAY
    )
    with store.write():
        store.reports.put(kept, NOW)
    sealed = bodies(path)
    assert found_in_files(path, sealed) == 1
    purge(store, NOW + DAY)
    assert found_in_files(path, [*sealed, *(item.digest for item in asked.hashes)]) == 0


def test_it_is_said_when_a_reader_keeps_the_deleted_rows_in_the_log(
    store: SqliteStore, path: Path
) -> None:
    victim = Victim()
    document = victim.submission(picture(seeded(4)))
    take_in(store, document, NOW)
    sealed = bodies(path)
    with raw(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM fingerprints").fetchone()
        store_db = store._db
        store_db.execute("PRAGMA busy_timeout = 100")
        assert not take_in(store, victim.withdrawal(), NOW).cleaned
        reader.rollback()
    assert purge(store, NOW).cleaned
    assert found_in_files(path, [*sealed, *pdq_of(document)]) == 0


def pdq_of(document: Document) -> list[bytes]:
    return [it.digest for item in document.items for it in item.hashes if it.algorithm == "pdq"]


def test_a_page_of_a_platforms_tickets_is_read_from_an_index(tmp_path: Path) -> None:
    """However many tickets there are, a page costs what its own rows cost."""
    path = tmp_path / "registry.db"
    asked: list[str] = []
    with closing(SqliteStore.create(path)) as store, store.read():
        store._db.conn.set_trace_callback(asked.append)
        store.matches.of_platform(PlatformName("examplegram"), None, None, 100)
    queries = [it for it in asked if it.startswith("SELECT")]
    with raw(path) as connection:
        plans = [
            [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
            for query in queries
        ]
    used = "USING INDEX matches_by_platform (platform=? AND state=? AND (found_at,ticket)>(?,?))"
    assert len(plans) == len(MatchState)
    assert all(len(plan) == 1 and used in plan[0] for plan in plans)
