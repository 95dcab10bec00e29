"""The chain of events: each entry carries a digest of itself and of all before it.

Link n = SHA-256(link n-1, then the entry as JSON: sequence, at, kind, actor, subject, detail), all
as they stand in the table; the first one follows 32 zero bytes. `docs/audit/verify.py` reads it
without hashreg.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import zip_longest

from sqlite_utils.db import Database

from hashreg.registry.schema import EVENTS_NEVER_CHANGED

START = bytes(32)
COLUMNS = "sequence, at, kind, actor, subject, detail"


def link(before: bytes, entry: Sequence[object]) -> bytes:
    """Return the link of an entry, 32 bytes; ``entry`` has the values of ``COLUMNS``."""
    text = json.dumps(list(entry), separators=(",", ":"))
    return hashlib.sha256(before + text.encode("ascii")).digest()


def chain_all(db: Database) -> None:
    """Chain the entries that are there, of a registry from before; inside of a transaction."""
    db.execute("DROP TRIGGER events_are_never_changed")
    last = START
    for entry in db.execute(f"SELECT {COLUMNS} FROM events ORDER BY sequence").fetchall():  # noqa: S608
        last = link(last, entry)
        db.execute("UPDATE events SET chain = ? WHERE sequence = ?", (last, entry[0]))
    db.execute(EVENTS_NEVER_CHANGED)


def first_unsaid_verdict(db: Database) -> str | None:
    """Return the ticket of a verdict of which no event tells, or of an event without its verdict.

    They stand in the same order. Events from before say the verdict without its reason.
    """
    said = db.execute(
        "SELECT subject, actor, at, detail FROM events WHERE kind = 'verdict' ORDER BY sequence"
    )
    kept = db.execute(
        "SELECT ticket, actor, decided_at, verdict, reason FROM verdicts ORDER BY sequence"
    )
    for event, row in zip_longest(said, kept):
        if event is None or row is None:
            return str((event or row)[0])
        ticket, actor, at, verdict, reason = row
        words = {verdict, f"{verdict} {reason}" if reason else verdict}
        if event[:3] != (ticket, actor, at) or event[3] not in words:
            return str(event[0])
    return None


def first_broken(db: Database) -> int | None:
    """Return the sequence number of the first entry that doesn't fit those before it, or None."""
    last = START
    rows = db.execute(f"SELECT {COLUMNS}, chain FROM events ORDER BY sequence")  # noqa: S608
    for *entry, chain in rows:
        last = link(last, entry)
        if last != chain:
            return int(entry[0])
    return None
