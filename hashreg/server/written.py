"""How answers are written: as JSON or MessagePack, and while the question is still being read."""

import asyncio
import json
from collections.abc import AsyncIterator

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from hashreg.server.call import JSON, MSGPACK

IDLE_SECONDS = 60.0
"""A stream may be silent so long, on either side."""
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""What every answer carries."""


def encoded(answer: object, *, packed: bool = False) -> tuple[bytes, str]:
    """Return an answer and its media type: MessagePack if that is wanted and can say it.

    Content ids may hold half characters (lone surrogates), which only JSON's escapes can spell.
    """
    try:
        if packed:
            return msgspec.msgpack.encode(answer), MSGPACK
        return msgspec.json.encode(answer), JSON
    except UnicodeEncodeError:
        return json.dumps(answer).encode("ascii"), JSON


def line(answer: object) -> bytes:
    """Return an answer as a line of JSON."""
    return encoded(answer)[0] + b"\n"


class Written(Response[bytes]):
    """Parts of an answer as they come.

    The framework's own stream listens for the caller's leaving on the same channel by which the
    question arrives, and would swallow it.
    """

    def __init__(self, parts: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(b"", status_code=200, media_type=media_type, headers=HEADERS)
        self._parts = parts

    def to_asgi_response(self, *_: object, **__: object) -> ASGIApp:  # type: ignore[override]
        """Return what writes the answer."""
        return self._write

    async def _write(self, _: Scope, __: Receive, send: Send) -> None:
        headers = {**self.headers, "content-type": str(self.media_type)}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send(
            {"type": "http.response.start", "status": self.status_code or 200, "headers": raw}
        )
        async for part in self._parts:
            async with asyncio.timeout(IDLE_SECONDS):  # for a caller who doesn't read it
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
