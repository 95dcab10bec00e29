"""Who has a role: added once with a key that is not kept, revoked for good with all their keys."""

import unicodedata
from pathlib import Path

import pytest

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.people import Role
from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import casework, following, holds, purge
from hashreg.takedown.people import (
    NOT_PEOPLE,
    OPERATOR,
    add_person,
    new_key,
    people_of,
    revoke_key,
    revoke_person,
)
from support.cases import DAY, NOW
from support.sqlite import files_of, state_of

PLATFORM, MODERATOR = Role.PLATFORM, Role.MODERATOR


@pytest.mark.parametrize("role", Role)
def test_a_key_is_long_random_and_not_kept(store: SqliteStore, path: Path, role: Role) -> None:
    keys = [add_person(store, role, name, NOW) for name in ("one", "two")]
    assert len(set(keys)) == 2
    assert all(len(key) >= 50 for key in keys)
    content = b"".join(file.read_bytes() for file in files_of(path))
    assert not any(key.encode() in content for key in keys)


@pytest.mark.parametrize("name", ["a", "김 선생", "help-line_2@example.org", "x" * 64])
def test_names_that_people_have_are_taken(store: SqliteStore, name: str) -> None:
    add_person(store, MODERATOR, name, NOW)
    assert name in [it.person.name for it in people_of(store, MODERATOR)]


@pytest.mark.parametrize(
    "name", ["", " ", "-a", "x" * 65, "a\nb", "a\x1b[2J", "a\u202eb", "a\0", "a/b"]
)
def test_names_that_could_do_harm_are_refused(store: SqliteStore, path: Path, name: str) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_person(store, PLATFORM, name, NOW)
    assert caught.value.field == "name"
    assert state_of(path) == before


def test_one_name_has_one_spelling(store: SqliteStore) -> None:
    """Space around it and decomposed letters, as some keyboards type them, make no second name."""
    add_person(store, PLATFORM, "한국", NOW)
    for same in ("한국 ", " 한국", unicodedata.normalize("NFD", "한국")):
        with pytest.raises(Refused, match="is taken"):
            add_person(store, PLATFORM, same, NOW)
    revoke_person(store, PLATFORM, unicodedata.normalize("NFD", "한국") + " ", NOW)
    (revoked,) = [it.person for it in people_of(store, PLATFORM) if it.person.name == "한국"]
    assert revoked.revoked_at == NOW


@pytest.mark.parametrize("same", ["BADA", "Bada", "ｂａｄａ", " bADA "])
def test_a_name_that_could_be_taken_for_another_is_taken(
    store: SqliteStore, path: Path, same: str
) -> None:
    before = state_of(path)
    with pytest.raises(Refused, match="is taken"):
        add_person(store, PLATFORM, same, NOW)
    assert state_of(path) == before
    add_person(store, MODERATOR, same, NOW)  # another role is another list
    assert same.strip() in [it.person.name for it in people_of(store, MODERATOR)]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", [*Role, "policy", "case", "purge", "Operator", "ＰＯＬＩＣＹ "])
def test_nobody_is_named_like_an_actor_that_is_no_person(
    store: SqliteStore, path: Path, role: Role, name: str
) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_person(store, role, name, NOW)
    assert caught.value.field == "name"
    assert "who did what" in str(caught.value)
    assert state_of(path) == before


def test_every_actor_that_is_no_person_is_known() -> None:
    """What the use cases write into the event table when nobody with a name acts."""
    assert {
        OPERATOR,
        casework.VICTIM,
        holds._ACTOR,
        purge._ACTOR,
        following.FOLLOW_UP,
    } <= NOT_PEOPLE


def test_a_name_may_hold_the_word(store: SqliteStore) -> None:
    for name in ("operator kim", "caseworkers", "운영자"):
        add_person(store, MODERATOR, name, NOW)


def test_a_name_is_taken_once_even_after_it_was_revoked(store: SqliteStore, path: Path) -> None:
    for revoked in (False, True):
        if revoked:
            revoke_person(store, PLATFORM, "bada", NOW)
        before = state_of(path)
        with pytest.raises(Refused, match="bada is taken"):
            add_person(store, PLATFORM, "bada", NOW)
        assert state_of(path) == before


