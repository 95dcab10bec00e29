"""What status says to a victim and statistics to an operator."""

import datetime as dt

import pytest

from hashreg.model.cases import CaseState, new_case_number
from hashreg.model.errors import NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Role
from hashreg.model.retention import RETENTION
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import report
from hashreg.takedown.review import decide
from hashreg.takedown.statistics import statistics
from hashreg.takedown.status import case_status
from support.asking import item, reported, ticket_of
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
DIFFERENT = Decision(Verdict.NOT_BLOCKED, Reason.DIFFERENT_CONTENT)
HOW_LONG = {it.name: it.as_json() for it in RETENTION}
PENDING = Decision(Verdict.PENDING_REVIEW, None)


@pytest.fixture
def pictures() -> list[Fingerprint]:
    rng = seeded(1)
    return [picture(rng) for _ in range(3)]


def test_an_empty_registry_counts_nothing(store: SqliteStore) -> None:
    assert statistics(store, NOW) == {
        "cases": {},
        "partner_records": {},
        "pictures": 0,
        "pictures_held": 0,
        "askers_locked": 0,
        "channels": {},
        "reports_kept": 0,
        "matches": {},
        "matches_by_tier": {},
        "verdicts": {},
        "oldest_waiting": None,
        "platforms": 2,
        "moderators": 2,
        "takedowns": [],
        "retention": HOW_LONG,
    }


def test_statistics_count_each_thing_once(
    store: SqliteStore, index: RegistryIndex, pictures: list[Fingerprint]
) -> None:
    rng, gone = seeded(2), Victim()
    take_in(store, Victim().submission(*pictures[:2]), NOW)
    take_in(store, gone.submission(pictures[2]), NOW)
    tickets = [ticket_of(reported(store, index, str(n), pictures[0])) for n in range(3)]
    review = [item("far", only_pdq(copy_of(pictures[1], rng, 40)))]
    report(store, index, "bada", review, NOW - dt.timedelta(hours=3))
    reported(store, index, "gone", pictures[2])
    reported(store, index, "nothing", picture(rng))
    decide(store, tickets[0], DIFFERENT, "kim", NOW)
    decide(store, tickets[0], BLOCKED, "kim", NOW)
    decide(store, tickets[1], DIFFERENT, "kim", NOW)
    decide(store, tickets[2], PENDING, "lee", NOW)
    take_in(store, gone.withdrawal(), NOW)
    revoke_person(store, Role.MODERATOR, "lee", NOW)
    assert statistics(store, NOW) == {
        "cases": {"active": 1, "withdrawn": 1},
        "partner_records": {},
        "pictures": 2,
        "pictures_held": 0,
        "askers_locked": 0,
        "channels": {},
        "reports_kept": 6,
        "matches": {"open": 2, "decided": 2, "closed": 1},
        "matches_by_tier": {"match": 4, "review": 1},
        "verdicts": {"blocked": 1, "not_blocked": 1},
        "oldest_waiting": "2026-05-04T09:30:00+00:00",
        "platforms": 2,
        "moderators": 1,
        "takedowns": [
            {
                "platform": "examplegram",
                "ordered": 1,
                "removed": 0,
                "removal_rate": 0.0,
                "median_hours": None,
                "late": 0,
                "overdue": 0,
                "reappeared": 0,
                "revoked": 1,
                "revocations_acknowledged": 0,
            }
        ],
        "retention": HOW_LONG,
    }


def test_status_says_where_a_case_and_its_matches_stand(
    store: SqliteStore, index: RegistryIndex, pictures: list[Fingerprint]
) -> None:
    victim = Victim()
    take_in(store, victim.submission(*pictures[:2]), NOW)
    take_in(store, Victim().submission(pictures[2]), NOW)
    tickets = [ticket_of(reported(store, index, str(n), pictures[n % 2])) for n in range(4)]
    reported(store, index, "another's", pictures[2])
    for ticket, decision in zip(tickets, (BLOCKED, BLOCKED, DIFFERENT, PENDING), strict=True):
        decide(store, ticket, decision, "kim", NOW)
    status = case_status(store, victim.number)
    assert (status.case, status.state, status.pictures) == (victim.number, CaseState.ACTIVE, 2)
    assert status.matches == {"blocked": 2, "not_blocked": 1, "open": 1}
    assert status.received_at == NOW


def test_status_follows_a_case_to_its_end(
    store: SqliteStore, index: RegistryIndex, pictures: list[Fingerprint]
) -> None:
    victim = Victim()
    take_in(store, victim.submission(pictures[0]), NOW)
    reported(store, index, "a", pictures[0])
    take_in(store, victim.withdrawal(), NOW)
    status = case_status(store, victim.number)
    assert (status.state, status.pictures) == (CaseState.WITHDRAWN, 0)
    assert status.matches == {"closed": 1}
    purge(store, NOW + DAY)
    status = case_status(store, victim.number)
    assert (status.state, status.pictures, status.matches) == (CaseState.ERASED, 0, {})


def test_a_case_that_has_not_arrived_is_not_found(store: SqliteStore) -> None:
    take_in(store, (waiting := Victim()).withdrawal(), NOW)
    for number in (waiting.number, new_case_number()):
        with pytest.raises(NotFound) as caught:
            case_status(store, number)
        assert caught.value.field == "case"
