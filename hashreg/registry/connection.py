"""Opening the registry's file, transactions, and SQLite's errors in words a person can use."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils.db import Database

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.messages import N_
from hashreg.registry.chain import chain_all
from hashreg.registry.log import empty_nothing_by_itself, forget_free_pages, shorten_log
from hashreg.registry.master import (
    find_master_key,
    has_master_key,
    key_file,
    make_master_key,
)
from hashreg.registry.schema import APPLICATION_ID, KNOWN, m007_chain, migrations
from hashreg.registry.sealer import AUDIT, Sealer
from hashreg.registry.sealing_old import is_open, seal_all
from hashreg.registry.vault import Vault, vault_path

DAMAGED = N_(
    "The file at {path} is not a registry, or it is damaged. Restore it from a backup; don't write "
    "to it any more."
)
BUSY_SECONDS = 60
"""A writer waits so long for another before it gives up."""


def create(path: Path) -> tuple[Database, Sealer]:
    """Make an empty registry and its keys, readable by their owner only.

    A master key that is there already is used. Raises RegistryUnavailable.
    """
    with _in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            raise RegistryUnavailable(
                N_(
                    "There is a file at {path} already, and it was not touched. Use it as it is, "
                    "or name another place."
                ),
                path=path,
            ) from None
        key, had_key = key_file(path), has_master_key(path)
        try:
            with _connected(path) as db:
                db.execute("PRAGMA journal_mode = WAL")
                return db, _up_to_date(path, path, db)
        except BaseException:  # a half-made registry would stand in the way of the next attempt
            for each in (path, vault_path(path)):
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{each}{suffix}").unlink(missing_ok=True)
            if key is not None and not had_key:
                key.unlink(missing_ok=True)
            raise


def open_existing(path: Path, home: Path) -> tuple[Database, Sealer]:
    """Open a registry and bring its tables up to date; raises RegistryUnavailable.

    What was made before hashes were sealed is sealed now, under keys that are made for it. Beside
    ``home``, mostly the same place, the master key is sought.
    """
    if not os.path.isfile(path):  # noqa: PTH113  (Path's raises where a name is too long)
        raise RegistryUnavailable(
            N_(
                "There is no registry at {path}. Make one with: hashreg init. Or name the right "
                "place with --registry or HASHREG_REGISTRY."
            ),
            path=path,
        )
    with _in_words(path), _connected(path) as db:
        if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise RegistryUnavailable(
                N_("The file at {path} is a database, but not a registry of hashreg."), path=path
            )
        if {migration.name for migration in migrations.applied(db)} - KNOWN:
            raise RegistryUnavailable(
                N_("The registry at {path} was made by a newer hashreg. Update this one."),
                path=path,
            )
        if migrations.pending(db):
            return db, _up_to_date(path, home, db)
        return db, Sealer(path, Vault.open(vault_path(path), lambda: find_master_key(home)))


class Turns:
    """One connection's transactions; what is begun inside of one joins it."""

    def __init__(self, path: Path, db: Database, sealer: Sealer) -> None:
        self._path = path
        self._db = db
        self._sealer = sealer
        self._file = _identity(path)
        self._writing: bool | None = None
        """Whether the open transaction writes; None where none is open."""

    @contextlib.contextmanager
    def take(self, *, write: bool) -> Iterator[None]:
        """One consistent view of the registry, or one writer's turn: all of it or nothing."""
        if self._writing is None:
            with self._whole(write=write):
                yield
        elif write and not self._writing:
            raise RuntimeError("a write was begun inside of a read")
        elif write:
            with self._part():
                yield
        else:
            yield

    @contextlib.contextmanager
    def _whole(self, *, write: bool) -> Iterator[None]:
        with _in_words(self._path):
            self._check_still_there()
            self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            self._writing = write
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.conn.rollback()
                self._sealer.rolled_back()
                raise
            finally:
                self._writing = None
        self._sealer.committed()
        if write:
            shorten_log(self._path, self._db)

    def _check_still_there(self) -> None:
        """Raise where the open file has lost its name: what is written to it would be lost."""
        if _identity(self._path) != self._file:
            raise RegistryUnavailable(
                N_(
                    "The registry at {path} was moved, replaced or deleted while it was in use. "
                    "Nothing was changed. Put the file back, or start again with the one that is "
                    "to be used."
                ),
                path=self._path,
            )

    @contextlib.contextmanager
    def _part(self) -> Iterator[None]:
        """Join the writer's turn; where an error is raised, what the part did is undone."""
        with _in_words(self._path):
            self._db.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                if self._db.conn.in_transaction:  # else SQLite has undone all of it by itself
                    self._db.execute("ROLLBACK TO part")
                    self._db.execute("RELEASE part")
                raise
            self._db.execute("RELEASE part")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, whatever its name; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  (it is asked at every turn)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[Database]:
    """Connect to the file; the connection stays open unless an error is raised."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # one thread after another may use it
    )
    try:
        db = Database(connection)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA temp_store = MEMORY")  # no hash in a file outside the registry
        empty_nothing_by_itself(db)
        yield db
    except BaseException:
        connection.close()
        raise


def _up_to_date(path: Path, home: Path, db: Database) -> Sealer:
    """Bring the tables up to date, seal what isn't, and return what seals from now on.

    Keys are on disk before anything that they seal.
    """
    db.execute("BEGIN IMMEDIATE")
    with contextlib.ExitStack() as undone:
        undone.callback(db.conn.rollback)
        unchained = m007_chain.__name__ in {it.name for it in migrations.pending(db)}
        migrations.apply(db)
        unsealed = is_open(db)
        sealer = Sealer(path, _vault(path, home, new=unsealed))
        undone.callback(sealer.vault.close)
        if unsealed:
            seal_all(db, sealer)
        if unchained:
            sealer.vault.make([AUDIT])
            chain_all(db)
        db.execute("COMMIT")
        undone.pop_all()
    sealer.is_new = unsealed
    sealer.is_clean = not unsealed or forget_free_pages(db)
    return sealer


def _vault(path: Path, home: Path, *, new: bool) -> Vault:
    """Return the registry's data keys; new ones in place of those of a broken off attempt."""
    place = vault_path(path)
    if not new:
        return Vault.open(place, lambda: find_master_key(home))
    for suffix in ("", "-wal", "-shm"):
        Path(f"{place}{suffix}").unlink(missing_ok=True)
    make_master_key(home)
    return Vault.create(place, lambda: find_master_key(home))


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Translate SQLite's and the system's errors; none of them holds a value of a row.

    What SQLite says of a damaged file may hold bytes of it that are no text.
    """
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise RegistryUnavailable(_text_of(error), path=path) from error


def _text_of(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return DAMAGED
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return N_(
                "Another program has been writing to the registry at {path} for a long time. "
                "Nothing was changed; try again in a while."
            )
        case sqlite3.SQLITE_FULL:
            return N_(
                "The disk that holds the registry at {path} is full. Nothing was changed and "
                "nothing accepted before is lost. Free some space and try again."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return N_(
                "The registry at {path} may not be opened or written by this user. Check the "
                "permissions of the file and of its folder."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return DAMAGED
        case _:
            return N_(
                "The registry at {path} could not be read or written. Nothing was changed. Check "
                "the disk and the permissions, then try again."
            )
