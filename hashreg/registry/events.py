"""The append-only event table: what happened, in one order that everything follows.

Of people it holds commitments (`registry.names`), so that a name can be forgotten and the chain of
entries stays whole.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator

from sqlite_utils.db import Database

from hashreg.model.people import Role
from hashreg.model.records import Event, EventKind
from hashreg.registry.chain import START, first_broken, first_unsaid_verdict, link
from hashreg.registry.names import Names
from hashreg.registry.rows import moment, stamp
from hashreg.registry.sealer import LINKS, Sealer

_OF_A_PICTURE = frozenset(
    {
        EventKind.FINGERPRINT_ADDED,
        EventKind.FINGERPRINT_REMOVED,
        EventKind.FINGERPRINT_HELD,
        EventKind.FINGERPRINT_ADMITTED,
        EventKind.FINGERPRINT_REFUSED,
        EventKind.FINGERPRINT_VOTED,
        EventKind.PROBING_WARNED,
        EventKind.PROBING_LOCKED,
        EventKind.PROBING_RELEASED,
    }
)
"""Entries whose subject is sealed: those of one case stand together, and would link its rows."""

_OF_A_PERSON = frozenset(
    {
        EventKind.CONTACT_CHANGED,
        EventKind.FEED_PAGE,
        EventKind.FEED_FEEDBACK,
        EventKind.CANARY_SEEN,
        *(EventKind(f"{role}_{what}") for role in Role for what in ("added", "revoked")),
    }
)
_OF_A_KEY = frozenset({EventKind.KEY_ADDED, EventKind.KEY_REVOKED})
"""Their subject is ``role/name/prefix``."""
_NAMING = frozenset(
    {
        EventKind.DELEGATION_GIVEN,
        EventKind.DELEGATION_REVOKED,
        EventKind.PROBING_WARNED,
        EventKind.PROBING_LOCKED,
        EventKind.PROBING_RELEASED,
        EventKind.CANARY_SEEN,
    }
)
"""Their detail is somebody's name."""


class SqliteEvents:
    """Events in SQLite."""

    def __init__(self, db: Database, sealer: Sealer, names: Names) -> None:
        self._db, self._sealer, self._names = db, sealer, names

    def append(
        self, kind: EventKind, subject: str, *, actor: str, at: dt.datetime, detail: str = ""
    ) -> None:
        """Write one entry; its sequence number is above all before it."""
        last = self._db.execute(
            "SELECT sequence, chain FROM events ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        sequence, before = last or (0, START)
        entry = (sequence + 1, stamp(at), kind.value, *self.as_kept(kind, actor, subject, detail))
        self._db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, link(before, entry))
        )

    def chain(self, sequence: int) -> bytes | None:
        """Return an entry's link, 32 bytes that stand for it and all before it, or None."""
        row = self._db.execute(
            "SELECT chain FROM events WHERE sequence = ?", (sequence,)
        ).fetchone()
        return bytes(row[0]) if row else None

    def first_broken(self) -> int | None:
        """Return the number of the first entry that doesn't fit those before it, or None."""
        return first_broken(self._db)

    def first_unsaid_verdict(self) -> str | None:
        """Return the ticket of the first verdict that events tell otherwise, or None."""
        return first_unsaid_verdict(self._db)

    def last_sequence(self) -> int:
        """Return the newest entry's sequence number, 0 where there is none."""
        row = self._db.execute("SELECT max(sequence) FROM events").fetchone()
        return row[0] or 0

    def latest_since(self, kind: EventKind, looked_back: int) -> dt.datetime | None:
        """Return the latest time of the newest ``looked_back`` entries after the last of a kind."""
        row = self._db.execute(
            "WITH newest AS (SELECT sequence, at, kind FROM events ORDER BY sequence DESC LIMIT ?)"
            " SELECT max(at) FROM newest WHERE sequence >"
            " coalesce((SELECT max(sequence) FROM newest WHERE kind = ?), 0)",
            (looked_back, kind.value),
        ).fetchone()
        return moment(row[0]) if row[0] else None

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
            kind = EventKind(row["kind"])
            yield Event(
                row["sequence"],
                moment(row["at"]),
                kind,
                self._names.name(row["actor"]),
                self._subject(kind, row["subject"]),
                self._names.name(row["detail"]),
            )

    def as_kept(
        self, kind: EventKind, actor: str, subject: str, detail: str
    ) -> tuple[str, str, str]:
        """Return an entry's actor, subject and detail as they are kept."""
        detail = self._names.commitment(detail) if kind in _NAMING else detail
        return self._names.commitment(actor), self._kept_subject(kind, subject), detail

    def _kept_subject(self, kind: EventKind, subject: str) -> str:
        if kind in _OF_A_PERSON:
            return self._names.commitment(subject)
        if kind in _OF_A_KEY:
            names = self._names.commitment
            return "/".join(
                it if at != 1 else names(it) for at, it in enumerate(subject.split("/"))
            )
        if kind not in _OF_A_PICTURE:
            return subject
        name = bytes.fromhex(subject)
        return self._sealer.seal(LINKS, name, "events", kind.value.encode()).hex()

    def _subject(self, kind: EventKind, subject: str) -> str:
        if kind not in _OF_A_PICTURE:
            return "/".join(map(self._names.name, subject.split("/")))
        name = bytes.fromhex(subject)
        return self._sealer.open(LINKS, name, "events", kind.value.encode()).hex()
