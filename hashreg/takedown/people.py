"""Who may report and who may decide."""

import datetime as dt
import hashlib
import re
import secrets
import unicodedata

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.messages import N_
from hashreg.model.records import EventKind, ModeratorName, Person, PlatformName
from hashreg.takedown.store import Role, Store

KEY_BYTES = 32
_NAME = re.compile(r"\w[\w .@+-]{0,63}")
_ADDED = {"platform": EventKind.PLATFORM_ADDED, "moderator": EventKind.MODERATOR_ADDED}
_REVOKED = {"platform": EventKind.PLATFORM_REVOKED, "moderator": EventKind.MODERATOR_REVOKED}
OPERATOR = "operator"
"""The actor of what is done at the registry's own command line."""


def add_person(store: Store, role: Role, name: str, now: dt.datetime) -> str:
    """Add a platform or moderator and return its key, 256 random bits; only a digest is kept.

    Raises InvalidInput on a name that can't be used, Refused where it is taken.
    """
    name = _canonical(name)
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            N_(
                "A name has 1 to 64 letters, digits, spaces or . @ + - _ and starts with a letter "
                "or digit."
            ),
            field="name",
        )
    key = f"hashreg_{secrets.token_urlsafe(KEY_BYTES)}"
    with store.write():
        if store.people.find(role, name):
            raise Refused(
                N_("The name {name} is taken, perhaps by one that was revoked. Use another name."),
                field="name",
                name=name,
            )
        store.people.add(role, name, hashlib.sha256(key.encode()).digest(), now)
        store.events.append(_ADDED[role], name, actor=OPERATOR, at=now)
    return key


def revoke_person(store: Store, role: Role, name: str, now: dt.datetime) -> None:
    """End what a platform or moderator may do; raises NotFound. Twice does no harm."""
    with store.write():
        person = _find(store, role, name)
        if person is None:
            raise _unknown(role, name)
        if person.revoked_at is None:
            store.people.revoke(role, person.name, now)
            store.events.append(_REVOKED[role], person.name, actor=OPERATOR, at=now)


def list_people(store: Store, role: Role) -> list[Person]:
    """Return all of a role, revoked ones included."""
    with store.read():
        return store.people.all(role)


def active_platform(store: Store, name: str) -> PlatformName:
    """Return the name of a platform that may report; raises NotFound or Refused."""
    return PlatformName(_active(store, "platform", name))


def active_moderator(store: Store, name: str) -> ModeratorName:
    """Return the name of a moderator who may decide; raises NotFound or Refused."""
    return ModeratorName(_active(store, "moderator", name))


def _active(store: Store, role: Role, name: str) -> str:
    person = _find(store, role, name)
    if person is None:
        raise _unknown(role, name)
    if person.revoked_at is not None:
        raise Refused(N_("{name} was revoked and may not do this any more."), name=name)
    return person.name


def _find(store: Store, role: Role, name: str) -> Person | None:
    """Return a person; nobody has a name that can't be used, such as bytes that are no UTF-8."""
    name = _canonical(name)
    return store.people.find(role, name) if _NAME.fullmatch(name) else None


def _canonical(name: str) -> str:
    """Return the one spelling of a name: composed letters, no space around it."""
    return unicodedata.normalize("NFC", name).strip()


def _unknown(role: Role, name: str) -> NotFound:
    text = {
        "platform": N_("No platform is named {name}. Add it with: hashreg platform add"),
        "moderator": N_("No moderator is named {name}. Add them with: hashreg moderator add"),
    }[role]
    return NotFound(text, field="name", name=name)
