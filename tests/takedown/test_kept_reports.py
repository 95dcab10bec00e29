"""A picture registered today finds what was reported yesterday, at once and exactly once."""

import pytest

from hashreg.model.matches import Tier
from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import matching
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.purge import purge
from hashreg.takedown.report import RETENTION
from hashreg.takedown.review import queue
from support.asking import reported
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded


def test_a_case_finds_the_reports_before_it(store: SqliteStore, index: RegistryIndex) -> None:
    rng, victim = seeded(1), Victim()
    first, second = picture(rng), picture(rng)
    assert not reported(store, index, "near", copy_of(first, rng, 10)).matches
    assert not reported(store, index, "far", copy_of(second, rng, 40), by="bada").matches
    assert not reported(store, index, "other", picture(rng)).matches
    result = take_in(store, victim.submission(first, second), NOW)
    assert result.matches == 2
    found = [(it.match.platform, it.match.content_id, it.match.explanation) for it in queue(store)]
    assert [(platform, content) for platform, content, _ in found] == [
        ("examplegram", "near"),
        ("bada", "far"),
    ]
    assert [(it.tier, it.distance) for _, _, it in found] == [(Tier.MATCH, 10), (Tier.REVIEW, 40)]


def test_it_finds_each_exactly_once(store: SqliteStore, index: RegistryIndex) -> None:
    """Two pictures of a case, the file again, an addition and a new report: one match stays one."""
    rng, victim = seeded(2), Victim()
    kept = picture(rng)
    copy = copy_of(kept, rng, 10)
    reported(store, index, "a", copy)
    submission = victim.submission(kept, copy_of(kept, rng, 12))
    assert take_in(store, submission, NOW).matches == 1
    assert take_in(store, submission, NOW).matches == 0
    take_in(store, victim.addition(copy_of(kept, rng, 14)), NOW)
    again = reported(store, index, "a", copy)
    (entry,) = queue(store)
    assert [match.ticket for match in again.matches] == [entry.match.ticket]
    with store.read():
        assert len(list(store.events.after(0, [EventKind.MATCH_FOUND]))) == 1


def test_an_addition_finds_them_too(store: SqliteStore, index: RegistryIndex) -> None:
    rng, victim = seeded(3), Victim()
    more = picture(rng)
    reported(store, index, "a", only_pdq(more))
    assert take_in(store, victim.submission(picture(rng)), NOW).matches == 0
    assert take_in(store, victim.addition(more), NOW).matches == 1


def test_an_expired_report_is_found_no_more(store: SqliteStore, index: RegistryIndex) -> None:
    kept = picture(seeded(4))
    reported(store, index, "a", kept)
    purge(store, NOW + RETENTION)
    assert take_in(store, Victim().submission(kept), NOW + RETENTION).matches == 0


def test_an_expired_report_is_not_found_even_before_the_purge(
    store: SqliteStore, index: RegistryIndex
) -> None:
    kept = picture(seeded(4))
    reported(store, index, "a", kept)
    late = NOW + RETENTION
    assert take_in(store, Victim().submission(kept), late).matches == 0
    assert take_in(store, Victim().submission(kept), late - DAY).matches == 1


def test_every_report_is_looked_at_however_many_there_are(
    store: SqliteStore, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "REPORTS_AT_ONCE", 3)
    rng = seeded(5)
    kept = picture(rng)
    for number in range(10):
        asked = copy_of(kept, rng, 5) if number in (0, 3, 9) else picture(rng)
        reported(store, index, str(number), asked)
    assert take_in(store, Victim().submission(kept), NOW).matches == 3
    assert sorted(entry.match.content_id for entry in queue(store)) == ["0", "3", "9"]


def test_a_blank_report_is_found_by_nobody(store: SqliteStore, index: RegistryIndex) -> None:
    poor = picture(seeded(6), quality=30)
    result = reported(store, index, "a", only_pdq(poor))
    assert result.error is not None
    good = picture(seeded(6), quality=90)
    assert take_in(store, Victim().submission(good), NOW).matches == 0
