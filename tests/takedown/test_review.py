"""The queue and the decisions: by people who may, with a reason, and never forgotten."""

import dataclasses
from pathlib import Path

import pytest

from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.matches import Ticket, Tier
from hashreg.model.people import Role
from hashreg.model.records import EventKind, MatchState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.review import decide, parse_ticket, queue, show
from support.asking import reported, ticket_of
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded
from support.sqlite import state_of

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
DIFFERENT = Decision(Verdict.NOT_BLOCKED, Reason.DIFFERENT_CONTENT)
PENDING = Decision(Verdict.PENDING_REVIEW, None)


@dataclasses.dataclass
class Found:
    """A case, and the ticket of a match of it."""

    victim: Victim
    ticket: Ticket


@pytest.fixture
def found(store: SqliteStore, index: RegistryIndex) -> Found:
    victim, kept = Victim(), picture(seeded(1))
    take_in(store, victim.submission(kept), NOW)
    return Found(victim, ticket_of(reported(store, index, "upload", kept)))


def waiting(store: SqliteStore) -> list[Ticket]:
    return [entry.match.ticket for entry in queue(store)]


def test_the_surest_matches_stand_on_top(store: SqliteStore, index: RegistryIndex) -> None:
    rng, kept = seeded(2), only_pdq(picture(seeded(3)))
    take_in(store, Victim().submission(kept), NOW)
    for bits in (33, 3, 45, 30, 0):
        reported(store, index, str(bits), copy_of(kept, rng, bits))
    entries = queue(store)
    assert [entry.match.content_id for entry in entries] == ["0", "3", "30", "33", "45"]
    tiers = [entry.match.explanation.tier for entry in entries]
    assert tiers == [Tier.MATCH] * 3 + [Tier.REVIEW] * 2


def test_a_decision_takes_a_match_off_the_queue_and_is_written_down(
    store: SqliteStore, found: Found
) -> None:
    entry = decide(store, found.ticket, BLOCKED, "kim", NOW)
    assert entry.match.state is MatchState.DECIDED
    assert waiting(store) == []
    assert entry == show(store, found.ticket) == queue(store, None)[0]
    (verdict,) = entry.verdicts
    assert (verdict.decision, verdict.actor, verdict.decided_at) == (BLOCKED, "kim", NOW)
    with store.read():
        (event,) = store.events.after(0, [EventKind.VERDICT])
    assert (event.subject, event.actor, event.detail) == (
        found.ticket,
        "kim",
        "blocked non_consensual",
    )


def test_pending_review_leaves_a_match_in_the_queue(store: SqliteStore, found: Found) -> None:
    entry = decide(store, found.ticket, PENDING, "kim", NOW)
    assert [it.decision for it in entry.verdicts] == [PENDING]
    assert waiting(store) == [found.ticket]


def test_a_change_of_mind_is_kept_beside_what_was_said_before(
    store: SqliteStore, found: Found
) -> None:
    said = [BLOCKED, DIFFERENT, PENDING, BLOCKED]
    for days, decision in enumerate(said):
        decide(store, found.ticket, decision, "kim", NOW + days * DAY)
        waits = decision is PENDING
        assert waiting(store) == ([found.ticket] if waits else [])
    assert [it.decision for it in show(store, found.ticket).verdicts] == said


def test_the_last_word_counts_even_when_the_clock_was_set_back(
    store: SqliteStore, found: Found
) -> None:
    decide(store, found.ticket, BLOCKED, "kim", NOW)
    decide(store, found.ticket, DIFFERENT, "kim", NOW - DAY)
    entry = show(store, found.ticket)
    assert [it.decision for it in entry.verdicts] == [BLOCKED, DIFFERENT]


