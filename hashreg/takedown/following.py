"""Orders follow verdicts, removals, re-checks and withdrawals; each step is an event.

Everything here belongs inside ``store.write``.
"""

import dataclasses
import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence

from hashreg.model import orders
from hashreg.model.deadlines import deadline_of
from hashreg.model.matches import Ticket
from hashreg.model.orders import Order, OrderId, OrderKind, OrderState, Trouble
from hashreg.model.people import Role
from hashreg.model.records import CaseRecord, EventKind, PlatformName, StoredMatch
from hashreg.model.verdicts import Verdict
from hashreg.takedown.store import Store

FOLLOW_UP = "follow-up"
"""The actor of what time alone brings about."""
LOOKED_BACK = 100_000
"""Events that are looked at for a time that lies ahead."""


def follow_verdict(
    store: Store, match: StoredMatch, verdict: Verdict, actor: str, now: dt.datetime
) -> None:
    """Order content away that is to be blocked, or call that off.

    A platform can't call off what it was ordered: one that decides against it declines the order,
    which a person has to see to, and one that decides anything else knows of it.
    """
    own = actor == f"{Role.PLATFORM}:{match.platform}"
    found = store.orders.of_ticket(match.ticket)
    standing = [it for it in found if it.is_live or it.was_removed]
    settles = not own or verdict is Verdict.BLOCKED
    for order in found if settles else ():
        _settle_declined(store, order, actor, now)
    if verdict is Verdict.BLOCKED and not standing:
        if found:
            _take_back_revocations(store, match, actor, now)
        _order_away(store, match, actor, now, known=own)
    elif own:
        for order in standing:
            _follow_own(store, order, verdict, actor, now)
    elif verdict is not Verdict.BLOCKED:
        call_off(store, [match], actor, now)


def follow_removal(
    store: Store, ticket: Ticket, at: dt.datetime, actor: str, now: dt.datetime
) -> None:
    """Begin to check that content stays away, which its platform says it removed."""
    match = store.matches.find(ticket)
    seen = store.reports.received_at(match.report_id) if match else None
    at = max(at, seen or at)  # it was there when it was reported
    for order in store.orders.of_ticket(ticket):
        _keep(store, order, orders.removed(order, at, now), EventKind.ORDER_REMOVED, actor, now)


def follow_report(store: Store, tickets: Iterable[Ticket], actor: str, now: dt.datetime) -> None:
    """Open orders again whose content was said to be removed and is reported once more."""
    for ticket in tickets:
        _is_there(store, ticket)
        for order in store.orders.of_ticket(ticket):
            if order.was_removed:
                _reopen(store, order, actor, now)


def was_seen_since(store: Store, match: StoredMatch) -> bool:
    """Tell whether content was reported again after it was said to be removed."""
    seen = store.reports.received_at(match.report_id)
    removed = [it.removed_at for it in store.orders.of_ticket(match.ticket) if it.was_removed]
    return seen is not None and any(it is not None and it < seen for it in removed)


def settle(store: Store, ticket: Ticket, actor: str, now: dt.datetime) -> None:
    """End orders whose content is gone and can't be looked for again."""
    for order in store.orders.of_ticket(ticket):
        if order.state is OrderState.REMOVED:
            _end(store, order, OrderState.DONE, actor, now)


def call_off(store: Store, matches: Iterable[StoredMatch], actor: str, now: dt.datetime) -> None:
    """End the orders of matches, and tell the platform that nothing more is wanted of it."""
    for match in matches:
        for order in store.orders.of_ticket(match.ticket):
            if order.is_live or order.was_removed:
                _end(store, order, OrderState.CANCELLED, actor, now)
                _revoke(store, match, order.platform, order.tickets, actor, now)
                _is_there(store, match.ticket)
            _settle_declined(store, order, actor, now)


