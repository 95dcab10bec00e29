"""What floods a channel, or comes by one that brought abusive claims, waits for a person."""

import pytest

from hashreg.matching import policy
from hashreg.model.cases import CaseState
from hashreg.model.matches import Ticket
from hashreg.model.records import HoldReason, PictureState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.channels import WEB
from hashreg.takedown.holds import admit, held
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.purge import purge
from hashreg.takedown.review import decide
from hashreg.takedown.statistics import statistics
from hashreg.takedown.status import case_status
from support.asking import is_found, reported, ticket_of
from support.cases import DAY, NOW, Victim, copy_of, picture, seeded

PARTNER, OTHER = "north help line", "south help line"
ABUSIVE = Decision(Verdict.NOT_BLOCKED, Reason.ABUSIVE_CLAIM)
GENUINE = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
ABUSES = policy.CHANNEL_ABUSES


def decided(store: SqliteStore, seed: int, decision: Decision, channel: str) -> Ticket:
    """Take a case in by a channel, find a copy, and decide about it."""
    shared = picture(seeded(seed))
    take_in(store, Victim().submission(shared), NOW, channel=channel)
    found = reported(store, RegistryIndex(), f"item {seed}", copy_of(shared, seeded(seed + 1), 5))
    decide(store, ticket_of(found), decision, "kim", NOW)
    return ticket_of(found)


def register(store: SqliteStore, seed: int, channel: str) -> Outcome:
    return take_in(store, Victim().submission(picture(seeded(seed))), NOW, channel=channel).outcome


@pytest.fixture
def abused(store: SqliteStore) -> None:
    for number in range(ABUSES):
        decided(store, 10 * number, ABUSIVE, PARTNER)


@pytest.mark.usefixtures("abused")
def test_what_comes_anew_by_an_abused_channel_waits_for_a_person(store: SqliteStore) -> None:
    victim, shared = Victim(), picture(seeded(900))
    result = take_in(store, victim.submission(shared), NOW, channel=PARTNER)
    assert (result.outcome, result.held) == (Outcome.HELD, 1)
    (waiting,) = held(store)
    assert (waiting.hold.reason, waiting.hold.detail) == (HoldReason.ABUSED_CHANNEL, PARTNER)
    assert not is_found(store, shared)
    admit(store, waiting.hold.fingerprint_id, "kim", NOW)
    assert is_found(store, shared)
    assert case_status(store, victim.number).state is CaseState.ACTIVE


@pytest.mark.usefixtures("abused")
def test_other_channels_are_not_concerned(store: SqliteStore) -> None:
    assert register(store, 901, OTHER) is Outcome.TAKEN_IN
    assert register(store, 902, WEB) is Outcome.TAKEN_IN
    assert register(store, 903, "intake") is Outcome.TAKEN_IN


def test_one_abusive_claim_less_is_not_enough(store: SqliteStore) -> None:
    for number in range(ABUSES - 1):
        decided(store, 10 * number, ABUSIVE, PARTNER)
    assert register(store, 900, PARTNER) is Outcome.TAKEN_IN


def test_a_channel_that_mostly_brings_genuine_claims_is_trusted(store: SqliteStore) -> None:
    genuine = round(ABUSES / policy.CHANNEL_ABUSIVE_SHARE)
    for number in range(genuine):
        decided(store, 1000 + 10 * number, GENUINE, PARTNER)
    for number in range(ABUSES):
        decided(store, 10 * number, ABUSIVE, PARTNER)
    assert register(store, 900, PARTNER) is Outcome.TAKEN_IN


def test_no_victim_answers_for_what_others_did(store: SqliteStore) -> None:
    """Who came by the channel before is matched as ever, and may add pictures."""
    victim, shared = Victim(), picture(seeded(800))
    take_in(store, victim.submission(shared), NOW, channel=PARTNER)
    for number in range(ABUSES):
        decided(store, 10 * number, ABUSIVE, PARTNER)
    added = take_in(store, victim.addition(picture(seeded(801))), NOW, channel=PARTNER)
    assert added.outcome is Outcome.ADDED
    assert is_found(store, shared)
    assert held(store) == []


def test_a_verdict_that_was_changed_weighs_as_its_last_word(store: SqliteStore) -> None:
    tickets = [decided(store, 10 * number, ABUSIVE, PARTNER) for number in range(ABUSES)]
    decide(store, tickets[0], GENUINE, "kim", NOW)
    assert statistics(store, NOW)["channels"] == {
        PARTNER: {"decided": ABUSES, "abusive": ABUSES - 1}
    }
    assert register(store, 900, PARTNER) is Outcome.TAKEN_IN


def test_withdrawing_does_not_clean_a_channel(store: SqliteStore) -> None:
    for number in range(ABUSES):
        victim, shared = Victim(), picture(seeded(10 * number))
        take_in(store, victim.submission(shared), NOW, channel=PARTNER)
        found = reported(store, RegistryIndex(), str(number), shared)
        decide(store, ticket_of(found), ABUSIVE, "kim", NOW)
        take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW)
    assert register(store, 900, PARTNER) is Outcome.HELD


@pytest.mark.parametrize("channel", [PARTNER, WEB])
def test_what_is_over_a_days_quota_waits_and_is_not_refused(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    monkeypatch.setattr(policy, "CHANNEL_PICTURES", 3)
    pictures = [picture(seeded(number)) for number in range(3)]
    assert take_in(store, Victim().submission(*pictures), NOW, channel=channel).held == 0
    assert register(store, 50, channel) is Outcome.HELD
    assert {it.hold.reason for it in held(store)} == {HoldReason.OVER_QUOTA}
    assert {it.hold.state for it in held(store, None)} == {PictureState.HELD}
    later = Victim().submission(picture(seeded(51)))
    assert take_in(store, later, NOW + DAY, channel=channel).outcome is Outcome.TAKEN_IN


def test_the_operators_own_intake_has_no_quota(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "CHANNEL_PICTURES", 0)
    assert register(store, 1, "intake") is Outcome.TAKEN_IN
