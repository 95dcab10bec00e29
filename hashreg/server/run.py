"""Running the service: one process, one event loop, and patience with slow callers that ends."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterable, Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hashreg.page.build import PageFile
from hashreg.server import log
from hashreg.server.app import make_app
from hashreg.server.options import USUAL, Options
from hashreg.takedown.store import Store

HEADER_SECONDS = 10.0
"""A request's line and headers have so long to arrive."""
HEADER_BYTES = 64 * 1024
CHUNK_OVERHEAD = 8
"""Bytes on the line for each byte of a body that comes in the smallest chunks, and one to spare."""
GRACE_SECONDS = 30
"""What was begun has so long to end once the service is asked to stop."""
MOST_CONNECTIONS = 1000
GARBAGE_FROM = 50_000
"""New objects after which garbage is looked for: more than a call of 1,000 items makes."""


class Patient(HttpToolsProtocol):
    """A connection that is ended where headers take too long or have no end."""

    _waiting: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Count what comes and is no body: headers, trailers, the sizes of chunks."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEADER_BYTES:
            self._give_up()

    def on_body(self, body: bytes) -> None:
        """Let the body pay for its chunks' sizes, even if each is a few bytes only."""
        self._unread = max(0, self._unread - CHUNK_OVERHEAD * len(body))
        super().on_body(body)

    def on_message_begin(self) -> None:
        """Begin to wait for the headers of another request."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more: the body has limits of its own."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._unread = 0
        self._waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # the registry stays: looking through it for garbage costs a fifth
            gc.set_threshold(GARBAGE_FROM)
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at Ctrl-C or SIGTERM and return: whoever asked for it is no reason to fail."""
        before = {it: signal.signal(it, self.handle_exit) for it in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for it, handler in before.items():
                signal.signal(it, handler)


def serve(
    open_store: Callable[[], Store],
    open_sandbox: Callable[[], Store],
    files: Iterable[PageFile],
    listening: socket.socket,
    ready: Callable[[], None],
    options: Options = USUAL,
) -> bool:
    """Serve until asked to stop; False where it could not start.

    The callables open the registry and the sandbox's, once for each thread; ``files`` are those of
    the victims' page; ``ready`` is called when questions are answered.
    """
    log.configure()
    config = uvicorn.Config(
        make_app(open_store, open_sandbox, files, options),
        http=Patient,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, ready)
    server.run(sockets=[listening])
    return server.started
