"""The registry in one SQLite file: write-ahead log, every commit on disk, one writer at a time."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from sqlite_utils.db import Database

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused, RegistryUnavailable
from hashreg.model.heads import Head
from hashreg.model.messages import N_
from hashreg.registry.answers import SqliteAnswers
from hashreg.registry.cases import SqliteCases
from hashreg.registry.channels import SqliteChannels
from hashreg.registry.connection import DAMAGED, Turns, create, open_existing
from hashreg.registry.delegations import SqliteDelegations
from hashreg.registry.events import SqliteEvents
from hashreg.registry.feeds import SqliteFeeds, SqlitePartners
from hashreg.registry.holds import SqliteBenign, SqliteHolds
from hashreg.registry.log import forget_free_pages
from hashreg.registry.master import (
    VARIABLE,
    MasterKey,
    find_master_key,
    key_file,
    random_key,
    write_key_file,
)
from hashreg.registry.matches import SqliteMatches
from hashreg.registry.names import Names
from hashreg.registry.orders import SqliteContacts, SqliteOrders
from hashreg.registry.people import SqliteKeys, SqlitePeople
from hashreg.registry.probes import SqliteProbes
from hashreg.registry.reports import SqliteReports
from hashreg.registry.sealer import IndexCipher, Sealer
from hashreg.registry.secrets import SqliteSecrets

ENDED = frozenset({CaseState.WITHDRAWN, CaseState.ERASED})
"""States in which a case has no data key any more."""


class SqliteStore:
    """What the use cases need of a registry. Every call belongs inside ``read`` or ``write``.

    A store may be handed from the thread that opened it to another one, but never be used by two
    at once: they would share one transaction. Threads that work side by side open one each.
    """

    def __init__(self, path: Path, db: Database, sealer: Sealer) -> None:
        self._path = path
        self._db = db
        self._sealer = sealer
        self._turns = Turns(path, db, sealer)
        names = Names(db, sealer)
        self.events = SqliteEvents(db, sealer, names)
        self.holds = SqliteHolds(db, sealer)
        self.cases = SqliteCases(db, sealer, self.holds)
        self.reports = SqliteReports(db, sealer)
        self.matches = SqliteMatches(db, sealer, names)
        self.orders = SqliteOrders(db, sealer)
        self.contacts = SqliteContacts(db, sealer)
        self.feeds = SqliteFeeds(db, sealer)
        self.partners = SqlitePartners(db, sealer)
        self.secrets = SqliteSecrets(db, sealer)
        self.channels = SqliteChannels(db, sealer)
        self.probes = SqliteProbes(db, sealer)
        self.benign = SqliteBenign(db, sealer)
        self.delegations = SqliteDelegations(db, sealer)
        self.people = SqlitePeople(db)
        self.keys = SqliteKeys(db)
        self.answers = SqliteAnswers(db, sealer)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty registry; raises RegistryUnavailable where a file is already."""
        return cls(path, *create(path))

    @classmethod
    def open(cls, path: Path, *, home: Path | None = None) -> Self:
        """Open a registry; raises RegistryUnavailable, saying why.

        ``home`` is the place where a copy of it belongs, beside which its master key is sought.
        """
        return cls(path, *open_existing(path, home or path))

    @property
    def sealed_now(self) -> bool:
        """Whether opening it has sealed what an earlier version had kept as it was."""
        return self._sealer.is_new

    @property
    def left_unsealed(self) -> bool:
        """Whether old hashes still lie in free parts of the file; ``forget_deleted`` ends that."""
        return not self._sealer.is_clean

    @property
    def key_place(self) -> str:
        """Where the master key lies: a file, or the environment variable that holds it."""
        return str(key_file(self._path) or VARIABLE)

    @property
    def index_folder(self) -> Path:
        """Where what is made of the registry's hashes is kept: beside its file, as SQLite's log."""
        return self._path.with_name(f"{self._path.name}-index")

    @property
    def index_cipher(self) -> IndexCipher:
        """What seals the kept index now, for one saving or opening."""
        return IndexCipher(self._sealer)

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
        """Overwrite what was deleted, everywhere; False where it must be tried again.

        Data keys of cases that are withdrawn, or were never kept, are destroyed, too.
        """
        try:
            with self.write():
                kept = [case.case_id for case in self.cases.all() if case.state not in ENDED]
                destroyed = self._sealer.keep_only([*kept, *self.feeds.recall_ids()])
        except RegistryUnavailable:  # the disk is full: what was kept before this stays kept
            return False
        return forget_free_pages(self._db) and destroyed

    def sign_head(self, head: Head) -> Head:
        """Return a head of the event table with the registry's signature."""
        return self._sealer.sign_head(head)

    def renew_index_key(self) -> None:
        """Make what was kept of the index unreadable: what is kept next has another key.

        Call it inside ``write``, so that nobody keeps the index meanwhile.
        """
        self._sealer.renew_index_key()

    def rotate_master_key(self) -> None:
        """Wrap all data keys by a new master key; the old one opens nothing any more.

        Both keys are in the key file until the new one is in use, so that breaking off loses
        nothing. Raises Refused where the key is in no file, RegistryUnavailable.
        """
        place = key_file(self._path)
        if place is None:
            raise Refused(
                N_(
                    "The master key comes from the environment and can't be changed from here. Put "
                    "it into a file and name that with HASHREG_MASTER_KEY_FILE."
                )
            )
        with self.write():
            old = find_master_key(self._path)
            both = MasterKey({**old.keys, old.newest + 1: random_key()})
            write_key_file(place, both)
            self._sealer.vault.rewrap(both)
            write_key_file(place, MasterKey({both.newest: both.keys[both.newest]}))

    def copy_database(self, path: Path) -> None:
        """Write the database as it is now to a new file, without what was deleted of it."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._db.execute("VACUUM INTO ?", (str(path),))

    def check_files(self) -> None:
        """Read all of both files and open every data key; raises RegistryUnavailable.

        Call it inside ``read``.
        """
        if self._db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise RegistryUnavailable(DAMAGED, path=self._path)
        self._sealer.vault.check()

    def vault_copy(self, path: Path) -> None:
        """Write the data keys as they are now to a new file; of it only the latest copy is kept."""
        self._sealer.vault.copy_to(path)

    def close(self) -> None:
        """Close the files."""
        self._db.conn.close()
        self._sealer.vault.close()
