"""Platforms that may report and moderators who may decide."""

import datetime as dt
from typing import Literal

from sqlite_utils.db import Database

from hashreg.model.records import Person
from hashreg.registry.rows import Row, moment, stamp

Role = Literal["platform", "moderator"]


class SqlitePeople:
    """Platforms and moderators in SQLite; of their keys only SHA-256 digests are kept."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, role: Role, name: str) -> Person | None:
        """Return a platform or moderator, revoked or not, or None."""
        rows = self._db.query("SELECT * FROM people WHERE role = ? AND name = ?", [role, name])
        return next(map(_person, rows), None)

    def all(self, role: Role) -> list[Person]:
        """Return all of a role, by name."""
        rows = self._db.query("SELECT * FROM people WHERE role = ? ORDER BY name", [role])
        return list(map(_person, rows))

    def add(self, role: Role, name: str, key_digest: bytes, at: dt.datetime) -> None:
        """Keep a new platform or moderator."""
        self._db.execute(
            "INSERT INTO people VALUES (?, ?, ?, ?, NULL)", (role, name, key_digest, stamp(at))
        )

    def revoke(self, role: Role, name: str, at: dt.datetime) -> None:
        """End what a platform or moderator may do."""
        self._db.execute(
            "UPDATE people SET revoked_at = ? WHERE role = ? AND name = ?", (stamp(at), role, name)
        )


def _person(row: Row) -> Person:
    revoked = row["revoked_at"]
    return Person(row["name"], moment(row["added_at"]), moment(revoked) if revoked else None)
