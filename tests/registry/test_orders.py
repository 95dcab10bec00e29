"""Contract of every store: orders, and how platforms are reached."""

import dataclasses
import datetime as dt
from secrets import token_bytes, token_hex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model import orders
from hashreg.model.deadlines import DEFAULT
from hashreg.model.matches import Ticket
from hashreg.model.orders import (
    DAY,
    HOUR,
    LIVE,
    Escalation,
    Order,
    OrderId,
    OrderState,
    Trouble,
    Which,
)
from hashreg.model.parcels import Contact, Webhook
from hashreg.model.records import CaseId, PlatformName
from hashreg.model.reports import ContentId
from hashreg.takedown.store import Store
from support.cases import NOW

OURS, THEIRS = PlatformName("examplegram"), PlatformName("바다")
CASE = CaseId(b"c" * 16)
HOOK = Webhook("https://example.org/orders", b"s" * 32)
MOMENTS = st.none() | st.datetimes(timezones=st.just(NOW.tzinfo))


def removal(*, platform: PlatformName = OURS, age: int = 0, content: str = "1.jpg") -> Order:
    at = NOW - age * HOUR
    ticket, name = Ticket(token_hex(16)), OrderId(token_hex(16))
    return orders.removal_order(name, platform, ticket, ContentId(content), 2 * DAY, at)


def add(store: Store, *its: Order, case: CaseId = CASE) -> None:
    with store.write():
        for it in its:
            store.orders.add(it, case)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.sampled_from(OrderState),
    st.none() | st.sampled_from(Trouble),
    st.none() | st.sampled_from(Escalation),
    st.tuples(MOMENTS, MOMENTS, MOMENTS, MOMENTS),
    st.text(max_size=30),
)
def test_an_order_comes_back_as_it_became(
    store: Store,
    other: Store,
    state: OrderState,
    trouble: Trouble | None,
    why: Escalation | None,
    moments: tuple[object, ...],
    content: str,
) -> None:
    order = removal(content=content)
    add(store, order)
    names = ("send_at", "reached_at", "acknowledged_at", "removed_at")
    changed = dataclasses.replace(
        order,
        state=state,
        trouble=trouble,
        escalated=why,
        round=3,
        tries=17,
        checks=2,
        begun_at=NOW + HOUR,
        due_at=NOW + DAY,
        changed_at=NOW + 2 * HOUR,
        **dict(zip(names, moments, strict=True)),  # type: ignore[arg-type]
    )
    with store.write():
        store.orders.put(changed)
    with other.read():
        assert other.orders.find(order.order_id) == changed
        assert other.orders.of_ticket(order.tickets[0]) == [changed]


def test_a_revocation_comes_back_with_all_its_tickets(store: Store, other: Store) -> None:
    tickets = [Ticket(token_hex(16)) for _ in range(1000)]
    order = orders.revocation_order(OrderId(token_hex(16)), OURS, tickets, NOW)
    add(store, order)
    with other.read():
        assert other.orders.find(order.order_id) == order
        assert other.orders.of_ticket(tickets[0]) == []


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with store.read():
        assert store.orders.find(OrderId("0" * 32)) is None
        assert store.orders.of_ticket(Ticket("0" * 32)) == []
        assert store.orders.of_case(CaseId(token_bytes(16))) == []
        assert list(store.orders.all()) == []
        assert store.orders.to_send(OURS, NOW, 10) == []
        assert store.orders.to_escalate(NOW) == []
        assert store.contacts.all() == []


def test_orders_are_found_by_case_the_oldest_first(store: Store) -> None:
    new, old, others = removal(), removal(age=5), removal()
    add(store, new, old)
    add(store, others, case=CaseId(token_bytes(16)))
    with store.read():
        assert store.orders.of_case(CASE) == [old, new]


