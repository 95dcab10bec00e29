"""Talking to the service byte by byte, where a well-behaved client would not say such things."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .house import House, new_address

WAIT = 20.0
"""Seconds after which a test gives up; the service closes earlier than that or answers."""


@dataclass(frozen=True)
class Told:
    """One answer: ``status`` 0 where the connection was closed without one."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error, which must be the whole answer."""
        answer = json.loads(self.body)
        assert answer.keys() == {"error"}
        error: dict[str, Any] = answer["error"]
        assert error.keys() == {"code", "message", "field"}
        return error


NOTHING = Told(0, {}, b"")


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """Open a connection to a service."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=WAIT) as opened:
        yield opened


def head(house: House, line: str, who: str | None = None, **headers: str) -> bytes:
    """Return a request's line and headers, with the blank line."""
    told = {"Host": "registry", "X-Forwarded-For": new_address(), **headers}
    if who is not None:
        told["Authorization"] = f"Bearer {house.service.keys[who]}"
    rows = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([line, *rows, "", ""]).encode("latin-1")


def send(opened: socket.socket, content: bytes) -> None:
    """Send as much as is taken; the other side may close in the middle of it."""
    with suppress(BrokenPipeError, ConnectionResetError):
        opened.sendall(content)


def answer(opened: socket.socket, rest: bytes = b"") -> tuple[Told, bytes]:
    """Read one answer; return it and what has come of the next."""
    begun, rest = _until(opened, rest, b"\r\n\r\n")
    if not begun:
        return NOTHING, b""
    first, *lines = begun.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    if headers.get("transfer-encoding") == "chunked":
        body, rest = _chunked(opened, rest)
    else:
        body, rest = _exactly(opened, rest, int(headers.get("content-length", "0")))
    return Told(int(first.split()[1]), headers, body), rest


def asked(house: House, content: bytes) -> Told:
    """Send bytes over a connection of their own and return the first answer."""
    with connected(house.service.url) as opened:
        send(opened, content)
        return answer(opened)[0]


def is_closed(opened: socket.socket) -> bool:
    """Wait until the other side has closed."""
    try:
        while opened.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def _more(opened: socket.socket) -> bytes:
    try:
        return opened.recv(65536)
    except ConnectionResetError:
        return b""


def _until(opened: socket.socket, got: bytes, end: bytes) -> tuple[bytes, bytes]:
    while end not in got:
        more = _more(opened)
        if not more:
            return b"", b""
        got += more
    before, _, rest = got.partition(end)
    return before, rest


def _exactly(opened: socket.socket, got: bytes, size: int) -> tuple[bytes, bytes]:
    while len(got) < size:
        more = _more(opened)
        if not more:
            break
        got += more
    return got[:size], got[size:]


def _chunked(opened: socket.socket, got: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        line, got = _until(opened, got, b"\r\n")
        size = int(line or b"0", 16)
        part, got = _exactly(opened, got, size + 2)
        if not size:
            return body, got
        body += part[:-2]
