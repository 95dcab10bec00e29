"""How much came in by which channel, and how many of its cases were found abusive."""

import datetime as dt

from sqlite_utils.db import Database

from hashreg.model.records import CaseId
from hashreg.registry.sealer import Sealer


class SqliteChannels:
    """Channels in SQLite; which cases they are stands there as keyed digests."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def count(self, channel: str, day: dt.date, pictures: int) -> int:
        """Add pictures to those of a day; return how many they are now."""
        self._db.execute(
            "INSERT INTO channel_days VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET pictures = pictures + excluded.pictures",
            (channel, day.isoformat(), pictures),
        )
        row = self._db.execute(
            "SELECT pictures FROM channel_days WHERE channel = ? AND day = ?",
            (channel, day.isoformat()),
        ).fetchone()
        return int(row[0])

    def mark(self, channel: str, case_id: CaseId, *, abusive: bool) -> None:
        """Remember that people have decided about a case, and whether its claim is abusive."""
        self._db.execute(
            "INSERT OR REPLACE INTO channel_cases VALUES (?, ?, ?)",
            (channel, self._sealer.token("channel cases", case_id), abusive),
        )

    def marks(self, channel: str) -> tuple[int, int]:
        """Return about how many cases people have decided, and how many of these are abusive."""
        row = self._db.execute(
            "SELECT count(*), total(abusive) FROM channel_cases WHERE channel = ?", (channel,)
        ).fetchone()
        return int(row[0]), int(row[1])

    def all(self) -> list[str]:
        """Return every channel that something was decided about."""
        rows = self._db.execute("SELECT DISTINCT channel FROM channel_cases ORDER BY channel")
        return [row[0] for row in rows]
