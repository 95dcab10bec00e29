"""A small HTTP server on this machine that answers what a test tells it to, however wrong."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request. Its ``repr`` shows no body and no headers: they hold secrets."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass(frozen=True)
class Reply:
    """One answer; ``body`` may be endless."""

    status: int = 200
    body: bytes | Iterable[bytes] = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Bytes that are sent as they are, and then the connection is closed; none: it is dropped."""

    content: bytes = b""


Answering = Callable[[Asked], Reply | Raw]


def told(value: object, status: int = 200) -> Reply:
    """Return an answer in JSON."""
    return Reply(status, json.dumps(value).encode())


def refusal(status: int, code: str, message: str = "no", **headers: str) -> Reply:
    """Return an error as hashreg tells it."""
    value = {"error": {"code": code, "message": message, "field": None}}
    return Reply(status, json.dumps(value).encode(), headers)


@dataclass
class OddServer:
    """The server: where it is, what it was asked, and what it answers next."""

    address: str
    asked: list[Asked] = field(default_factory=list)
    answering: Answering = lambda _: Reply()

    def answers(self, *replies: Reply | Raw) -> None:
        """Answer these one after the other, and the last one again and again."""
        self.asked.clear()
        left = list(replies)
        self.answering = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def answers_by(self, answering: Answering) -> None:
        """Answer what a function makes of each request."""
        self.asked.clear()
        self.answering = answering


@contextmanager
def odd_server(seal: ssl.SSLContext | None = None) -> Iterator[OddServer]:
    """Run a server while the block lasts; with ``seal`` it speaks https."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            server.asked.append(asked)
            reply = server.answering(asked)
            if isinstance(reply, Raw):
                self.wfile.write(reply.content)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            for piece in [reply.body] if isinstance(reply.body, bytes) else reply.body:
                self.wfile.write(piece)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Take no notice of clients that hang up."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        if seal:
            listening.socket = seal.wrap_socket(listening.socket, server_side=True)
        scheme = "https" if seal else "http"
        server = OddServer(f"{scheme}://127.0.0.1:{listening.server_address[1]}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
