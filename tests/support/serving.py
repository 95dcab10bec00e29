"""The real service, in a process of its own, over a registry in a folder."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.people import add_person
from support import secrecy
from support.program import Done, hashreg

WAITS_SECONDS = 60
KEYS: Mapping[str, tuple[Role, str]] = {
    "platform": (Role.PLATFORM, "examplegram"),
    "other platform": (Role.PLATFORM, "otherbook"),
    "sandbox": (Role.PLATFORM, "newcomer"),
    "moderator": (Role.MODERATOR, "kim"),
    "operator": (Role.OPERATOR, "root"),
    "auditor": (Role.AUDITOR, "watch"),
    "helper": (Role.HELPER, "centre"),
}
"""Who has a key in a registry for tests."""

SEEN_WITHIN = 10.0
"""Seconds in which what others write to the file must be seen; half of one on an idle machine."""
UNAUTHORIZED = 401


class Served:
    """A registry, its keys, and the process that serves it; ``errors`` is what it has written."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        """``environ`` is for the process beside what it has anyway."""
        self.folder, self.registry = folder, folder / "registry.db"
        self._environ = environ or {}
        self.keys: dict[str, str] = {}
        self.log = folder / "server.log"

    def make(self) -> None:
        """Make the registry and everybody's keys; journeys do it at the command line."""
        now = dt.datetime.now(dt.UTC)
        with contextlib.closing(SqliteStore.create(self.registry)) as store:
            for who, (role, name) in KEYS.items():
                sandbox = who == "sandbox"
                self.keys[who] = add_person(store, role, name, now, sandbox=sandbox)

    def run(self, *arguments: str | Path, given: bytes = b"", code: int = 0) -> Done:
        """Run a command on the registry's file, which ends with ``code``."""
        done = hashreg(*arguments, "--registry", self.registry, cwd=self.folder, given=given)
        assert done.code == code, done.errors
        return done

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "hashreg.cli", "serve", "--port", "0", "--json"),
                    *("--registry", str(self.registry)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.folder,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(self.folder),
                    "TMPDIR": str(self.folder),  # a process that is killed leaves its sandbox
                    "LANG": "C.UTF-8",
                    **self._environ,
                },
            )
        assert self._process.stdout is not None
        with self._process.stdout as printed:
            line = printed.readline()
        assert line, self.log.read_text()
        self.url: str = json.loads(line)["listening"]
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """End the process as a power cut does."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def stop(self) -> int:
        """Ask the process to stop; return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def interrupt(self) -> None:
        """Ask the process to stop, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Return the exit code, once there is one."""
        return self._process.wait(timeout=60)

    def client(self, who: str | None = None, **headers: str) -> httpx.Client:
        """Return a client with somebody's key."""
        key = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        return httpx.Client(base_url=self.url, headers=key | headers, trust_env=False, timeout=60)

    def wait_for(self, who: str, *, known: bool = True) -> None:
        """Wait until the process knows, or no longer knows, a key that was changed beside it."""
        deadline = time.monotonic() + SEEN_WITHIN
        with self.client(who) as client:
            while (client.get("/v1/tickets").status_code != UNAUTHORIZED) is not known:
                assert time.monotonic() < deadline, "the service does not see what has changed"
                time.sleep(0.05)

    def __enter__(self) -> Self:
        self.make()
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()
        secrecy.remember(self.log.read_bytes())


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a new registry in a folder."""
    with Served(folder) as service:
        yield service


ROLES = {who: role for who, (role, _) in KEYS.items()}


@contextmanager
def serving(registry: Path, folder: Path) -> Iterator[str]:
    """Serve a registry while the block lasts, and give the address."""
    environ = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    environ |= {"HOME": str(folder), "LANG": "C.UTF-8"}
    command = [sys.executable, "-P", "-m", "hashreg.cli", "serve", "--port", "0", "--json"]
    said = folder / "serve.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            [*command, "--registry", registry],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            yield str(json.loads(server.stdout.readline())["listening"])
        finally:
            server.terminate()
            server.wait(WAITS_SECONDS)
            secrecy.remember(said.read_bytes())
