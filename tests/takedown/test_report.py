"""Reports: matched now, kept for a while, and named by tickets that stay the same."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from hashreg.model.errors import NotFound, Refused
from hashreg.model.fingerprints import MAX_HASHES, Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier
from hashreg.model.people import Role
from hashreg.model.records import EventKind, PlatformName, StoredReport
from hashreg.model.reports import ContentId
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import RETENTION, report
from hashreg.takedown.review import queue, show
from support.asking import item, reported, ticket_of
from support.cases import DAY, NOW, Victim, blank, copy_of, only_pdq, picture, same, seeded
from support.sqlite import state_of

HERE = PlatformName("examplegram")


@pytest.fixture
def kept(store: SqliteStore) -> Fingerprint:
    """A registered picture."""
    kept = picture(seeded(1), ("whole", "mirror"))
    take_in(store, Victim().submission(kept), NOW)
    return kept


def test_results_come_in_order_with_a_tier_and_tickets(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    rng = seeded(2)
    asked = [
        item("none", picture(rng)),
        item("match", copy_of(kept, rng, 31)),
        item("review", only_pdq(copy_of(kept, rng, 45))),
        item("beyond", only_pdq(copy_of(kept, rng, 46))),
    ]
    results = report(store, index, "examplegram", asked, NOW)
    assert [(it.content_id, it.tier) for it in results] == [
        ("none", None),
        ("match", Tier.MATCH),
        ("review", Tier.REVIEW),
        ("beyond", None),
    ]
    assert [len(it.matches) for it in results] == [0, 1, 1, 0]
    assert [it.error for it in results] == [None] * 4


def test_one_content_item_gets_a_ticket_for_each_case(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    rng = seeded(3)
    take_in(store, Victim().submission(copy_of(kept, rng, 4), copy_of(kept, rng, 2)), NOW)
    result = reported(store, index, "a", only_pdq(kept))
    assert len({match.ticket for match in result.matches}) == 2
    assert [match.explanation.distance for match in result.matches] == [0, 2]


def test_tickets_are_random_and_differ_for_platforms_and_items(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    tickets = {
        ticket_of(reported(store, index, name, kept, by=platform))
        for name in ("a", "b")
        for platform in ("examplegram", "bada")
    }
    assert len(tickets) == 4
    assert all(len(ticket) == 32 for ticket in tickets)


def test_the_same_content_again_keeps_its_ticket_and_is_kept_once(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    rng = seeded(4)
    tickets = {
        ticket_of(reported(store, asking, "a", copy_of(kept, rng, bits)))
        for asking, bits in ((index, 9), (index, 3), (RegistryIndex(), 9), (index, 20))
    }
    assert len(tickets) == 1
    with store.read():
        assert store.reports.count() == 1
        assert len(list(store.events.after(0, [EventKind.MATCH_FOUND]))) == 1


def test_the_same_content_twice_in_one_report_gets_one_ticket(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    one, two = report(store, index, HERE, [item("a", kept), item("a", kept)], NOW)
    assert ticket_of(one) == ticket_of(two)


def test_more_hashes_of_the_same_content_join_those_before(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng = seeded(5)
    both = picture(rng, ("whole", "mirror"))
    whole, mirror = both.hashes[:2]
    reported(store, index, "a", Fingerprint((whole,), 90))
    reported(store, index, "a", Fingerprint((mirror,)))
    newer = dataclasses.replace(whole, hash=picture(rng).hashes[0].hash)
    reported(store, index, "a", Fingerprint((newer,)))
    with store.read():
        stored = store.reports.find(HERE, ContentId("a"))
    assert stored is not None
    assert same(set(stored.fingerprint.hashes), {newer, mirror})
    assert stored.fingerprint.quality == 90
    assert take_in(store, Victim().submission(Fingerprint((mirror,), 90)), NOW).matches == 1


def test_the_newest_hashes_stay_where_there_are_too_many(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng = seeded(6)
    parts = [only_pdq(picture(rng, [f"v{n}" for n in range(s, s + 64)])) for s in (0, 64)]
    many = Fingerprint((*parts[0].hashes, *parts[1].hashes))
    assert len(many.hashes) == MAX_HASHES
    reported(store, index, "a", many)
    newer = only_pdq(picture(rng, ["v0", "w0", "w1"]))
    reported(store, index, "a", newer)
    with store.read():
        stored = store.reports.find(HERE, ContentId("a"))
    assert stored is not None
    assert len(stored.fingerprint.hashes) == MAX_HASHES
    assert same(stored.fingerprint.hashes[-3:], newer.hashes)


def test_a_better_explanation_takes_the_place_of_a_worse_one_and_never_the_reverse(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    rng = seeded(7)
    told = [(40, 40), (20, 20), (30, 20), (42, 20), (3, 3)]
    for bits, best in told:
        ticket = ticket_of(reported(store, index, "a", only_pdq(copy_of(kept, rng, bits))))
        assert show(store, ticket).match.explanation.distance == best
    (entry,) = queue(store)
    assert entry.match.explanation.tier is Tier.MATCH


def test_a_report_is_kept_for_its_time_and_no_longer(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng = seeded(8)
    report(store, index, HERE, [item("long", picture(rng))], NOW)
    report(store, index, HERE, [item("short", picture(rng))], NOW, DAY)
    assert kept_after(store, DAY / 2) == {"long", "short"}
    assert kept_after(store, DAY) == {"long"}
    assert kept_after(store, RETENTION - DAY / 2) == {"long"}
    assert kept_after(store, RETENTION) == set()


def test_reporting_again_starts_the_time_anew(store: SqliteStore, index: RegistryIndex) -> None:
    asked = [item("a", picture(seeded(9)))]
    report(store, index, HERE, asked, NOW, DAY)
    report(store, index, HERE, asked, NOW + DAY / 2, DAY)
    assert kept_after(store, DAY) == {"a"}
    assert kept_after(store, 1.5 * DAY) == set()


def kept_after(store: SqliteStore, age: dt.timedelta) -> set[str]:
    purge(store, NOW + age)
    with store.read():
        return {it.content_id for it in store.reports.kept(NOW - 1000 * DAY)}


@pytest.mark.parametrize("name", ["nobody", "Examplegram", "kim"])
def test_who_is_no_platform_may_not_report(
    store: SqliteStore, path: Path, index: RegistryIndex, name: str
) -> None:
    before = state_of(path)
    with pytest.raises(NotFound) as caught:
        report(store, index, name, [item("a", picture(seeded(10)))], NOW)
    assert caught.value.field == "name"
    assert state_of(path) == before


def test_a_revoked_platform_may_not_report_any_more(
    store: SqliteStore, path: Path, index: RegistryIndex
) -> None:
    reported(store, index, "a", picture(seeded(11)))
    revoke_person(store, Role.PLATFORM, HERE, NOW)
    before = state_of(path)
    with pytest.raises(Refused, match="examplegram was revoked"):
        reported(store, index, "a", picture(seeded(11)))
    assert state_of(path) == before
    assert reported(store, index, "a", picture(seeded(11)), by="bada").error is None


def test_a_platform_revoked_while_it_asks_keeps_nothing(
    store: SqliteStore, path: Path, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = index.find_many

    def revoke_meanwhile(asked: Sequence[Fingerprint], *, tier: Tier) -> list[list[CaseHit]]:
        revoke_person(store, Role.PLATFORM, HERE, NOW)
        return find(asked, tier=tier)

    monkeypatch.setattr(index, "find_many", revoke_meanwhile)
    with pytest.raises(Refused):
        reported(store, index, "a", picture(seeded(12)))
    with store.read():
        assert store.reports.count() == 0


def test_what_can_not_be_compared_is_said_and_never_called_clear(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    poor = only_pdq(picture(seeded(13), quality=49))
    nothing_left = Fingerprint((), 12)
    for name, asked in (("poor", poor), ("blank", blank()), ("nothing", nothing_left)):
        result = reported(store, index, name, asked)
        assert result.tier is None
        assert result.error is not None
        assert result.error.code == "too_plain"


def test_a_digest_alone_finds_the_same_file_and_its_lack_of_views_is_no_fault(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    digests = (Algorithm.SHA256, Algorithm.MD5)
    file = Fingerprint(tuple(it for it in kept.hashes if it.algorithm in digests))
    result = reported(store, index, "same file", file)
    assert (result.tier, result.error) == (Tier.MATCH, None)
    other = Fingerprint(tuple(it for it in picture(seeded(14)).hashes if it.algorithm in digests))
    assert reported(store, index, "other file", other).error is None


def test_an_empty_report_is_answered_and_keeps_nothing(
    store: SqliteStore, path: Path, index: RegistryIndex
) -> None:
    before = state_of(path)
    assert report(store, index, HERE, [], NOW) == []
    assert state_of(path) == before


def test_a_result_names_neither_hash_nor_case(
    store: SqliteStore, index: RegistryIndex, kept: Fingerprint
) -> None:
    result = reported(store, index, "a", kept)
    shape: dict[str, object] = {"content_id": "a", "tier": "match", "align": [], "error": None}
    assert result.as_json() == shape | {"tickets": [ticket_of(result)]}


def test_reports_of_one_call_are_kept_all_or_none(
    store: SqliteStore, path: Path, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(path)
    put = store.reports.put
    calls = []

    def break_at_the_third(stored: StoredReport, received_at: dt.datetime) -> None:
        calls.append(stored.report_id)
        if len(calls) == 3:
            raise KeyboardInterrupt
        put(stored, received_at)

    monkeypatch.setattr(store.reports, "put", break_at_the_third)
    rng = seeded(15)
    with pytest.raises(KeyboardInterrupt):
        report(store, index, HERE, [item(name, picture(rng)) for name in "abcd"], NOW)
    assert state_of(path) == before
