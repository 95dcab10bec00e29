"""Platforms and moderators: added once with a key that is not kept, revoked for good."""

import unicodedata
from pathlib import Path

import pytest

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.people import add_person, list_people, revoke_person
from hashreg.takedown.store import Role
from support.cases import DAY, NOW
from support.sqlite import files_of, state_of

ROLES: list[Role] = ["platform", "moderator"]


@pytest.mark.parametrize("role", ROLES)
def test_a_key_is_long_random_and_not_kept(store: SqliteStore, path: Path, role: Role) -> None:
    keys = [add_person(store, role, name, NOW) for name in ("one", "two")]
    assert len(set(keys)) == 2
    assert all(len(key) >= 50 for key in keys)
    content = b"".join(file.read_bytes() for file in files_of(path))
    assert not any(key.encode() in content for key in keys)


@pytest.mark.parametrize("name", ["a", "김 선생", "help-line_2@example.org", "x" * 64])
def test_names_that_people_have_are_taken(store: SqliteStore, name: str) -> None:
    add_person(store, "moderator", name, NOW)
    assert name in [person.name for person in list_people(store, "moderator")]


@pytest.mark.parametrize(
    "name", ["", " ", "-a", "x" * 65, "a\nb", "a\x1b[2J", "a\u202eb", "a\0", "a/b"]
)
def test_names_that_could_do_harm_are_refused(store: SqliteStore, path: Path, name: str) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_person(store, "platform", name, NOW)
    assert caught.value.field == "name"
    assert state_of(path) == before


def test_one_name_has_one_spelling(store: SqliteStore) -> None:
    """Space around it and decomposed letters, as some keyboards type them, make no second name."""
    add_person(store, "platform", "한국", NOW)
    for same in ("한국 ", " 한국", unicodedata.normalize("NFD", "한국")):
        with pytest.raises(Refused, match="is taken"):
            add_person(store, "platform", same, NOW)
    revoke_person(store, "platform", unicodedata.normalize("NFD", "한국") + " ", NOW)
    assert [person.revoked_at for person in list_people(store, "platform") if person.name == "한국"]


def test_a_name_is_taken_once_even_after_it_was_revoked(store: SqliteStore, path: Path) -> None:
    for revoked in (False, True):
        if revoked:
            revoke_person(store, "platform", "bada", NOW)
        before = state_of(path)
        with pytest.raises(Refused, match="bada is taken"):
            add_person(store, "platform", "bada", NOW)
        assert state_of(path) == before


def test_revoking_is_written_down_once_with_its_first_date(store: SqliteStore) -> None:
    revoke_person(store, "platform", "bada", NOW)
    revoke_person(store, "platform", "bada", NOW + DAY)
    people = {person.name: person.revoked_at for person in list_people(store, "platform")}
    assert people == {"bada": NOW, "examplegram": None}
    with store.read():
        assert len(list(store.events.after(0, [EventKind.PLATFORM_REVOKED]))) == 1


@pytest.mark.parametrize("role", ROLES)
def test_nobody_unknown_can_be_revoked(store: SqliteStore, path: Path, role: Role) -> None:
    before = state_of(path)
    with pytest.raises(NotFound, match=f"No {role} is named nobody"):
        revoke_person(store, role, "nobody", NOW)
    assert state_of(path) == before
