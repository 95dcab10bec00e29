"""Contract of every store: reports and how long they are kept."""

import datetime as dt
from secrets import token_bytes

import pytest

from hashreg.model.records import PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId
from hashreg.takedown.store import Store
from support.cases import DAY, NOW, picture, same, seeded

HERE, THERE = PlatformName("examplegram"), PlatformName("바다")


def report(platform: PlatformName, content_id: str, *, days: float = 90) -> StoredReport:
    return StoredReport(
        ReportId(token_bytes(16)),
        platform,
        ContentId(content_id),
        picture(seeded(len(content_id))),
        NOW + days * DAY,
    )


@pytest.mark.parametrize("content_id", ["1", "사진 \u202e\x00\n.jpg", "\udcff", "x" * 512])
def test_a_report_is_found_by_platform_and_content_id(store: Store, content_id: str) -> None:
    here, there = report(HERE, content_id), report(THERE, content_id)
    with store.write():
        store.reports.put(here, NOW)
        store.reports.put(there, NOW)
    with store.read():
        assert same(store.reports.find(HERE, ContentId(content_id)), here)
        assert same(store.reports.find(THERE, ContentId(content_id)), there)
        assert store.reports.find(HERE, ContentId(content_id + "x")) is None
        assert store.reports.find(PlatformName("other"), ContentId(content_id)) is None
        assert store.reports.count() == 2
        assert {each.report_id for each in store.reports.kept(NOW - 1000 * DAY)} == {
            here.report_id,
            there.report_id,
        }


def test_another_connection_finds_it_too(store: Store, other: Store) -> None:
    kept = report(HERE, "1")
    with store.write():
        store.reports.put(kept, NOW)
    with other.read():
        assert same(other.reports.find(HERE, ContentId("1")), kept)


def test_a_report_takes_the_place_of_the_one_with_its_id(store: Store) -> None:
    first = report(HERE, "1")
    second = StoredReport(first.report_id, HERE, ContentId("1"), picture(seeded(9)), NOW + DAY)
    with store.write():
        store.reports.put(first, NOW)
        store.reports.put(report(HERE, "2"), NOW)
        store.reports.put(second, NOW)
    with store.read():
        assert store.reports.count() == 2
        assert same(store.reports.find(HERE, ContentId("1")), second)


def test_exactly_the_reports_whose_time_is_over_are_deleted(store: Store) -> None:
    over, now, later = report(HERE, "1", days=-1), report(HERE, "2", days=0), report(HERE, "3")
    with store.write():
        for it in (over, now, later):
            store.reports.put(it, NOW)
        assert set(store.reports.delete_expired(NOW)) == {over.report_id, now.report_id}
    with store.read():
        assert [each.report_id for each in store.reports.kept(NOW - 1000 * DAY)] == [
            later.report_id
        ]
        assert store.reports.find(HERE, ContentId("1")) is None
    with store.write():
        assert store.reports.delete_expired(NOW) == []


def test_a_report_lives_to_the_last_microsecond(store: Store) -> None:
    kept = report(HERE, "1", days=1)
    with store.write():
        store.reports.put(kept, NOW)
        assert store.reports.delete_expired(NOW + DAY - dt.timedelta(microseconds=1)) == []
        assert store.reports.delete_expired(NOW + DAY) == [kept.report_id]
