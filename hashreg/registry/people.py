"""Who has a role, and what is kept of their keys."""

import datetime as dt

from sqlite_utils.db import Database

from hashreg.model.people import KeyRecord, Role, Scope, in_order
from hashreg.model.records import Person
from hashreg.registry.rows import Row, moment, moment_or_none, stamp


class SqlitePeople:
    """Platforms, moderators and others in SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, role: Role, name: str) -> Person | None:
        """Return somebody of a role, revoked or not, or None."""
        rows = self._db.query(
            "SELECT * FROM people WHERE role = ? AND name = ?", [role.value, name]
        )
        return next(map(_person, rows), None)

    def all(self, role: Role) -> list[Person]:
        """Return all of a role, by name."""
        rows = self._db.query("SELECT * FROM people WHERE role = ? ORDER BY name", [role.value])
        return list(map(_person, rows))

    def add(self, role: Role, name: str, at: dt.datetime) -> None:
        """Keep somebody new."""
        self._db.execute(
            "INSERT INTO people (role, name, added_at) VALUES (?, ?, ?)",
            (role.value, name, stamp(at)),
        )

    def revoke(self, role: Role, name: str, at: dt.datetime) -> None:
        """End what somebody may do."""
        self._db.execute(
            "UPDATE people SET revoked_at = ? WHERE role = ? AND name = ?",
            (stamp(at), role.value, name),
        )


class SqliteKeys:
    """Keys in SQLite: SHA-256 digests and what they are good for."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, key: KeyRecord) -> None:
        """Keep a new key."""
        self._db.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key.digest,
                key.role.value,
                key.name,
                key.prefix,
                " ".join(in_order(key.scopes)),
                int(key.sandbox),
                stamp(key.added_at),
                stamp(key.expires_at) if key.expires_at else None,
                stamp(key.revoked_at) if key.revoked_at else None,
            ),
        )

    def all(self) -> list[KeyRecord]:
        """Return every key there ever was, oldest first."""
        return list(map(_key, self._db.query("SELECT * FROM keys ORDER BY added_at, digest")))

    def of_person(self, role: Role, name: str) -> list[KeyRecord]:
        """Return somebody's keys, oldest first."""
        rows = self._db.query(
            "SELECT * FROM keys WHERE role = ? AND name = ? ORDER BY added_at, digest",
            [role.value, name],
        )
        return list(map(_key, rows))

    def revoke(self, digest: bytes, at: dt.datetime) -> None:
        """End what a key opens."""
        self._db.execute("UPDATE keys SET revoked_at = ? WHERE digest = ?", (stamp(at), digest))


def _person(row: Row) -> Person:
    return Person(row["name"], moment(row["added_at"]), moment_or_none(row["revoked_at"]))


def _key(row: Row) -> KeyRecord:
    return KeyRecord(
        Role(row["role"]),
        row["name"],
        row["prefix"],
        row["digest"],
        frozenset(map(Scope, row["scopes"].split())),
        bool(row["sandbox"]),
        moment(row["added_at"]),
        moment_or_none(row["expires_at"]),
        moment_or_none(row["revoked_at"]),
    )
