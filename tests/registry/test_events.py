"""Contract of every store: the append-only event table."""

import datetime as dt

import pytest

from hashreg.model.records import Event, EventKind
from hashreg.takedown.store import Store
from support.cases import NOW


def test_a_new_registry_has_no_events(store: Store) -> None:
    with store.read():
        assert store.events.last_sequence() == 0
        assert list(store.events.after(0)) == []


def test_events_come_back_as_they_were_written_and_in_order(store: Store) -> None:
    elsewhere = dt.timezone(dt.timedelta(hours=9))
    with store.write():
        store.events.append(EventKind.PLATFORM_ADDED, "바다", actor="operator", at=NOW)
        store.events.append(
            EventKind.CASE_STATE,
            "c1",
            actor="case",
            at=NOW.astimezone(elsewhere) + dt.timedelta(microseconds=7),
            detail="active",
        )
    with store.read():
        one, two = store.events.after(0)
        assert store.events.last_sequence() == two.sequence > one.sequence > 0
    assert one == Event(one.sequence, NOW, EventKind.PLATFORM_ADDED, "operator", "바다", "")
    at = NOW + dt.timedelta(microseconds=7)
    assert two == Event(two.sequence, at, EventKind.CASE_STATE, "case", "c1", "active")


def test_after_gives_only_what_came_later(store: Store) -> None:
    with store.write():
        for name in "abc":
            store.events.append(EventKind.VERDICT, name, actor="kim", at=NOW)
    with store.read():
        first, *later = store.events.after(0)
        assert list(store.events.after(first.sequence)) == later
        assert list(store.events.after(store.events.last_sequence())) == []


@pytest.mark.parametrize("most", [0, 1, 3, 5, 6])
def test_after_gives_no_more_than_was_asked_for(store: Store, most: int) -> None:
    with store.write():
        for name in "abcdef":
            store.events.append(EventKind.VERDICT, name, actor="kim", at=NOW)
            store.events.append(EventKind.MATCH_FOUND, name, actor="kim", at=NOW)
    with store.read():
        every = list(store.events.after(0))
        assert list(store.events.after(every[3].sequence, most=most)) == every[4:][:most]
        verdicts = list(store.events.after(0, [EventKind.VERDICT], most))
    assert [event.subject for event in verdicts] == list("abcdef")[:most]


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_can_be_kept_and_followed_alone(store: Store, kind: EventKind) -> None:
    with store.write():
        for number, each in enumerate(EventKind):
            store.events.append(each, f"{number:032x}", actor="kim", at=NOW)
    with store.read():
        (found,) = store.events.after(0, (kind,))
    assert (found.kind, found.subject) == (kind, f"{list(EventKind).index(kind):032x}")


def test_numbers_rise_over_connections(store: Store, other: Store) -> None:
    seen = []
    for it in (store, other, store, other):
        with it.write():
            it.events.append(EventKind.VERDICT, "x", actor="kim", at=NOW)
            seen.append(it.events.last_sequence())
    assert seen == sorted(set(seen))


def test_a_clock_that_is_set_back_does_not_change_the_order(store: Store) -> None:
    with store.write():
        for days in (0, -400, 30):
            at = NOW + dt.timedelta(days=days)
            store.events.append(EventKind.VERDICT, str(days), actor="kim", at=at)
    with store.read():
        assert [event.subject for event in store.events.after(0)] == ["0", "-400", "30"]
