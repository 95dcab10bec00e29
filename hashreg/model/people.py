"""Who may ask the service what: roles, scopes, keys, and the one who is asking."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the registry."""

    PLATFORM = "platform"
    MODERATOR = "moderator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    HELPER = "helper"


class Scope(StrEnum):
    """One thing that a key may be good for."""

    LOOKUP = "lookup"
    REPORT = "report"
    TICKETS = "tickets"
    FEED = "feed"
    CHECK = "check"
    QUEUE = "queue"
    CASES = "cases"
    PEOPLE = "people"
    EVENTS = "events"
    STATISTICS = "statistics"
    DELEGATED = "delegated"


SCOPES: dict[Role, frozenset[Scope]] = {
    Role.PLATFORM: frozenset({Scope.LOOKUP, Scope.REPORT, Scope.TICKETS}),
    Role.MODERATOR: frozenset({Scope.CHECK, Scope.QUEUE, Scope.CASES, Scope.STATISTICS}),
    Role.OPERATOR: frozenset({Scope.PEOPLE, Scope.CASES, Scope.STATISTICS, Scope.EVENTS}),
    Role.AUDITOR: frozenset({Scope.EVENTS, Scope.STATISTICS}),
    Role.HELPER: frozenset({Scope.DELEGATED}),
}
"""All that a role may do; a key may be narrowed to some of it, never widened."""
GRANTED: dict[Role, frozenset[Scope]] = {Role.PLATFORM: frozenset({Scope.FEED})}
"""What a key is good for only where that was said of it, and not for being of the role."""


def allowed(role: Role) -> frozenset[Scope]:
    """Return all that a key of a role can be good for."""
    return SCOPES[role] | GRANTED.get(role, frozenset())


def in_order(scopes: frozenset[Scope]) -> list[Scope]:
    """Return scopes in the order in which they are always shown and kept."""
    return [scope for scope in Scope if scope in scopes]


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of a key: never the key.

    ``prefix`` is its visible beginning, 8 characters, empty for keys older than prefixes;
    ``digest`` is the SHA-256 of its text. ``expires_at`` None: it doesn't expire.
    """

    role: Role
    name: str
    prefix: str
    digest: bytes = field(repr=False)
    scopes: frozenset[Scope]
    sandbox: bool
    added_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def is_live(self, now: dt.datetime) -> bool:
        """Tell whether the key opens anything; a revoked one never again, whatever the clock."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def as_json(self) -> dict[str, object]:
        """Return what may be shown of a key: all but its digest."""
        return {
            "prefix": self.prefix,
            "scopes": [scope.value for scope in in_order(self.scopes)],
            "sandbox": self.sandbox,
            "added_at": self.added_at.isoformat(timespec="seconds"),
            "expires_at": _shown(self.expires_at),
            "revoked_at": _shown(self.revoked_at),
        }


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, by a live key. ``sandbox`` marks a platform's key for trying things out."""

    role: Role
    name: str
    scopes: frozenset[Scope]
    prefix: str
    sandbox: bool


def _shown(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