def test_the_same_decision_twice_is_written_once(
    store: SqliteStore, path: Path, found: Found
) -> None:
    decide(store, found.ticket, BLOCKED, "kim", NOW)
    before = state_of(path)
    decide(store, found.ticket, BLOCKED, "kim", NOW + DAY)
    assert state_of(path) == before
    entry = decide(store, found.ticket, BLOCKED, "lee", NOW + DAY)
    assert [it.actor for it in entry.verdicts] == ["kim", "lee"]


def refused(
    store: SqliteStore, path: Path, ticket: Ticket, moderator: str, error: type[Exception]
) -> str:
    before = state_of(path)
    with pytest.raises(error) as caught:
        decide(store, ticket, BLOCKED, moderator, NOW)
    assert state_of(path) == before
    return str(caught.value)


@pytest.mark.parametrize("name", ["nobody", "Kim", "examplegram", ""])
def test_only_a_moderator_decides(store: SqliteStore, path: Path, found: Found, name: str) -> None:
    assert "No moderator is named" in refused(store, path, found.ticket, name, NotFound)
    assert waiting(store) == [found.ticket]


def test_a_revoked_moderator_decides_no_more(store: SqliteStore, path: Path, found: Found) -> None:
    revoke_person(store, Role.MODERATOR, "kim", NOW)
    assert "kim was revoked" in refused(store, path, found.ticket, "kim", Refused)
    assert decide(store, found.ticket, BLOCKED, "lee", NOW).match.state is MatchState.DECIDED


def test_an_unknown_ticket_is_said(store: SqliteStore, path: Path, found: Found) -> None:
    unknown = Ticket("0" * 32)
    assert "No match has this ticket" in refused(store, path, unknown, "kim", NotFound)
    with pytest.raises(NotFound):
        show(store, unknown)


def test_a_match_of_a_withdrawn_case_is_not_to_be_decided(
    store: SqliteStore, path: Path, found: Found
) -> None:
    take_in(store, found.victim.withdrawal(), NOW)
    assert "its picture was withdrawn" in refused(store, path, found.ticket, "kim", Refused)
    assert show(store, found.ticket).match.state is MatchState.CLOSED


def test_a_decided_match_of_a_withdrawn_case_does_not_come_back_to_the_queue(
    store: SqliteStore, found: Found
) -> None:
    decide(store, found.ticket, BLOCKED, "kim", NOW)
    take_in(store, found.victim.withdrawal(), NOW)
    for decision in (PENDING, DIFFERENT):
        with pytest.raises(Refused, match="its picture was withdrawn"):
            decide(store, found.ticket, decision, "kim", NOW)
    assert waiting(store) == []
    assert [it.decision for it in show(store, found.ticket).verdicts] == [BLOCKED]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Verdict.BLOCKED, None),
        (Verdict.BLOCKED, Reason.CONSENSUAL),
        (Verdict.NOT_BLOCKED, None),
        (Verdict.NOT_BLOCKED, Reason.NON_CONSENSUAL),
        (Verdict.PENDING_REVIEW, Reason.NOT_INTIMATE),
    ],
)
def test_a_reason_that_does_not_fit_is_no_decision(verdict: Verdict, reason: Reason | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        Decision(verdict, reason)
    assert caught.value.field == "reason"


def test_a_moderator_sees_neither_hash_nor_case(store: SqliteStore, found: Found) -> None:
    fields = show(store, found.ticket).as_json()
    assert list(fields) == [
        "ticket",
        "platform",
        "content_id",
        "state",
        "found_at",
        "tier",
        "algorithm",
        "distance",
        "view",
        "query_view",
        "agreeing_views",
        "second_signal",
        "suspicious",
        "shape",
        "verdicts",
        "removed_at",
    ]
    assert found.victim.number not in str(fields)


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "g" * 32, "0" * 31 + "\u0660"])
def test_a_mistyped_ticket_is_said(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_ticket(text)
    assert caught.value.field == "ticket"
    assert "as it was given out with the match" in str(caught.value)


def test_a_ticket_may_be_typed_in_capitals() -> None:
    assert parse_ticket(" " + "AB" * 16 + "\n") == "ab" * 16
