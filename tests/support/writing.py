"""Processes that write to a registry, to be raced, starved and killed.

They are forked from a small server that has loaded hashreg already, so that a start costs
milliseconds. What a writer was told is kept, it writes down in a file, one line each.
"""

import contextlib
import multiprocessing
import os
import resource
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

from hashreg.client import keys
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import EventKind
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import review
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from support.asking import reported, ticket_of
from support.cases import NOW, Victim, picture, seeded

PICTURES = 3
DEADLINE = 60.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["hashreg.client.documents", "hashreg.registry.sqlite", "hashreg.takedown.intake"]
)


@contextlib.contextmanager
def running(work: Callable[..., None], *arguments: object) -> Iterator[BaseProcess]:
    """Run ``work`` in a process of its own, which does not outlive the block."""
    process = _processes.Process(target=work, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def wait_for_lines(file: Path, count: int) -> None:
    """Wait until the file has ``count`` lines."""
    deadline = time.monotonic() + DEADLINE
    while len(file.read_bytes().splitlines()) < count:
        if time.monotonic() > deadline:
            raise TimeoutError("the writers don't write")
        time.sleep(0.001)


def submit_decide_and_withdraw(registry: Path, kept: Path, seed: int) -> None:
    """Take cases in for ever, report and decide about every second, and withdraw every third.

    The registry knows the platform bada and the moderator kim.
    """
    submit_and_withdraw(registry, kept, seed, decide=True)


def submit_and_withdraw(registry: Path, kept: Path, seed: int, *, decide: bool = False) -> None:
    """Take cases in for ever and withdraw every third."""
    keys.ROUNDS = 1
    rng, index = seeded(seed), RegistryIndex()
    with closing(SqliteStore.open(registry)) as store, _noting(kept) as note:
        while True:
            victim = Victim()
            pictures = [picture(rng, ("whole", "mirror")) for _ in range(PICTURES)]
            take_in(store, victim.submission(*pictures), NOW)
            note(f"taken {victim.number}")
            if decide and rng.randrange(2) == 0:
                note(f"decided {_decided(store, index, pictures[0])}")
            if rng.randrange(3) == 0:
                take_in(store, victim.withdrawal(), NOW)
                note(f"withdrawn {victim.number}")


def _decided(store: SqliteStore, index: RegistryIndex, shared: Fingerprint) -> str:
    """Report a registered picture and block it; return the ticket."""
    found = reported(store, index, secrets.token_hex(8), shared, "bada")
    ticket = ticket_of(found)
    review.decide(store, ticket, Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL), "kim", NOW)
    return ticket


def append_events(registry: Path, kept: Path, name: str, count: int) -> None:
    """Write ``count`` events, each in a turn of its own."""
    with closing(SqliteStore.open(registry)) as store, _noting(kept) as note:
        for number in range(count):
            with store.write():
                store.events.last_sequence()  # a turn that reads before it writes
                subject = f"{name}{number}"
                store.events.append(EventKind.VERDICT, subject, actor=name, at=NOW)
                sequence = store.events.last_sequence()
            note(f"{sequence} {subject}")


def write_once(registry: Path, kept: Path) -> None:
    """Ask for one turn and take it."""
    with closing(SqliteStore.open(registry)) as store, _noting(kept) as note:
        note("asking")
        with store.write():
            store.events.append(EventKind.VERDICT, "second", actor="kim", at=NOW)
        note("done")


def fill(registry: Path, kept: Path, most_bytes: int) -> None:
    """Take cases in until no file may grow any more, and note what is said then."""
    keys.ROUNDS = 1
    with closing(SqliteStore.open(registry)) as store, _noting(kept) as note:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        note(fill_up(store, note))


def fill_up(store: SqliteStore, note: Callable[[str], None]) -> str:
    """Take cases in until the registry says that it can't; return its words."""
    rng = seeded(5)
    while True:
        victim = Victim()
        try:
            take_in(store, victim.submission(picture(rng, ("whole", "mirror"))), NOW)
        except RegistryUnavailable as error:
            return str(error)
        note(f"taken {victim.number}")


@contextlib.contextmanager
def _noting(file: Path) -> Iterator[Callable[[str], None]]:
    """Give a function that appends a line at once, whole, even if the process dies after it."""
    descriptor = os.open(file, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        yield lambda line: _write_line(descriptor, line)
    finally:
        os.close(descriptor)


def _write_line(descriptor: int, line: str) -> None:
    os.write(descriptor, line.encode() + b"\n")
