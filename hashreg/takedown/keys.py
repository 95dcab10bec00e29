"""Keys: how one is made, what is kept of it, and whose it is."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.people import SCOPES, KeyRecord, Principal, Role, Scope, allowed, in_order
from hashreg.model.records import EventKind
from hashreg.model.retention import MOST_DAYS
from hashreg.takedown.store import Store

KEY_BYTES = 32
PREFIX_BYTES = 5
"""They make 8 characters, enough to tell a person's keys apart; they open nothing."""
LIVE_KEYS = 2
"""A person may have so many live keys: the one in use, and the next while it is brought in."""
_LOOKED_UP = 8
"""Bytes of a digest by which a key is looked up; the rest is compared in constant time."""
CHANGES = frozenset(
    {
        EventKind.KEY_ADDED,
        EventKind.KEY_REVOKED,
        *(EventKind(f"{role}_{what}") for role in Role for what in ("added", "revoked")),
    }
)
"""The events after which a keyring is out of date."""


def new_record(
    role: Role,
    name: str,
    now: dt.datetime,
    *,
    scopes: Iterable[str] | None = None,
    sandbox: bool = False,
    days: int | None = None,
) -> tuple[str, KeyRecord]:
    """Return a new key's text, 256 random bits behind a visible prefix, and what is kept of it.

    Without ``scopes`` it is good for all that the role always may do; without ``days`` it doesn't
    expire. Raises InvalidInput for scopes that the role can't have, a sandbox that isn't a
    platform's, and days outside of 1 to 3650.
    """
    chosen = SCOPES[role] if scopes is None else _chosen(role, scopes)
    if sandbox and role is not Role.PLATFORM:
        raise InvalidInput(
            N_("Only a platform's key can be for trying things out (sandbox)."), field="sandbox"
        )
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            N_("A key lasts 1 to {most} days. Leave the days out for one that doesn't expire."),
            field="days",
            most=MOST_DAYS,
        )
    prefix = base64.b32encode(secrets.token_bytes(PREFIX_BYTES)).decode().lower()
    key = f"hashreg_{prefix}_{secrets.token_urlsafe(KEY_BYTES)}"
    ends = None if days is None else now + dt.timedelta(days=days)
    return key, KeyRecord(role, name, prefix, _digest(key), chosen, sandbox, now, ends, None)


def keep(store: Store, key: KeyRecord, *, actor: str) -> None:
    """Keep a new key and write it down; call it inside ``store.write``."""
    store.keys.add(key)
    _write_down(store, EventKind.KEY_ADDED, key, key.added_at, actor)


def revoke(store: Store, keys: Iterable[KeyRecord], now: dt.datetime, *, actor: str) -> None:
    """End what keys open and write it down, once; call it inside ``store.write``."""
    for key in keys:
        if key.revoked_at is None:
            store.keys.revoke(key.digest, now)
            _write_down(store, EventKind.KEY_REVOKED, key, now, actor)


class Keyring:
    """Every live key, to tell who is asking. ``sequence`` is the last event that it knows of."""

    def __init__(self, keys: Iterable[KeyRecord], sequence: int = 0) -> None:
        self.sequence = sequence
        self._keys: defaultdict[bytes, list[KeyRecord]] = defaultdict(list)
        for key in keys:
            self._keys[key.digest[:_LOOKED_UP]].append(key)

    @classmethod
    def of(cls, store: Store) -> "Keyring":
        """Return the keyring of a registry; call it inside ``store.read``."""
        revoked = {
            (role, person.name)
            for role in Role
            for person in store.people.all(role)
            if person.revoked_at is not None
        }
        keys = [key for key in store.keys.all() if (key.role, key.name) not in revoked]
        return cls(keys, store.events.last_sequence())

    def refreshed(self, store: Store) -> "Keyring":
        """Return this keyring, or a new one if keys have changed; call it inside ``store.read``."""
        newest = store.events.last_sequence()
        if newest < self.sequence or any(store.events.after(self.sequence, CHANGES)):
            return Keyring.of(store)
        self.sequence = newest
        return self

    def who(self, key_text: str, now: dt.datetime) -> Principal | None:
        """Return whose key this is; None where it is unknown, expired or revoked."""
        digest = _digest(key_text)
        for key in self._keys.get(digest[:_LOOKED_UP], ()):
            if hmac.compare_digest(key.digest, digest) and key.is_live(now):
                return Principal(key.role, key.name, key.scopes, key.prefix, key.sandbox)
        return None


def _chosen(role: Role, scopes: Iterable[str]) -> frozenset[Scope]:
    wanted = set(scopes)
    if not wanted or not wanted <= allowed(role):
        raise InvalidInput(
            N_(
                "A key of this role can have one or more of these scopes: {scopes}. Leave the "
                "scopes out for all that the role always has."
            ),
            field="scopes",
            scopes=", ".join(in_order(allowed(role))),
        )
    return frozenset(map(Scope, wanted))


def _digest(key_text: str) -> bytes:
    return hashlib.sha256(key_text.encode("utf-8", "surrogatepass")).digest()


def _write_down(store: Store, kind: EventKind, key: KeyRecord, at: dt.datetime, actor: str) -> None:
    subject = f"{key.role.value}/{key.name}/{key.prefix}"
    store.events.append(kind, subject, actor=actor, at=at)
