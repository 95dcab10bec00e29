"""Orders: what a platform is told to do about its content, and what becomes of that.

An order is a value that changes by steps, each a function of the order and the time. Whoever keeps
it writes the next value down; nothing here knows of a store or a network.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from hashreg.model.errors import InvalidInput, Refused
from hashreg.model.feeds import RecordId
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.records import PlatformName
from hashreg.model.reports import ContentId

OrderId = NewType("OrderId", str)
"""A random 128-bit name of an order, 32 hex digits."""
_ORDER = re.compile(r"[0-9a-f]{32}")
MessageKey = NewType("MessageKey", str)
"""Names one message of an order for good: sent again, it has the same key."""

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), 6 * HOUR
"""Between two attempts to deliver: doubled each time, up to the longest, and never given up."""
REMINDED_AFTER = DAY
"""What was delivered and not answered is sent again after a day (an audit found 7,250 failed orders
of which none was sent twice: facts, interop)."""
ESCALATED_AFTER = DAY
"""What is not acknowledged, or not checked again, for a day is for a person."""
CHECKED_AFTER = (DAY, 7 * DAY, 30 * DAY)
"""When content that is said to be removed is asked for again, each counted from the removal."""
SECRET_BYTES = 32
"""Of what a platform's messages are signed with."""
CLOCKS_DIFFER = dt.timedelta(minutes=5)
"""By so much a clock may be set back without anybody taking notice."""


class OrderKind(StrEnum):
    """What is wanted: that content goes, or that nothing more is done about it."""

    REMOVAL = "removal"
    REVOCATION = "revocation"


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


LIVE = frozenset({OrderState.OPEN, OrderState.ACKNOWLEDGED, OrderState.REMOVED})
"""States in which something is still wanted of the platform."""
UNSETTLED = LIVE | {OrderState.DECLINED}
"""States in which somebody still has to do something: the platform, or a person."""


class MessageType(StrEnum):
    """What a platform is told or asked."""

    REMOVAL = "removal"
    RECHECK = "recheck"
    REVOCATION = "revocation"


class Which(StrEnum):
    """Which of its orders a platform asks for.

    Those that are not done, those that it has to do something about now, or all.
    """

    LIVE = "live"
    WANTED = "wanted"
    ALL = "all"


class Escalation(StrEnum):
    """Why a person has to see to an order."""

    UNACKNOWLEDGED = "unacknowledged"
    OVERDUE = "overdue"
    UNCHECKED = "unchecked"
    DECLINED = "declined"
    CLOCK = "clock"


