"""Forgetting: expired reports and withdrawn cases go, what was decided stays on record."""

from pathlib import Path

import pytest

from hashreg.model.cases import CaseState
from hashreg.model.errors import NotFound
from hashreg.model.records import EventKind
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.once import once
from hashreg.takedown.purge import Purged, purge
from hashreg.takedown.report import report
from hashreg.takedown.review import decide, queue, show
from support.asking import is_found, item, reported, ticket_of
from support.cases import DAY, NOW, Victim, picture, seeded
from support.sqlite import raw, state_of

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)


def test_it_forgets_exactly_what_is_over(store: SqliteStore, index: RegistryIndex) -> None:
    rng, stays, goes = seeded(1), Victim(), Victim()
    kept = picture(rng)
    take_in(store, stays.submission(kept), NOW)
    take_in(store, goes.submission(picture(rng)), NOW)
    take_in(store, goes.withdrawal(), NOW)
    for name, days in (("short", 1), ("long", 30)):
        report(store, index, "bada", [item(name, picture(rng))], NOW, days * DAY)
    once(store, "platform/bada", "yesterday's", b"", NOW, dict)
    once(store, "platform/bada", "today's", b"", NOW + DAY / 2, dict)
    assert purge(store, NOW + DAY) == Purged(
        reports=1, cases=1, answers=1, probes=0, recalls=0, cleaned=True
    )
    assert purge(store, NOW + DAY) == Purged(
        reports=0, cases=0, answers=0, probes=0, recalls=0, cleaned=True
    )
    with store.read():
        assert [it.content_id for it in store.reports.kept(NOW - 1000 * DAY)] == ["long"]
        states = {case.number: case.state for case in store.cases.all()}
        erased = [it.detail for it in store.events.after(0, [EventKind.CASE_STATE])][-1]
        expired = list(store.events.after(0, [EventKind.REPORT_EXPIRED]))
    assert states == {stays.number: CaseState.ACTIVE, goes.number: CaseState.ERASED}
    assert erased == "erased"
    assert len(expired) == 1
    assert is_found(store, kept)


def test_nothing_to_forget_changes_nothing(
    store: SqliteStore, path: Path, index: RegistryIndex
) -> None:
    take_in(store, Victim().submission(picture(seeded(2))), NOW)
    reported(store, index, "a", picture(seeded(3)))
    before = state_of(path)
    assert purge(store, NOW + DAY) == Purged(0, 0, 0, 0, 0, cleaned=True)
    assert state_of(path) == before


def test_an_erased_case_leaves_its_number_and_its_verdicts_only(
    store: SqliteStore, path: Path, index: RegistryIndex
) -> None:
    victim, kept = Victim(), picture(seeded(4))
    submission = victim.submission(kept)
    take_in(store, submission, NOW)
    ticket = ticket_of(reported(store, index, "a", kept))
    decide(store, ticket, BLOCKED, "kim", NOW)
    take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW)
    with pytest.raises(NotFound):
        show(store, ticket)
    assert queue(store, None) == []
    with store.read():
        assert [it.decision for it in store.matches.verdicts(ticket)] == [BLOCKED]
        case = store.cases.find(victim.number)
    assert case is not None
    assert (case.state, case.public_key, case.document) == (CaseState.ERASED, "", "")
    with raw(path) as connection:
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM fingerprints").fetchone() == (0,)
        dump = "\n".join(connection.iterdump())
    assert submission.digest() not in dump
    assert dump.count(submission.public_key) == 1  # the tombstone, which keeps it withdrawn


def test_an_erased_cases_old_submission_is_not_taken_in_again(
    store: SqliteStore, path: Path
) -> None:
    victim, kept = Victim(), picture(seeded(5))
    submission = victim.submission(kept)
    take_in(store, submission, NOW)
    take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW)
    before = state_of(path)
    assert take_in(store, submission, NOW + DAY).outcome is Outcome.WITHDRAWN
    assert state_of(path) == before
    assert not is_found(store, kept)


def test_a_withdrawal_that_waits_survives(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW + 1000 * DAY)
    submission = victim.submission(picture(seeded(6)))
    assert take_in(store, submission, NOW).outcome is Outcome.WITHDRAWN


def test_a_clock_set_back_expires_nothing_early(store: SqliteStore, index: RegistryIndex) -> None:
    report(store, index, "bada", [item("a", picture(seeded(7)))], NOW, DAY)
    assert purge(store, NOW - 400 * DAY) == Purged(0, 0, 0, 0, 0, cleaned=True)
    assert purge(store, NOW + DAY) == Purged(1, 0, 0, 0, 0, cleaned=True)
