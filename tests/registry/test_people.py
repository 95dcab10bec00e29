"""Contract of every store: who has a role."""

import pytest

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.people import Role
from hashreg.model.records import Person
from hashreg.takedown.store import Store
from support.cases import DAY, NOW


@pytest.mark.parametrize("role", Role)
def test_people_come_back_by_name_and_in_order(store: Store, other: Store, role: Role) -> None:
    with store.write():
        for name in ("minsu", "김 선생", "ann"):
            store.people.add(role, name, NOW)
    for it in (store, other):
        with it.read():
            assert [person.name for person in it.people.all(role)] == ["ann", "minsu", "김 선생"]
            assert it.people.find(role, "minsu") == Person("minsu", NOW, None)
            assert it.people.find(role, "Minsu") is None


@pytest.mark.parametrize("role", Role)
def test_nobody_has_anothers_role(store: Store, role: Role) -> None:
    with store.write():
        store.people.add(role, "ann", NOW)
    others = [it for it in Role if it is not role]
    with store.read():
        assert [store.people.find(it, "ann") for it in others] == [None] * 4
        assert [store.people.all(it) for it in others] == [[]] * 4
    with store.write():
        for it in others:
            store.people.add(it, "ann", NOW + DAY)
            store.people.revoke(it, "ann", NOW + 2 * DAY)
    with store.read():
        assert store.people.find(role, "ann") == Person("ann", NOW, None)
        revoked = Person("ann", NOW + DAY, NOW + 2 * DAY)
        assert [store.people.find(it, "ann") for it in others] == [revoked] * 4


def test_a_revoked_one_stays_on_the_list(store: Store) -> None:
    with store.write():
        store.people.add(Role.PLATFORM, "ann", NOW)
        store.people.add(Role.PLATFORM, "ben", NOW)
        store.people.revoke(Role.PLATFORM, "ann", NOW + DAY)
    with store.read():
        assert store.people.all(Role.PLATFORM) == [
            Person("ann", NOW, NOW + DAY),
            Person("ben", NOW, None),
        ]


def test_a_name_is_taken_once(store: Store) -> None:
    with store.write():
        store.people.add(Role.PLATFORM, "ann", NOW)
    with pytest.raises(RegistryUnavailable), store.write():
        store.people.add(Role.PLATFORM, "ann", NOW + DAY)
    with store.read():
        assert store.people.find(Role.PLATFORM, "ann") == Person("ann", NOW, None)
