"""Look-ups in the shape of Hasher-Matcher-Actioner, below ``/hma``, for platforms that speak it.

By POST; the address of a GET with a signal in it is logged by whatever stands between, so that is
answered only where the operator has said so.
"""

from typing import Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from hashreg.exchange.hma import banks, signal_in_url, signal_of
from hashreg.model.errors import Forbidden
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields
from hashreg.server.answering import How, find
from hashreg.server.call import Call
from hashreg.server.desk import BEHIND_FROM, Desk
from hashreg.server.endpoints import Answer
from hashreg.server.written import HEADERS

ALIVE, STALE = "I-AM-ALIVE", "INDEX-STALE"


async def lookup(call: Call) -> Answer:
    """Look one signal up; nothing is kept."""
    return await _banks(call, call.fields)


async def lookup_in_url(call: Call) -> Answer:
    """Look one signal up that stands in the address; raises Forbidden unless that is allowed."""
    if not call.door.options.signals_in_urls:
        raise Forbidden(
            N_(
                "This registry takes no hashes in addresses, since those are logged on the way. "
                "Send the signal as POST."
            ),
            field="signal",
        )
    return await _banks(
        call, signal_in_url(call.query("signal_type", ""), call.query("signal", ""))
    )


async def _banks(call: Call, fields: Fields) -> Answer:
    (found,) = await find(call.desk, How(call.asker, align=False), [signal_of(fields)])
    return banks(it.explanation.tier for it in found.matches)


def status_route(desk: Desk) -> HTTPRouteHandler:
    """Return what answers whether matching is up to date, in the words of that program."""

    async def handler(request: Request[Any, Any, Any]) -> Response[str]:  # noqa: ARG001
        behind = desk.behind >= BEHIND_FROM
        status, text = (503, STALE) if behind else (200, ALIVE)
        return Response(text, status_code=status, media_type="text/plain", headers=dict(HEADERS))

    return HTTPRouteHandler("/hma/status", http_method="GET")(handler)
