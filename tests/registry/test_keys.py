"""Contract of every store: what is kept of people's keys."""

import dataclasses
import hashlib
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.people import SCOPES, KeyRecord, Role
from hashreg.takedown.store import Store
from support.cases import DAY, NOW

MOMENTS = st.integers(-400, 400).map(lambda days: NOW + days * DAY)


def key(text: str, name: str = "ann", role: Role = Role.PLATFORM, days: int = 0) -> KeyRecord:
    digest = hashlib.sha256(text.encode()).digest()
    return KeyRecord(role, name, text, digest, SCOPES[role], False, NOW + days * DAY, None, None)


@st.composite
def any_key(draw: st.DrawFn) -> KeyRecord:
    role = draw(st.sampled_from(Role))
    return KeyRecord(
        role,
        draw(st.sampled_from(["ann", "김 선생"])),
        draw(st.text("abc234", max_size=8)),
        draw(st.binary(min_size=32, max_size=32)),
        draw(st.frozensets(st.sampled_from(sorted(SCOPES[role])), min_size=1)),
        draw(st.booleans()),
        draw(MOMENTS),
        draw(st.none() | MOMENTS),
        draw(st.none() | MOMENTS),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(key=any_key())
def test_every_field_comes_back(store: Store, key: KeyRecord) -> None:
    key = dataclasses.replace(key, digest=secrets.token_bytes(32))
    with store.write():
        store.keys.add(key)
        equal = key in store.keys.of_person(key.role, key.name)
    assert equal


def test_all_keys_come_oldest_first(store: Store) -> None:
    days = [3, 1, 2, 0]
    with store.write():
        for day in days:
            store.keys.add(key(str(day), str(day), days=day))
    with store.read():
        assert [it.name for it in store.keys.all()] == ["0", "1", "2", "3"]


def test_a_persons_keys_are_theirs_only_and_the_oldest_comes_first(
    store: Store, other: Store
) -> None:
    newer, older = key("newer", days=3), key("older")
    with store.write():
        for it in (newer, older, key("another's", "ben"), key("same name", role=Role.HELPER)):
            store.keys.add(it)
    for each in (store, other):
        with each.read():
            assert [it.prefix for it in each.keys.of_person(Role.PLATFORM, "ann")] == [
                "older",
                "newer",
            ]
            assert [it.prefix for it in each.keys.of_person(Role.HELPER, "ann")] == ["same name"]
            assert each.keys.of_person(Role.AUDITOR, "ann") == []
            assert len(each.keys.all()) == 4


def test_revoking_ends_one_key(store: Store) -> None:
    one, two = key("one"), key("two", days=1)
    with store.write():
        store.keys.add(one)
        store.keys.add(two)
        store.keys.revoke(one.digest, NOW + DAY)
    with store.read():
        expected = [dataclasses.replace(one, revoked_at=NOW + DAY), two]
        equal = store.keys.of_person(Role.PLATFORM, "ann") == expected
    assert equal


def test_a_key_is_one_persons(store: Store) -> None:
    with store.write():
        store.keys.add(key("the same"))
    with pytest.raises(RegistryUnavailable), store.write():
        store.keys.add(dataclasses.replace(key("the same"), name="ben"))


def test_a_digest_is_not_shown() -> None:
    one = key("one")
    shown = f"{one!r} {one.as_json()}"
    leaks = [it in shown for it in (one.digest.hex(), repr(one.digest), "digest")]
    assert leaks == [False] * 3
