"""Contract of every store: platforms and moderators."""

import pytest

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.records import Person
from hashreg.takedown.store import Role, Store
from support.cases import DAY, NOW

ROLES: list[Role] = ["platform", "moderator"]


@pytest.mark.parametrize("role", ROLES)
def test_people_come_back_by_name_and_in_order(store: Store, other: Store, role: Role) -> None:
    with store.write():
        for name in ("minsu", "김 선생", "ann"):
            store.people.add(role, name, b"digest", NOW)
    for it in (store, other):
        with it.read():
            assert [person.name for person in it.people.all(role)] == ["ann", "minsu", "김 선생"]
            assert it.people.find(role, "minsu") == Person("minsu", NOW, None)
            assert it.people.find(role, "Minsu") is None


def test_a_platform_is_no_moderator(store: Store) -> None:
    with store.write():
        store.people.add("platform", "ann", b"digest", NOW)
    with store.read():
        assert store.people.find("moderator", "ann") is None
        assert store.people.all("moderator") == []
    with store.write():
        store.people.add("moderator", "ann", b"digest", NOW + DAY)
        store.people.revoke("moderator", "ann", NOW + 2 * DAY)
    with store.read():
        assert store.people.find("platform", "ann") == Person("ann", NOW, None)
        assert store.people.find("moderator", "ann") == Person("ann", NOW + DAY, NOW + 2 * DAY)


def test_a_revoked_one_stays_on_the_list(store: Store) -> None:
    with store.write():
        store.people.add("platform", "ann", b"digest", NOW)
        store.people.add("platform", "ben", b"digest", NOW)
        store.people.revoke("platform", "ann", NOW + DAY)
    with store.read():
        assert store.people.all("platform") == [
            Person("ann", NOW, NOW + DAY),
            Person("ben", NOW, None),
        ]


def test_a_name_is_taken_once(store: Store) -> None:
    with store.write():
        store.people.add("platform", "ann", b"digest", NOW)
    with pytest.raises(RegistryUnavailable), store.write():
        store.people.add("platform", "ann", b"other", NOW + DAY)
    with store.read():
        assert store.people.find("platform", "ann") == Person("ann", NOW, None)
