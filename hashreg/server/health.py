"""Whether the service is well: for load balancers and operators, no key needed."""

import msgspec
from litestar import Response

from hashreg import __version__
from hashreg.server.call import JSON, Call
from hashreg.server.desk import BEHIND_FROM
from hashreg.server.endpoints import Answer


async def status(call: Call) -> Answer | Response[bytes]:
    """Return whether what is matched is what is registered; 503 where it is not.

    The head of the list of events goes to whoever asks: who keeps it is a witness.
    """
    behind = call.desk.behind
    answer: Answer = {
        "status": "ok" if behind < BEHIND_FROM else "behind",
        "version": __version__,
        "behind_seconds": round(behind, 1) if behind >= BEHIND_FROM else 0.0,
        "head": call.desk.head.as_json() if call.desk.head else None,
    }
    if behind < BEHIND_FROM:
        return answer
    return Response(msgspec.json.encode(answer), status_code=503, media_type=JSON)


async def live(call: Call) -> Answer:  # noqa: ARG001
    """Return that the process answers at all."""
    return {"status": "live"}