class Trouble(StrEnum):
    """Why the last attempt to deliver failed."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = "forbidden_address"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    ``tickets`` are those of the matches that it is about: one for a removal. ``records`` are the
    platform's names for what it holds of the case, and ``after`` the event behind which its feed
    tells that they are gone: of a revocation only. ``content_id`` is the platform's own name for
    the content, None for a revocation and after the case was erased.
    ``round`` counts how often the content had to be ordered away. ``changed_at`` is when the order
    last became what it is, ``begun_at`` when this round began, ``send_at`` when its message is to
    go out (None: never). ``tries`` counts failed attempts since the last that reached the platform;
    ``reached_at`` is when the order itself last did. ``checks`` counts passed re-checks since the
    removal.
    """

    order_id: OrderId
    kind: OrderKind
    platform: PlatformName
    tickets: Sequence[Ticket]
    content_id: ContentId | None
    state: OrderState
    made_at: dt.datetime
    begun_at: dt.datetime
    due_at: dt.datetime
    changed_at: dt.datetime
    send_at: dt.datetime | None
    round: int = 1
    tries: int = 0
    trouble: Trouble | None = None
    reached_at: dt.datetime | None = None
    acknowledged_at: dt.datetime | None = None
    removed_at: dt.datetime | None = None
    checks: int = 0
    escalated: Escalation | None = None
    records: Sequence[RecordId] = ()
    after: int = 0

    @property
    def is_live(self) -> bool:
        """Whether something is still wanted of the platform."""
        return self.state in LIVE

    @property
    def reappeared(self) -> int:
        """How often the content came back."""
        return self.round - 1

    @property
    def message_type(self) -> MessageType:
        """What the platform is told or asked now."""
        if self.kind is OrderKind.REVOCATION:
            return MessageType.REVOCATION
        return MessageType.RECHECK if self.state is OrderState.REMOVED else MessageType.REMOVAL

    @property
    def key(self) -> MessageKey:
        """The name of the message that it is told or asked with."""
        check = f"-{self.checks + 1}" if self.message_type is MessageType.RECHECK else ""
        since = self.removed_at if check and self.removed_at else self.begun_at
        begun = int(since.timestamp())  # a round may come twice, after a restored backup
        return MessageKey(f"{self.order_id}-{self.round}-{begun:x}{check}")

    @property
    def check_at(self) -> dt.datetime | None:
        """When the content is asked for again, None where it is not."""
        if self.state is not OrderState.REMOVED or self.removed_at is None:
            return None
        return self.removed_at + CHECKED_AFTER[self.checks]

    def is_due(self, now: dt.datetime) -> bool:
        """Tell whether its message is to go out: also where the clock was set back meanwhile."""
        if self.send_at is None:
            return False
        return self.send_at <= now or now < self.changed_at - CLOCKS_DIFFER

    def is_wanted(self, now: dt.datetime) -> bool:
        """Tell whether its platform has to do something about it now."""
        return self.is_live and (self.check_at is None or self.check_at <= now)

    def is_overdue(self, now: dt.datetime) -> bool:
        """Tell whether content should be gone by now and is not."""
        return self.awaits_removal and now > self.due_at

    @property
    def is_unreached(self) -> bool:
        """Whether its platform has not heard of it yet."""
        return self.state is OrderState.OPEN and self.reached_at is None

    @property
    def awaits_removal(self) -> bool:
        """Whether content is still to be removed."""
        wanted = self.state in (OrderState.OPEN, OrderState.ACKNOWLEDGED)
        return wanted and self.kind is OrderKind.REMOVAL

    @property
    def is_declined_removal(self) -> bool:
        """Whether its platform decided against removing content, and nobody for it since."""
        return self.state is OrderState.DECLINED and self.kind is OrderKind.REMOVAL

    @property
    def was_removed(self) -> bool:
        """Whether content was said to be removed."""
        gone = self.state in (OrderState.REMOVED, OrderState.DONE)
        return gone and self.kind is OrderKind.REMOVAL

    def why_escalated(self, now: dt.datetime) -> Escalation | None:
        """Say why a person has to see to it now, None where nobody has."""
        if self.state is OrderState.DECLINED:
            return Escalation.DECLINED
        if self.is_overdue(now):
            return Escalation.OVERDUE
        if self.state is OrderState.OPEN and now > self.begun_at + ESCALATED_AFTER:
            return Escalation.UNACKNOWLEDGED
        if self.check_at is not None and now > self.check_at + ESCALATED_AFTER:
            return Escalation.UNCHECKED
        ahead = max(self.begun_at, self.removed_at or self.begun_at) > now + CLOCKS_DIFFER
        return Escalation.CLOCK if self.is_live and ahead else None


def parse_order(text: str) -> OrderId:
    """Return a typed order; raises InvalidInput."""
    plain = text.strip().lower()
    if not _ORDER.fullmatch(plain):
        raise InvalidInput(
            N_("An order has 32 hex digits, as the list of orders shows it."), field="order"
        )
    return OrderId(plain)


def removal_order(
    order_id: OrderId,
    platform: PlatformName,
    ticket: Ticket,
    content_id: ContentId,
    time: dt.timedelta,
    now: dt.datetime,
) -> Order:
    """Return a new order to remove content within ``time``."""
    kind, state = OrderKind.REMOVAL, OrderState.OPEN
    tickets, due_at = (ticket,), now + time
    return Order(order_id, kind, platform, tickets, content_id, state, now, now, due_at, now, now)


def revocation_order(
    order_id: OrderId,
    platform: PlatformName,
    tickets: Sequence[Ticket],
    now: dt.datetime,
    records: Sequence[RecordId] = (),
    after: int = 0,
) -> Order:
    """Return a new order to do nothing more about content, and to drop records of the feed.

    It is due a day later.
    """
    kind, state = OrderKind.REVOCATION, OrderState.OPEN
    due_at = now + ESCALATED_AFTER
    order = Order(order_id, kind, platform, tuple(tickets), None, state, now, now, due_at, now, now)
    return dataclasses.replace(order, records=tuple(records), after=after)


