"""Making and opening a registry: everything that can be wrong is said in words, and not touched."""

import datetime as dt
import hashlib
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils.db import Database
from takedown.keeping import registered

from hashreg.client import keys
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.people import SCOPES, Principal, Role
from hashreg.model.records import EventKind, MatchState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.schema import (
    KNOWN,
    m001_the_whole_chain,
    m004_keys_and_roles,
    migrations,
)
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.keys import Keyring
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person, new_key, people_of, revoke_key
from hashreg.takedown.review import decide, queue
from support.asking import is_found, reported, ticket_of
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.sqlite import copied, raw, restored, state_of
from support.users import folder_of_an_ordinary_user


def made(path: Path) -> Path:
    SqliteStore.create(path).close()
    return path


def a_folder(path: Path) -> None:
    path.mkdir()


def an_empty_file(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("my case number is in this file\n" * 200)


def another_programs_database(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("CREATE TABLE cases (number TEXT)")


def half_of_the_header(path: Path) -> None:
    path.write_bytes(made(path.with_name("whole.db")).read_bytes()[:50])


def a_database_of_tables_gone(path: Path) -> None:
    with raw(made(path)) as connection:
        connection.execute("DROP TABLE settings")
        connection.execute("DROP TABLE _sqlite_migrations")
        connection.execute("CREATE TABLE settings (x)")


NO_REGISTRIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "There is no registry at"),
    "folder": (a_folder, "There is no registry at"),
    "empty": (an_empty_file, "is a database, but not a registry of hashreg"),
    "text": (text, "is not a registry, or it is damaged"),
    "foreign": (another_programs_database, "is a database, but not a registry of hashreg"),
    "cut off": (half_of_the_header, "is not a registry, or it is damaged"),
    "mixed up": (a_database_of_tables_gone, "could not be read or written"),
}


