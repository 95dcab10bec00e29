"""Hashing many files in child processes: in order, several at once, none able to stop the rest."""

import contextlib
import os
import secrets
import signal
import string
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from hashreg.model.errors import FILE_PROBLEM_TEXTS, FileProblem, HashregError, UnreadableFile
from hashreg.model.fingerprints import Fingerprint, Views, fingerprint_from_json
from hashreg.model.strictjson import Fields, parse
from hashreg.model.tokens import Aligner

WALL_SECONDS = 120
"""A file that takes longer hangs on a disk or network; its worker is ended."""
FILES_AHEAD = 8
"""Files each worker may be ahead of the reader, so that memory stays bounded."""
MOST_WORKERS = 16
MOST_BYTES = 2 * 1024 * 1024
"""Of an answer; a worker that says more was taken over."""


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file and its fingerprint, or the reason why it has none."""

    path: Path
    result: Fingerprint | UnreadableFile


def hash_files(
    paths: Iterable[Path],
    views: Views,
    *,
    workers: int | None = None,
    tokens: bool = True,
    look: bool = False,
) -> Iterator[HashedFile]:
    """Hash files in child processes and yield the results in the order of ``paths``.

    ``workers`` is the number of processes, by default one for each processor that may be used.
    ``tokens`` is as for ``fingerprint``; ``look`` lets the fingerprints align uploads, too. A file
    that crashes, hangs or exhausts its worker gets an error and the others go on.
    """
    count = workers or min(_processors(), MOST_WORKERS)
    flags = [*([] if tokens else ["no-tokens"]), *(["look"] if look else [])]
    pool = _Pool([views, *flags])
    waiting: deque[Future[HashedFile]] = deque()
    with pool, ThreadPoolExecutor(count) as threads:
        try:
            for path in paths:
                waiting.append(threads.submit(pool.hash, path))
                if len(waiting) >= count * FILES_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _environment() -> dict[str, str]:
    """Return a child's environment: one thread, and none of our own variables, which are secret."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HASHREG_")}
    return ours | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class _Pool:
    """The idle workers; each thread takes one, asks it, and puts it back if it lives."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._idle: deque[_Worker] = deque()
        self._all: set[_Worker] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def hash(self, path: Path) -> HashedFile:
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker(self._arguments)
            self._all.add(worker)
            if self._closed:
                worker.end()
        result = worker.hash(path)
        if worker.lives:
            self._idle.append(worker)
        else:
            self._all.discard(worker)
        return HashedFile(path, result)

    def close(self) -> None:
        self._closed = True
        for worker in list(self._all):
            worker.end()
        self._all.clear()


class _Worker:
    """One child process (``hashreg.hashing.worker``)."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # -P: a folder of uploads may hold a file named like a module of ours.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "hashreg.hashing.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self.lives = True

    def hash(self, path: Path) -> Fingerprint | UnreadableFile:
        token = secrets.token_hex(8)
        answer = self._ask(f"{token} {os.fsencode(path).hex()}\n".encode())
        if answer is None:
            self.end()
            return UnreadableFile(self._cause_of_death())
        try:
            return _read_answer(answer, token)
        except (HashregError, ValueError):  # a worker that talks nonsense was taken over
            self.end()
            return UnreadableFile(FileProblem.CRASHED)

    def end(self) -> None:
        """End the process now; safe to call twice and from another thread."""
        self.lives = False
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what a dead worker was still to be told
                    pipe.close()
        self._process.wait()

    def _ask(self, request: bytes) -> bytes | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        watchdog = threading.Timer(WALL_SECONDS, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            stdin.write(request)
            stdin.flush()
            return stdout.readline(MOST_BYTES) or None
        except (OSError, ValueError):
            return None
        finally:
            watchdog.cancel()

    def _cause_of_death(self) -> FileProblem:
        costly = {-getattr(signal, "SIGXCPU", 0), -signal.SIGTERM, -getattr(signal, "SIGKILL", 9)}
        return FileProblem.TOO_COSTLY if self._process.returncode in costly else FileProblem.CRASHED


def _read_answer(answer: bytes, token: str) -> Fingerprint | UnreadableFile:
    fields = Fields(parse(answer), "")
    if fields.text("token") != token:
        raise ValueError("an answer to another question")
    if fields.has("problem"):
        problem = FileProblem(fields.text("problem"))
        told = Fields(fields.raw("values"), "values")
        parts = string.Formatter().parse(FILE_PROBLEM_TEXTS[problem])
        names = [name for _, name, _, _ in parts if name]
        told.only(names)
        values = {name: told.raw(name) for name in names}
        if not all(isinstance(value, int | str) for value in values.values()):
            raise ValueError("a value is missing or of another type")
        return UnreadableFile(problem, **{name: str(values[name])[:20] for name in names})
    it = fingerprint_from_json(fields.raw("fingerprint"), "fingerprint")
    return replace(it, aligner=_aligner(fields.raw("luma"))) if fields.has("luma") else it


def _aligner(luma: object) -> Aligner:
    from hashreg.hashing.align import LumaAligner  # noqa: PLC0415  (loads NumPy)

    return LumaAligner.from_json(luma)
