"""A platform's own tickets: listed without gaps, answered by the same rules as a moderator's."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import policy
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import EventKind, MatchState, PlatformName
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.holds import held, refuse
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import report
from hashreg.takedown.review import decide, queue, show
from hashreg.takedown.tickets import (
    PlatformTicket,
    decide_as_platform,
    removed,
    ticket_of,
    tickets_of,
)
from support.asking import is_found, item, reported
from support.asking import ticket_of as found_ticket
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded
from support.sqlite import state_of

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
DIFFERENT = Decision(Verdict.NOT_BLOCKED, Reason.DIFFERENT_CONTENT)
PENDING = Decision(Verdict.PENDING_REVIEW, None)
MINUTE = dt.timedelta(minutes=1)
OURS = PlatformName("examplegram")
Ask = Callable[[SqliteStore, Ticket, str], object]


@dataclass
class Found:
    """A case, and the ticket of a match of it."""

    victim: Victim
    ticket: Ticket


@pytest.fixture
def found(store: SqliteStore, index: RegistryIndex) -> Found:
    victim, kept = Victim(), picture(seeded(1))
    take_in(store, victim.submission(kept), NOW)
    return Found(victim, found_ticket(reported(store, index, "upload", kept)))


def pages(
    store: SqliteStore, state: MatchState | None = None, *, limit: int = 3
) -> list[PlatformTicket]:
    """Return all that a platform is given, page after page."""
    every, after = tickets_of(store, "examplegram", state, None, limit)
    while after is not None:
        page, following = tickets_of(store, "examplegram", state, after, limit)
        assert following != after
        assert 0 < len(page) <= limit
        every, after = [*every, *page], following
    return every


def some_tickets(store: SqliteStore, ages: list[int], platform: str = "examplegram") -> list[str]:
    """Find a picture in as much content, so many minutes ago each; return it from the oldest on."""
    kept = picture(seeded(2))
    if not is_found(store, kept):
        take_in(store, Victim().submission(kept), NOW)
    for number, age in enumerate(ages):
        content = [item(f"{platform}-{number}", kept)]
        report(store, RegistryIndex(), platform, content, NOW - age * MINUTE)
    with store.read():
        mine = [it for it in store.matches.queue(None) if it.platform == platform]
    return [it.ticket for it in sorted(mine, key=lambda it: (it.found_at, it.ticket))]


def names(entries: list[PlatformTicket]) -> list[str]:
    return [entry.match.ticket for entry in entries]


def test_a_platform_sees_neither_hash_nor_case_nor_why(store: SqliteStore, found: Found) -> None:
    ticket = ticket_of(store, "examplegram", found.ticket)
    assert ticket.as_json() == {
        "ticket": found.ticket,
        "content_id": "upload",
        "tier": "match",
        "state": "open",
        "found_at": "2026-05-04T12:30:00+00:00",
        "verdict": None,
        "removed_at": None,
    }
    decide(store, found.ticket, DIFFERENT, "kim", NOW)
    decide_as_platform(store, found.ticket, BLOCKED, "examplegram", NOW)
    removed(store, found.ticket, "examplegram", NOW - DAY, NOW)
    answered = ticket_of(store, "examplegram", found.ticket).as_json()
    assert answered == ticket.as_json() | {
        "state": "decided",
        "verdict": "blocked",
        "removed_at": "2026-05-03T12:30:00+00:00",
    }


def test_tickets_come_oldest_first_and_only_the_platforms_own(store: SqliteStore) -> None:
    mine = some_tickets(store, [5, 1, 9, 9, 0, 1, 1])
    others = some_tickets(store, [3, 2], "bada")
    for limit in (1, 2, 3, 6, 7, 8, 100):
        assert names(pages(store, limit=limit)) == mine
    assert names(tickets_of(store, "bada", None, None, 10)[0]) == others
    assert tickets_of(store, "examplegram", None, None, 7)[1] is None
    assert tickets_of(store, "examplegram", None, None, 6)[1] == mine[5]


def test_tickets_can_be_asked_for_by_state(store: SqliteStore) -> None:
    mine = some_tickets(store, list(range(6)))
    for ticket in mine[::2]:
        decide_as_platform(store, Ticket(ticket), BLOCKED, "examplegram", NOW)
    assert names(pages(store, MatchState.DECIDED, limit=1)) == mine[::2]
    assert names(pages(store, MatchState.OPEN, limit=1)) == mine[1::2]
    assert pages(store, MatchState.CLOSED) == []


@given(st.data())
@patient
def test_whatever_happens_between_two_pages_none_is_skipped_or_comes_twice(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Between pages tickets arrive, are decided, closed and opened; they keep their places."""
    path = tmp_path_factory.mktemp("pages") / "registry.db"
    store = SqliteStore.create(path)
    there = _matches(store, data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=8)))
    seen: list[str] = []
    after = None
    while True:
        page, after = tickets_of(store, "examplegram", None, after, data.draw(st.integers(1, 4)))
        seen += names(page)
        if after is None:
            break
        _matches(store, data.draw(st.lists(st.integers(0, 5), max_size=2)))
        with store.write():
            for it in list(store.matches.queue(None)):
                state = data.draw(st.sampled_from(MatchState))
                store.matches.put(replace(it, state=state))
    store.close()
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def _matches(store: SqliteStore, hours: list[int]) -> set[str]:
    """Write matches of a platform down that were found at these hours; return their tickets."""
    from registry.test_matches import match  # noqa: PLC0415

    with store.write():
        if store.people.find(Role.PLATFORM, OURS) is None:
            store.people.add(Role.PLATFORM, OURS, NOW)
        known = sum(1 for _ in store.matches.queue(None))
        made = [
            replace(match(age=age), ticket=_ticket(known + number))
            for number, age in enumerate(hours)
        ]
        for it in made:
            store.matches.put(it)
    return {it.ticket for it in made}


