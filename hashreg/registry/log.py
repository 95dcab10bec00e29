"""Emptying SQLite's write-ahead log, never while somebody writes.

Before version 3.51.3 SQLite can lose a committed transaction where one program writes while others,
one right after the other, empty the log (sqlite.org, "the WAL-reset bug"). So no connection empties
it by itself; it is done by whoever holds the writer's turn meanwhile.
"""

import contextlib
import sqlite3
from pathlib import Path

from sqlite_utils.db import Database

LONG_BYTES = 4 << 20
"""A log that has grown beyond it is emptied: about the 1,000 pages of SQLite's own rule."""


def empty_nothing_by_itself(db: Database) -> None:
    """Take from a connection what it would empty after a commit; a reused log is cut off."""
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("PRAGMA journal_size_limit = 0")


def shorten_log(path: Path, db: Database) -> None:
    """Let a log that has grown long be written from its beginning again.

    Call it outside of a transaction. Where another program writes, it is left to that one; an
    error does not matter either: what was committed stays so.
    """
    with contextlib.suppress(sqlite3.Error, OSError):
        if log_path(path).stat().st_size <= LONG_BYTES:
            return
        there = f"{path.absolute().as_uri()}?mode=rw"  # no new file where it was moved meanwhile
        turn = sqlite3.connect(there, uri=True, timeout=0, isolation_level=None)
        with contextlib.closing(turn):
            turn.execute("BEGIN IMMEDIATE")
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def forget_free_pages(db: Database) -> bool:
    """Write the file anew and empty the write-ahead log, so that no deleted row is left lying.

    ``secure_delete`` alone is not enough: where SQLite moves rows between pages, it leaves copies
    of them in the space that falls free. False where that was not possible, because the disk is
    full or somebody is reading; what was deleted stays deleted, and it can be tried again. SQLite
    itself takes the writer's turn for it; where others leave it none for as long as a writer waits,
    it empties what it can without.
    """
    try:
        db.execute("VACUUM")
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    return not busy


def log_path(registry: Path) -> Path:
    """Return where SQLite keeps the log of a registry."""
    return registry.with_name(f"{registry.name}-wal")
