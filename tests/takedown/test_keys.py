"""Keys: what they are good for, how long, how many, and whose they are."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.people import SCOPES, KeyRecord, Principal, Role, Scope
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.keys import Keyring, new_record
from hashreg.takedown.people import add_person, new_key, people_of, revoke_key, revoke_person
from support.cases import DAY, NOW
from support.sqlite import raw, state_of

PLATFORM = Role.PLATFORM
SECOND = dt.timedelta(seconds=1)
KEY = re.compile(r"hashreg_[a-z2-7]{8}_[A-Za-z0-9_-]{43}")


def who(store: SqliteStore, key: str, now: dt.datetime = NOW) -> Principal | None:
    with store.read():
        return Keyring.of(store).who(key, now)


@pytest.mark.parametrize("role", Role)
def test_a_key_says_who_asks_and_what_they_may(store: SqliteStore, role: Role) -> None:
    key = add_person(store, role, "ann", NOW)
    well_formed = KEY.fullmatch(key) is not None
    assert well_formed
    assert who(store, key) == Principal(role, "ann", SCOPES[role], key[8:16], sandbox=False)


def test_roles_may_what_the_contract_says() -> None:
    assert {role.value: " ".join(sorted(scopes)) for role, scopes in SCOPES.items()} == {
        "platform": "lookup report tickets",
        "moderator": "cases check queue statistics",
        "operator": "cases events people statistics",
        "auditor": "events statistics",
        "helper": "delegated",
    }


def test_a_key_can_be_narrowed_and_for_trying_out(store: SqliteStore) -> None:
    key = add_person(store, PLATFORM, "ann", NOW, scopes=["lookup", "lookup"], sandbox=True)
    told = who(store, key)
    assert told is not None
    assert (told.scopes, told.sandbox) == (frozenset({Scope.LOOKUP}), True)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scopes", [[], ["people", "delegated"], ["LOOKUP"], [""], ["a\udcff"]])
def test_a_key_is_never_good_for_more_than_its_role(
    store: SqliteStore, path: Path, role: Role, scopes: list[str]
) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_person(store, role, "ann", NOW, scopes=scopes)
    assert caught.value.field == "scopes"
    assert state_of(path) == before


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_days_that_no_key_lasts_are_refused(store: SqliteStore, path: Path, days: int) -> None:
    before = state_of(path)
    for make in (add_person, new_key):
        name = "ann" if make is add_person else "bada"
        with pytest.raises(InvalidInput) as caught:
            make(store, PLATFORM, name, NOW, days=days)
        assert caught.value.field == "days"
    assert state_of(path) == before


@pytest.mark.parametrize("role", [it for it in Role if it is not PLATFORM])
def test_only_platforms_try_things_out(store: SqliteStore, path: Path, role: Role) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_person(store, role, "ann", NOW, sandbox=True)
    assert caught.value.field == "sandbox"
    assert state_of(path) == before


@pytest.mark.parametrize("days", [1, 30, 3650])
def test_a_key_opens_until_its_last_moment(store: SqliteStore, days: int) -> None:
    key = add_person(store, PLATFORM, "ann", NOW, days=days)
    assert who(store, key, NOW + days * DAY - SECOND) is not None
    assert who(store, key, NOW + days * DAY) is None


def test_a_second_key_takes_over_and_a_third_has_to_wait(store: SqliteStore) -> None:
    first = add_person(store, PLATFORM, "ann", NOW)
    second = new_key(store, PLATFORM, "ann", NOW + DAY, scopes=["report"])
    assert [who(store, key) is not None for key in (first, second)] == [True, True]
    with pytest.raises(Refused, match="ann has 2 live keys"):
        new_key(store, PLATFORM, "ann", NOW + DAY)
    revoke_key(store, PLATFORM, "ann", first[8:16], NOW + DAY)
    third = new_key(store, PLATFORM, "ann", NOW + DAY)
    live = [who(store, key) is not None for key in (first, second, third)]
    assert live == [False, True, True]


def test_an_expired_key_makes_room(store: SqliteStore) -> None:
    add_person(store, PLATFORM, "ann", NOW, days=2)
    new_key(store, PLATFORM, "ann", NOW)
    with pytest.raises(Refused):
        new_key(store, PLATFORM, "ann", NOW + 2 * DAY - SECOND)
    new_key(store, PLATFORM, "ann", NOW + 2 * DAY)


@pytest.mark.parametrize("role", Role)
def test_there_are_no_keys_for_nobody_and_for_the_revoked(
    store: SqliteStore, path: Path, role: Role
) -> None:
    add_person(store, role, "ann", NOW)
    revoke_person(store, role, "ann", NOW)
    before = state_of(path)
    with pytest.raises(NotFound, match=f"No {role} is named nobody"):
        new_key(store, role, "nobody", NOW)
    with pytest.raises(Refused, match="ann was revoked"):
        new_key(store, role, "ann", NOW)
    assert state_of(path) == before


def test_revoking_somebody_revokes_all_that_they_have_and_nobody_elses(store: SqliteStore) -> None:
    theirs = [add_person(store, PLATFORM, "ann", NOW), new_key(store, PLATFORM, "ann", NOW)]
    others = [
        add_person(store, PLATFORM, "ben", NOW),
        add_person(store, Role.HELPER, "ann", NOW),
    ]
    revoke_person(store, PLATFORM, "ann", NOW)
    assert [who(store, key) for key in theirs] == [None, None]
    assert None not in [who(store, key) for key in others]


def test_a_clock_set_back_revives_no_revoked_key(store: SqliteStore) -> None:
    one, two = add_person(store, PLATFORM, "ann", NOW), new_key(store, PLATFORM, "ann", NOW)
    revoke_key(store, PLATFORM, "ann", one[8:16], NOW)
    assert who(store, one, NOW - 400 * DAY) is None
    revoke_person(store, PLATFORM, "ann", NOW)
    assert [who(store, key, NOW - 400 * DAY) for key in (one, two)] == [None, None]


def test_who_is_revoked_has_no_key_even_where_one_was_left_over(
    store: SqliteStore, path: Path
) -> None:
    key = add_person(store, PLATFORM, "ann", NOW)
    revoke_person(store, PLATFORM, "ann", NOW)
    with raw(path) as connection:
        connection.execute("UPDATE keys SET revoked_at = NULL")
    assert who(store, key) is None


def test_nearly_a_key_is_nobodys(store: SqliteStore) -> None:
    key = add_person(store, PLATFORM, "ann", NOW)
    near = [key[:-1], key + "A", key.upper(), f" {key}", key[8:], "", "\udcff", "김", "a" * 100_000]
    assert [who(store, it) for it in near] == [None] * len(near)


def test_a_keyring_is_renewed_when_keys_have_changed_and_only_then(store: SqliteStore) -> None:
    key = add_person(store, PLATFORM, "ann", NOW)
    with store.read():
        old = Keyring.of(store)
        assert old.refreshed(store) is old
    revoke_person(store, PLATFORM, "ann", NOW)
    with store.read():
        new = old.refreshed(store)
        assert old.who(key, NOW) is not None
        assert new.who(key, NOW) is None
        assert new.refreshed(store) is new
    new_key(store, PLATFORM, "bada", NOW)
    with store.read():
        assert new.refreshed(store) is not new


KEYS = st.lists(
    st.tuples(
        st.sampled_from(Role),
        st.none() | st.integers(1, 4),
        st.none() | st.integers(-2, 2),
    ),
    max_size=6,
)


@given(made=KEYS, asked=st.integers(-5, 5))
def test_a_keyring_agrees_with_looking_at_every_key(
    made: list[tuple[Role, int | None, int | None]], asked: int
) -> None:
    """The slow and obvious twin: go through all keys, one by one, by their whole digest."""
    keys: list[tuple[str, KeyRecord]] = []
    for number, (role, days, revoked) in enumerate(made):
        text, record = new_record(role, str(number), NOW, days=days)
        gone = None if revoked is None else NOW + revoked * DAY
        keys.append((text, replace(record, revoked_at=gone)))
    ring = Keyring(record for _, record in keys)
    now = NOW + asked * DAY
    for text, record in keys:
        alive = record.revoked_at is None and (not record.expires_at or now < record.expires_at)
        told = ring.who(text, now)
        assert (told is not None) == alive
        assert told is None or (told.role, told.name) == (record.role, record.name)


def test_keys_whose_digests_begin_alike_are_told_apart() -> None:
    """The first 8 bytes choose, all 32 decide."""
    text, record = new_record(PLATFORM, "ann", NOW)
    alike = record.digest[:8] + bytes(24)
    others = [replace(record, name="ben", digest=alike), record, replace(record, digest=alike)]
    told = Keyring(others).who(text, NOW)
    assert told is not None
    assert told.name == "ann"
    assert Keyring(others[:1]).who(text, NOW) is None


def test_no_key_and_no_digest_is_in_a_keyrings_words(store: SqliteStore) -> None:
    key = add_person(store, PLATFORM, "ann", NOW)
    with store.read():
        ring = Keyring.of(store)
    said = f"{ring!r} {who(store, key)!r} {people_of(store, PLATFORM)!r}"
    leaks = [it in said for it in (key, key[17:], "digest")]
    assert leaks == [False] * 3
