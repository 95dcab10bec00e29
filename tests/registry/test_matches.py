"""Contract of every store: matches and verdicts."""

import dataclasses
import datetime as dt
import itertools
from secrets import token_bytes

import pytest

from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Explanation, SecondSignal, Ticket, Tier
from hashreg.model.records import (
    CaseId,
    MatchState,
    ModeratorName,
    PlatformName,
    ReportId,
    StoredMatch,
    StoredVerdict,
)
from hashreg.model.reports import ContentId
from hashreg.model.verdicts import REASONS, Decision, Reason, Verdict
from hashreg.takedown.store import Store
from support.cases import NOW

CASE, REPORT = CaseId(b"c" * 16), ReportId(b"r" * 16)
KIM = ModeratorName("kim")
BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
DIFFERENT = Decision(Verdict.NOT_BLOCKED, Reason.DIFFERENT_CONTENT)
DECISIONS: list[Decision] = [
    Decision(verdict, reason)
    for verdict, reasons in sorted(REASONS.items())
    for reason in [*sorted(reasons), *([] if reasons else [None])]
]


def explained(tier: Tier = Tier.MATCH, distance: int = 12) -> Explanation:
    return Explanation(
        tier, Algorithm.PDQ, distance, "whole", "mirror", 3, SecondSignal.DISAGREES, True
    )


def match(
    *,
    tier: Tier = Tier.MATCH,
    distance: int = 12,
    age: int = 0,
    state: MatchState = MatchState.OPEN,
    case: CaseId = CASE,
    report: ReportId = REPORT,
) -> StoredMatch:
    return StoredMatch(
        Ticket(token_bytes(16).hex()),
        case,
        report,
        PlatformName("examplegram"),
        ContentId("사진\udcff\n"),
        explained(tier, distance),
        state,
        NOW - dt.timedelta(hours=age),
    )


def put(store: Store, *matches: StoredMatch) -> None:
    with store.write():
        for it in matches:
            store.matches.put(it)


@pytest.mark.parametrize(
    "explanation",
    [
        explained(),
        Explanation(Tier.REVIEW, Algorithm.PHASH, 0, "w", "v", 1, SecondSignal.AGREES, False),
        Explanation(Tier.MATCH, Algorithm.SHA256, 0, "file", "file", 1, None, False),
    ],
    ids=["suspicious", "agreeing", "digest"],
)
def test_a_match_comes_back_as_it_was_put(
    store: Store, other: Store, explanation: Explanation
) -> None:
    kept = dataclasses.replace(match(), explanation=explanation)
    put(store, kept, match())
    for it in (store, other):
        with it.read():
            assert it.matches.find(kept.ticket) == kept
            assert it.matches.find(Ticket("0" * 32)) is None


def test_a_match_takes_the_place_of_the_one_with_its_ticket(store: Store) -> None:
    first = match(distance=30)
    better = dataclasses.replace(first, explanation=explained(distance=2), state=MatchState.DECIDED)
    put(store, first, better)
    with store.read():
        assert list(store.matches.queue(None)) == [better]


def test_matches_are_found_by_report_and_by_case(store: Store) -> None:
    one = match()
    same_report = match(case=CaseId(b"d" * 16))
    same_case = match(report=ReportId(b"s" * 16))
    put(store, one, same_report, same_case)
    with store.read():
        assert {it.ticket for it in store.matches.of_report(REPORT)} == {
            one.ticket,
            same_report.ticket,
        }
        assert {it.ticket for it in store.matches.of_case(CASE)} == {one.ticket, same_case.ticket}
        assert store.matches.of_report(ReportId(bytes(16))) == []
        assert store.matches.of_case(CaseId(bytes(16))) == []


def test_the_queue_has_the_surest_first_and_then_the_oldest(store: Store) -> None:
    expected = [
        match(distance=0),
        match(distance=9, age=5),
        match(distance=9, age=1),
        match(distance=31),
        match(tier=Tier.REVIEW, distance=3),
        match(tier=Tier.REVIEW, distance=32, age=9),
    ]
    for order in itertools.islice(itertools.permutations(expected), 0, 720, 97):
        put(store, *order)
        with store.read():
            assert [it.ticket for it in store.matches.queue(MatchState.OPEN)] == [
                it.ticket for it in expected
            ]


@pytest.mark.parametrize("state", MatchState)
def test_the_queue_can_be_asked_for_one_state_or_all(store: Store, state: MatchState) -> None:
    every = {each: match(state=each) for each in MatchState}
    put(store, *every.values())
    with store.read():
        assert list(store.matches.queue(state)) == [every[state]]
        assert len(list(store.matches.queue(None))) == len(every)


def test_deleting_a_cases_matches_leaves_others_and_all_verdicts(store: Store) -> None:
    gone, stays = match(), match(case=CaseId(b"d" * 16))
    put(store, gone, stays)
    with store.write():
        store.matches.add_verdict(gone.ticket, StoredVerdict(BLOCKED, KIM, NOW))
        store.matches.delete_of_case(CASE)
    with store.read():
        assert list(store.matches.queue(None)) == [stays]
        assert store.matches.verdicts(gone.ticket) == [StoredVerdict(BLOCKED, KIM, NOW)]


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
def test_every_decision_comes_back_as_it_was_written(store: Store, decision: Decision) -> None:
    verdict = StoredVerdict(decision, ModeratorName("김 선생"), NOW)
    with store.write():
        store.matches.add_verdict(Ticket("1" * 32), verdict)
        store.matches.add_verdict(Ticket("2" * 32), StoredVerdict(BLOCKED, KIM, NOW))
    with store.read():
        assert store.matches.verdicts(Ticket("1" * 32)) == [verdict]
        assert store.matches.verdicts(Ticket("3" * 32)) == []


@pytest.mark.parametrize("step", [dt.timedelta(0), dt.timedelta(days=-1)])
def test_verdicts_keep_their_order_when_the_clock_stands_still_or_is_set_back(
    store: Store, step: dt.timedelta
) -> None:
    written = [
        StoredVerdict((BLOCKED, DIFFERENT)[number % 2], ModeratorName(f"m{number}"), at)
        for number, at in enumerate(NOW + step * number for number in range(12))
    ]
    for verdict in written:
        with store.write():
            store.matches.add_verdict(Ticket("1" * 32), verdict)
    with store.read():
        assert store.matches.verdicts(Ticket("1" * 32)) == written
