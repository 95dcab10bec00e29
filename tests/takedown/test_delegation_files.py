"""Delegations and revocations: each file counts once, and an old one never revives anything."""

import dataclasses
import datetime as dt
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.model.errors import NotFound, Refused
from hashreg.model.names import HelperName
from hashreg.model.people import Role
from hashreg.model.records import EventKind
from hashreg.model.submissions import Document, Kind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.delegation import delegated_case
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.purge import purge
from support.cases import DAY, NOW, TODAY, Victim, picture, seeded
from support.sqlite import raw, state_of

CENTRE, LINE = "도움 센터", "help line"
BOTH = (EventKind.DELEGATION_GIVEN, EventKind.DELEGATION_REVOKED)
TOMORROW = TODAY + DAY


@pytest.fixture(autouse=True)
def _helpers(store: SqliteStore) -> None:
    for name in (CENTRE, LINE):
        add_person(store, Role.HELPER, name, NOW)


@pytest.fixture
def victim(store: SqliteStore) -> Victim:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(1))), NOW)
    return victim


def outcome(store: SqliteStore, document: Document) -> Outcome:
    return take_in(store, document, NOW).outcome


def may_act(store: SqliteStore, victim: Victim, helper: str = CENTRE) -> bool:
    with store.read():
        try:
            delegated_case(store, helper, victim.number)
        except NotFound:
            return False
    return True


def told(store: SqliteStore) -> list[tuple[str, str, str]]:
    """Return the events of delegations, in words."""
    with store.read():
        (case,) = store.cases.all()
        events = list(store.events.after(0, BOTH))
    assert {event.subject for event in events} <= {case.case_id.hex()}
    return [(event.kind.value, event.actor, event.detail) for event in events]


def test_a_delegation_is_for_its_helper_and_its_case_only(
    store: SqliteStore, victim: Victim
) -> None:
    bystander = Victim()
    take_in(store, bystander.submission(picture(seeded(2))), NOW)
    result = take_in(store, victim.delegation(CENTRE), NOW)
    assert (result.case, result.kind, result.outcome, result.pictures) == (
        victim.number,
        Kind.DELEGATION,
        Outcome.DELEGATED,
        0,
    )
    assert may_act(store, victim)
    assert not may_act(store, victim, LINE)
    assert not may_act(store, bystander)


def test_a_revocation_ends_it_for_its_helper_only(store: SqliteStore, victim: Victim) -> None:
    for helper in (CENTRE, LINE):
        take_in(store, victim.delegation(helper), NOW)
    result = take_in(store, victim.revocation(CENTRE), NOW)
    assert (result.kind, result.outcome) == (Kind.REVOCATION, Outcome.REVOKED)
    assert not may_act(store, victim)
    assert may_act(store, victim, LINE)
    assert told(store) == [
        ("delegation_given", "case", CENTRE),
        ("delegation_given", "case", LINE),
        ("delegation_revoked", "case", CENTRE),
    ]


def test_each_file_counts_once(store: SqliteStore, path: Path, victim: Victim) -> None:
    for document in (victim.delegation(CENTRE), victim.revocation(CENTRE)):
        first = outcome(store, document)
        before = state_of(path)
        assert outcome(store, document) is Outcome.ALREADY
        assert state_of(path) == before
        assert first is not Outcome.ALREADY


def test_an_old_delegation_sent_again_revives_nothing(
    store: SqliteStore, path: Path, victim: Victim
) -> None:
    old, spare = victim.delegation(CENTRE), victim.delegation(CENTRE)
    assert outcome(store, old) is Outcome.DELEGATED
    assert outcome(store, spare) is Outcome.DELEGATED
    assert len(told(store)) == 1
    outcome(store, victim.revocation(CENTRE))
    before = state_of(path)
    for document in (old, spare):
        assert outcome(store, document) is Outcome.ALREADY
        assert not may_act(store, victim)
    assert state_of(path) == before


