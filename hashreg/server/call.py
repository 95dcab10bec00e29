"""One question to the service: who asks, in which language, and what the body says."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from litestar import Request

from hashreg.model.errors import InvalidInput, TooLarge, TooSlow, Unauthorized, UnsupportedMedia
from hashreg.model.messages import N_
from hashreg.model.people import Principal
from hashreg.model.strictjson import Fields, parse
from hashreg.server.desk import Desk, now
from hashreg.server.endpoints import MEGABYTE, MOST_BYTES, Answer
from hashreg.server.handles import Handles
from hashreg.server.limits import Limit
from hashreg.takedown.once import once
from hashreg.takedown.store import Store

T = TypeVar("T")
STOPNCII_KEY = "x-functions-key"
"""The header in which its clients send their key (facts, interop A)."""
JSON, MSGPACK, JSONL = "application/json", "application/msgpack", "application/x-ndjson"
BODY_SECONDS = 60.0
"""A body has so long to arrive: 8 MB over a line of 1 Mbit a second."""
FEW_PARTS, BYTES_A_PART = 1000, 16
MOST_PACKED = 2 * MEGABYTE
"""MessagePack can spell an empty list in a byte, which takes 60 in memory."""
INLINE_BYTES = 32 * 1024
"""A body that is read on the event loop, within a millisecond or two; larger ones beside it."""
_BEARER = re.compile(r"Bearer ([!-~]{1,200})", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,19}")
_LANGUAGE = re.compile(r"\s*(ko|en)\b[^;]*(?:;\s*q=([0-9.]{1,5}))?", re.IGNORECASE)


@dataclass
class Call:
    """A question; ``who`` is None where no key is needed.

    ``desk`` is the registry that is asked, perhaps the sandbox's; ``door`` the one that has the
    keys.
    """

    request: Request[Any, Any, Any]
    desk: Desk
    door: Desk
    handles: Handles
    limit: Limit
    pictures: Limit
    who: Principal | None = None
    body: bytes = b""

    @property
    def asker(self) -> Principal:
        """Who asks, at an end point that needs a key."""
        if self.who is None:
            raise no_key()
        return self.who

    def spend(self, size: int) -> None:
        """Count bytes that were sent with a key; raises TooManyRequests."""
        self.limit.spend(f"{self.asker.role}/{self.asker.name}", size)

    def spend_pictures(self, count: int) -> None:
        """Count pictures that an address hands in; raises TooManyRequests."""
        self.pictures.spend(self.request.client.host if self.request.client else "", count)

    async def aside(self, work: Callable[[], T]) -> T:
        """Return what ``work`` makes of the body: at once, or beside the others if it is large."""
        return work() if len(self.body) <= INLINE_BYTES else await self.desk.search(work)

    async def write_once(self, work: Callable[[Store], Answer]) -> Answer:
        """Return what ``work`` makes of the registry, once for each idempotency key."""
        who = f"{self.asker.role}/{self.asker.name}"
        request_key = self.request.headers.get("idempotency-key")
        sent = f"{self.request.scope['path']}\n".encode() + self.body
        return await self.desk.write(
            lambda store: once(store, who, request_key, sent, now(), lambda: work(store))
        )

    @cached_property
    def fields(self) -> Fields:
        """The body's object; raises InvalidInput, UnsupportedMedia."""
        if not self.body:
            return Fields({}, "")
        kind = media_type(self.request)
        if kind == MSGPACK and self.who is not None:
            if len(self.body) > MOST_PACKED:
                raise too_large(MOST_PACKED)
            try:
                return Fields(msgspec.msgpack.decode(self.body), "")
            except (msgspec.DecodeError, RecursionError, ValueError):
                raise InvalidInput(
                    N_("This is not valid MessagePack. It may be cut off on its way.")
                ) from None
        if kind != JSON:
            raise UnsupportedMedia(
                N_("The body must be JSON ({json}) or MessagePack ({msgpack})."),
                field="Content-Type",
                json=JSON,
                msgpack=MSGPACK,
            )
        check_shape(self.body)
        return Fields(parse(self.body), "")

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str) -> str:
        """Return a parameter of the query."""
        return str(self.request.query_params.get(name, default))

    def query_number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a parameter that is a whole number; raises InvalidInput."""
        text = self.query(name, str(default))
        value = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else -1
        return Fields({name: value}, "").whole_number(name, least, most)

    def query_choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return a parameter that is one of some words; raises InvalidInput."""
        return Fields({name: self.query(name, default)}, "").one_of(name, choices)


