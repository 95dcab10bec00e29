"""Held pictures: matched by nobody until a person has looked, and nothing is lost by the wait."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from hashreg.matching import policy
from hashreg.model.cases import CaseState
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import (
    EventKind,
    FingerprintId,
    HoldReason,
    MatchState,
    PictureState,
)
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign, list_benign, remove_benign
from hashreg.takedown.holds import HeldPicture, admit, held, parse_picture, refuse
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.report import report
from hashreg.takedown.review import decide, queue
from hashreg.takedown.statistics import statistics
from hashreg.takedown.status import case_status
from support.asking import is_found, item, reported, ticket_of
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded
from support.sqlite import state_of

LIMIT = policy.QUARANTINE_HITS
BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
DIFFERENT = Decision(Verdict.NOT_BLOCKED, Reason.DIFFERENT_CONTENT)
MEME = picture(seeded(1))
OWN = picture(seeded(2))
Deciding = Callable[[SqliteStore, FingerprintId, str, dt.datetime], HeldPicture]
both = pytest.mark.parametrize("deciding", [admit, refuse])


def flood(
    store: SqliteStore,
    shared: Fingerprint,
    count: int,
    *,
    first: int = 0,
    now: dt.datetime = NOW,
) -> None:
    """Report ``count`` content items that all show one picture."""
    items = [item(str(first + number), shared) for number in range(count)]
    report(store, RegistryIndex(), "examplegram", items, now)


def the_held(store: SqliteStore) -> FingerprintId:
    (waiting,) = held(store)
    return waiting.hold.fingerprint_id


def contents(store: SqliteStore, state: MatchState | None = MatchState.OPEN) -> list[str]:
    """Return the content items in the queue, each as often as it stands there."""
    return sorted(entry.match.content_id for entry in queue(store, state))


def tickets(store: SqliteStore) -> list[Ticket]:
    return [entry.match.ticket for entry in queue(store)]


def times(store: SqliteStore, kind: EventKind) -> int:
    with store.read():
        return len(list(store.events.after(0, [kind])))


@pytest.fixture
def victim(store: SqliteStore) -> Victim:
    """A victim of whose case all pictures, the meme, are held."""
    victim = Victim()
    add_benign(store, MEME, "the cat that waits", NOW)
    take_in(store, victim.submission(MEME), NOW)
    return victim


@pytest.fixture
def flooded(store: SqliteStore) -> Victim:
    """A victim of whose two pictures one was quarantined."""
    victim = Victim()
    take_in(store, victim.submission(MEME, OWN), NOW)
    flood(store, MEME, LIMIT)
    return victim


def test_what_is_reported_while_a_picture_is_held_is_found_when_it_is_admitted(
    store: SqliteStore, index: RegistryIndex
) -> None:
    """Reported before the case, while it is held, and after: one ticket each."""
    rng = seeded(3)
    add_benign(store, MEME, "", NOW)
    reported(store, index, "before", copy_of(MEME, rng, 5))
    assert take_in(store, Victim().submission(MEME), NOW).matches == 0
    reported(store, index, "meanwhile", copy_of(MEME, rng, 6))
    reported(store, index, "other", picture(rng))
    assert contents(store, None) == []
    shown = admit(store, the_held(store), "kim", NOW)
    assert (shown.hold.state, shown.hits) == (PictureState.ACTIVE, 2)
    assert contents(store) == ["before", "meanwhile"]
    known = tickets(store)
    reported(store, index, "after", copy_of(MEME, rng, 7))
    assert ticket_of(reported(store, index, "meanwhile", MEME)) in known
    assert contents(store) == ["after", "before", "meanwhile"]
    assert times(store, EventKind.MATCH_FOUND) == 3


def test_a_case_is_held_until_one_of_its_pictures_is_admitted(
    store: SqliteStore, victim: Victim
) -> None:
    assert case_status(store, victim.number).state is CaseState.HELD
    admit(store, the_held(store), "kim", NOW)
    assert case_status(store, victim.number).state is CaseState.ACTIVE
    assert held(store) == []
    assert is_found(store, MEME)
    with store.read():
        steps = [(it.kind, it.actor, it.detail) for it in store.events.after(0)][-3:]
    assert steps == [
        (EventKind.FINGERPRINT_ADMITTED, "kim", "known_benign"),
        (EventKind.FINGERPRINT_ADDED, "kim", ""),
        (EventKind.CASE_STATE, "kim", "active"),
    ]


def test_pictures_can_be_added_to_a_held_case(store: SqliteStore, victim: Victim) -> None:
    assert take_in(store, victim.addition(copy_of(MEME, seeded(4), 3)), NOW).held == 1
    assert case_status(store, victim.number).state is CaseState.HELD
    assert take_in(store, victim.addition(OWN), NOW).outcome is Outcome.ADDED
    status = case_status(store, victim.number)
    assert (status.state, status.pictures, status.held) == (CaseState.ACTIVE, 3, 2)
    assert is_found(store, OWN)
    assert not is_found(store, MEME)


def test_a_case_is_refused_when_all_of_its_pictures_are(store: SqliteStore, victim: Victim) -> None:
    take_in(store, victim.addition(copy_of(MEME, seeded(5), 3)), NOW)
    first, second = (it.hold.fingerprint_id for it in held(store))
    refuse(store, first, "kim", NOW)
    assert case_status(store, victim.number).state is CaseState.HELD
    refuse(store, second, "kim", NOW)
    status = case_status(store, victim.number)
    assert (status.state, status.held, status.refused) == (CaseState.REFUSED, 0, 2)


def test_refusing_one_picture_leaves_the_rest_of_the_case(
    store: SqliteStore, flooded: Victim
) -> None:
    refuse(store, the_held(store), "kim", NOW)
    assert is_found(store, OWN)
    assert not is_found(store, MEME)
    status = case_status(store, flooded.number)
    assert (status.state, status.held, status.refused) == (CaseState.ACTIVE, 0, 1)
    assert take_in(store, flooded.addition(picture(seeded(6))), NOW).outcome is Outcome.ADDED


def test_a_refused_picture_stays_refused(store: SqliteStore, path: Path, victim: Victim) -> None:
    name = the_held(store)
    shown = refuse(store, name, "kim", NOW)
    assert shown.hold.state is PictureState.REFUSED
    before = state_of(path)
    for deciding in (admit, refuse):
        with pytest.raises(Refused, match="decided before: it is refused"):
            deciding(store, name, "lee", NOW)
    assert take_in(store, victim.submission(MEME), NOW).outcome is Outcome.ALREADY
    with pytest.raises(Refused, match="have decided against case"):
        take_in(store, victim.addition(OWN), NOW)
    assert state_of(path) == before
    (harmless,) = list_benign(store)
    remove_benign(store, harmless.benign_id.hex(), NOW)
    assert not is_found(store, MEME)
    assert [it.hold.state for it in held(store, None)] == [PictureState.REFUSED]


def test_admitting_twice_changes_nothing(store: SqliteStore, path: Path, victim: Victim) -> None:
    name = the_held(store)
    admit(store, name, "kim", NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="decided before: it is active"):
        admit(store, name, "kim", NOW + DAY)
    assert state_of(path) == before


@both
@pytest.mark.parametrize("name", ["nobody", "Kim", "examplegram", ""])
@pytest.mark.usefixtures("victim")
def test_only_a_moderator_decides(
    store: SqliteStore, path: Path, deciding: Deciding, name: str
) -> None:
    before = state_of(path)
    with pytest.raises(NotFound, match="No moderator is named"):
        deciding(store, the_held(store), name, NOW)
    assert state_of(path) == before


@both
@pytest.mark.usefixtures("victim")
def test_a_revoked_moderator_decides_no_more(
    store: SqliteStore, path: Path, deciding: Deciding
) -> None:
    revoke_person(store, Role.MODERATOR, "kim", NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="kim was revoked"):
        deciding(store, the_held(store), "kim", NOW)
    assert state_of(path) == before
    deciding(store, the_held(store), "lee", NOW)


@both
def test_a_picture_that_was_never_held_is_not_to_be_decided(
    store: SqliteStore, path: Path, deciding: Deciding
) -> None:
    take_in(store, Victim().submission(OWN), NOW)
    with store.read():
        (registered,) = store.cases.fingerprints()
    before = state_of(path)
    for name in (registered.fingerprint_id, FingerprintId(bytes(16))):
        with pytest.raises(NotFound) as caught:
            deciding(store, name, "kim", NOW)
        assert caught.value.field == "picture"
    assert state_of(path) == before


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "g" * 32, "0" * 31 + "\u0660"])
def test_a_mistyped_picture_is_said(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_picture(text)
    assert caught.value.field == "picture"


def test_a_picture_may_be_typed_in_capitals() -> None:
    assert parse_picture(" " + "AB" * 16 + "\n") == b"\xab" * 16


def test_a_moderator_sees_no_hash(store: SqliteStore, victim: Victim) -> None:
    (waiting,) = held(store)
    assert waiting.as_json() == {
        "picture": waiting.hold.fingerprint_id.hex(),
        "case": victim.number,
        "state": "held",
        "reason": "known_benign",
        "detail": "the cat that waits",
        "held_at": "2026-05-04T12:30:00+00:00",
        "hits": 0,
        "votes": [],
    }


@pytest.mark.parametrize("refused", [False, True])
def test_withdrawing_erases_what_is_held_or_refused(
    store: SqliteStore, victim: Victim, refused: bool
) -> None:
    name = the_held(store)
    if refused:
        refuse(store, name, "kim", NOW)
    result = take_in(store, victim.withdrawal(), NOW)
    assert (result.outcome, result.pictures) == (Outcome.WITHDRAWN, 1)
    assert held(store, None) == []
    with store.read():
        assert store.cases.fingerprint(name) is None
    with pytest.raises(NotFound):
        admit(store, name, "kim", NOW)
    assert take_in(store, victim.submission(MEME), NOW).outcome is Outcome.WITHDRAWN
    assert not is_found(store, MEME)


def test_a_picture_is_quarantined_at_the_limit_and_not_below(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.submission(MEME, OWN), NOW)
    flood(store, MEME, LIMIT - 1)
    assert held(store) == []
    flood(store, MEME, LIMIT - 1)  # the same content again is no more of it
    assert is_found(store, MEME)
    flood(store, MEME, 1, first=LIMIT)
    (waiting,) = held(store)
    assert (waiting.hold.reason, waiting.hits) == (HoldReason.MANY_HITS, LIMIT)
    assert not is_found(store, MEME)
    assert is_found(store, OWN)
    assert case_status(store, victim.number).state is CaseState.ACTIVE
    assert statistics(store, NOW)["pictures_held"] == 1


@pytest.mark.parametrize(
    ("age", "count"),
    [(policy.QUARANTINE_SPAN, 0), (policy.QUARANTINE_SPAN - dt.timedelta(microseconds=1), 1)],
)
def test_only_what_was_found_within_a_day_counts(
    store: SqliteStore, age: dt.timedelta, count: int
) -> None:
    take_in(store, Victim().submission(MEME), NOW)
    flood(store, MEME, 1, now=NOW - age)
    flood(store, MEME, LIMIT - 1, first=1)
    assert len(held(store)) == count


def test_another_pictures_hits_do_not_count(store: SqliteStore) -> None:
    take_in(store, Victim().submission(MEME, OWN), NOW)
    flood(store, MEME, LIMIT - 1)
    flood(store, OWN, LIMIT - 1, first=LIMIT)
    assert held(store) == []


@pytest.mark.usefixtures("flooded")
def test_a_quarantine_stops_matching_and_loses_nothing(store: SqliteStore) -> None:
    flood(store, MEME, 20, first=LIMIT)
    assert len(contents(store)) == LIMIT
    admit(store, the_held(store), "kim", NOW)
    assert contents(store) == sorted(map(str, range(LIMIT + 20)))
    assert times(store, EventKind.MATCH_FOUND) == LIMIT + 20


@pytest.mark.usefixtures("flooded")
def test_what_waits_of_a_quarantined_picture_can_be_decided(store: SqliteStore) -> None:
    """A hit that a person calls harmless ends nothing; one that they block ends the quarantine."""
    flood(store, MEME, 20, first=LIMIT)
    first, second, *_ = tickets(store)
    decide(store, first, DIFFERENT, "kim", NOW)
    assert len(held(store)) == 1
    decide(store, second, BLOCKED, "kim", NOW)
    assert held(store) == []
    assert is_found(store, MEME)
    assert len(contents(store)) == LIMIT + 20 - 2
    (once,) = held(store, None)
    assert once.hold.state is PictureState.ACTIVE


def test_a_blocked_hit_does_not_admit_what_collides_with_a_harmless_picture(
    store: SqliteStore, index: RegistryIndex
) -> None:
    take_in(store, Victim().submission(MEME), NOW)
    ticket = ticket_of(reported(store, index, "a", MEME))
    add_benign(store, MEME, "", NOW)
    decide(store, ticket, BLOCKED, "kim", NOW)
    assert len(held(store)) == 1
    assert not is_found(store, MEME)


def test_a_confirmed_picture_is_never_quarantined(store: SqliteStore, index: RegistryIndex) -> None:
    """The worst victim's picture is the most shared one."""
    take_in(store, Victim().submission(MEME), NOW)
    ticket = ticket_of(reported(store, index, "confirmed", MEME))
    decide(store, ticket, BLOCKED, "kim", NOW)
    flood(store, MEME, 2 * LIMIT)
    assert held(store) == []
    assert len(contents(store)) == 2 * LIMIT


