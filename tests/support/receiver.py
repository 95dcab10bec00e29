"""A platform's own server that takes orders in: real sockets, and what it was sent."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes]


@dataclass
class Taken:
    """One request: its headers in lower case, its body, and the JSON in it."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]


def acknowledges(taken: Taken) -> Answer:
    """Answer as a platform that has read the message."""
    return 200, json.dumps({"acknowledged": taken.message["key"]}).encode()


def takes_in(_: Taken) -> Answer:
    """Answer as one that only notes it."""
    return 204, b""


@dataclass
class Receiver:
    """What was taken in, in order, and how it is answered."""

    url: str
    answer: Callable[[Taken], Answer] = acknowledges
    location: str = ""
    taken: list[Taken] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return [it.key for it in self.taken]


@contextlib.contextmanager
def receiver(answer: Callable[[Taken], Answer] = acknowledges) -> Iterator[Receiver]:
    """Listen at a free port of this machine."""
    made = Receiver("", answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            if len(body) < length:  # the sender was killed in the middle of it
                return
            taken = Taken(headers, body)
            made.taken.append(taken)
            status, answer = made.answer(taken)
            self.send_response(status)
            if made.location:
                self.send_header("Location", made.location)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/orders"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
