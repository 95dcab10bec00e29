"""A server as a process of its own on one core: started, waited for, measured, stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CORES = sorted(os.sched_getaffinity(0))
SERVERS_CORE, OWN_CORE = CORES[0], CORES[-1]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens; ``started`` is the seconds until it did."""

    pid: int
    host: str
    port: int
    started: float

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all its threads since it began."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def megabytes(self) -> float:
        """Memory that it holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1e3


def pin(core: int) -> None:
    """Stay on one core from here on."""
    os.sched_setaffinity(0, {core})


@contextmanager
def running(arguments: Sequence[str], log: Path) -> Iterator[Server]:
    """Start Python with these arguments on the servers' core; it prints where it listens."""
    begun = time.perf_counter()
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        os.sched_setaffinity(process.pid, {SERVERS_CORE})  # threads inherit it
        assert process.stdout is not None  # noqa: S101
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server did not start: see {log}")
            address = urlsplit(json.loads(line)["listening"])
            host, port = address.hostname or "", address.port or 0
            yield Server(process.pid, host, port, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
