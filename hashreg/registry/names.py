"""Commitments in place of names, where what is written can't be changed any more.

Events and verdicts are append-only, and people have a right to be forgotten. So they say of a
person ``~`` and a keyed digest of the name, which shows the name only as long as the people's own
table has it, and says nothing without the registry's key. What is no person stands there as it is.
"""

from sqlite_utils.db import Database

from hashreg.model.people import Role
from hashreg.registry.sealer import Sealer

MARK = "~"
"""No name begins so."""
NOBODY = frozenset({*Role, "", "operator", "policy", "case", "purge", "follow-up"})
"""What stands for a part of the registry and for no person."""


class Names:
    """Names and what stands for them."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer
        self._made: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def commitment(self, name: str) -> str:
        """Return what is written down for a name: the same each time."""
        if name in NOBODY:
            return name
        if name not in self._made:
            self._made[name] = MARK + self._sealer.token("names", name.encode()).hex()
            self._known[self._made[name]] = name
        return self._made[name]

    def name(self, written: str) -> str:
        """Return the name that was meant, or what is written where nobody has that name now."""
        if not written.startswith(MARK):
            return written
        if written not in self._known:
            for it in self._all():
                self.commitment(it)
        return self._known.get(written, written)

    def _all(self) -> list[str]:
        """Return every name, alone and behind its role, as some events have it."""
        rows = self._db.execute("SELECT role, name FROM people").fetchall()
        return [it for role, name in rows for it in (name, f"{role}:{name}")]