@pytest.mark.parametrize("live", [True, False])
def test_a_platforms_orders_come_page_by_page(store: Store, live: bool) -> None:
    which = Which.LIVE if live else Which.ALL
    its = [removal(age=age // 2) for age in range(10)]
    ended = orders.ended(removal(age=3), OrderState.CANCELLED, NOW)
    add(store, *its, ended, removal(platform=THEIRS))
    wanted = {it.order_id for it in its} | (set() if live else {ended.order_id})
    seen: list[Order] = []
    with store.read():
        while page := store.orders.of_platform(
            OURS, NOW, which=which, after=seen[-1] if seen else None, most=3
        ):
            seen += page
    assert [it.made_at for it in seen] == sorted(it.made_at for it in seen)
    assert len(seen) == len(wanted)
    assert {it.order_id for it in seen} == wanted


@pytest.mark.parametrize("settled", [False, True])
def test_all_orders_come_page_by_page_the_oldest_first(store: Store, settled: bool) -> None:
    its = [removal(age=age // 2, platform=(OURS, THEIRS)[age % 2]) for age in range(10)]
    declined = orders.ended(removal(age=2), OrderState.DECLINED, NOW)
    done = orders.ended(removal(age=3), OrderState.DONE, NOW)
    add(store, *its, declined, done)
    wanted = [*its, declined, done] if settled else [*its, declined]
    wanted.sort(key=lambda it: (it.made_at, it.order_id))
    seen: list[Order] = []
    with store.read():
        while page := store.orders.page(
            NOW, settled=settled, escalated=False, after=seen[-1] if seen else None, most=3
        ):
            seen += page
        whole = store.orders.page(NOW, settled=settled, escalated=False, after=None, most=-1)
    assert seen == wanted == whole


def test_only_what_is_due_is_to_be_sent_the_longest_first(store: Store) -> None:
    first, second = removal(age=2), removal(age=1)
    later = orders.failed(removal(), Trouble.TIMEOUT, NOW)
    done = orders.ended(removal(), OrderState.DONE, NOW)
    add(store, second, first, later, done, removal(platform=THEIRS))
    with store.read():
        assert store.orders.to_send(OURS, NOW, 10) == [first, second]
        assert store.orders.to_send(OURS, NOW, 1) == [first]
        assert len(store.orders.to_send(OURS, NOW + HOUR, 10)) == 3
        assert len(store.orders.to_send(THEIRS, NOW, 10)) == 1


def test_an_order_of_a_clock_that_was_ahead_is_to_be_sent(store: Store) -> None:
    order = orders.reached(removal(), NOW + 400 * DAY)
    add(store, order)
    due = removal(age=1)
    add(store, due)
    with store.read():
        assert order.is_due(NOW)
        assert store.orders.to_send(OURS, NOW, 10) == [due, order]
        assert store.orders.to_send(OURS, NOW, 1) == [due]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.none() | st.integers(-90, 90), st.integers(-90, 90), st.sampled_from(OrderState))
def test_what_is_to_be_sent_is_what_an_order_says_of_itself(
    store: Store, send_in: int | None, changed: int, state: OrderState
) -> None:
    """In minutes from now; what is not live has nothing to be sent, as the steps see to."""
    minutes = dt.timedelta(minutes=1)
    order = dataclasses.replace(
        removal(),
        state=state,
        send_at=None if send_in is None or state not in LIVE else NOW + send_in * minutes,
        changed_at=NOW + changed * minutes,
    )
    add(store, order)
    with store.read():
        found = store.orders.to_send(OURS, NOW, 1000)
    assert (order in found) == order.is_due(NOW)
    assert len(found) == len({it.order_id for it in found})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.booleans(),
    st.sampled_from(OrderState),
    st.none() | st.sampled_from(Escalation),
    st.tuples(*4 * [st.integers(-40 * 24, 40)]),
    st.integers(0, 2),
)
def test_what_is_for_a_person_is_what_an_order_says_of_itself(
    store: Store,
    revokes: bool,
    state: OrderState,
    marked: Escalation | None,
    hours: tuple[int, int, int, int],
    checks: int,
) -> None:
    """A mark that is not due any more stays until something becomes of the order."""
    begun, due, gone, made = (NOW + it * HOUR + dt.timedelta(minutes=1) for it in hours)
    new = orders.revocation_order(OrderId(token_hex(16)), OURS, [], made) if revokes else removal()
    order = dataclasses.replace(
        new,
        state=OrderState.OPEN if revokes and state is OrderState.REMOVED else state,
        escalated=marked,
        begun_at=begun,
        due_at=due,
        removed_at=gone if state in (OrderState.REMOVED, OrderState.DONE) else None,
        checks=checks,
    )
    add(store, order)
    with store.read():
        found = store.orders.to_escalate(NOW)
        listed = store.orders.page(NOW, settled=True, escalated=True, after=None, most=-1)
        wanted = store.orders.of_platform(OURS, NOW, which=Which.WANTED, after=None, most=-1)
    why = order.why_escalated(NOW)
    assert (order in wanted) == order.is_wanted(NOW)
    assert (order in listed) == (why is not None)
    assert (order in found) == (why is not None and why is not marked)


def test_what_an_erased_cases_orders_are_about_is_forgotten(store: Store) -> None:
    order = orders.ended(removal(), OrderState.CANCELLED, NOW)
    called_off = orders.revocation_order(OrderId(token_hex(16)), OURS, order.tickets, NOW)
    add(store, order, called_off)
    with store.write():
        store.orders.forget_case(CASE)
    with store.read():
        left = store.orders.find(order.order_id)
        assert left == dataclasses.replace(order, tickets=(), content_id=None)
        assert store.orders.of_ticket(order.tickets[0]) == []
        assert store.orders.of_case(CASE) == [called_off]


def test_a_contact_comes_back_as_it_was_put(store: Store, other: Store) -> None:
    with store.write():
        store.contacts.put(Contact(OURS, "US", HOOK))
        store.contacts.put(Contact(THEIRS, "KR"))
    with other.read():
        assert other.contacts.find(OURS) == Contact(OURS, "US", HOOK)
        assert other.contacts.all() == [Contact(OURS, "US", HOOK), Contact(THEIRS, "KR")]
        assert other.contacts.find(PlatformName("new")) == Contact(PlatformName("new"), DEFAULT)
    with store.write():
        store.contacts.put(Contact(OURS, "US"))
    with other.read():
        assert other.contacts.find(OURS).webhook is None
