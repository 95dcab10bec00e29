"""What may become of an order, step by step, whatever comes in which sequence."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model import orders
from hashreg.model.deadlines import DEADLINES, DEFAULT, deadline_of
from hashreg.model.errors import Refused
from hashreg.model.matches import Ticket
from hashreg.model.orders import (
    CHECKED_AFTER,
    CLOCKS_DIFFER,
    DAY,
    HOUR,
    LIVE,
    LONGEST_WAIT,
    Escalation,
    MessageType,
    Order,
    OrderId,
    OrderKind,
    OrderState,
    Trouble,
)
from hashreg.model.records import PlatformName
from hashreg.model.reports import ContentId
from support.cases import NOW

TICKET = Ticket("7" * 32)
NAME, PLATFORM = OrderId("a" * 32), PlatformName("examplegram")
TIME = 48 * HOUR
STEPS = ("reached", "failed", "acknowledged", "removed", "still_gone", "reopened", "cancelled")


def removal() -> Order:
    return orders.removal_order(NAME, PLATFORM, TICKET, ContentId("1.jpg"), TIME, NOW)


def revocation() -> Order:
    return orders.revocation_order(NAME, PLATFORM, [TICKET, Ticket("8" * 32)], NOW)


def step(order: Order, name: str, now: dt.datetime) -> Order:
    """Take one step, where it can be taken."""
    if name == "cancelled":
        return orders.ended(order, OrderState.CANCELLED, now) if order.is_live else order
    if name in ("reached", "failed") and order.send_at is None:
        return order
    steps: dict[str, Callable[[], Order]] = {
        "reached": lambda: orders.reached(order, now),
        "failed": lambda: orders.failed(order, Trouble.TIMEOUT, now),
        "acknowledged": lambda: orders.acknowledged(order, now),
        "removed": lambda: orders.removed(order, now, now),
        "still_gone": lambda: orders.still_gone(order, now),
        "reopened": lambda: orders.reopened(order, TIME, now),
    }
    try:
        return steps[name]()
    except Refused:
        assert name == "still_gone"
        assert order.state is not OrderState.REMOVED
        return order


@given(
    st.sampled_from([removal(), revocation()]),
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 15 * 24))),
)
def test_whatever_happens_an_order_is_sent_again_until_it_has_ended(
    order: Order, steps: list[tuple[str, int]]
) -> None:
    now, keys = NOW, {order.key: order.message_type}
    for name, hours in steps:
        now += hours * HOUR
        after = step(order, name, now)
        assert after.order_id == order.order_id
        assert (after.send_at is None) == (after.state not in LIVE)
        if after.send_at is not None:
            assert after.is_due(max(after.send_at, now))
            assert after.send_at <= now + CHECKED_AFTER[-1]
        if after.round == order.round and after.message_type is order.message_type:
            assert after.key == order.key or after.checks > order.checks
        assert keys.setdefault(after.key, after.message_type) is after.message_type
        assert after.round >= order.round
        if after.kind is OrderKind.REVOCATION:
            assert after.state in (OrderState.OPEN, OrderState.DONE, OrderState.CANCELLED)
            assert after.key == order.key
        order = after


@given(st.integers(0, 500))
def test_attempts_come_later_and_later_but_at_least_every_six_hours(tries: int) -> None:
    order = dataclasses.replace(removal(), tries=tries)
    after = orders.failed(order, Trouble.UNREACHABLE, NOW)
    assert after.tries == tries + 1
    assert after.send_at is not None
    assert orders.FIRST_WAIT <= after.send_at - NOW <= LONGEST_WAIT
    assert (tries < 9) == (after.send_at - NOW < LONGEST_WAIT)
    assert after.key == order.key


def test_what_was_delivered_and_not_answered_is_sent_again_after_a_day() -> None:
    order = orders.reached(removal(), NOW)
    assert not order.is_due(NOW + DAY - HOUR)
    assert order.is_due(NOW + DAY)
    assert order.key == removal().key


def test_what_was_acknowledged_is_sent_again_when_it_is_overdue() -> None:
    order = orders.acknowledged(removal(), NOW + HOUR)
    assert order.state is OrderState.ACKNOWLEDGED
    assert not order.is_due(NOW + TIME - HOUR)
    assert order.is_due(NOW + TIME)
    assert order.why_escalated(NOW + TIME + HOUR) is Escalation.OVERDUE
    late = orders.acknowledged(removal(), NOW + 2 * TIME)
    assert late.send_at == NOW + 2 * TIME + DAY
    assert orders.acknowledged(order, NOW + 2 * HOUR) is order


@pytest.mark.parametrize("back", [DAY, 400 * DAY])
def test_a_clock_that_was_wrong_for_a_while_holds_no_order_up(back: dt.timedelta) -> None:
    """It was ahead when the order was last sent, and is right again."""
    for order in (removal(), orders.removed(removal(), NOW + back, NOW + back)):
        wrong = orders.reached(order, NOW + back)
        assert wrong.is_due(NOW)
        assert not orders.reached(wrong, NOW).is_due(NOW + HOUR)
    assert not orders.reached(removal(), NOW).is_due(NOW - CLOCKS_DIFFER)


def test_removed_content_is_asked_for_again_three_times() -> None:
    order = orders.removed(orders.acknowledged(removal(), NOW), NOW, NOW + HOUR)
    keys = []
    for after in CHECKED_AFTER:
        assert order.check_at == order.send_at == NOW + after
        assert not order.is_due(NOW + after - HOUR)
        assert order.message_type is MessageType.RECHECK
        keys.append(order.key)
        order = orders.still_gone(order, NOW + after + HOUR)
    assert order.state is OrderState.DONE
    assert len({*keys, removal().key}) == 4


def test_a_re_check_before_its_time_takes_no_other_ones_place() -> None:
    order = orders.removed(removal(), NOW, NOW)
    early = orders.still_gone(order, NOW + HOUR)
    assert (early.checks, early.check_at) == (0, NOW + DAY)
    late = orders.still_gone(order, NOW + 8 * DAY)
    assert (late.checks, late.check_at) == (2, NOW + 30 * DAY)


def test_an_unanswered_re_check_is_asked_again_and_goes_to_a_person() -> None:
    order = orders.reached(orders.removed(removal(), NOW, NOW), NOW + DAY)
    assert order.is_due(NOW + 2 * DAY)
    assert order.why_escalated(NOW + 2 * DAY) is None
    assert order.why_escalated(NOW + 2 * DAY + HOUR) is Escalation.UNCHECKED


@pytest.mark.parametrize("checked", [0, 3])
def test_content_that_is_there_again_is_ordered_away_once_more(checked: int) -> None:
    order = orders.removed(removal(), NOW, NOW)
    for after in CHECKED_AFTER[:checked]:
        order = orders.still_gone(order, NOW + after)
    later = NOW + 40 * DAY
    again = orders.reopened(order, TIME, later)
    assert again.state is OrderState.OPEN
    assert again.is_due(later)
    assert (again.round, again.reappeared, again.due_at) == (2, 1, later + TIME)
    assert (again.acknowledged_at, again.removed_at, again.checks) == (None, None, 0)
    assert again.key not in {removal().key, order.key}
    assert orders.reopened(again, TIME, later) is again


@pytest.mark.parametrize(
    ("order", "after", "why"),
    [
        (removal(), DAY, None),
        (removal(), DAY + HOUR, Escalation.UNACKNOWLEDGED),
        (removal(), TIME + HOUR, Escalation.OVERDUE),
        (revocation(), DAY, None),
        (revocation(), DAY + HOUR, Escalation.UNACKNOWLEDGED),
        (revocation(), TIME + HOUR, Escalation.UNACKNOWLEDGED),
        (orders.ended(removal(), OrderState.DECLINED, NOW), dt.timedelta(), Escalation.DECLINED),
        (orders.ended(removal(), OrderState.CANCELLED, NOW), 9 * DAY, None),
    ],
)
def test_what_a_person_has_to_see_to(
    order: Order, after: dt.timedelta, why: Escalation | None
) -> None:
    assert order.why_escalated(NOW + after) is why
    marked = orders.escalated(order, NOW + after)
    assert marked.escalated is why
    assert orders.escalated(marked, NOW + after) is marked


def test_what_is_not_removed_is_not_checked_again() -> None:
    for order in (removal(), revocation(), orders.acknowledged(removal(), NOW)):
        with pytest.raises(Refused, match="nothing to check"):
            orders.still_gone(order, NOW)


def test_a_revocation_is_done_once_it_is_acknowledged() -> None:
    order = orders.acknowledged(revocation(), NOW)
    assert order.state is OrderState.DONE
    assert orders.removed(revocation(), NOW, NOW) == revocation()


def test_deadlines_have_a_source_and_a_default() -> None:
    assert deadline_of("nowhere") is DEADLINES[DEFAULT]
    assert all(it.source and HOUR <= it.time <= TIME for it in DEADLINES.values())
    assert deadline_of("US").time == TIME
    assert deadline_of("AU").time == 24 * HOUR


def test_a_check_that_is_asked_for_early_comes_at_its_time_all_the_same() -> None:
    gone = orders.removed(removal(), NOW, NOW)
    checked = orders.still_gone(gone, NOW + DAY)
    asked = orders.reached(checked, NOW + 2 * DAY)
    assert asked.send_at == checked.check_at == NOW + 7 * DAY
    late = orders.reached(checked, NOW + 9 * DAY)
    assert late.send_at == NOW + 10 * DAY


def test_a_round_that_begins_once_more_after_a_restored_backup_has_another_key() -> None:
    gone = orders.removed(removal(), NOW, NOW)
    first, again = (orders.reopened(gone, 2 * DAY, NOW + it * HOUR) for it in (1, 2))
    assert first.round == again.round
    assert first.key != again.key
