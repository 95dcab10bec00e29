"""What goes out to platforms now, and what they answered: the outbox is the orders themselves.

A message is read, sent, and only then written down as sent. Whoever is killed in between sends it
again under the same key, so it arrives at least once and is never taken for another.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable

from hashreg.model.orders import MessageType, Order, OrderState
from hashreg.model.parcels import Heard, Parcel, Webhook
from hashreg.model.people import Role
from hashreg.model.records import PlatformName
from hashreg.takedown.following import (
    FOLLOW_UP,
    note_acknowledged,
    note_failed,
    note_reached,
    note_rechecked,
)
from hashreg.takedown.people import is_active
from hashreg.takedown.store import Store

AT_ONCE = 50
"""Messages to one platform that are sent before it is written down what it answered."""


def parcels(
    store: Store,
    now: dt.datetime,
    is_resting: Callable[[PlatformName], bool] = lambda _: False,
) -> list[Parcel]:
    """Return the messages that are to go out now, at most ``AT_ONCE`` for each platform.

    Only platforms with a webhook are sent anything, and none that was revoked or is left alone for
    a while.
    """
    with store.read():
        return [
            _parcel(order, contact.webhook)
            for contact in store.contacts.all()
            if contact.webhook and is_active(store, Role.PLATFORM, contact.platform)
            if not is_resting(contact.platform)
            for order in store.orders.to_send(contact.platform, now, AT_ONCE)
        ]


def message(order: Order) -> dict[str, object]:
    """Return what a platform is told or asked; the same for as long as the key is the same."""
    told: dict[str, object] = {
        "type": order.message_type.value,
        "key": order.key,
        "order": order.order_id,
        "made_at": order.begun_at.isoformat(timespec="seconds"),
    }
    if order.message_type is MessageType.REVOCATION:
        return told | {"tickets": list(order.tickets), "records": list(order.records)}
    told |= {"ticket": next(iter(order.tickets), None), "content_id": order.content_id}
    if order.message_type is MessageType.REMOVAL:
        told["due_at"] = order.due_at.isoformat(timespec="seconds")
    return told


def note(store: Store, heard: Iterable[tuple[Parcel, Heard]], now: dt.datetime) -> None:
    """Write down what platforms answered; what was settled meanwhile stays as it is."""
    with store.write():
        for parcel, answer in heard:
            order = store.orders.find(parcel.order_id)
            if order is not None and order.is_live and order.key == parcel.key:
                _note(store, order, answer, now)


def _parcel(order: Order, webhook: Webhook) -> Parcel:
    body = json.dumps(message(order)).encode("ascii")
    return Parcel(order.order_id, order.key, order.platform, webhook, body)


def _note(store: Store, order: Order, heard: Heard, now: dt.datetime) -> None:
    if not heard.reached and heard.trouble:
        note_failed(store, order, heard.trouble, now)
        return
    after = note_reached(store, order, FOLLOW_UP, now, heard.trouble)
    if after.state is OrderState.REMOVED and heard.present is not None:
        note_rechecked(store, after, order.platform, now, present=heard.present)
    elif heard.acknowledged:
        note_acknowledged(store, after, order.platform, now)
