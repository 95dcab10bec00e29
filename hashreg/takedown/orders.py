"""What platforms and moderators ask of orders by their names, each in a turn of its own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hashreg.model import orders
from hashreg.model.errors import NotFound, Refused
from hashreg.model.messages import N_
from hashreg.model.orders import Order, OrderId, Which
from hashreg.model.records import PlatformName
from hashreg.takedown.following import (
    note_acknowledged,
    note_fetched,
    note_gone,
    note_reached,
    note_rechecked,
)
from hashreg.takedown.people import active_moderator, active_platform
from hashreg.takedown.store import Store


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An order as a moderator or its platform sees it: no hash, no case."""

    order: Order
    now: dt.datetime

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg takedown list --json` prints."""
        order = self.order
        return {
            "order": order.order_id,
            "kind": order.kind.value,
            "platform": order.platform,
            "tickets": list(order.tickets),
            "records": list(order.records),
            "content_id": order.content_id,
            "state": order.state.value,
            "key": order.key,
            "round": order.round,
            "made_at": _said(order.made_at),
            "due_at": _said(order.due_at),
            "overdue": order.is_overdue(self.now),
            "reached_at": _said(order.reached_at),
            "acknowledged_at": _said(order.acknowledged_at),
            "removed_at": _said(order.removed_at),
            "check_at": _said(order.check_at),
            "reappeared": order.reappeared,
            "tries": order.tries,
            "trouble": order.trouble.value if order.trouble else None,
            "escalated": order.escalated.value if order.escalated else None,
        }


def listed(
    store: Store,
    *,
    now: dt.datetime,
    ended: bool = False,
    escalated: bool = False,
    after: OrderId | None = None,
    limit: int | None = None,
) -> tuple[list[OrderEntry], OrderId | None]:
    """Return at most ``limit`` of the orders that are not done, oldest first, and the next cursor.

    ``ended``: of all of them; ``escalated``: of those that a person has to see to now. The cursor
    is the last order returned, None where nothing follows. Raises NotFound for an unknown
    ``after``.
    """
    most = -1 if limit is None else limit + 1
    with store.read():
        last = _found(store, after) if after else None
        found = store.orders.page(now, settled=ended, escalated=escalated, after=last, most=most)
    entries = [OrderEntry(orders.escalated(it, now), now) for it in found]
    return _page(entries, limit)


def unsettled(store: Store, platform: str, now: dt.datetime) -> int:
    """Return how many orders of a platform somebody still has to see to."""
    every, _ = listed(store, now=now)
    return sum(it.order.platform == platform for it in every)


def orders_of(
    store: Store,
    platform: str,
    now: dt.datetime,
    *,
    which: Which = Which.LIVE,
    after: OrderId | None = None,
    limit: int = 100,
) -> tuple[list[OrderEntry], OrderId | None]:
    """Return at most ``limit`` of a platform's orders, oldest first, and the next cursor.

    The cursor is the last order returned, None where nothing follows. Raises NotFound for an
    ``after`` that isn't the platform's.
    """
    with store.read():
        name = active_platform(store, platform)
        last = _own(store, after, name) if after else None
        found = store.orders.of_platform(name, now, which=which, after=last, most=limit + 1)
    return _page([OrderEntry(it, now) for it in found], limit)


def hand_out(store: Store, found: Sequence[OrderEntry], now: dt.datetime) -> list[OrderEntry]:
    """Write down that a platform has fetched orders, and return them as they are then."""
    with store.write():
        return [OrderEntry(_fetched(store, it.order, now), now) for it in found]


def acknowledge(
    store: Store, order_id: OrderId, now: dt.datetime, *, platform: str = "", moderator: str = ""
) -> OrderEntry:
    """Write down that a platform knows of an order: it says so, or a moderator does for it.

    Raises NotFound or Refused.
    """
    with store.write():
        order, actor = _asked(store, order_id, platform, moderator)
        order = note_acknowledged(store, order, actor, now)
    return OrderEntry(order, now)


def recheck(
    store: Store,
    order_id: OrderId,
    now: dt.datetime,
    *,
    present: bool,
    platform: str = "",
    moderator: str = "",
) -> OrderEntry:
    """Write down whether removed content is there again, as its platform or a moderator says.

    A moderator may find that content is gone of which its platform has said nothing; that is kept
    as a removal. Raises NotFound, and Refused where there is nothing to check.
    """
    with store.write():
        order, actor = _asked(store, order_id, platform, moderator)
        if moderator and not present and (order.awaits_removal or order.is_declined_removal):
            order = note_gone(store, order, actor, now)
        else:
            order = note_rechecked(store, order, actor, now, present=present)
    return OrderEntry(order, now)


def hand_over(store: Store, order_id: OrderId, moderator: str, now: dt.datetime) -> OrderEntry:
    """Write down that a moderator brought an order to its platform by other means.

    Raises NotFound, and Refused where it has ended.
    """
    with store.write():
        order, actor = _asked(store, order_id, "", moderator)
        if not order.is_live:
            raise Refused(
                N_("This order has ended, so there is nothing to deliver."), field="order"
            )
        order = note_reached(store, order, actor, now)
    return OrderEntry(order, now)


def _fetched(store: Store, seen: Order, now: dt.datetime) -> Order:
    order = store.orders.find(seen.order_id) or seen
    return note_fetched(store, order, now)


def _asked(store: Store, order_id: OrderId, platform: str, moderator: str) -> tuple[Order, str]:
    """Return an order, and who acts on it: its platform, or a moderator for it."""
    if platform:
        name = active_platform(store, platform)
        return _own(store, order_id, name), name
    actor = active_moderator(store, moderator)
    return _found(store, order_id), actor


def _own(store: Store, order_id: OrderId, platform: PlatformName) -> Order:
    """Return a platform's own order; another one's is told as an unknown one."""
    order = _found(store, order_id)
    if order.platform != platform:
        raise _unknown()
    return order


def _found(store: Store, order_id: OrderId) -> Order:
    order = store.orders.find(order_id)
    if order is None:
        raise _unknown()
    return order


def _unknown() -> NotFound:
    return NotFound(
        N_("There is no such order here. Compare it with the list of orders."), field="order"
    )


def _page(found: list[OrderEntry], limit: int | None) -> tuple[list[OrderEntry], OrderId | None]:
    """Return the first ``limit`` of what was found, and the last of them where more follows."""
    if limit is None or len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1].order.order_id


def _said(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
