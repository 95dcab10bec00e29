"""Who may report, decide, run the registry, look at what happened, or help."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.messages import N_
from hashreg.model.names import HelperName, alike, canonical_name, is_name, parse_name
from hashreg.model.people import KeyRecord, Role
from hashreg.model.records import EventKind, ModeratorName, Person, PlatformName
from hashreg.takedown import keys
from hashreg.takedown.store import Store

OPERATOR = "operator"
"""The actor of what is done at the registry's own command line."""
NOT_PEOPLE = frozenset({*Role, OPERATOR, "policy", "case", "purge", "follow-up"})
"""What stands in the event table where no person acted, and the roles themselves."""


@dataclass(frozen=True, slots=True)
class PersonWithKeys:
    """Somebody of a role, and what is kept of their keys, oldest first."""

    person: Person
    keys: Sequence[KeyRecord]

    def as_json(self) -> dict[str, object]:
        """Return what may be shown; a key's prefix and dates, never its digest."""
        revoked = self.person.revoked_at
        return {
            "name": self.person.name,
            "added_at": self.person.added_at.isoformat(timespec="seconds"),
            "revoked_at": revoked.isoformat(timespec="seconds") if revoked else None,
            "keys": [key.as_json() for key in self.keys],
        }


def add_person(
    store: Store,
    role: Role,
    name: str,
    now: dt.datetime,
    *,
    scopes: Iterable[str] | None = None,
    sandbox: bool = False,
    days: int | None = None,
    actor: str = OPERATOR,
) -> str:
    """Add somebody and return their first key, of which only a digest is kept.

    Raises InvalidInput on a name or key that can't be used, Refused where the name is taken, or
    could be taken for another one of the role.
    """
    name = _new_name(name)
    text, key = keys.new_record(role, name, now, scopes=scopes, sandbox=sandbox, days=days)
    with store.write():
        if alike(name) in {alike(it.name) for it in store.people.all(role)}:
            raise Refused(
                N_("The name {name} is taken, perhaps by one that was revoked. Use another name."),
                field="name",
                name=name,
            )
        store.people.add(role, name, now)
        store.events.append(EventKind(f"{role}_added"), name, actor=actor, at=now)
        keys.keep(store, key, actor=actor)
    return text


def new_key(
    store: Store,
    role: Role,
    name: str,
    now: dt.datetime,
    *,
    scopes: Iterable[str] | None = None,
    sandbox: bool = False,
    days: int | None = None,
    actor: str = OPERATOR,
) -> str:
    """Give somebody a second key, so that they can change from one to the other, and return it.

    Raises InvalidInput on a key that can't be, NotFound or Refused for somebody unknown or revoked,
    Refused where two keys are live already.
    """
    with store.write():
        name = _active(store, role, name)
        text, key = keys.new_record(role, name, now, scopes=scopes, sandbox=sandbox, days=days)
        live = [it for it in store.keys.of_person(role, name) if it.is_live(now)]
        if len(live) >= keys.LIVE_KEYS:
            raise Refused(
                N_(
                    "{name} has {count} live keys already, as many as can be. Revoke the one that "
                    "is no longer used."
                ),
                field="name",
                name=name,
                count=len(live),
            )
        keys.keep(store, key, actor=actor)
    return text


def revoke_key(
    store: Store, role: Role, name: str, prefix: str, now: dt.datetime, *, actor: str = OPERATOR
) -> PersonWithKeys:
    """End what one key opens, named by its prefix; raises NotFound. Twice does no harm."""
    with store.write():
        person = _known(store, role, name)
        named = [it for it in store.keys.of_person(role, person.name) if it.prefix == prefix]
        if not named:
            raise NotFound(
                N_(
                    "{name} has no key with this beginning. The list shows the 8 characters of "
                    "each key that follow hashreg_."
                ),
                field="key",
                name=person.name,
            )
        keys.revoke(store, named, now, actor=actor)
        return _with_keys(store, role, person)


def revoke_person(
    store: Store, role: Role, name: str, now: dt.datetime, *, actor: str = OPERATOR
) -> PersonWithKeys:
    """End what somebody may do, and all their keys; raises NotFound. Twice does no harm."""
    with store.write():
        person = _known(store, role, name)
        if person.revoked_at is None:
            store.people.revoke(role, person.name, now)
            store.events.append(EventKind(f"{role}_revoked"), person.name, actor=actor, at=now)
        keys.revoke(store, store.keys.of_person(role, person.name), now, actor=actor)
        return _with_keys(store, role, _known(store, role, name))


def people_of(store: Store, role: Role) -> list[PersonWithKeys]:
    """Return all of a role by name, revoked ones included, with their keys."""
    with store.read():
        return [_with_keys(store, role, person) for person in store.people.all(role)]


def active_platform(store: Store, name: str) -> PlatformName:
    """Return the name of a platform that may report; raises NotFound or Refused."""
    return PlatformName(_active(store, Role.PLATFORM, name))


def known_platform(store: Store, name: str) -> PlatformName:
    """Return the name of a platform that was ever added; raises NotFound."""
    return PlatformName(_known(store, Role.PLATFORM, name).name)


def active_moderator(store: Store, name: str) -> ModeratorName:
    """Return the name of a moderator who may decide; raises NotFound or Refused."""
    return ModeratorName(_active(store, Role.MODERATOR, name))


def active_helper(store: Store, name: str) -> HelperName:
    """Return the name of a helper who may act; raises NotFound or Refused."""
    return HelperName(_active(store, Role.HELPER, name))


def is_active(store: Store, role: Role, name: str) -> bool:
    """Tell whether somebody has a role now."""
    person = store.people.find(role, name)
    return person is not None and person.revoked_at is None


def _new_name(text: str) -> str:
    name = parse_name(text)
    if alike(name) in NOT_PEOPLE:
        raise InvalidInput(
            N_(
                "{name} stands for a part of the registry where it is written who did what, so "
                "nobody can be named so. Use another name."
            ),
            field="name",
            name=name,
        )
    return name


def _active(store: Store, role: Role, name: str) -> str:
    person = _known(store, role, name)
    if person.revoked_at is not None:
        raise Refused(N_("{name} was revoked and may not do this any more."), name=name)
    return person.name


def _known(store: Store, role: Role, name: str) -> Person:
    """Return a person; nobody has a name that can't be used, such as bytes that are no UTF-8."""
    name = canonical_name(name)
    person = store.people.find(role, name) if is_name(name) else None
    if person is None:
        raise NotFound(_UNKNOWN[role], field="name", name=name)
    return person


def _with_keys(store: Store, role: Role, person: Person) -> PersonWithKeys:
    return PersonWithKeys(person, store.keys.of_person(role, person.name))


_UNKNOWN = {
    Role.PLATFORM: N_("No platform is named {name}. Add it with: hashreg platform add"),
    Role.MODERATOR: N_("No moderator is named {name}. Add them with: hashreg moderator add"),
    Role.OPERATOR: N_("No operator is named {name}. Add them with: hashreg operator add"),
    Role.AUDITOR: N_("No auditor is named {name}. Add them with: hashreg auditor add"),
    Role.HELPER: N_("No helper is named {name}. Add them with: hashreg helper add"),
}
