"""A picture that two have decided against stops matching until two moderators agree about it."""

from pathlib import Path

import pytest

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import EventKind, FingerprintId, HoldReason, PictureState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.holds import admit, held, refuse
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.review import decide, queue
from hashreg.takedown.status import case_status
from hashreg.takedown.tickets import decide_as_platform
from support.asking import is_found, reported, ticket_of
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.sqlite import raw

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
AGAINST = Decision(Verdict.NOT_BLOCKED, Reason.PUBLIC_INTEREST)
PENDING = Decision(Verdict.PENDING_REVIEW, None)
PICTURE, OTHER = picture(seeded(1)), picture(seeded(2))


def found_at(store: SqliteStore, platform: str, number: int) -> Ticket:
    """Report a copy and return its ticket."""
    shared = copy_of(PICTURE, seeded(100 + number), 5)
    return ticket_of(reported(store, RegistryIndex(), f"item {number}", shared, platform))


def the_held(store: SqliteStore) -> FingerprintId:
    (waiting,) = held(store)
    return waiting.hold.fingerprint_id


@pytest.fixture
def victim(store: SqliteStore) -> Victim:
    """A victim with two pictures, one of which is found at two platforms."""
    victim = Victim()
    take_in(store, victim.submission(PICTURE, OTHER), NOW)
    add_person(store, Role.MODERATOR, "park", NOW)
    return victim


@pytest.fixture
def disputed(store: SqliteStore, victim: Victim) -> FingerprintId:
    """The picture, after two platforms have decided against it."""
    for number, platform in enumerate(("examplegram", "bada")):
        decide_as_platform(store, found_at(store, platform, number), AGAINST, platform, NOW)
    assert case_status(store, victim.number).state is CaseState.DISPUTED
    return the_held(store)


def test_the_second_platform_that_decides_against_a_picture_stops_it_everywhere(
    store: SqliteStore, victim: Victim
) -> None:
    tickets = [found_at(store, name, at) for at, name in enumerate(("examplegram", "bada"))]
    decide_as_platform(store, tickets[0], AGAINST, "examplegram", NOW)
    assert is_found(store, PICTURE)
    decide_as_platform(store, tickets[1], AGAINST, "bada", NOW)
    assert not is_found(store, PICTURE)
    assert is_found(store, OTHER)
    (waiting,) = held(store)
    assert waiting.hold.reason is HoldReason.DISPUTED
    status = case_status(store, victim.number)
    assert (status.state, status.held) == (CaseState.DISPUTED, 1)


@pytest.mark.usefixtures("victim")
def test_one_alone_disputes_nothing_however_often(store: SqliteStore) -> None:
    for number in range(3):
        decide_as_platform(store, found_at(store, "bada", number), AGAINST, "bada", NOW)
    assert held(store) == []
    decide(store, found_at(store, "bada", 4), AGAINST, "kim", NOW)
    assert len(held(store)) == 1


@pytest.mark.usefixtures("victim")
def test_only_the_last_word_on_each_content_counts(store: SqliteStore) -> None:
    first, second = found_at(store, "bada", 1), found_at(store, "bada", 2)
    decide(store, first, AGAINST, "kim", NOW)
    decide(store, first, AGAINST, "lee", NOW)  # of the same content: no second voice
    assert held(store) == []
    decide(store, second, AGAINST, "kim", NOW)
    assert len(held(store)) == 1


@pytest.mark.usefixtures("victim")
@pytest.mark.parametrize("last", [BLOCKED, PENDING])
def test_who_changed_their_mind_disputes_no_more(store: SqliteStore, last: Decision) -> None:
    ticket = found_at(store, "bada", 1)
    decide(store, ticket, AGAINST, "kim", NOW)
    decide(store, ticket, last, "kim", NOW)
    decide(store, found_at(store, "bada", 2), AGAINST, "lee", NOW)
    assert held(store) == []


def test_two_moderators_who_agree_end_it(
    store: SqliteStore, victim: Victim, disputed: FingerprintId
) -> None:
    reported(store, RegistryIndex(), "meanwhile", PICTURE)
    shown = admit(store, disputed, "kim", NOW)
    assert shown.hold.state is PictureState.HELD
    assert shown.as_json()["votes"] == [{"as": "kim", "decision": "admit"}]
    assert admit(store, disputed, "kim", NOW).hold.state is PictureState.HELD
    assert not is_found(store, PICTURE)
    assert admit(store, disputed, "lee", NOW).hold.state is PictureState.ACTIVE
    assert is_found(store, PICTURE)
    assert case_status(store, victim.number).state is CaseState.ACTIVE
    assert "meanwhile" in {entry.match.content_id for entry in queue(store)}


