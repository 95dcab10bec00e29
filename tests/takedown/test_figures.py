"""How platforms deal with orders: right for the operator, and masked for everybody else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.orders import DAY, HOUR
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.figures import (
    MASKED_BELOW,
    PlatformFigures,
    as_csv,
    figures,
    public,
)
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.orders import acknowledge
from hashreg.takedown.purge import purge
from hashreg.takedown.tickets import decide_as_platform
from support.cases import NOW

from .test_following import NOT_INTIMATE, PENDING, Story


@pytest.fixture
def story(store: SqliteStore, index: RegistryIndex) -> Story:
    return Story(store, index)


@st.composite
def some_figures(draw: st.DrawFn) -> PlatformFigures:
    ordered, revoked = draw(st.integers(0, 40)), draw(st.integers(0, 40))
    removed, back, told = (draw(st.integers(0, most)) for most in (ordered, ordered, revoked))
    late, overdue = draw(st.integers(0, removed)), draw(st.integers(0, ordered - removed))
    rate = round(removed / ordered, 3) if ordered else None
    hours = 1.5 if removed else None
    return PlatformFigures(
        "examplegram", ordered, removed, rate, hours, late, overdue, back, revoked, told
    )


def test_each_order_counts_once_as_it_stands_now(story: Story) -> None:
    its = [story.ordered(f"{number}.jpg") for number in range(8)]
    for hours, order in zip((1, 3, 11, 60), its, strict=False):
        story.now = NOW + hours * HOUR
        story.removed(order)
    story.now = NOW + 61 * HOUR
    story.report("0.jpg")
    decide_as_platform(story.store, its[6].tickets[0], NOT_INTIMATE, "examplegram", story.now)
    story.decide(its[7].tickets[0], PENDING)
    (found,) = figures(story.store, story.now)
    assert found == PlatformFigures("examplegram", 8, 3, 0.375, 11.0, 1, 3, 1, 1, 0)


def test_removals_of_withdrawn_cases_go_on_counting(story: Story) -> None:
    removed, never = story.ordered("1.jpg"), story.ordered("2.jpg")
    story.later(2 * HOUR)
    story.removed(removed)
    story.withdraw()
    purge(story.store, story.now)
    (revoked,) = (it for it in story.of_case() if it.is_live)
    assert set(revoked.tickets) == {*removed.tickets, *never.tickets}
    acknowledge(story.store, revoked.order_id, story.now, platform="examplegram")
    (found,) = figures(story.store, story.now + 9 * DAY)
    assert found == PlatformFigures("examplegram", 1, 1, 1.0, 2.0, 0, 0, 0, 1, 1)


def test_what_had_come_back_or_was_ignored_counts_although_it_was_called_off(story: Story) -> None:
    back, ignored, called_off = (story.ordered(f"{it}.jpg") for it in range(3))
    story.removed(back)
    story.later(HOUR)
    story.report("0.jpg")
    for order in (back, called_off):
        story.decide(order.tickets[0], PENDING)
    (found,) = figures(story.store, story.now)
    assert (found.ordered, found.reappeared) == (2, 1)
    story.later(3 * DAY)
    story.decide(ignored.tickets[0], PENDING)
    story.withdraw()
    (found,) = figures(story.store, story.now)
    assert (found.ordered, found.removed, found.overdue, found.reappeared) == (2, 0, 1, 1)


def test_a_registry_without_orders_says_nothing(story: Story) -> None:
    assert figures(story.store, NOW) == []


@given(some_figures())
def test_no_small_count_is_told_nor_can_be_worked_out(its: PlatformFigures) -> None:
    (shown,) = public([its])
    small = range(1, MASKED_BELOW)
    for name, whole in (
        ("removed", "ordered"),
        ("late", "removed"),
        ("overdue", "ordered"),
        ("reappeared", "ordered"),
        ("revocations_acknowledged", "revoked"),
    ):
        of, part = getattr(shown, whole), getattr(shown, name)
        assert of not in small
        assert part not in small
        if part is not None:
            assert of is not None
            assert of - part not in small
            assert part == getattr(its, name)
    if None not in (shown.ordered, shown.removed, shown.overdue):
        assert (its.ordered or 0) - (its.removed or 0) - (its.overdue or 0) not in small
    assert (shown.removal_rate is None) == (shown.removed is None or not its.ordered)
    assert shown.median_hours is None or (shown.removed or 0) >= MASKED_BELOW
    assert shown.ordered in (None, its.ordered)


def test_large_counts_are_told_as_they_are() -> None:
    its = PlatformFigures("examplegram", 50, 40, 0.8, 12.5, 6, 5, 0, 9, 9)
    assert public([its]) == [its]


@pytest.mark.parametrize("name", ["examplegram", "바다, 하늘", "=1+1", "@x", '"'])
def test_csv_reads_back_and_calculates_nothing(name: str) -> None:
    text = as_csv([PlatformFigures(name, 50, None, None, None, None, 5, 0, 9, 9)])
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["platform"].removeprefix("'") == name
    assert row["platform"][0] not in "=@"
    assert (row["ordered"], row["removed"]) == ("50", "")
