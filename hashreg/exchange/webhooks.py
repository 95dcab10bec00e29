"""Webhooks: orders sent to platforms, and what comes back.

A target is an address that somebody else chose. So names are looked up here, no connection is made
into the network that the registry stands in, no redirection is followed, little is read of the
answer, and all of it ends after some seconds.
"""

import asyncio
import contextlib
import functools
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

import httpcore

from hashreg.exchange.targets import checked_url, is_public, signed_headers
from hashreg.model.errors import InvalidInput
from hashreg.model.orders import Trouble
from hashreg.model.parcels import Heard, Parcel
from hashreg.model.strictjson import Fields, parse

SECONDS = 10.0
"""From looking the name up to the last byte of the answer."""
MOST_ANSWER = 16 * 1024
"""Bytes that are read of an answer."""
AT_ONCE = 8
"""Platforms that are spoken to at once; each gets its messages one after the other."""
Noted = Callable[[Sequence[tuple[Parcel, Heard]]], Awaitable[None]]


class _Forbidden(Exception):
    """A target that is not on the public internet."""


async def deliver(
    parcels: Iterable[Parcel], clock: Callable[[], float], noted: Noted, *, private: bool = False
) -> None:
    """Send messages, each platform's in order, and hand what came back to ``noted``.

    A platform that can't be reached, or is slow, gets its other messages the next time.
    ``clock`` gives the seconds since 1970.
    """
    of_platform = defaultdict[str, list[Parcel]](list)
    for parcel in parcels:
        of_platform[parcel.platform].append(parcel)
    slots = asyncio.Semaphore(AT_ONCE)

    async def each(its: Sequence[Parcel]) -> None:
        async with (
            slots,
            httpcore.AsyncConnectionPool(
                _tls(), max_connections=1, network_backend=_Guarded(private=private)
            ) as pool,
        ):
            heard: list[tuple[Parcel, Heard]] = []
            began = time.monotonic()
            for parcel in its:
                answer = await _send(pool, parcel, clock, private=private)
                heard.append((parcel, answer))
                if answer.trouble in UNREACHED or time.monotonic() > began + SECONDS:
                    break
            await noted(heard)

    done = await asyncio.gather(*map(each, of_platform.values()), return_exceptions=True)
    for error in filter(None, done):  # once all are through
        raise error


UNREACHED = frozenset(
    {Trouble.UNREACHABLE, Trouble.UNTRUSTED, Trouble.TIMEOUT, Trouble.FORBIDDEN_ADDRESS}
)
"""Troubles that the next message to the same platform would have, too."""


async def _send(
    pool: httpcore.AsyncConnectionPool, parcel: Parcel, clock: Callable[[], float], *, private: bool
) -> Heard:
    headers = list(signed_headers(parcel, int(clock())).items())
    try:
        checked_url(parcel.webhook.url, private=private)  # it may have been set with other options
        async with asyncio.timeout(SECONDS):
            async with pool.stream(
                "POST", parcel.webhook.url, headers=headers, content=parcel.body
            ) as response:
                return _heard(response.status, await _beginning(response), parcel)
    except TimeoutError:
        return Heard(reached=False, trouble=Trouble.TIMEOUT)
    except (InvalidInput, _Forbidden):
        return Heard(reached=False, trouble=Trouble.FORBIDDEN_ADDRESS)
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        OSError,
        UnicodeError,
    ) as error:
        untrusted = any(isinstance(it, ssl.SSLCertVerificationError) for it in _causes(error))
        trouble = Trouble.UNTRUSTED if untrusted else Trouble.UNREACHABLE
        return Heard(reached=False, trouble=trouble)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@functools.cache
def _tls() -> ssl.SSLContext:
    """Return how servers are told to be who they say; reading that takes a while."""
    return ssl.create_default_context()


async def _beginning(response: httpcore.Response) -> bytes | None:
    """Return an answer's body, None where it is longer than is read."""
    body = b""
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > MOST_ANSWER:
            return None
    return body


def _heard(status: int, body: bytes | None, parcel: Parcel) -> Heard:
    """Return what an answer means: only one that names the message's key acknowledges it."""
    kind = status // 100
    if kind == 3:  # noqa: PLR2004
        return Heard(reached=False, trouble=Trouble.REDIRECTED)
    if kind != 2:  # noqa: PLR2004
        return Heard(reached=False, trouble=Trouble.REFUSED)
    if body is not None and not body.strip():
        return Heard(reached=True)
    try:
        fields = Fields(parse(body or b""), "")
        acknowledged = fields.has("acknowledged") and fields.text("acknowledged") == parcel.key
        present = fields.flag("present") if acknowledged and fields.has("present") else None
    except InvalidInput:
        return Heard(reached=True, trouble=Trouble.UNREADABLE)
    return Heard(reached=True, acknowledged=acknowledged, present=present)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses on the public internet, each looked up once and used as it was found.

    A name that has several is refused if one of them is elsewhere.
    """

    def __init__(self, *, private: bool) -> None:
        self._private, self._inner = private, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a name's address; raises _Forbidden."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(it[4][0]) for it in found))
        if not addresses or not (self._private or all(map(is_public, addresses))):
            raise _Forbidden
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(
                    address, port, SECONDS / 2, local_address, socket_options
                )
        return await self._inner.connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )
