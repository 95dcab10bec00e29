"""The service in this process, on a real port, where a test can reach into it."""

import io
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import httpx
import uvicorn

from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.server.app import make_app
from hashreg.server.log import Structured
from hashreg.server.options import USUAL, Options
from hashreg.server.run import Patient
from hashreg.takedown.people import add_person
from support.cases import NOW

WAIT = 30.0


@dataclass(frozen=True)
class Here:
    """A service; ``lines`` gathers what it logs."""

    url: str
    key: str
    lines: io.StringIO

    def client(self, address: str = "10.0.0.1", *, key: bool = True) -> httpx.Client:
        """Return the platform, or somebody without a key."""
        headers = {"X-Forwarded-For": address}
        if key:
            headers["Authorization"] = f"Bearer {self.key}"
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=WAIT)


@contextmanager
def here(folder: Path, options: Options = USUAL) -> Iterator[Here]:
    """Serve a new registry in which one platform is known."""
    registry, sandbox = folder / "registry.db", folder / "sandbox.db"
    SqliteStore.create(sandbox).close()
    with closing(SqliteStore.create(registry)) as store:
        key = add_person(store, Role.PLATFORM, "examplegram", NOW)
    app = make_app(
        lambda: SqliteStore.open(registry),
        lambda: SqliteStore.open(sandbox),
        options=options,
    )
    config = uvicorn.Config(app, http=Patient, ws="none", log_config=None, access_log=False)
    with socket.create_server(("127.0.0.1", 0)) as listening, logged() as lines:
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            _wait_for(server)
            yield Here(f"http://127.0.0.1:{listening.getsockname()[1]}", key, lines)
        finally:
            server.should_exit = True
            thread.join(WAIT)


def _wait_for(server: uvicorn.Server) -> None:
    until = time.monotonic() + WAIT
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Gather the lines that the service logs in this process."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Structured())
    logger = logging.getLogger("hashreg.server")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