def test_a_new_delegation_counts_even_on_the_day_of_the_revocation(
    store: SqliteStore, victim: Victim
) -> None:
    for _ in range(3):
        assert outcome(store, victim.delegation(CENTRE)) is Outcome.DELEGATED
        assert may_act(store, victim)
        assert outcome(store, victim.revocation(CENTRE)) is Outcome.REVOKED
        assert not may_act(store, victim)
    assert len(told(store)) == 6


def test_an_old_revocation_sent_again_ends_nothing_new(store: SqliteStore, victim: Victim) -> None:
    old = victim.revocation(CENTRE)
    for document in (victim.delegation(CENTRE), old, victim.delegation(CENTRE)):
        outcome(store, document)
    assert outcome(store, old) is Outcome.ALREADY
    assert may_act(store, victim)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_delegation_held_back_until_after_the_revocation_does_not_count(
    store: SqliteStore, victim: Victim, days: int
) -> None:
    """A helper may keep the file, be revoked, and hand it in later."""
    held_back = victim.delegation(CENTRE, TODAY)
    assert outcome(store, victim.revocation(CENTRE, TODAY + days * DAY)) is Outcome.REVOKED
    assert told(store) == []
    for _ in range(2):
        assert outcome(store, held_back) in (Outcome.REVOKED, Outcome.ALREADY)
        assert not may_act(store, victim)
    assert outcome(store, victim.delegation(CENTRE, TODAY + (days + 1) * DAY)) is Outcome.DELEGATED
    assert may_act(store, victim)


def test_a_second_file_held_back_does_not_count_after_a_revocation_on_a_later_day(
    store: SqliteStore, victim: Victim
) -> None:
    held_back = victim.delegation(CENTRE, TODAY)
    outcome(store, victim.delegation(CENTRE, TODAY))
    outcome(store, victim.revocation(CENTRE, TOMORROW))
    assert outcome(store, held_back) is Outcome.REVOKED
    assert not may_act(store, victim)


def test_a_revocation_that_ended_nothing_counts_for_all_of_its_day(
    store: SqliteStore, victim: Victim
) -> None:
    """Though the helper had been delegated once before."""
    for document in (victim.delegation(CENTRE), victim.revocation(CENTRE)):
        outcome(store, document)
    held_back = victim.delegation(CENTRE, TOMORROW)
    outcome(store, victim.revocation(CENTRE, TOMORROW))
    assert outcome(store, held_back) is Outcome.REVOKED
    assert not may_act(store, victim)


