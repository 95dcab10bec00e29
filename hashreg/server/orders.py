"""Orders over HTTP: platforms fetch theirs and answer them, moderators see to all."""

import contextlib

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.orders import Which, parse_order
from hashreg.model.people import Role
from hashreg.server.call import Call
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.takedown.orders import (
    acknowledge,
    hand_out,
    hand_over,
    listed,
    orders_of,
    recheck,
)
from hashreg.takedown.store import Store

STATES = tuple(it.value for it in Which)
STATES_OF_ALL = ("unsettled", "all")


async def fetched(call: Call) -> Answer:
    """Return the platform's own orders, oldest first; those it has not heard of have reached it."""
    which = Which(call.query_choice("state", Which.LIVE, STATES))
    after, limit = call.query("after", ""), call.query_number("limit", 100, 1, 1000)
    last = parse_order(after) if after else None
    name = call.asker.name
    found, following = await call.desk.read(
        lambda store: orders_of(store, name, now(), which=which, after=last, limit=limit)
    )
    if any(it.order.is_unreached for it in found):
        seen = found
        with contextlib.suppress(RegistryUnavailable):  # they are told all the same
            found = await call.desk.write(lambda store: hand_out(store, seen, now()))
        found = [it for it in found if which is Which.ALL or it.order.is_live]
    return {"orders": [it.as_json() for it in found], "next": following}


async def followed(call: Call) -> Answer:
    """Return the orders to all platforms, oldest first."""
    ended = call.query_choice("state", "unsettled", STATES_OF_ALL) == "all"
    escalated = call.query_choice("escalated", "false", ("true", "false")) == "true"
    after, limit = call.query("after", ""), call.query_number("limit", 1000, 1, 10_000)
    last = parse_order(after) if after else None
    wanted = {"ended": ended, "escalated": escalated}
    found, following = await call.desk.read(
        lambda store: listed(store, now=now(), after=last, limit=limit, **wanted)
    )
    return {"orders": [it.as_json() for it in found], "next": following}


async def handed_over(call: Call) -> Answer:
    """Write down that a moderator brought an order to its platform by other means."""
    order, name = parse_order(call.path("order")), call.asker.name
    return await call.write_once(lambda store: hand_over(store, order, name, now()).as_json())


async def acknowledged(call: Call) -> Answer:
    """Write down that the platform knows of an order."""
    order, who = parse_order(call.path("order")), _who(call)
    return await call.write_once(lambda store: acknowledge(store, order, now(), **who).as_json())


async def rechecked(call: Call) -> Answer:
    """Write down whether removed content is there again."""
    order, present, who = parse_order(call.path("order")), call.fields.flag("present"), _who(call)

    def work(store: Store) -> Answer:
        return recheck(store, order, now(), present=present, **who).as_json()

    return await call.write_once(work)


def _who(call: Call) -> dict[str, str]:
    """Return who acts: a platform on its own orders, a moderator on any."""
    role = "moderator" if call.asker.role is Role.MODERATOR else "platform"
    return {role: call.asker.name}
