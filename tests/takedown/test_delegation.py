"""What helpers do for a victim who delegated them, and that nobody else can."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hashreg.model.cases import CaseNumber, CaseState, new_case_number
from hashreg.model.errors import InvalidDocument, NotFound, Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.people import Role
from hashreg.model.records import EventKind
from hashreg.model.submissions import Kind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.delegation import helper_add, helper_status, helper_withdraw
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.review import queue
from hashreg.takedown.status import case_status
from support.asking import is_found, reported
from support.cases import DAY, NOW, Victim, blank, copy_of, picture, seeded
from support.sqlite import found_in_files, state_of

CENTRE, LINE = "도움 센터", "help line"
Ask = Callable[[SqliteStore, str, CaseNumber], object]


@pytest.fixture(autouse=True)
def _helpers(store: SqliteStore) -> None:
    for name in (CENTRE, LINE):
        add_person(store, Role.HELPER, name, NOW)


@pytest.fixture
def victim(store: SqliteStore) -> Victim:
    """A case that the centre was delegated to, and the help line once was."""
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(1))), NOW)
    for document in (
        victim.delegation(CENTRE),
        victim.delegation(LINE),
        victim.revocation(LINE),
    ):
        take_in(store, document, NOW)
    return victim


def status(store: SqliteStore, helper: str, number: CaseNumber) -> object:
    return helper_status(store, helper, number)


def add(store: SqliteStore, helper: str, number: CaseNumber) -> object:
    return helper_add(store, helper, number, [picture(seeded(2))], NOW)


def withdraw(store: SqliteStore, helper: str, number: CaseNumber) -> object:
    return helper_withdraw(store, helper, number, NOW)


EVERY: list[Ask] = [status, add, withdraw]


@pytest.mark.parametrize("ask", EVERY)
def test_a_case_that_is_not_delegated_is_told_as_an_unknown_one(
    store: SqliteStore, path: Path, victim: Victim, ask: Ask
) -> None:
    never = Victim()
    take_in(store, never.submission(picture(seeded(3))), NOW)
    before = state_of(path)
    said = set()
    for helper, number in (
        (CENTRE, new_case_number()),
        (CENTRE, never.number),
        (LINE, victim.number),
    ):
        with pytest.raises(NotFound) as caught:
            ask(store, helper, number)
        said.add((str(caught.value), caught.value.field))
    assert {field for _, field in said} == {"case"}
    assert len(said) == 1
    assert state_of(path) == before


@pytest.mark.parametrize("ask", EVERY)
def test_only_an_active_helper_acts(
    store: SqliteStore, path: Path, victim: Victim, ask: Ask
) -> None:
    revoke_person(store, Role.HELPER, CENTRE, NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="was revoked"):
        ask(store, CENTRE, victim.number)
    for nobody in ("kim", "examplegram", "", "\udcff"):
        with pytest.raises(NotFound, match="No helper is named"):
            ask(store, nobody, victim.number)
    assert state_of(path) == before


def test_a_helper_sees_where_the_case_stands(store: SqliteStore, victim: Victim) -> None:
    found = helper_status(store, CENTRE, victim.number)
    assert found == case_status(store, victim.number)
    assert found.pictures == 1


def test_a_helpers_pictures_are_matched_at_once_and_once(
    store: SqliteStore, path: Path, index: RegistryIndex, victim: Victim
) -> None:
    rng, more = seeded(4), [picture(seeded(5)), picture(seeded(6)), blank()]
    reported(store, index, "before", more[0])
    result = helper_add(store, CENTRE, victim.number, more[:2], NOW)
    assert (result.case, result.kind, result.outcome) == (
        victim.number,
        Kind.ADDITION,
        Outcome.ADDED,
    )
    assert (result.pictures, result.matches, result.held) == (2, 1, 0)
    assert is_found(store, copy_of(more[1], rng, 20))
    before = state_of(path)
    again = helper_add(store, CENTRE, victim.number, more[:2], NOW + DAY)
    assert (again.outcome, again.pictures) == (Outcome.ALREADY, 0)
    assert state_of(path) == before
    assert helper_add(store, CENTRE, victim.number, more[1:2], NOW).outcome is Outcome.ADDED


def test_the_same_pictures_can_be_added_to_two_cases(store: SqliteStore, victim: Victim) -> None:
    other, same_one = Victim(), [picture(seeded(7))]
    take_in(store, other.submission(picture(seeded(8))), NOW)
    take_in(store, other.delegation(CENTRE), NOW)
    for it in (victim, other):
        assert helper_add(store, CENTRE, it.number, same_one, NOW).outcome is Outcome.ADDED


def test_what_a_helper_does_is_written_down_as_theirs(store: SqliteStore, victim: Victim) -> None:
    with store.read():
        before = store.events.last_sequence()
    helper_add(store, CENTRE, victim.number, [picture(seeded(9))], NOW)
    helper_withdraw(store, CENTRE, victim.number, NOW)
    with store.read():
        events = list(store.events.after(before))
    assert [event.kind for event in events] == [
        EventKind.FINGERPRINT_ADDED,
        EventKind.CASE_STATE,
        EventKind.FINGERPRINT_REMOVED,
        EventKind.FINGERPRINT_REMOVED,
        EventKind.DELEGATION_REVOKED,
    ]
    assert {event.actor for event in events} == {f"helper:{CENTRE}"}


def test_a_helper_adds_nothing_that_no_case_registers(
    store: SqliteStore, path: Path, victim: Victim
) -> None:
    odd = Fingerprint((HashItem(Algorithm.PDQ, "mirror", "5a" * 32, 97),), 97)
    before = state_of(path)
    with pytest.raises(InvalidDocument, match="no case registers"):
        helper_add(store, CENTRE, victim.number, [picture(seeded(10)), odd], NOW)
    for empty in ([], [Fingerprint((), 10)]):
        with pytest.raises(Refused, match="distinctive enough"):
            helper_add(store, CENTRE, victim.number, empty, NOW)
    assert state_of(path) == before


def test_a_helpers_picture_that_is_like_a_harmless_one_is_held(
    store: SqliteStore, victim: Victim
) -> None:
    meme = picture(seeded(11))
    add_benign(store, meme, "", NOW)
    result = helper_add(store, CENTRE, victim.number, [meme], NOW)
    assert (result.outcome, result.pictures, result.held) == (Outcome.HELD, 1, 1)
    assert not is_found(store, meme)


def test_a_helper_withdraws_as_the_victim_does(
    store: SqliteStore, path: Path, index: RegistryIndex
) -> None:
    victim, kept = Victim(), picture(seeded(12))
    submission = victim.submission(kept)
    take_in(store, submission, NOW)
    for helper in (CENTRE, LINE):
        take_in(store, victim.delegation(helper), NOW)
    reported(store, index, "a", kept)
    result = helper_withdraw(store, CENTRE, victim.number, NOW)
    assert (result.kind, result.outcome, result.pictures, result.cleaned) == (
        Kind.WITHDRAWAL,
        Outcome.WITHDRAWN,
        1,
        True,
    )
    assert not is_found(store, kept)
    assert queue(store) == []
    assert case_status(store, victim.number).state is CaseState.WITHDRAWN
    for helper in (CENTRE, LINE):
        with pytest.raises(NotFound):
            helper_status(store, helper, victim.number)
    purge(store, NOW + 100 * DAY)  # what was reported of it is over, too
    digests = [bytes.fromhex(it.hash) for it in kept.hashes]
    assert found_in_files(path, digests) == 0
    before = state_of(path)
    assert take_in(store, submission, NOW).outcome is Outcome.WITHDRAWN
    assert take_in(store, victim.withdrawal(), NOW).outcome is Outcome.ALREADY
    assert state_of(path) == before


def test_what_a_helper_withdraws_can_be_overwritten_later(
    store: SqliteStore, victim: Victim
) -> None:
    result = helper_withdraw(store, CENTRE, victim.number, NOW, clean=False)
    assert (result.outcome, result.cleaned) == (Outcome.WITHDRAWN, False)


def test_a_helper_adds_nothing_to_a_case_that_was_refused(
    store: SqliteStore, victim: Victim
) -> None:
    with store.write():
        case = store.cases.find(victim.number)
        assert case is not None
        store.cases.set_state(case.case_id, CaseState.REFUSED)
    with pytest.raises(Refused, match="have decided against case"):
        helper_add(store, CENTRE, victim.number, [picture(seeded(13))], NOW)
    assert helper_status(store, CENTRE, victim.number).state is CaseState.REFUSED
