"""What requests were answered, sealed, and kept so that a repeated one does nothing twice."""

import datetime as dt

from sqlite_utils.db import Database

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.records import StoredAnswer
from hashreg.registry.rows import Row, moment, stamp
from hashreg.registry.sealer import REPORTS, Sealer


class SqliteAnswers:
    """Answers in SQLite; of a request's body only a keyed digest is kept."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def digest(self, request: bytes) -> bytes:
        """Return what is kept of a request's body: 32 bytes that say nothing without the key."""
        return self._sealer.keyed_digest(request, 32, b"hashreg answers")

    def find(self, actor: str, request_key: str) -> StoredAnswer | None:
        """Return what this actor's request was answered, expired or not, or None."""
        rows = self._db.query(
            "SELECT * FROM answers WHERE actor = ? AND request_key = ?", [actor, request_key]
        )
        return next((self._answer(it) for it in rows), None)

    def put(self, actor: str, request_key: str, answer: StoredAnswer) -> None:
        """Keep an answer, in place of the one to the same key."""
        self._db.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
            (
                actor,
                request_key,
                answer.request,
                self._sealer.seal(REPORTS, answer.answer, "answers", answer.request),
                stamp(answer.expires_at),
            ),
        )

    def delete_expired(self, now: dt.datetime) -> int:
        """Delete the answers whose time is over and return how many they were."""
        cursor = self._db.execute("DELETE FROM answers WHERE expires_at <= ?", (stamp(now),))
        return cursor.rowcount

    def _answer(self, row: Row) -> StoredAnswer:
        """Return what a row says; for a day after an upgrade there are some that are not sealed."""
        try:
            answer = self._sealer.open(REPORTS, row["answer"], "answers", row["request"])
        except RegistryUnavailable:
            if not row["answer"].startswith(b"{"):
                raise
            answer = row["answer"]
        return StoredAnswer(row["request"], answer, moment(row["expires_at"]))