def _ticket(number: int) -> Ticket:
    """Return a ticket in no order, the same one each time: a drawn example must come again."""
    return Ticket(hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest())


def test_a_match_that_is_opened_again_keeps_its_place(
    store: SqliteStore, index: RegistryIndex
) -> None:
    """It was closed because its picture was refused, and is found by another one of the case."""
    rng, first = seeded(3), only_pdq(picture(seeded(4)))
    second = only_pdq(copy_of(first, rng, 40))
    take_in(store, Victim().submission(first, second), NOW)
    far = [item("far", copy_of(first, rng, 31))]
    report(store, index, "examplegram", far, NOW - DAY)
    (ticket,) = names(pages(store))
    removed(store, Ticket(ticket), "examplegram", None, NOW)
    before = ticket_of(store, "examplegram", Ticket(ticket))
    add_benign(store, first, "", NOW)
    refuse(store, held(store)[0].hold.fingerprint_id, "kim", NOW)
    assert ticket_of(store, "examplegram", Ticket(ticket)).match.state is MatchState.CLOSED
    report(store, index, "examplegram", [item("far", second)], NOW + DAY)
    again = ticket_of(store, "examplegram", Ticket(ticket))
    assert again.match.state is MatchState.OPEN
    assert again.match.fingerprint_id != before.match.fingerprint_id
    assert (again.match.found_at, again.match.removed_at) == (NOW - DAY, None)  # it is back


def decided(store: SqliteStore, ticket: Ticket, platform: str) -> object:
    return decide_as_platform(store, ticket, BLOCKED, platform, NOW)


def told_removed(store: SqliteStore, ticket: Ticket, platform: str) -> object:
    return removed(store, ticket, platform, None, NOW)


def looked_at(store: SqliteStore, ticket: Ticket, platform: str) -> object:
    return ticket_of(store, platform, ticket)


def paged(store: SqliteStore, ticket: Ticket, platform: str) -> object:
    return tickets_of(store, platform, None, ticket, 10)


EVERY: list[Ask] = [decided, told_removed, looked_at, paged]


@pytest.mark.parametrize("ask", EVERY)
def test_another_platforms_ticket_is_told_as_an_unknown_one(
    store: SqliteStore, path: Path, found: Found, ask: Ask
) -> None:
    said = set()
    before = state_of(path)
    for ticket in (found.ticket, Ticket("0" * 32)):
        with pytest.raises(NotFound) as caught:
            ask(store, ticket, "bada")
        said.add((str(caught.value), caught.value.field))
    assert {field for _, field in said} == {"ticket"}
    assert len(said) == 1
    assert state_of(path) == before


@pytest.mark.parametrize("ask", EVERY)
def test_nobody_but_an_active_platform_asks(store: SqliteStore, found: Found, ask: Ask) -> None:
    with pytest.raises(NotFound, match="No platform is named kim"):
        ask(store, found.ticket, "kim")
    revoke_person(store, Role.PLATFORM, "examplegram", NOW)
    with pytest.raises(Refused, match="examplegram was revoked"):
        ask(store, found.ticket, "examplegram")


def test_a_platforms_verdict_is_told_from_that_of_a_moderator_of_the_same_name(
    store: SqliteStore, found: Found
) -> None:
    decide_as_platform(store, found.ticket, BLOCKED, "examplegram", NOW)
    decide(store, found.ticket, BLOCKED, "kim", NOW + DAY)
    entry = show(store, found.ticket)
    assert [it.actor for it in entry.verdicts] == ["platform:examplegram", "kim"]
    verdicts = entry.as_json()["verdicts"]
    assert isinstance(verdicts, list)
    assert [it["as"] for it in verdicts] == ["platform:examplegram", "kim"]
    with store.read():
        events = list(store.events.after(0, [EventKind.VERDICT]))
    assert [(it.subject, it.actor, it.detail) for it in events] == [
        (found.ticket, "platform:examplegram", "blocked non_consensual"),
        (found.ticket, "kim", "blocked non_consensual"),
    ]