def test_a_picture_stays_confirmed_when_another_one_explains_its_hit_better(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng, victim = seeded(7), Victim()
    near = copy_of(MEME, rng, 30)
    take_in(store, victim.submission(MEME), NOW)
    decide(store, ticket_of(reported(store, index, "a", near)), BLOCKED, "kim", NOW)
    take_in(store, victim.addition(near), NOW)
    flood(store, MEME, LIMIT)
    assert held(store) == []


def test_what_a_person_called_harmless_confirms_nothing(
    store: SqliteStore, index: RegistryIndex
) -> None:
    take_in(store, Victim().submission(MEME), NOW)
    decide(store, ticket_of(reported(store, index, "a", MEME)), DIFFERENT, "kim", NOW)
    flood(store, MEME, LIMIT - 1)
    assert len(held(store)) == 1


@pytest.mark.usefixtures("flooded")
def test_an_admitted_picture_is_never_held_again(store: SqliteStore) -> None:
    admit(store, the_held(store), "kim", NOW)
    flood(store, MEME, LIMIT, first=LIMIT)
    assert add_benign(store, MEME, "", NOW).held == 0
    assert held(store) == []
    assert is_found(store, MEME)


def test_a_refused_pictures_undecided_matches_are_closed(
    store: SqliteStore, path: Path, index: RegistryIndex, flooded: Victim
) -> None:
    reported(store, index, "own", OWN)
    decide(store, tickets(store)[0], DIFFERENT, "kim", NOW)
    refuse(store, the_held(store), "kim", NOW)
    assert contents(store) == ["own"]
    assert len(contents(store, MatchState.CLOSED)) == LIMIT - 1
    assert len(contents(store, MatchState.DECIDED)) == 1
    (closed, *_) = queue(store, MatchState.CLOSED)
    before = state_of(path)
    with pytest.raises(Refused, match="refused by a person"):
        decide(store, closed.match.ticket, BLOCKED, "kim", NOW)
    assert state_of(path) == before


def test_what_another_picture_of_the_case_has_too_goes_on_waiting(
    store: SqliteStore, index: RegistryIndex
) -> None:
    """A second, nearly equal photo must not lose its finds because the first one was refused."""
    rng = seeded(8)
    second, between = only_pdq(copy_of(MEME, rng, 40)), copy_of(MEME, rng, 3)
    take_in(store, Victim().submission(MEME, second), NOW)
    ticket = ticket_of(reported(store, index, "shared", between))
    reported(store, index, "far", copy_of(MEME, rng, 31))
    add_benign(store, MEME, "", NOW)
    refuse(store, the_held(store), "kim", NOW)
    assert contents(store) == ["shared"]
    assert tickets(store) == [ticket]
    assert contents(store, MatchState.CLOSED) == ["far"]
    reported(store, index, "far", second)
    assert contents(store) == ["far", "shared"]


def test_a_new_case_with_too_many_hits_is_quarantined_at_once(store: SqliteStore) -> None:
    flood(store, MEME, LIMIT + 20)
    result = take_in(store, Victim().submission(MEME, OWN), NOW)
    assert (result.outcome, result.matches, result.held) == (Outcome.TAKEN_IN, LIMIT, 1)
    assert len(contents(store)) == LIMIT
    assert is_found(store, OWN)
    admit(store, the_held(store), "kim", NOW)
    assert contents(store) == sorted(map(str, range(LIMIT + 20)))


def test_what_a_quarantined_picture_leaves_another_one_of_the_case_finds(
    store: SqliteStore,
) -> None:
    flood(store, MEME, LIMIT + 20)
    result = take_in(store, Victim().submission(MEME, copy_of(MEME, seeded(9), 8)), NOW)
    assert (result.matches, result.held) == (LIMIT + 20, 1)
    assert contents(store) == sorted(map(str, range(LIMIT + 20)))


def test_an_addition_that_is_not_quarantined_finds_everything(store: SqliteStore) -> None:
    """Much of what it is like the case has already, through another picture."""
    rng, victim = seeded(10), Victim()
    first = only_pdq(copy_of(MEME, rng, 40))
    take_in(store, victim.submission(first), NOW)
    flood(store, first, LIMIT - 40)
    flood(store, only_pdq(copy_of(MEME, rng, 20)), LIMIT - 20, first=LIMIT - 40)
    assert len(contents(store)) == LIMIT - 40
    assert take_in(store, victim.addition(MEME), NOW).held == 0
    assert contents(store) == sorted(map(str, range(2 * LIMIT - 60)))
