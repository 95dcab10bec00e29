"""Lists of cases and events: every one once, page by page, and nothing that links hashes."""

import datetime as dt

import pytest

from hashreg.model.cases import CaseNumber, CaseState, new_case_number
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.listing import cases, events
from support.cases import NOW, Victim, picture, seeded

Entry = dict[str, object]


@pytest.fixture
def victims(store: SqliteStore) -> list[Victim]:
    """Seven cases, of which the second and the fourth are withdrawn."""
    rng = seeded(1)
    victims = [Victim() for _ in range(7)]
    for number, victim in enumerate(victims):
        take_in(store, victim.submission(picture(rng)), NOW + dt.timedelta(hours=number))
    for victim in victims[1:4:2]:
        take_in(store, victim.withdrawal(), NOW)
    return victims


def all_cases(store: SqliteStore, state: CaseState | None, limit: int) -> list[Entry]:
    every, after = cases(store, state, None, limit)
    while after is not None:
        page, after = cases(store, state, after, limit)
        assert 0 < len(page) <= limit
        every += page
    return every


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_case_is_listed_once_by_its_number(
    store: SqliteStore, victims: list[Victim], limit: int
) -> None:
    numbers = [entry["case"] for entry in all_cases(store, None, limit)]
    assert numbers == sorted(victim.number for victim in victims)
    withdrawn = [entry["case"] for entry in all_cases(store, CaseState.WITHDRAWN, limit)]
    assert withdrawn == sorted(victim.number for victim in victims[1:4:2])
    assert all_cases(store, CaseState.HELD, limit) == []


def test_a_case_says_its_number_its_state_and_when_it_came(
    store: SqliteStore, victims: list[Victim]
) -> None:
    entries = {entry["case"]: entry for entry in all_cases(store, None, 3)}
    first, second, *_ = victims
    assert list(entries[first.number].items()) == [
        ("case", first.number),
        ("state", "active"),
        ("received_at", "2026-05-04T12:30:00+00:00"),
    ]
    assert entries[second.number]["state"] == "withdrawn"


@pytest.mark.usefixtures("victims")
def test_a_list_goes_on_behind_a_number_that_is_not_there(store: SqliteStore) -> None:
    every = [str(entry["case"]) for entry in all_cases(store, None, 100)]
    for after in [new_case_number() for _ in range(5)]:
        page, _ = cases(store, None, after, 100)
        assert [entry["case"] for entry in page] == [it for it in every if it > after]
    assert cases(store, None, CaseNumber(every[-1]), 3) == ([], None)


@pytest.mark.usefixtures("victims")
@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_every_event_is_listed_once_in_order(store: SqliteStore, limit: int) -> None:
    listed: list[Entry] = []
    after: int | None = 0
    while after is not None:
        page, after = events(store, after, limit)
        assert 0 < len(page) <= limit
        listed += page
    with store.read():
        every = list(store.events.after(0))
    assert listed == [
        {
            "sequence": event.sequence,
            "at": event.at.isoformat(timespec="seconds"),
            "kind": event.kind.value,
            "actor": event.actor,
            "detail": event.detail,
        }
        for event in every
    ]
    assert "case" in {entry["actor"] for entry in listed}
    assert events(store, every[-1].sequence, limit) == ([], None)


@pytest.mark.usefixtures("victims")
def test_no_event_names_what_it_happened_to(store: SqliteStore) -> None:
    """Random names of pictures and cases side by side would tell which hashes are one case's."""
    page, _ = events(store, 0, 1000)
    with store.read():
        subjects = {event.subject for event in store.events.after(0) if len(event.subject) == 32}
    assert len(subjects) >= 14
    assert not any(subject in str(page) for subject in subjects)