def follow_withdrawal(
    store: Store, case: CaseRecord, matches: Sequence[StoredMatch], actor: str, now: dt.datetime
) -> None:
    """End all orders of a case, and tell each platform that knows of it, once."""
    for order in store.orders.of_case(case.case_id):
        if order.kind is OrderKind.REMOVAL and order.state is not OrderState.CANCELLED:
            _end(store, order, OrderState.CANCELLED, actor, now)
    known = defaultdict[PlatformName, list[StoredMatch]](list)
    for match in matches:
        if not match.withheld:
            known[match.platform].append(match)
    for platform, its in sorted(known.items()):
        _revoke(store, its[0], platform, sorted(it.ticket for it in its), actor, now)


def note_reached(
    store: Store, order: Order, actor: str, now: dt.datetime, trouble: Trouble | None = None
) -> Order:
    """Write down that an order's message was brought to its platform."""
    after = orders.reached(order, now, trouble)
    return _keep(store, order, after, EventKind.ORDER_SENT, actor, now, after.message_type)


def note_fetched(store: Store, order: Order, now: dt.datetime) -> Order:
    """Write down that a platform has fetched an order; a webhook's messages go on as they were."""
    kind, after = EventKind.ORDER_SENT, orders.fetched(order, now)
    return _keep(store, order, after, kind, order.platform, now, after.message_type)


def note_failed(store: Store, order: Order, trouble: Trouble, now: dt.datetime) -> None:
    """Write down that it was not; the event is for the first of many attempts."""
    after = orders.failed(order, trouble, now)
    store.orders.put(after)
    if order.trouble is not trouble:
        _say(store, after, EventKind.ORDER_FAILED, FOLLOW_UP, now, trouble)


def note_acknowledged(store: Store, order: Order, actor: str, now: dt.datetime) -> Order:
    """Write down that a platform knows of an order."""
    after = orders.acknowledged(order, now)
    return _keep(store, order, after, EventKind.ORDER_ACKNOWLEDGED, actor, now)


def note_gone(store: Store, order: Order, actor: str, now: dt.datetime) -> Order:
    """Write down that a person looked for content that was ordered away, and it is not there."""
    for match in filter(None, map(store.matches.find, order.tickets)):
        store.matches.put(dataclasses.replace(match, removed_at=match.removed_at or now))
    after = orders.removed(order, now, now)
    return _keep(store, order, after, EventKind.ORDER_REMOVED, actor, now)


def note_rechecked(
    store: Store, order: Order, actor: str, now: dt.datetime, *, present: bool
) -> Order:
    """Write down whether removed content is there again; raises Refused."""
    if not present:
        after = orders.still_gone(order, now)
        return _keep(store, order, after, EventKind.ORDER_CHECKED, actor, now)
    if not order.was_removed:
        orders.still_gone(order, now)  # says why not
    return _reopen(store, order, actor, now)


def escalate(store: Store, now: dt.datetime) -> list[Order]:
    """Mark the orders that a person has to see to; return those that became so now.

    A mark goes when something becomes of the order.
    """
    marked = [orders.escalated(it, now) for it in store.orders.to_escalate(now)]
    for order in marked:
        store.orders.put(order)
        why = str(order.escalated)
        _say(store, order, EventKind.ORDER_ESCALATED, FOLLOW_UP, now, why)
    return marked


def note_clock(store: Store, now: dt.datetime) -> bool:
    """Write down, once, that the clock was set back; tell whether it was.

    What was due by it is sent all the same.
    """
    latest = store.events.latest_since(EventKind.CLOCK_SET_BACK, LOOKED_BACK)
    if latest is None or latest <= now + orders.CLOCKS_DIFFER:
        return False
    kind, before = EventKind.CLOCK_SET_BACK, latest.isoformat(timespec="seconds")
    store.events.append(kind, "clock", actor=FOLLOW_UP, at=now, detail=before)
    return True


def _follow_own(store: Store, order: Order, verdict: Verdict, actor: str, now: dt.datetime) -> None:
    """Write down what a platform's own verdict says of an order that it has."""
    if verdict is not Verdict.NOT_BLOCKED:
        note_acknowledged(store, order, actor, now)
    elif order.is_live:
        there = dataclasses.replace(order, removed_at=None)
        _end(store, there, OrderState.DECLINED, actor, now)
        for ticket in order.tickets:
            _is_there(store, ticket)