def test_revoking_is_written_down_once_with_its_first_date(store: SqliteStore) -> None:
    revoke_person(store, PLATFORM, "bada", NOW)
    revoke_person(store, PLATFORM, "bada", NOW + DAY)
    people = {it.person.name: it.person.revoked_at for it in people_of(store, PLATFORM)}
    assert people == {"bada": NOW, "examplegram": None}
    with store.read():
        assert len(list(store.events.after(0, [EventKind.PLATFORM_REVOKED]))) == 1


@pytest.mark.parametrize("role", Role)
def test_nobody_unknown_can_be_revoked(store: SqliteStore, path: Path, role: Role) -> None:
    before = state_of(path)
    with pytest.raises(NotFound, match=f"No {role} is named nobody"):
        revoke_person(store, role, "nobody", NOW)
    assert state_of(path) == before


@pytest.mark.parametrize("role", Role)
def test_every_change_is_written_down_with_its_actor(store: SqliteStore, role: Role) -> None:
    with store.read():
        before = store.events.last_sequence()
    add_person(store, role, "ann", NOW, actor="root")
    new_key(store, role, "ann", NOW + DAY, actor="kim")
    first, second = next(it.keys for it in people_of(store, role) if it.person.name == "ann")
    revoke_key(store, role, "ann", first.prefix, NOW + 2 * DAY, actor="lee")
    revoke_person(store, role, "ann", NOW + 3 * DAY, actor="choi")
    with store.read():
        events = list(store.events.after(before))
    assert [(it.kind.value, it.subject, it.actor, it.at) for it in events] == [
        (f"{role}_added", "ann", "root", NOW),
        ("key_added", f"{role}/ann/{first.prefix}", "root", NOW),
        ("key_added", f"{role}/ann/{second.prefix}", "kim", NOW + DAY),
        ("key_revoked", f"{role}/ann/{first.prefix}", "lee", NOW + 2 * DAY),
        (f"{role}_revoked", "ann", "choi", NOW + 3 * DAY),
        ("key_revoked", f"{role}/ann/{second.prefix}", "choi", NOW + 3 * DAY),
    ]


def test_what_is_shown_of_people_says_all_but_the_key(store: SqliteStore) -> None:
    key = add_person(store, PLATFORM, "ann", NOW, scopes=["report", "lookup"], sandbox=True, days=9)
    revoke_person(store, PLATFORM, "ann", NOW + DAY)
    (ann,) = [it for it in people_of(store, PLATFORM) if it.person.name == "ann"]
    assert ann.as_json() == {
        "name": "ann",
        "added_at": "2026-05-04T12:30:00+00:00",
        "revoked_at": "2026-05-05T12:30:00+00:00",
        "keys": [
            {
                "prefix": key[8:16],
                "scopes": ["lookup", "report"],
                "sandbox": True,
                "added_at": "2026-05-04T12:30:00+00:00",
                "expires_at": "2026-05-13T12:30:00+00:00",
                "revoked_at": "2026-05-05T12:30:00+00:00",
            }
        ],
    }


def test_revoking_again_changes_nothing(store: SqliteStore, path: Path) -> None:
    key = add_person(store, PLATFORM, "ann", NOW)
    told = revoke_key(store, PLATFORM, "ann", key[8:16], NOW)
    before = state_of(path)
    assert revoke_key(store, PLATFORM, "ann", key[8:16], NOW + DAY) == told
    assert told.keys[0].revoked_at == NOW
    assert state_of(path) == before
    gone = revoke_person(store, PLATFORM, "ann", NOW + DAY)
    before = state_of(path)
    assert revoke_person(store, PLATFORM, "ann", NOW + 2 * DAY) == gone
    assert (gone.person.revoked_at, gone.keys[0].revoked_at) == (NOW + DAY, NOW)
    assert state_of(path) == before


def test_a_key_is_revoked_by_its_own_beginning_only(store: SqliteStore, path: Path) -> None:
    anothers = add_person(store, PLATFORM, "ann", NOW)
    before = state_of(path)
    for prefix in ("", "zzzzzzzz", anothers[8:16], "\udcff"):
        with pytest.raises(NotFound) as caught:
            revoke_key(store, PLATFORM, "bada", prefix, NOW)
        assert caught.value.field == "key"
        assert not prefix or prefix not in str(caught.value)
    with pytest.raises(NotFound, match="No platform is named nobody"):
        revoke_key(store, PLATFORM, "nobody", anothers[8:16], NOW)
    assert state_of(path) == before
