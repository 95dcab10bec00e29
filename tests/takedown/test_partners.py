"""What others' feeds say is matched like all hashes, and follows what its source says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hashreg.exchange.partners import Damaged, Entry, read_feed
from hashreg.model.cases import CaseState
from hashreg.model.errors import InvalidInput, NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Ticket
from hashreg.model.records import EventKind, MatchState, PictureState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import partners
from hashreg.takedown.benign import add_benign, remove_benign
from hashreg.takedown.feed import Asked, fetch
from hashreg.takedown.holds import held, refuse
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.partners import AT_ONCE, Imported, forget_feed, take_in_feed
from hashreg.takedown.report import report
from hashreg.takedown.review import decide
from hashreg.takedown.statistics import statistics
from support.asking import is_found, item
from support.cases import NOW, copy_of, only_pdq, picture, seeded
from support.sqlite import found_in_files, state_of

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
RECORDS, DAMAGED_EVERY = 100_000, 100


def made(number: int) -> Fingerprint:
    return only_pdq(picture(seeded(number)))


def there(*numbers: int) -> list[Entry]:
    return [Entry(f"record {it}", made(it)) for it in numbers]


def gone(*numbers: int) -> list[Entry]:
    return [Entry(f"record {it}", None) for it in numbers]


def finds(store: SqliteStore, number: int) -> bool:
    return is_found(store, copy_of(picture(seeded(number)), seeded(7), 6))


def states(store: SqliteStore) -> list[CaseState]:
    with store.read():
        return sorted(it.state for it in store.cases.all())


def test_records_are_matched_and_the_same_again_changes_nothing(
    store: SqliteStore, path: Path
) -> None:
    assert take_in_feed(store, "stopncii", there(1, 2), NOW) == Imported(added=2)
    assert finds(store, 1)
    assert finds(store, 2)
    before = state_of(path)
    assert take_in_feed(store, "stopncii", there(2, 1), NOW) == Imported(unchanged=2)
    assert state_of(path) == before


def test_what_its_source_takes_back_is_withdrawn_for_good(store: SqliteStore) -> None:
    take_in_feed(store, "stopncii", there(1, 2), NOW)
    told = take_in_feed(store, "stopncii", gone(1, 3), NOW)
    assert told == Imported(withdrawn=1, unchanged=1)
    assert not finds(store, 1)
    assert finds(store, 2)
    assert states(store) == [CaseState.ACTIVE, CaseState.WITHDRAWN]
    counted = statistics(store, NOW)
    assert (counted["cases"], counted["partner_records"]) == ({}, {"active": 1, "withdrawn": 1})
    assert take_in_feed(store, "stopncii", gone(1, 3), NOW) == Imported(unchanged=2)
    assert take_in_feed(store, "stopncii", there(1), NOW) == Imported(added=1)
    assert finds(store, 1)


def test_a_record_that_says_something_else_takes_the_place_of_what_it_said(
    store: SqliteStore,
) -> None:
    take_in_feed(store, "ncmec", [Entry("a", made(1))], NOW)
    assert take_in_feed(store, "ncmec", [Entry("a", made(2))], NOW) == Imported(changed=1)
    assert not finds(store, 1)
    assert finds(store, 2)


def test_of_a_record_that_comes_twice_the_later_counts(store: SqliteStore) -> None:
    twice = [Entry("a", made(1)), Entry("a", made(2)), *there(3), *gone(3)]
    assert take_in_feed(store, "ncmec", twice, NOW) == Imported(added=1, unchanged=1)
    assert (finds(store, 1), finds(store, 2), finds(store, 3)) == (False, True, False)


def test_forgetting_a_source_leaves_the_others(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "AT_ONCE", 2)
    take_in_feed(store, "one", [*there(1, 2, 3), *gone(9)], NOW)
    take_in_feed(store, "two", there(4), NOW)
    assert forget_feed(store, "one", NOW) == 3
    assert [finds(store, it) for it in (1, 2, 3, 4)] == [False, False, False, True]
    with pytest.raises(NotFound):
        forget_feed(store, "one", NOW)
    assert take_in_feed(store, "one", there(1), NOW) == Imported(added=1)


def test_what_was_never_there_is_told_as_it_was(store: SqliteStore) -> None:
    assert take_in_feed(store, "one", gone(1, 2), NOW) == Imported(unchanged=2)


def test_two_sources_have_the_same_names_for_other_things(store: SqliteStore) -> None:
    take_in_feed(store, "one", [Entry("a", made(1))], NOW)
    assert take_in_feed(store, "two", [Entry("a", None)], NOW) == Imported(unchanged=1)
    assert finds(store, 1)


def test_a_match_goes_to_a_person_and_is_closed_when_it_is_taken_back(
    store: SqliteStore, index: RegistryIndex
) -> None:
    report(store, index, "bada", [item("1.jpg", copy_of(picture(seeded(1)), seeded(9), 4))], NOW)
    assert take_in_feed(store, "stopncii", there(1, 2), NOW) == Imported(added=2, matches=1)
    with store.read():
        (match,) = store.matches.queue(MatchState.OPEN)
    decide(store, Ticket(match.ticket), BLOCKED, "kim", NOW)
    take_in_feed(store, "stopncii", gone(1), NOW)
    with store.read():
        orders = sorted((it.kind.value, it.state.value) for it in store.orders.all())
    assert orders == [("removal", "cancelled"), ("revocation", "open")]


def test_a_widely_shared_picture_waits_for_a_person(store: SqliteStore) -> None:
    add_benign(store, picture(seeded(1)), "a flag", NOW)
    assert take_in_feed(store, "stopncii", there(1, 2), NOW) == Imported(added=2, held=1)
    assert not finds(store, 1)
    assert len(held(store)) == 1


@pytest.mark.parametrize("decided", [PictureState.HELD, PictureState.REFUSED])
def test_a_source_can_not_undo_what_people_stopped(
    store: SqliteStore, decided: PictureState
) -> None:
    add_benign(store, picture(seeded(1)), "a flag", NOW)
    take_in_feed(store, "ncmec", [Entry("a", made(1))], NOW)
    (waits,) = held(store)
    if decided is PictureState.REFUSED:
        refuse(store, waits.hold.fingerprint_id, "kim", NOW)
    remove_benign(store, next(iter(store.benign.all())).benign_id.hex(), NOW)
    changed = replace(made(1), quality=77)
    assert take_in_feed(store, "ncmec", [Entry("a", changed)], NOW) == Imported(changed=1, held=1)
    assert not finds(store, 1)
    (again,) = held(store)
    assert (again.hold.reason, again.hold.detail) == (waits.hold.reason, waits.hold.detail)


def test_it_is_not_passed_on(store: SqliteStore) -> None:
    take_in_feed(store, "stopncii", there(1, 2), NOW)
    take_in_feed(store, "stopncii", gone(2), NOW)
    got = fetch(store, "bada", Asked(), NOW)
    own = store.feeds.canary("bada").record  # type: ignore[arg-type]
    assert [it.record for it in got.records if not it.is_gone] == [own]


def test_neither_names_nor_hashes_lie_open(store: SqliteStore, path: Path) -> None:
    take_in_feed(store, "stopncii", there(1), NOW)
    assert found_in_files(path, [it.digest for it in made(1).hashes]) == 0
    assert b"record 1" not in path.read_bytes()


def test_one_event_counts_what_came_in(store: SqliteStore) -> None:
    for _ in range(2):
        take_in_feed(store, "stopncii", there(1, 2), NOW)
    with store.read():
        (event,) = [it for it in store.events.after(0) if it.kind is EventKind.FEED_IMPORTED]
    assert (event.subject, event.detail) == ("stopncii", "stopncii added=2 changed=0 withdrawn=0")


@pytest.mark.parametrize("name", ["", "a:b", "x" * 300, "a\nb"])
def test_a_source_has_a_name_like_everybody(store: SqliteStore, name: str) -> None:
    with pytest.raises(InvalidInput):
        take_in_feed(store, name, there(1), NOW)


def feed_of(count: int) -> bytes:
    """Return a page of StopNCII in which every hundredth record is damaged."""
    rng = seeded(5)
    records = [
        {"signalType": "ImagePDQ", "hashValue": rng.randbytes(32).hex(), "hashStatus": "Active"}
        for _ in range(count)
    ]
    for damaged in records[::DAMAGED_EVERY]:
        damaged["hashValue"] = damaged["hashValue"][:50]
    return json.dumps({"count": count, "hashRecords": records}).encode()


def assert_taken_in_but_the_damaged(store: SqliteStore, path: Path, count: int) -> None:
    content = feed_of(count)
    read = list(read_feed(content))
    good = [it for it in read if isinstance(it, Entry)]
    damaged = [it.place for it in read if isinstance(it, Damaged)]
    assert damaged == [f"record {it + 1}" for it in range(0, count, DAMAGED_EVERY)]
    expected = count - len(damaged)
    assert take_in_feed(store, "stopncii", good, NOW) == Imported(added=expected)
    before = state_of(path)
    again = [it for it in read_feed(content) if isinstance(it, Entry)]
    assert take_in_feed(store, "stopncii", again, NOW) == Imported(unchanged=expected)
    assert state_of(path) == before
    with store.read():
        assert store.cases.count_fingerprints() == expected


def test_a_feed_with_damaged_records(store: SqliteStore, path: Path) -> None:
    assert_taken_in_but_the_damaged(store, path, AT_ONCE + 500)


@pytest.mark.timeout(1200)
def test_a_feed_of_a_hundred_thousand_records(store: SqliteStore, path: Path) -> None:
    assert_taken_in_but_the_damaged(store, path, RECORDS)
