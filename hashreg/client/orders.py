"""Orders to platforms at a server, with a moderator's key.

The calls raise ServerUnavailable, ServerRefused or BadAnswer.
"""

from typing import TYPE_CHECKING, TypedDict, cast

from hashreg.client.paging import all_pages
from hashreg.client.strictly import MOST, check_length, check_moment, strictly
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.orders import Escalation, OrderId, OrderKind, OrderState, Trouble, parse_order
from hashreg.model.reports import MAX_CONTENT_ID
from hashreg.model.strictjson import Fields

if TYPE_CHECKING:
    from hashreg.client.http import Server


class OrderJson(TypedDict):
    """What `hashreg takedown list` shows of an order; `--json` prints more."""

    order: str
    kind: str
    platform: str
    content_id: str | None
    state: str
    due_at: str
    check_at: str | None
    reappeared: int
    tries: int
    trouble: str | None
    escalated: str | None


def orders(server: "Server", *, ended: bool, escalated: bool) -> list[OrderJson]:
    """Return the orders that are not done (``ended``: all), oldest first.

    ``escalated``: only those that a person has to see to.
    """
    query = {
        "state": "all" if ended else "unsettled",
        "escalated": "true" if escalated else "false",
    }
    return all_pages(server, "/v1/takedowns", query, _orders, lambda it: it["order"])


def acknowledge(server: "Server", order: OrderId) -> OrderJson:
    """Write down that a platform knows of an order, and return the order."""
    return _one(server.post(f"/v1/orders/{order}/acknowledge", {}), order)


def recheck(server: "Server", order: OrderId, *, present: bool) -> OrderJson:
    """Write down whether removed content is there again, and return the order."""
    return _one(server.post(f"/v1/orders/{order}/recheck", {"present": present}), order)


def hand_over(server: "Server", order: OrderId) -> OrderJson:
    """Write down that an order was brought to its platform by other means, and return it."""
    return _one(server.post(f"/v1/orders/{order}/deliver", {}), order)


def _one(answer: object, order: OrderId) -> OrderJson:
    with strictly():
        found = _order(answer, "")
        if found["order"] != order:
            raise InvalidInput(N_("it speaks of another order"))
        return found


def _orders(answer: object) -> tuple[list[OrderJson], OrderId | None]:
    with strictly():
        fields = Fields(answer, "")
        page = [
            _order(it, f"orders[{number}]")
            for number, it in enumerate(fields.items("orders", MOST))
        ]
        return page, parse_order(fields.text("next")) if fields.has("next") else None


def _order(data: object, place: str) -> OrderJson:
    fields = Fields(data, place)
    parse_order(fields.text("order"))
    check_length(fields, "platform", MAX_CONTENT_ID)
    fields.one_of("kind", OrderKind)
    fields.one_of("state", OrderState)
    check_moment(fields, "due_at")
    for name in ("reappeared", "tries"):
        fields.whole_number(name, 0, MOST)
    if fields.has("content_id"):
        check_length(fields, "content_id", MAX_CONTENT_ID)
    if fields.has("check_at"):
        check_moment(fields, "check_at")
    for name, known in (("trouble", Trouble), ("escalated", Escalation)):
        if fields.has(name):
            fields.one_of(name, known)
    return cast("OrderJson", data)