@pytest.mark.parametrize(("make", "words"), NO_REGISTRIES.values(), ids=NO_REGISTRIES)
def test_what_is_no_registry_is_named_and_left_alone(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "registry.db"
    make(path)
    before = path.read_bytes() if path.is_file() else path.exists()
    with pytest.raises(RegistryUnavailable) as caught:
        SqliteStore.open(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert before == (path.read_bytes() if path.is_file() else path.exists())


def test_a_name_that_no_file_can_have_is_no_registry(tmp_path: Path) -> None:
    for path in (tmp_path / ("x" * 300), tmp_path / "nul\0"):
        with pytest.raises(RegistryUnavailable, match="There is no registry at"):
            SqliteStore.open(path)
    with pytest.raises(RegistryUnavailable):
        SqliteStore.create(tmp_path / ("x" * 300))


def test_a_registry_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path / "registry.db")
    with raw(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('hashreg', 'm999_sealed_with_keys', '2030-01-01')"
        )
    before = state_of(path)
    with pytest.raises(RegistryUnavailable, match="made by a newer hashreg"):
        SqliteStore.open(path)
    assert state_of(path) == before


def test_a_stopped_migration_is_made_up_for(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with raw(made(path)) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        for table in tables:
            connection.execute(f"DROP TABLE {table}")
    with closing(SqliteStore.open(path)) as store, store.read():
        assert store.events.last_sequence() == 0
        assert store.reports.count() == 0


PEOPLE_OF_TWO_ROLES = """
CREATE TABLE old (role TEXT NOT NULL CHECK (role IN ('platform', 'moderator')), name TEXT NOT NULL,
    key_digest BLOB NOT NULL, added_at TEXT NOT NULL, revoked_at TEXT, PRIMARY KEY (role, name))
    WITHOUT ROWID, STRICT;
INSERT INTO old SELECT role, name, digest, people.added_at, people.revoked_at
    FROM people JOIN keys USING (role, name);
DROP TABLE people;
ALTER TABLE old RENAME TO people;
"""


def as_the_first_migration_left_it(path: Path) -> None:
    """Take from a registry all that later migrations brought."""
    with raw(path) as connection:
        for index in ("matches_by_fingerprint", "matches_by_platform"):
            connection.execute(f"DROP INDEX {index}")
        for column in ("fingerprint_id", "shape", "removed_at"):
            connection.execute(f"ALTER TABLE matches DROP COLUMN {column}")
        connection.execute("DELETE FROM people WHERE role NOT IN ('platform', 'moderator')")
        connection.executescript(PEOPLE_OF_TWO_ROLES)
        for table in ("holds", "benign", "keys", "answers", "delegations"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name NOT LIKE 'm001%'")


def columns(path: Path) -> dict[str, list[str]]:
    """Return the columns of every table, by its name."""
    with raw(path) as connection:
        rows = connection.execute(
            "SELECT t.name, c.name FROM pragma_table_list() t, pragma_table_info(t.name) c"
            " WHERE t.schema = 'main' ORDER BY t.name, c.cid"
        ).fetchall()
    return {table: [name for each, name in rows if each == table] for table, _ in rows}


def test_a_registry_of_the_first_migration_only_is_brought_up_to_date_and_loses_nothing(
    tmp_path: Path,
) -> None:
    path, kept = restored(tmp_path / "registry.db"), registered(3)
    as_the_first_migration_left_it(path)
    assert columns(path) == first_columns(tmp_path / "first.db")
    with closing(SqliteStore.open(path)) as store:
        assert columns(path) == columns(made(tmp_path / "new.db"))
        assert is_found(store, copy_of(kept, seeded(8), 9))
        (waits,) = [it.match for it in queue(store) if it.match.content_id == "3.jpg"]
        again = reported(store, RegistryIndex(), "3.jpg", copy_of(kept, seeded(1), 5))
        assert ticket_of(again) == waits.ticket
        add_person(store, Role.MODERATOR, "lee", NOW)
        blocked = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
        assert decide(store, waits.ticket, blocked, "lee", NOW).match.state is MatchState.DECIDED
        assert reported(store, RegistryIndex(), "new", copy_of(kept, seeded(9), 9)).matches
        assert add_benign(store, kept, "", NOW).held == 1


def first_columns(path: Path) -> dict[str, list[str]]:
    """Return the columns that the first migration makes by itself."""
    with raw(path) as connection:
        migrations.apply(Database(connection), stop_before=KNOWN - {m001_the_whole_chain.__name__})
    return columns(path)


def as_three_migrations_made_it(
    path: Path, keys: dict[tuple[str, str], tuple[str, str | None]]
) -> None:
    """Make a registry as hashreg did before keys were apart from people."""
    with raw(path) as connection:
        migrations.apply(Database(connection), stop_before=m004_keys_and_roles.__name__)
        for (role, name), (key, revoked_at) in keys.items():
            digest = hashlib.sha256(key.encode()).digest()
            row = (role, name, digest, "2026-05-01T00:00:00.000000+00:00", revoked_at)
            connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?)", row)
        connection.execute("PRAGMA journal_mode = WAL")


def test_keys_of_a_registry_before_there_were_five_roles_open_what_they_opened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "registry.db"
    once = "2026-05-02T00:00:00.000000+00:00"
    as_three_migrations_made_it(
        path,
        {
            ("platform", "ann"): ("hashreg_old", None),
            ("moderator", "ann"): ("hashreg_moderators", None),
            ("platform", "gone"): ("hashreg_revoked", once),
        },
    )
    with closing(SqliteStore.open(path)) as store:
        with store.read():
            keyring = Keyring.of(store)
        platform, moderator = Role.PLATFORM, Role.MODERATOR
        assert keyring.who("hashreg_old", NOW) == Principal(
            platform, "ann", SCOPES[platform], "", sandbox=False
        )
        assert keyring.who("hashreg_moderators", NOW) == Principal(
            moderator, "ann", SCOPES[moderator], "", sandbox=False
        )
        assert keyring.who("hashreg_revoked", NOW) is None
        assert [(it.person.name, len(it.keys)) for it in people_of(store, platform)] == [
            ("ann", 1),
            ("gone", 1),
        ]
        assert [it.person.revoked_at for it in people_of(store, platform)] == [
            None,
            dt.datetime.fromisoformat(once),
        ]
        assert [it.keys[0].revoked_at for it in people_of(store, platform)] == [
            None,
            dt.datetime.fromisoformat(once),
        ]
        new_key(store, platform, "ann", NOW)
        revoke_key(store, platform, "ann", "", NOW)
        add_person(store, Role.HELPER, "help line", NOW)
        with store.read():
            assert Keyring.of(store).who("hashreg_old", NOW) is None


def test_making_one_never_touches_a_file_that_is_there(tmp_path: Path) -> None:
    for make in (text, another_programs_database, made, a_folder):
        path = tmp_path / make.__name__
        make(path)
        before = path.read_bytes() if path.is_file() else sorted(path.iterdir())
        with pytest.raises(RegistryUnavailable, match="already, and it was not touched"):
            SqliteStore.create(path)
        assert before == (path.read_bytes() if path.is_file() else sorted(path.iterdir()))


def test_making_one_makes_its_folder_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "registry.db"
    made(path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RegistryUnavailable, match="could not be read or written"):
        SqliteStore.create(tmp_path / "file" / "registry.db")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_registry_that_may_not_be_written_says_so(what: str) -> None:
    with folder_of_an_ordinary_user() as folder:
        path = made(folder / "registry.db")
        locked = path if what == "file" else folder
        locked.chmod(0o400 if what == "file" else 0o500)
        try:
            with pytest.raises(RegistryUnavailable, match="Check the permissions"):
                write_one_event(path)
        finally:
            locked.chmod(0o700)


def test_a_registry_that_may_not_be_read_or_made_says_so() -> None:
    with folder_of_an_ordinary_user() as folder:
        path = made(folder / "registry.db")
        path.chmod(0)
        with pytest.raises(RegistryUnavailable, match="Check the permissions"):
            SqliteStore.open(path)
        folder.chmod(0o500)
        with pytest.raises(RegistryUnavailable, match="Check the disk and the permissions"):
            SqliteStore.create(folder / "another.db")
        folder.chmod(0o700)


def write_one_event(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store, store.write():
        store.events.append(EventKind.VERDICT, "x", actor="kim", at=NOW)


def test_opening_a_registry_changes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path / "registry.db")
    before = state_of(path)
    SqliteStore.open(path).close()
    assert state_of(path) == before


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with some dozens of cases, checkpointed into its file, beside its keys."""
    path = tmp_path_factory.mktemp("filled") / "registry.db"
    rng = seeded(7)
    with pytest.MonkeyPatch.context() as patch, closing(SqliteStore.create(path)) as store:
        patch.setattr(keys, "ROUNDS", 1)
        for _ in range(30):
            take_in(store, Victim().submission(picture(rng, ("whole", "mirror"))), NOW)
    return path


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_registry_is_read_or_refused_but_never_crashes(
    tmp_path: Path, filled: Path, seed: int
) -> None:
    rng = seeded(seed)
    path = copied(filled, tmp_path)
    damaged = bytearray(path.read_bytes())
    if seed % 2:
        del damaged[rng.randrange(100, len(damaged)) :]
    else:
        page = rng.randrange(1, len(damaged) // 4096) * 4096
        damaged[page : page + 4096] = rng.choice([bytes(4096), rng.randbytes(4096)])
    path.write_bytes(damaged)
    error = refusal(path)
    if error is not None:
        assert str(path) in str(error)


def refusal(path: Path) -> RegistryUnavailable | None:
    """Return how a registry refuses to be read, None where it can be."""
    try:
        read_everything(path)
    except RegistryUnavailable as error:
        return error
    return None


def read_everything(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store, store.read():
        for case in list(store.cases.all()):
            for fingerprint_id in store.cases.fingerprint_ids(case.case_id):
                store.cases.fingerprint(fingerprint_id)
        list(store.cases.fingerprints())
        list(store.reports.kept(NOW))
        list(store.matches.queue(None))
        list(store.events.after(0))
        store.people.all(Role.PLATFORM)
