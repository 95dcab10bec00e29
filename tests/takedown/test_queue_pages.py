"""The queue page by page: while others decide, nothing that waits is skipped or comes twice."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.strategies import patient
from registry.test_matches import match

from hashreg.model.errors import NotFound
from hashreg.model.matches import Ticket, Tier
from hashreg.model.records import MatchState, ModeratorName, StoredVerdict
from hashreg.model.verdicts import Decision, Verdict
from hashreg.registry.matches import SqliteMatches
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.review import QueueEntry, queue, queue_page
from support.cases import NOW

PENDING = StoredVerdict(Decision(Verdict.PENDING_REVIEW, None), ModeratorName("kim"), NOW)
places = st.tuples(st.sampled_from(Tier), st.integers(0, 2), st.integers(0, 2))
"""A tier, a distance, and how many hours ago a match was found: few, so that many are equal."""


def ticket(number: int) -> Ticket:
    """Return a ticket in no order, the same one each time: a drawn example must come again."""
    return Ticket(hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest())


def write(store: SqliteStore, found: Iterable[tuple[Tier, int, int]]) -> None:
    """Write matches of these places down."""
    with store.write():
        known = sum(1 for _ in store.matches.queue(None))
        for number, (tier, distance, age) in enumerate(found):
            made = match(tier=tier, distance=distance, age=age)
            store.matches.put(replace(made, ticket=ticket(known + number)))


def tickets(entries: Iterable[QueueEntry]) -> list[Ticket]:
    return [entry.match.ticket for entry in entries]


def pages(store: SqliteStore, state: MatchState | None, limit: int) -> list[Ticket]:
    """Return the tickets of all pages."""
    seen: list[Ticket] = []
    after: Ticket | None = None
    while True:
        page, after = queue_page(store, state, after, limit)
        seen += tickets(page)
        if after is None:
            return seen
        assert len(page) == limit


@given(st.lists(places, max_size=12), st.sampled_from([None, *MatchState]), st.data())
@patient
def test_pages_put_together_are_the_queue(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[Tier, int, int]],
    state: MatchState | None,
    data: st.DataObject,
) -> None:
    store = SqliteStore.create(tmp_path_factory.mktemp("queue") / "registry.db")
    write(store, found)
    _change(store, data)
    for limit in (1, 2, 5, 12, 13):
        assert pages(store, state, limit) == tickets(queue(store, state))
    store.close()


@given(st.lists(places, min_size=2, max_size=10), st.data())
@patient
def test_what_waits_all_the_time_is_shown_once_however_much_is_decided_between_two_pages(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[Tier, int, int]],
    data: st.DataObject,
) -> None:
    """The match that the next page goes on behind may itself be decided, or opened again."""
    store = SqliteStore.create(tmp_path_factory.mktemp("queue") / "registry.db")
    write(store, found)
    waiting = set(tickets(queue(store)))
    seen: list[Ticket] = []
    after: Ticket | None = None
    while True:
        page, after = queue_page(store, MatchState.OPEN, after, data.draw(st.integers(1, 3)))
        seen += tickets(page)
        if after is None:
            break
        write(store, data.draw(st.lists(places, max_size=2)))
        _change(store, data)
        waiting &= set(tickets(queue(store)))
    store.close()
    assert len(seen) == len(set(seen))
    assert waiting <= set(seen)


def _change(store: SqliteStore, data: st.DataObject) -> None:
    """Decide, close and open matches."""
    with store.write():
        for it in list(store.matches.queue(None)):
            state = data.draw(st.sampled_from(MatchState))
            store.matches.put(replace(it, state=state))


def test_a_page_behind_a_ticket_that_is_decided_goes_on_where_it_was(store: SqliteStore) -> None:
    write(store, [(Tier.MATCH, distance, 0) for distance in range(5)])
    first, after = queue_page(store, MatchState.OPEN, None, 2)
    assert after == first[-1].match.ticket
    with store.write():
        store.matches.put(replace(first[-1].match, state=MatchState.DECIDED))
    page, following = queue_page(store, MatchState.OPEN, after, 10)
    assert [it.match.explanation.distance for it in page] == [2, 3, 4]
    assert following is None


def test_a_page_behind_an_unknown_ticket_is_none(store: SqliteStore) -> None:
    write(store, [(Tier.MATCH, 0, 0)])
    with pytest.raises(NotFound, match="No match has this ticket"):
        queue_page(store, MatchState.OPEN, ticket(99), 10)


def test_only_the_verdicts_of_what_is_shown_are_read(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, [(Tier.MATCH, distance, 0) for distance in range(9)])
    with store.write():
        for number in range(9):
            store.matches.add_verdict(ticket(number), PENDING)
    read: list[Ticket] = []
    verdicts = SqliteMatches.verdicts

    def counted(self: SqliteMatches, asked: Ticket) -> list[StoredVerdict]:
        read.append(asked)
        return verdicts(self, asked)

    monkeypatch.setattr(SqliteMatches, "verdicts", counted)
    page, _ = queue_page(store, MatchState.OPEN, None, 3)
    assert [list(it.verdicts) for it in page] == [[PENDING]] * 3
    assert read == tickets(page)
