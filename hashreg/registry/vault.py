"""The data keys, wrapped by the master key, in a file of their own beside the registry.

Of this file only the latest copy is to be kept: a key that is destroyed here is gone, and with it
what it sealed, also in every backup of the registry itself. Names of keys are random or keyed
digests, so the file says nothing but how many cases there are.

It has a rollback journal and no write-ahead log: before version 3.51.3 SQLite can lose a
transaction where one process writes while two empty such a log one after the other (sqlite.org,
"the WAL-reset bug"), and a key that is lost takes its case with it.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.messages import N_
from hashreg.registry.master import MasterKey, random_key

SUFFIX = "-keys"
BUSY_SECONDS = 60
REMEMBERED = 4096
"""Data keys that are kept in memory, unwrapped."""


class Vault:
    """The data keys of one registry, open for one thread after another."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, read_master: Callable[[], MasterKey]
    ) -> None:
        self._path, self._connection = path, connection
        self._read_master, self._master = read_master, read_master()
        self._lying = True
        """Whether destroyed keys may lie in free parts of the file; at first nobody knows."""
        self.key = lru_cache(REMEMBERED)(self.now)
        """Returns a data key, perhaps one that another process has replaced meanwhile."""

    @classmethod
    def create(cls, path: Path, read_master: Callable[[], MasterKey]) -> "Vault":
        """Make an empty one; raises OSError or sqlite3.Error."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with _connected(path) as connection:
            connection.execute(
                "CREATE TABLE keys (name BLOB PRIMARY KEY, version INTEGER NOT NULL,"
                " wrapped BLOB NOT NULL) WITHOUT ROWID, STRICT"
            )
            return cls(path, connection, read_master)

    @classmethod
    def open(cls, path: Path, read_master: Callable[[], MasterKey]) -> "Vault":
        """Open the one that is there; raises RegistryUnavailable where it is missing."""
        if not path.is_file():
            raise RegistryUnavailable(
                N_(
                    "The file {path} with the registry's data keys is missing. Without it no hash "
                    "can be read. Put its latest copy back."
                ),
                path=path,
            )
        with _connected(path) as connection:
            return cls(path, connection, read_master)

    def make(self, names: Iterable[bytes], key: bytes | None = None) -> None:
        """Keep new data keys, or the one that is given; they are on disk when this returns.

        They are wrapped by the master key that wraps the others: another process may have changed
        it since this one read it, and the one before is gone then.
        """
        with self._turn() as cursor:
            row = cursor.execute("SELECT version FROM keys LIMIT 1").fetchone()
            if row and row[0] != self._master.newest:
                self._master = self._read_master()
            cursor.executemany(
                "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(name, *self._master.wrap(name, key or random_key())) for name in names],
            )

    def now(self, name: bytes) -> bytes:
        """Return a data key as it is now; raises KeyError where it was destroyed, or never made."""
        row = self._connection.execute(
            "SELECT version, wrapped FROM keys WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            raise KeyError("no such data key")
        if row[0] not in self._master.keys:  # another process has changed the master key
            self._master = self._read_master()
        try:
            return self._master.unwrap(row[0], name, row[1])
        except (LookupError, ValueError):
            raise RegistryUnavailable(
                N_(
                    "The master key does not open the data keys in {path}: it belongs to another "
                    "registry or to another time, or the file was changed. Put the right key and "
                    "the latest copy of the data keys in their places."
                ),
                path=self._path,
            ) from None

    def destroy(self, names: Collection[bytes]) -> bool:
        """Destroy data keys and overwrite where they stood; False where it must be tried again."""
        self.key.cache_clear()
        self._lying = self._lying or bool(names)
        try:
            self._connection.executemany("DELETE FROM keys WHERE name = ?", [(it,) for it in names])
        except sqlite3.Error:
            return False
        return not self._lying or self._overwrite()

    def keep_only(self, names: Iterable[bytes]) -> bool:
        """Destroy all data keys but these; False where it must be tried again."""
        kept = set(names)
        there = self._connection.execute("SELECT name FROM keys").fetchall()
        return self.destroy([name for (name,) in there if name not in kept])

    def rewrap(self, master: MasterKey) -> None:
        """Wrap every data key by the newest of another master key, all of them or none.

        Raises sqlite3.Error, RegistryUnavailable.
        """
        with self._turn() as cursor:
            names = [name for (name,) in cursor.execute("SELECT name FROM keys").fetchall()]
            rows = [(*master.wrap(name, self.now(name)), name) for name in names]
            cursor.executemany("UPDATE keys SET version = ?, wrapped = ? WHERE name = ?", rows)
        self._master = master
        self._lying = True
        self._overwrite()

    def has(self, name: bytes) -> bool:
        """Tell whether a data key is there."""
        row = self._connection.execute("SELECT 1 FROM keys WHERE name = ?", (name,)).fetchone()
        return row is not None

    def check(self) -> None:
        """Read all of the file and unwrap every data key; raises RegistryUnavailable."""
        if self._connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise RegistryUnavailable(
                N_(
                    "The file {path} with the registry's data keys is damaged. Put its latest copy "
                    "back."
                ),
                path=self._path,
            )
        for (name,) in self._connection.execute("SELECT name FROM keys").fetchall():
            self.now(name)

    def versions(self) -> set[int]:
        """Return the versions of the master key that data keys are wrapped by."""
        rows = self._connection.execute("SELECT DISTINCT version FROM keys").fetchall()
        return {version for (version,) in rows}

    def copy_to(self, path: Path) -> None:
        """Write the data keys as they are to a new file; raises sqlite3.Error or OSError."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with contextlib.closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[sqlite3.Cursor]:
        """One writer's turn: all of it or nothing."""
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def _overwrite(self) -> bool:
        """Write the file anew, so that no destroyed key is left lying in it."""
        try:
            self._connection.execute("VACUUM")
        except sqlite3.Error:
            return False
        self._lying = False
        return True


def vault_path(registry: Path) -> Path:
    """Return where a registry's data keys lie."""
    return registry.with_name(f"{registry.name}{SUFFIX}")


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to the file; the connection stays open unless an error is raised."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in ("synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):  # of an older version
            with contextlib.suppress(sqlite3.OperationalError):  # another program uses it so
                connection.execute("PRAGMA journal_mode = DELETE")
        yield connection
    except BaseException:
        connection.close()
        raise