def test_a_platforms_verdict_takes_a_match_off_the_queue_and_pending_puts_it_back(
    store: SqliteStore, path: Path, found: Found
) -> None:
    said = [BLOCKED, DIFFERENT, PENDING]
    for decision in said:
        answer = decide_as_platform(store, found.ticket, decision, "examplegram", NOW)
        waits = decision is PENDING
        assert answer.verdict is decision.verdict
        assert answer.match.state is (MatchState.OPEN if waits else MatchState.DECIDED)
        assert [it.match.ticket for it in queue(store)] == ([found.ticket] if waits else [])
    before = state_of(path)
    decide_as_platform(store, found.ticket, PENDING, "examplegram", NOW + DAY)
    assert state_of(path) == before
    assert [it.decision for it in show(store, found.ticket).verdicts] == said


@pytest.mark.parametrize("already_decided", [False, True])
def test_a_platform_does_not_decide_what_was_withdrawn(
    store: SqliteStore, path: Path, found: Found, already_decided: bool
) -> None:
    if already_decided:
        decide(store, found.ticket, BLOCKED, "kim", NOW)
    take_in(store, found.victim.withdrawal(), NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="its picture was withdrawn") as caught:
        decide_as_platform(store, found.ticket, DIFFERENT, "examplegram", NOW)
    assert caught.value.field == "ticket"
    assert state_of(path) == before


def test_what_a_platform_blocks_ends_a_quarantine(store: SqliteStore, index: RegistryIndex) -> None:
    kept = picture(seeded(5))
    take_in(store, Victim().submission(kept), NOW)
    content = [item(str(number), kept) for number in range(policy.QUARANTINE_HITS)]
    report(store, index, "examplegram", content, NOW)
    assert len(held(store)) == 1
    first, second, *_ = names(pages(store, limit=50))
    decide_as_platform(store, Ticket(first), DIFFERENT, "examplegram", NOW)
    assert not is_found(store, kept)
    decide_as_platform(store, Ticket(second), BLOCKED, "examplegram", NOW)
    assert held(store) == []
    assert is_found(store, kept)


def test_a_removal_is_written_once_with_the_first_time(
    store: SqliteStore, path: Path, found: Found
) -> None:
    answer = removed(store, found.ticket, "examplegram", NOW - DAY, NOW)
    assert answer.match.removed_at == NOW - DAY
    assert answer.match.state is MatchState.OPEN
    before = state_of(path)
    again = removed(store, found.ticket, "examplegram", None, NOW + DAY)
    assert again == answer
    assert state_of(path) == before
    with store.read():
        (event,) = store.events.after(0, [EventKind.CONTENT_REMOVED])
    assert (event.subject, event.actor, event.at) == (found.ticket, "examplegram", NOW)
    assert show(store, found.ticket).as_json()["removed_at"] == "2026-05-03T12:30:00+00:00"


def test_a_removal_without_a_time_is_now(store: SqliteStore, found: Found) -> None:
    answer = removed(store, found.ticket, "examplegram", None, NOW)
    assert answer.match.removed_at == NOW


def test_a_closed_tickets_content_may_be_told_removed(store: SqliteStore, found: Found) -> None:
    take_in(store, found.victim.withdrawal(), NOW)
    answer = removed(store, found.ticket, "examplegram", None, NOW)
    assert (answer.match.state, answer.match.removed_at) == (MatchState.CLOSED, NOW)


def test_a_ticket_of_an_erased_case_is_gone(store: SqliteStore, found: Found) -> None:
    take_in(store, found.victim.withdrawal(), NOW)
    purge(store, NOW)
    for ask in EVERY:
        with pytest.raises(NotFound) as caught:
            ask(store, found.ticket, "examplegram")
        assert caught.value.field == "ticket"
    assert tickets_of(store, "examplegram", None, None, 10) == ([], None)


@pytest.mark.parametrize("ahead", [5 * MINUTE, 5 * MINUTE + dt.timedelta(microseconds=1)])
def test_a_clock_may_be_five_minutes_ahead_and_no_more(
    store: SqliteStore, path: Path, found: Found, ahead: dt.timedelta
) -> None:
    before = state_of(path)
    if ahead <= 5 * MINUTE:
        removed(store, found.ticket, "examplegram", NOW + ahead, NOW)
        assert state_of(path) != before
        return
    with pytest.raises(InvalidInput, match="in the future") as caught:
        removed(store, found.ticket, "examplegram", NOW + ahead, NOW)
    assert caught.value.field == "removed_at"
    assert state_of(path) == before


def test_a_time_without_its_zone_is_refused(store: SqliteStore, found: Found) -> None:
    with pytest.raises(InvalidInput, match="needs its zone") as caught:
        removed(store, found.ticket, "examplegram", NOW.replace(tzinfo=None), NOW)
    assert caught.value.field == "removed_at"
