"""The registry in one SQLite file: write-ahead log, every commit on disk, one writer at a time."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from sqlite_utils.db import Database

from hashreg.registry.answers import SqliteAnswers
from hashreg.registry.cases import SqliteCases
from hashreg.registry.connection import Turns, create, forget_free_pages, open_existing
from hashreg.registry.delegations import SqliteDelegations
from hashreg.registry.events import SqliteEvents
from hashreg.registry.holds import SqliteBenign, SqliteHolds
from hashreg.registry.matches import SqliteMatches
from hashreg.registry.people import SqliteKeys, SqlitePeople
from hashreg.registry.reports import SqliteReports


class SqliteStore:
    """What the use cases need of a registry. Every call belongs inside ``read`` or ``write``.

    A store may be handed from the thread that opened it to another one, but never be used by two
    at once: they would share one transaction. Threads that work side by side open one each.
    """

    def __init__(self, path: Path, db: Database) -> None:
        self._path = path
        self._db = db
        self._turns = Turns(path, db)
        self.events = SqliteEvents(db)
        self.cases = SqliteCases(db)
        self.reports = SqliteReports(db)
        self.matches = SqliteMatches(db)
        self.holds = SqliteHolds(db)
        self.benign = SqliteBenign(db)
        self.delegations = SqliteDelegations(db)
        self.people = SqlitePeople(db)
        self.keys = SqliteKeys(db)
        self.answers = SqliteAnswers(db)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty registry; raises RegistryUnavailable where a file is already."""
        return cls(path, create(path))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a registry; raises RegistryUnavailable, saying why."""
        return cls(path, open_existing(path))

    @property
    def index_folder(self) -> Path:
        """Where what is made of the registry's hashes is kept: beside its file, as SQLite's log."""
        return self._path.with_name(f"{self._path.name}-index")

    def read(self) -> AbstractContextManager[None]:
        """One consistent view of everything, beside whoever writes; inside of another, that one."""
        return self._turns.take(write=False)

    def write(self) -> AbstractContextManager[None]:
        """One writer's turn: all of it is kept, or nothing; others wait.

        Inside of another write it joins it: it is kept when that one is, and undone as a whole when
        it raises. Raises RuntimeError inside of a read.
        """
        return self._turns.take(write=True)

    def forget_deleted(self) -> bool:
        """Overwrite what was deleted, everywhere; False where it must be tried again."""
        return forget_free_pages(self._db)

    def close(self) -> None:
        """Close the file."""
        self._db.conn.close()
