"""Contract of every store: matches and verdicts."""

import dataclasses
import datetime as dt
import itertools
import math
from secrets import token_bytes

import pytest

from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Explanation, SecondSignal, Shape, ShapeOnly, Ticket, Tier
from hashreg.model.records import (
    CaseId,
    FingerprintId,
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

CASE, REPORT, PICTURE = CaseId(b"c" * 16), ReportId(b"r" * 16), FingerprintId(b"p" * 16)
KIM = ModeratorName("kim")
OURS, OTHERS = PlatformName("examplegram"), PlatformName("bada")
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
    picture: FingerprintId = PICTURE,
) -> StoredMatch:
    return StoredMatch(
        Ticket(token_bytes(16).hex()),
        case,
        picture,
        report,
        OURS,
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
        Explanation(
            Tier.REVIEW,
            ShapeOnly.TOKENS,
            None,
            "whole",
            "tokens",
            1,
            None,
            False,
            shape=Shape(5, -179, 0.35, True),
        ),
        Explanation(
            Tier.MATCH,
            Algorithm.PDQ,
            45,
            "w",
            "aligned",
            4,
            None,
            True,
            shape=Shape(3, 0, 1.0, False),
        ),
    ],
    ids=["suspicious", "agreeing", "digest", "tokens", "shape"],
)
def test_a_match_comes_back_as_it_was_put(
    store: Store, other: Store, explanation: Explanation
) -> None:
    kept = dataclasses.replace(match(), explanation=explanation, removed_at=NOW)
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


def test_matches_are_found_by_the_picture_that_they_hit(store: Store) -> None:
    mine, also_mine = match(), match(report=ReportId(b"s" * 16), state=MatchState.CLOSED)
    put(store, mine, also_mine, match(picture=FingerprintId(b"q" * 16)))
    with store.read():
        found = store.matches.of_fingerprint(PICTURE)
        assert store.matches.of_fingerprint(FingerprintId(bytes(16))) == []
    assert {it.ticket for it in found} == {mine.ticket, also_mine.ticket}


def test_a_pictures_content_is_counted_after_a_time(store: Store) -> None:
    put(store, *(match(age=age) for age in (0, 1, 2, 2, 3)))
    put(store, match(picture=FingerprintId(b"q" * 16)))
    hour = dt.timedelta(hours=1)
    with store.read():
        counts = [store.matches.count_since(PICTURE, NOW - hours * hour) for hours in range(5)]
        just_before = store.matches.count_since(PICTURE, NOW - 2 * hour - hour / 10**6)
        assert store.matches.count_since(FingerprintId(bytes(16)), NOW - 9 * hour) == 0
    assert counts == [0, 1, 2, 4, 5]
    assert just_before == 4


@pytest.mark.parametrize("verdict", Verdict)
def test_it_is_known_whether_a_picture_ever_had_a_verdict(store: Store, verdict: Verdict) -> None:
    mine, others = match(), match(picture=FingerprintId(b"q" * 16))
    put(store, mine, others)
    with store.write():
        for ticket, decision in ((mine.ticket, BLOCKED), (mine.ticket, DIFFERENT)):
            store.matches.add_verdict(ticket, StoredVerdict(decision, KIM, NOW))
    with store.read():
        had = store.matches.has_verdict(PICTURE, verdict)
        assert not store.matches.has_verdict(FingerprintId(b"q" * 16), verdict)
    assert had is (verdict is not Verdict.PENDING_REVIEW)


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


@pytest.mark.parametrize("state", [None, *MatchState])
def test_a_platforms_matches_come_oldest_first_and_those_of_one_moment_by_ticket(
    store: Store, state: MatchState | None
) -> None:
    mine = [
        match(age=age, state=each) for age in (3, 0, 3, 2) for each in (*MatchState, *MatchState)
    ]
    put(store, *mine, *(dataclasses.replace(match(age=2), platform=OTHERS) for _ in range(3)))
    every = sorted(mine, key=lambda it: (it.found_at, it.ticket))
    wanted = [it for it in every if state in (None, it.state)]
    with store.read():
        assert store.matches.of_platform(OURS, state, None, 100) == wanted
        for number, after in enumerate(every):
            following = [it for it in every[number + 1 :] if state in (None, it.state)]
            assert store.matches.of_platform(OURS, state, after, 4) == following[:4]
        assert len(store.matches.of_platform(OTHERS, None, None, 100)) == 3
        assert store.matches.of_platform(PlatformName("nobody"), None, None, 100) == []


@pytest.mark.parametrize("state", [None, *MatchState])
def test_a_page_of_the_queue_goes_on_behind_any_match_whatever_its_state(
    store: Store, state: MatchState | None
) -> None:
    every = [
        match(tier=tier, distance=distance, age=age, state=each)
        for tier, distance, age in itertools.product(Tier, (0, 9), (0, 2))
        for each in (*MatchState, *MatchState)
    ]
    nothing = dataclasses.replace(explained(Tier.REVIEW), algorithm=ShapeOnly.TOKENS, distance=None)
    every += [dataclasses.replace(match(), explanation=nothing) for _ in range(2)]
    put(store, *every)
    with store.read():
        order = list(store.matches.queue(None))
        assert [it.ticket for it in order] == [it.ticket for it in sorted(every, key=_place)]
        assert store.matches.queue_page(state, None, 100) == list(store.matches.queue(state))
        for number, after in enumerate(order):
            following = [it for it in order[number + 1 :] if state in (None, it.state)]
            assert store.matches.queue_page(state, after, 3) == following[:3]


def _place(it: StoredMatch) -> tuple[bool, float, dt.datetime, str]:
    distance = it.explanation.distance
    return (
        it.explanation.tier is not Tier.MATCH,
        math.inf if distance is None else distance,
        it.found_at,
        it.ticket,
    )


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