def _settle_declined(store: Store, order: Order, actor: str, now: dt.datetime) -> None:
    """End what a platform declined, once somebody has decided; when it did so stays."""
    if order.is_declined_removal:
        after = orders.ended(order, OrderState.CANCELLED, order.changed_at)
        _keep(store, order, after, EventKind.ORDER_ENDED, actor, now, OrderState.CANCELLED)


def _is_there(store: Store, ticket: Ticket) -> None:
    """Forget that content was said to be removed: it may be there, and can be removed again."""
    match = store.matches.find(ticket)
    if match is not None and match.removed_at:
        store.matches.put(dataclasses.replace(match, removed_at=None))


def _order_away(
    store: Store, match: StoredMatch, actor: str, now: dt.datetime, *, known: bool
) -> None:
    if match.withheld and (hidden := store.matches.find(match.ticket)):
        store.matches.put(dataclasses.replace(hidden, withheld=False))  # it has to answer
    time = _time_of(store, match.platform)
    name = OrderId(secrets.token_hex(16))
    order = orders.removal_order(name, match.platform, match.ticket, match.content_id, time, now)
    store.orders.add(order, match.case_id)
    _say(store, order, EventKind.ORDER_MADE, actor, now, order.kind)
    if known:
        order = note_acknowledged(store, order, actor, now)
    seen = store.reports.received_at(match.report_id)
    if match.removed_at and seen and seen > match.removed_at:
        _is_there(store, match.ticket)
    elif match.removed_at:
        after = orders.removed(order, match.removed_at, now)
        _keep(store, order, after, EventKind.ORDER_REMOVED, actor, now)


def _take_back_revocations(store: Store, match: StoredMatch, actor: str, now: dt.datetime) -> None:
    """End what would tell the platform to do nothing more about content that it is to remove."""
    for order in store.orders.open_revocations(match.platform):
        if order.tickets == (match.ticket,) and not order.records:
            _end(store, order, OrderState.CANCELLED, actor, now)


def _revoke(
    store: Store,
    match: StoredMatch,
    platform: PlatformName,
    tickets: Sequence[Ticket],
    actor: str,
    now: dt.datetime,
) -> None:
    name = OrderId(secrets.token_hex(16))
    order = orders.revocation_order(name, platform, tickets, now)
    store.orders.add(order, match.case_id)
    _say(store, order, EventKind.ORDER_MADE, actor, now, order.kind)


def _reopen(store: Store, order: Order, actor: str, now: dt.datetime) -> Order:
    """Order content away once more, of which its platform can say again that it is gone."""
    after = orders.reopened(order, _time_of(store, order.platform), now)
    for ticket in order.tickets if after is not order else ():
        _is_there(store, ticket)
    return _keep(store, order, after, EventKind.ORDER_REOPENED, actor, now)


def _end(store: Store, order: Order, state: OrderState, actor: str, now: dt.datetime) -> None:
    after = orders.escalated(orders.ended(order, state, now), now)
    _keep(store, order, after, EventKind.ORDER_ENDED, actor, now, state)


def _keep(
    store: Store,
    before: Order,
    after: Order,
    kind: EventKind,
    actor: str,
    now: dt.datetime,
    detail: str = "",
) -> Order:
    """Keep what became of an order, and say so where anything did."""
    if after is not before:
        store.orders.put(after)
        _say(store, after, kind, actor, now, detail)
    return after


def _say(
    store: Store, order: Order, kind: EventKind, actor: str, now: dt.datetime, detail: str
) -> None:
    store.events.append(kind, order.order_id, actor=actor, at=now, detail=detail)


def _time_of(store: Store, platform: PlatformName) -> dt.timedelta:
    return deadline_of(store.contacts.find(platform).jurisdiction).time
