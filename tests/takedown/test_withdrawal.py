"""Withdrawals: they win, they erase, and only the holder of the recovery code can make one."""

import dataclasses
from pathlib import Path

import pytest

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused
from hashreg.model.records import EventKind, MatchState
from hashreg.model.submissions import SignatureHex
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.purge import purge
from hashreg.takedown.review import queue
from support.asking import is_found, reported
from support.cases import DAY, NOW, Victim, picture, seeded
from support.sqlite import state_of


def state(store: SqliteStore, victim: Victim) -> CaseState:
    with store.read():
        case = store.cases.find(victim.number)
    assert case is not None
    return case.state


def test_a_withdrawn_case_matches_no_more_at_once(store: SqliteStore, index: RegistryIndex) -> None:
    rng, victim, bystander = seeded(1), Victim(), Victim()
    kept, others = picture(rng), picture(rng)
    take_in(store, victim.submission(kept, picture(rng)), NOW)
    take_in(store, bystander.submission(others), NOW)
    assert reported(store, index, "a", kept).matches
    result = take_in(store, victim.withdrawal(), NOW)
    assert (result.outcome, result.pictures) == (Outcome.WITHDRAWN, 2)
    assert state(store, victim) is CaseState.WITHDRAWN
    assert not reported(store, index, "b", kept).matches
    assert not is_found(store, kept)
    assert is_found(store, others)
    assert state(store, bystander) is CaseState.ACTIVE


def test_withdrawing_closes_what_waits_in_the_queue_and_nothing_else(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng, victim, bystander = seeded(2), Victim(), Victim()
    kept, others = picture(rng), picture(rng)
    take_in(store, victim.submission(kept), NOW)
    take_in(store, bystander.submission(others), NOW)
    reported(store, index, "a", kept)
    reported(store, index, "b", others)
    take_in(store, victim.withdrawal(), NOW)
    assert [entry.match.content_id for entry in queue(store)] == ["b"]
    assert [entry.match.content_id for entry in queue(store, MatchState.CLOSED)] == ["a"]
    with store.read():
        assert len(list(store.events.after(0, [EventKind.MATCH_CLOSED]))) == 1


def test_withdrawing_twice_changes_nothing(store: SqliteStore, path: Path) -> None:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(3))), NOW)
    take_in(store, victim.withdrawal(), NOW)
    before = state_of(path)
    assert take_in(store, victim.withdrawal(), NOW + DAY).outcome is Outcome.ALREADY
    assert state_of(path) == before


def test_a_withdrawal_that_comes_first_waits_and_wins(store: SqliteStore, path: Path) -> None:
    victim, kept = Victim(), picture(seeded(4))
    assert take_in(store, victim.withdrawal(), NOW).outcome is Outcome.WAITING
    before = state_of(path)
    assert take_in(store, victim.withdrawal(), NOW + DAY).outcome is Outcome.ALREADY
    assert state_of(path) == before
    submission = victim.submission(kept)
    assert take_in(store, submission, NOW).outcome is Outcome.WITHDRAWN
    assert state(store, victim) is CaseState.WITHDRAWN
    assert not is_found(store, kept)
    with store.read():
        assert list(store.cases.fingerprints()) == []
    before = state_of(path)
    assert take_in(store, submission, NOW + DAY).outcome is Outcome.WITHDRAWN
    assert state_of(path) == before


@pytest.mark.parametrize("after_purge", [False, True])
def test_an_old_submission_does_not_bring_a_withdrawn_case_back(
    store: SqliteStore, path: Path, after_purge: bool
) -> None:
    victim, kept = Victim(), picture(seeded(5))
    submission, addition = victim.submission(kept), victim.addition(picture(seeded(6)))
    take_in(store, submission, NOW)
    take_in(store, addition, NOW)
    take_in(store, victim.withdrawal(), NOW)
    if after_purge:
        purge(store, NOW)
    before = state_of(path)
    assert take_in(store, submission, NOW + DAY).outcome is Outcome.WITHDRAWN
    assert take_in(store, victim.withdrawal(), NOW + DAY).outcome is Outcome.ALREADY
    if after_purge:
        with pytest.raises(Refused, match="was withdrawn, so no pictures"):
            take_in(store, addition, NOW + DAY)
    else:
        assert take_in(store, addition, NOW + DAY).outcome is Outcome.ALREADY
    assert state_of(path) == before
    assert not is_found(store, kept)


def test_a_withdrawal_with_another_key_is_refused(store: SqliteStore, path: Path) -> None:
    victim, kept = Victim(), picture(seeded(7))
    take_in(store, victim.submission(kept), NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="another key") as caught:
        take_in(store, Victim(victim.number).withdrawal(), NOW)
    assert caught.value.field == "public_key"
    assert state_of(path) == before
    assert is_found(store, kept)


def test_a_false_withdrawal_sent_ahead_neither_withdraws_nor_blocks(store: SqliteStore) -> None:
    """Who saw a case number can send a withdrawal before the victim's file arrives."""
    victim, kept = Victim(), picture(seeded(8))
    false = Victim(victim.number).withdrawal()
    assert take_in(store, false, NOW).outcome is Outcome.WAITING
    assert take_in(store, victim.submission(kept), NOW).outcome is Outcome.TAKEN_IN
    assert is_found(store, kept)
    with pytest.raises(Refused, match="another key"):
        take_in(store, false, NOW)
    assert take_in(store, victim.addition(picture(seeded(9))), NOW).outcome is Outcome.ADDED
    assert is_found(store, kept)
    assert take_in(store, victim.withdrawal(), NOW).outcome is Outcome.WITHDRAWN
    with pytest.raises(Refused, match="another key"):
        take_in(store, false, NOW)
    purge(store, NOW)
    assert take_in(store, false, NOW).outcome is Outcome.ALREADY  # its own tombstone still stands
    assert state(store, victim) is CaseState.ERASED


def test_a_withdrawal_signed_by_nobody_is_refused(store: SqliteStore, path: Path) -> None:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(10))), NOW)
    genuine = victim.withdrawal()
    forged = dataclasses.replace(genuine, signature=SignatureHex(genuine.signature[::-1]))
    before = state_of(path)
    with pytest.raises(Refused) as caught:
        take_in(store, forged, NOW)
    assert caught.value.field == "signature"
    assert state_of(path) == before