def reached(order: Order, now: dt.datetime, trouble: Trouble | None = None) -> Order:
    """Its message reached the platform, which did not say more: it is sent again in a while."""
    first = order.reached_at or (None if order.state is OrderState.REMOVED else now)
    send_at = max(now + REMINDED_AFTER, order.check_at or now)
    return _next(order, now, send_at=send_at, tries=0, trouble=trouble, reached_at=first)


def fetched(order: Order, now: dt.datetime) -> Order:
    """Its platform has seen it in its list."""
    return _next(order, now, reached_at=now) if order.is_unreached else order


def failed(order: Order, trouble: Trouble, now: dt.datetime) -> Order:
    """Its message did not reach the platform; the next attempt comes later and later."""
    wait = min(FIRST_WAIT * 2 ** min(order.tries, 16), LONGEST_WAIT)
    return _next(order, now, send_at=now + wait, tries=order.tries + 1, trouble=trouble)


def acknowledged(order: Order, now: dt.datetime) -> Order:
    """The platform knows of it: a revocation is done, a removal is sent again when it is due."""
    if order.state is not OrderState.OPEN:
        return order
    if order.kind is OrderKind.REVOCATION:
        state, send_at = OrderState.DONE, None
    else:
        in_time = now < order.due_at
        state = OrderState.ACKNOWLEDGED
        send_at = order.due_at if in_time else now + REMINDED_AFTER
    return _next(
        order,
        now,
        state=state,
        send_at=send_at,
        tries=0,
        trouble=None,
        acknowledged_at=now,
        escalated=None,
    )


def removed(order: Order, at: dt.datetime, now: dt.datetime) -> Order:
    """The platform says that the content is gone; it is asked again on a schedule.

    That begins with the order, whatever was removed before it; a platform that had declined has
    thought better of it.
    """
    if not (order.awaits_removal or order.is_declined_removal):
        return order
    at = max(at, order.begun_at)
    return _next(
        order,
        now,
        state=OrderState.REMOVED,
        send_at=max(at + CHECKED_AFTER[0], now),
        tries=0,
        trouble=None,
        acknowledged_at=order.acknowledged_at or now,
        removed_at=at,
        checks=0,
        escalated=None,
    )


def still_gone(order: Order, now: dt.datetime) -> Order:
    """The content was asked for and is not there; after the last re-check the order is done.

    One that comes before its time leaves the schedule as it is, and one that comes late stands for
    all that should have been. Raises Refused where there is nothing to check.
    """
    if order.state is not OrderState.REMOVED or order.removed_at is None:
        raise Refused(
            N_("There is nothing to check again: no removal was reported, or the order has ended."),
            field="order",
        )
    checks = max(order.checks, sum(order.removed_at + it <= now for it in CHECKED_AFTER))
    ends = checks == len(CHECKED_AFTER)
    return _next(
        order,
        now,
        state=OrderState.DONE if ends else OrderState.REMOVED,
        send_at=None if ends else order.removed_at + CHECKED_AFTER[checks],
        tries=0,
        trouble=None,
        checks=checks,
        escalated=None,
    )


def reopened(order: Order, time: dt.timedelta, now: dt.datetime) -> Order:
    """The content is there again: it is ordered away once more, under another key."""
    if not order.was_removed:
        return order
    return _next(
        order,
        now,
        state=OrderState.OPEN,
        begun_at=now,
        due_at=now + time,
        send_at=now,
        round=order.round + 1,
        tries=0,
        trouble=None,
        reached_at=None,
        acknowledged_at=None,
        removed_at=None,
        checks=0,
        escalated=None,
    )


def ended(order: Order, state: OrderState, now: dt.datetime) -> Order:
    """Nothing more is wanted: it was called off, or the platform declines it."""
    return _next(order, now, state=state, send_at=None, tries=0, trouble=None, escalated=None)


def escalated(order: Order, now: dt.datetime) -> Order:
    """Say why a person has to see to it, where one has; the order itself stays as it is."""
    why = order.why_escalated(now)
    return order if why == order.escalated else dataclasses.replace(order, escalated=why)


def _next(order: Order, now: dt.datetime, **changes: object) -> Order:
    return dataclasses.replace(order, changed_at=now, **changes)  # type: ignore[arg-type]