def no_key() -> Unauthorized:
    """Return the error of a question without a key that is good."""
    return Unauthorized(
        N_(
            "This needs a key that is good: Authorization: Bearer KEY. It may be mistyped, expired "
            "or revoked; ask the registry's operator for a new one."
        ),
        field="Authorization",
    )


def bearer(request: Request[Any, Any, Any]) -> str | None:
    """Return the key that was sent, as clients of StopNCII do or as all others."""
    if (sent := request.headers.get("authorization")) is None:
        return request.headers.get(STOPNCII_KEY)
    found = _BEARER.fullmatch(sent)
    return found[1] if found else None


def media_type(request: Request[Any, Any, Any]) -> str:
    """Return the body's type, without parameters."""
    sent = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    return MSGPACK if sent == "application/x-msgpack" else sent


def wants_msgpack(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the answer is to be MessagePack."""
    return "msgpack" in request.headers.get("accept", "").lower()


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return the language asked for: Korean or English, whichever is liked better."""
    liked: dict[str, float] = {}
    for part in request.headers.get("accept-language", "")[:200].split(","):
        if found := _LANGUAGE.match(part):
            try:
                weight = float(found[2] or 1)
            except ValueError:
                continue
            liked.setdefault(found[1].lower(), weight)
    best = max(liked, key=lambda language: liked[language], default="en")
    return best if liked.get(best) else "en"


def announced(request: Request[Any, Any, Any], most: int) -> int | None:
    """Return how long the body will be, None where it comes in chunks; raises TooLarge."""
    length = request.headers.get("content-length")
    if length is None:
        return None
    length = length.lstrip("0") or "0"  # of which there may be many
    if not (_LENGTH.fullmatch(length) and int(length) <= most):
        raise too_large(most)
    return int(length)


def check_shape(body: bytes, error: type[InvalidInput] = InvalidInput) -> None:
    """Raise ``error`` for JSON of many small parts, which takes far more memory than its text.

    A hash takes at least forty bytes of text, and nothing that is read here is shorter.
    """
    if body.count(b"{") + body.count(b"[") > FEW_PARTS + len(body) // BYTES_A_PART:
        raise error(N_("This JSON has too many small parts to be what belongs here."))


async def read_body(request: Request[Any, Any, Any], most: int = MOST_BYTES) -> bytes:
    """Return the whole body; raises TooLarge, TooSlow."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in chunks(request):
                parts.append(chunk)
                size += len(chunk)
                if size > most:
                    raise too_large(most)
    except TimeoutError:
        raise too_slow() from None
    return b"".join(parts)


async def chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """Yield the body as it arrives; raises TooSlow where it is cut off."""
    while True:
        event = await request.receive()
        if event["type"] != "http.request":
            raise too_slow()
        yield event["body"]
        if not event.get("more_body", False):
            return


def too_slow() -> TooSlow:
    """Return the error of a body that does not arrive."""
    return TooSlow(N_("The body did not arrive in time, or was cut off. Send it again."))


def too_large(most: int) -> TooLarge:
    """Return the error of a body that is longer than is read."""
    return TooLarge(
        N_(
            "The body is larger than {most} bytes. Send it in several parts, or look-ups and "
            "reports as streamed JSON Lines."
        ),
        most=most,
    )