def test_two_moderators_may_suspend_it(
    store: SqliteStore, victim: Victim, disputed: FingerprintId
) -> None:
    refuse(store, disputed, "kim", NOW)
    assert refuse(store, disputed, "lee", NOW).hold.state is PictureState.REFUSED
    status = case_status(store, victim.number)
    assert (status.state, status.refused) == (CaseState.ACTIVE, 1)
    assert not is_found(store, PICTURE)
    assert is_found(store, OTHER)


def test_a_case_of_which_nothing_is_left_is_suspended(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.submission(PICTURE), NOW)
    for number, name in enumerate(("kim", "lee")):
        decide(store, found_at(store, "bada", number), AGAINST, name, NOW)
    disputed = the_held(store)
    refuse(store, disputed, "kim", NOW)
    assert case_status(store, victim.number).state is CaseState.DISPUTED
    refuse(store, disputed, "lee", NOW)
    assert case_status(store, victim.number).state is CaseState.SUSPENDED
    with pytest.raises(Refused, match="have decided against"):
        take_in(store, victim.addition(OTHER), NOW)
    take_in(store, victim.withdrawal(), NOW)
    assert held(store, None) == []


def test_moderators_who_disagree_need_a_third(store: SqliteStore, disputed: FingerprintId) -> None:
    admit(store, disputed, "kim", NOW)
    assert refuse(store, disputed, "lee", NOW).hold.state is PictureState.HELD
    assert refuse(store, disputed, "park", NOW).hold.state is PictureState.REFUSED


def test_a_moderator_may_change_their_vote(store: SqliteStore, disputed: FingerprintId) -> None:
    admit(store, disputed, "kim", NOW)
    refuse(store, disputed, "kim", NOW)
    assert admit(store, disputed, "lee", NOW).hold.state is PictureState.HELD
    assert refuse(store, disputed, "lee", NOW).hold.state is PictureState.REFUSED


def test_the_vote_of_a_revoked_moderator_does_not_count(
    store: SqliteStore, disputed: FingerprintId
) -> None:
    admit(store, disputed, "kim", NOW)
    revoke_person(store, Role.MODERATOR, "kim", NOW)
    assert admit(store, disputed, "lee", NOW).hold.state is PictureState.HELD
    assert admit(store, disputed, "park", NOW).hold.state is PictureState.ACTIVE


def test_a_dispute_is_heard_once(store: SqliteStore, disputed: FingerprintId) -> None:
    for name in ("kim", "lee"):
        admit(store, disputed, name, NOW)
    for number, name in enumerate(("kim", "lee", "park"), 10):
        decide(store, found_at(store, "bada", number), AGAINST, name, NOW)
    assert is_found(store, PICTURE)


@pytest.mark.usefixtures("victim")
def test_what_was_admitted_for_another_reason_can_still_be_disputed(store: SqliteStore) -> None:
    add_benign(store, PICTURE, "", NOW)
    admit(store, the_held(store), "kim", NOW)
    for number, name in enumerate(("kim", "lee")):
        decide(store, found_at(store, "bada", number), AGAINST, name, NOW)
    (waiting,) = held(store)
    assert waiting.hold.reason is HoldReason.DISPUTED


def test_a_blocked_verdict_does_not_end_a_dispute(
    store: SqliteStore, victim: Victim, disputed: FingerprintId
) -> None:
    assert disputed
    (ticket, *_) = (entry.match.ticket for entry in queue(store, None))
    decide(store, ticket, BLOCKED, "kim", NOW)
    assert case_status(store, victim.number).state is CaseState.DISPUTED


def test_each_vote_is_written_down_without_the_pictures_name(
    store: SqliteStore, path: Path, disputed: FingerprintId
) -> None:
    admit(store, disputed, "kim", NOW)
    with store.read():
        (vote,) = store.events.after(0, [EventKind.FINGERPRINT_VOTED])
    assert (vote.subject, vote.actor, vote.detail) == (disputed.hex(), "kim", "admit")
    assert disputed.hex().encode() not in path.read_bytes()


def test_withdrawing_forgets_the_votes(
    store: SqliteStore, path: Path, victim: Victim, disputed: FingerprintId
) -> None:
    admit(store, disputed, "kim", NOW)
    take_in(store, victim.withdrawal(), NOW)
    with raw(path) as connection:
        assert connection.execute("SELECT count(*) FROM hold_votes").fetchone() == (0,)
