"""A connection that asks line by line and reads answers in between, as curl does."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from support.sent import JSONL, lines
from support.serving import Served

SECONDS = 60


class Streaming:
    """One call in JSON Lines that is being made."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._response: http.client.HTTPResponse | None = None

    def send(self, *values: object) -> None:
        """Send lines."""
        self.send_bytes(lines(values))

    def send_bytes(self, content: bytes) -> None:
        """Send a piece of the body."""
        self._connection.send(b"%x\r\n%s\r\n" % (len(content), content))

    def finish(self) -> None:
        """End the body."""
        self._connection.send(b"0\r\n\r\n")

    @property
    def response(self) -> http.client.HTTPResponse:
        """The answer's beginning, once it is there."""
        if self._response is None:
            self._response = self._connection.getresponse()
        return self._response

    def read(self) -> dict[str, Any] | None:
        """Return the next line of the answer, None at its end."""
        line = self.response.readline()
        row: dict[str, Any] | None = json.loads(line) if line else None
        return row

    def rest(self) -> list[dict[str, Any]]:
        """Return what is left of the answer."""
        return [json.loads(line) for line in self.response.read().splitlines()]


@contextmanager
def streaming(service: Served, path: str, key: str, **headers: str) -> Iterator[Streaming]:
    """Begin a call whose body follows."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=SECONDS)
    connection.putrequest("POST", path)
    own = {"Authorization": f"Bearer {key}", "Content-Type": JSONL, "Transfer-Encoding": "chunked"}
    for name, value in (own | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    call = Streaming(connection)
    try:
        yield call
    finally:
        if call._response is not None:
            call._response.close()
        connection.close()
