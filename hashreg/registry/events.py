"""The append-only event table: what happened, in one order that everything follows."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator

from sqlite_utils.db import Database

from hashreg.model.records import Event, EventKind
from hashreg.registry.rows import moment, stamp


class SqliteEvents:
    """Events in SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self, kind: EventKind, subject: str, *, actor: str, at: dt.datetime, detail: str = ""
    ) -> None:
        """Write one entry; its sequence number is above all before it."""
        self._db.execute(
            "INSERT INTO events (at, kind, actor, subject, detail) VALUES (?, ?, ?, ?, ?)",
            (stamp(at), kind.value, actor, subject, detail),
        )

    def last_sequence(self) -> int:
        """Return the newest entry's sequence number, 0 where there is none."""
        row = self._db.execute("SELECT max(sequence) FROM events").fetchone()
        return row[0] or 0

    def mark(self, sequence: int) -> str:
        """Return what tells this entry from that of another registry, or of another past."""
        row = self._db.execute("SELECT * FROM events WHERE sequence = ?", (sequence,)).fetchone()
        return hashlib.sha256(repr(row).encode()).hexdigest()

    def after(
        self, sequence: int, kinds: Collection[EventKind] = (), most: int | None = None
    ) -> Iterator[Event]:
        """Yield the entries after ``sequence``, in order: of ``kinds`` and at most ``most``."""
        wanted = [kind.value for kind in kinds or EventKind]
        places = ", ".join("?" for _ in wanted)
        rows = self._db.query(
            f"SELECT * FROM events WHERE sequence > ? AND kind IN ({places}) ORDER BY 1"  # noqa: S608
            " LIMIT ?",
            [sequence, *wanted, -1 if most is None else most],
        )
        for row in rows:
            yield Event(
                row["sequence"],
                moment(row["at"]),
                EventKind(row["kind"]),
                row["actor"],
                row["subject"],
                row["detail"],
            )