def test_a_revocation_signed_long_ago_does_not_make_a_later_one_forgotten(
    store: SqliteStore, victim: Victim
) -> None:
    held_back = victim.delegation(CENTRE, TODAY)
    outcome(store, victim.revocation(CENTRE, TODAY + 2 * DAY))
    outcome(store, victim.revocation(CENTRE, TODAY - 9 * DAY))
    assert outcome(store, held_back) is Outcome.REVOKED


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=4), st.data())
@patient
def test_whoever_has_the_files_revives_nothing_that_was_ended_on_a_later_day(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """In whatever order and however often they are sent, the newest day's revocation stands."""
    victim = Victim()
    documents = [
        (victim.delegation if gives else victim.revocation)(CENTRE, TODAY + day * DAY)
        for gives, day in files
    ]
    last = victim.revocation(CENTRE, TODAY + 4 * DAY)
    path = tmp_path_factory.mktemp("order") / "registry.db"
    store = SqliteStore.create(path)
    add_person(store, Role.HELPER, CENTRE, NOW)
    take_in(store, victim.submission(picture(seeded(3))), NOW)
    order = data.draw(st.permutations([*documents, *documents, last]))
    for document in order:
        take_in(store, document, NOW)
    assert not may_act(store, victim)
    store.close()


def test_one_of_each_of_one_day_ends_revoked_in_either_order(
    store: SqliteStore, victim: Victim
) -> None:
    for helper, order in zip((CENTRE, LINE), permutations(range(2)), strict=True):
        files = [victim.delegation(helper), victim.revocation(helper)]
        for number in order:
            take_in(store, files[number], NOW)
        assert not may_act(store, victim, helper)


def refused(
    store: SqliteStore, path: Path, document: Document, error: type[Exception] = Refused
) -> str:
    before = state_of(path)
    with pytest.raises(error) as caught:
        take_in(store, document, NOW)
    assert state_of(path) == before
    return str(caught.value)


@pytest.mark.parametrize("kind", [Victim.delegation, Victim.revocation])
def test_only_the_cases_own_key_counts(
    store: SqliteStore, path: Path, victim: Victim, kind: object
) -> None:
    assert callable(kind)
    if kind is Victim.revocation:
        take_in(store, victim.delegation(CENTRE), NOW)
    mine: Document = kind(victim, CENTRE)
    before = may_act(store, victim)
    assert "another key" in refused(store, path, kind(Victim(victim.number), CENTRE))
    for other in (
        dataclasses.replace(mine, helper=HelperName(LINE)),
        dataclasses.replace(mine, nonce="0" * 16),
        dataclasses.replace(mine, created=TOMORROW),
    ):
        assert "does not fit its content" in refused(store, path, other)
    assert may_act(store, victim) is before


@pytest.mark.parametrize("kind", [Victim.delegation, Victim.revocation])
def test_a_case_that_is_not_here_has_no_helper(
    store: SqliteStore, path: Path, kind: object
) -> None:
    assert callable(kind)
    assert "Take its submission in first" in refused(store, path, kind(Victim(), CENTRE))


def test_only_an_active_helper_can_be_named(store: SqliteStore, path: Path, victim: Victim) -> None:
    """Else whoever takes the mistyped name one day could act for the case."""
    for name in ("nobody", "kim", "examplegram"):
        said = refused(store, path, victim.delegation(name), NotFound)
        assert f"No helper is named {name}" in said
    revoke_person(store, Role.HELPER, LINE, NOW)
    assert f"{LINE} was revoked" in refused(store, path, victim.delegation(LINE))


def test_a_revoked_helper_acts_no_more_and_can_still_be_undelegated(
    store: SqliteStore, victim: Victim
) -> None:
    take_in(store, victim.delegation(CENTRE), NOW)
    revoke_person(store, Role.HELPER, CENTRE, NOW)
    with store.read(), pytest.raises(Refused, match="was revoked"):
        delegated_case(store, CENTRE, victim.number)
    assert outcome(store, victim.revocation(CENTRE)) is Outcome.REVOKED
    assert told(store)[-1] == ("delegation_revoked", "case", CENTRE)


@pytest.mark.parametrize("after_purge", [False, True])
def test_withdrawing_ends_all_delegations_for_good(
    store: SqliteStore, path: Path, victim: Victim, after_purge: bool
) -> None:
    old = victim.delegation(CENTRE)
    take_in(store, old, NOW)
    take_in(store, victim.delegation(LINE), NOW)
    take_in(store, victim.revocation(LINE), NOW)
    take_in(store, victim.withdrawal(), NOW)
    assert told(store)[3:] == [("delegation_revoked", "case", CENTRE)]
    if after_purge:
        purge(store, NOW)
        with raw(path) as connection:
            assert connection.execute("SELECT count(*) FROM delegations").fetchone() == (0,)
    before = state_of(path)
    for document in (old, victim.delegation(CENTRE, TOMORROW), victim.revocation(CENTRE)):
        assert outcome(store, document) is Outcome.WITHDRAWN
        assert not may_act(store, victim)
    assert state_of(path) == before


def test_a_stranger_learns_nothing_of_an_erased_case(
    store: SqliteStore, path: Path, victim: Victim
) -> None:
    take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW)
    assert "another key" in refused(store, path, Victim(victim.number).delegation(CENTRE))


def test_files_of_different_days_count_as_they_were_signed(
    store: SqliteStore, victim: Victim
) -> None:
    """A delegation signed after the revocation stands, though the revocation ended nothing then."""
    outcome(store, victim.revocation(CENTRE, dt.date(2026, 5, 4)))
    assert outcome(store, victim.delegation(CENTRE, dt.date(2026, 5, 5))) is Outcome.DELEGATED
    assert may_act(store, victim)
