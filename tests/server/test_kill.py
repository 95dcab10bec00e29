"""kill -9 of the service under load: nothing acknowledged is lost, and nothing happens twice."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from threading import Condition
from typing import Any

import httpx
import pytest

from hashreg.client import keys
from hashreg.model.cases import CaseNumber
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Ticket
from hashreg.model.records import EventKind, PlatformName
from hashreg.model.reports import ContentId
from hashreg.registry.sqlite import SqliteStore
from support.cases import Victim, copy_of, picture, seeded
from support.sent import ask, item, submit, told
from support.serving import Served, served
from support.sqlite import raw

KNOWN = 20
SUBMITTED_EACH_TIME = 25
"""Below the sixty that one address may hand in at once."""
OPEN = {"verdict": "pending_review", "reason": None}
BLOCKED = {"verdict": "blocked", "reason": "non_consensual"}
PATIENCE = 60.0


@dataclass(frozen=True)
class Order:
    """One request with a key of its own, to be sent until it is answered; it shows no hash."""

    path: str
    body: bytes = field(repr=False)
    who: str | None
    key: str
    about: str

    def send(self, service: Served) -> dict[str, Any]:
        """Return the answer; raises httpx.TransportError where there is none."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": self.key}
        with service.client(self.who, **headers) as client:
            return told(client.post(self.path, content=self.body))


@dataclass
class Ledger:
    """What was asked, and what was acknowledged, in the order in which it was."""

    acknowledged: list[tuple[Order, dict[str, Any]]] = field(default_factory=list)
    unanswered: list[Order] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def send(self, service: Served, order: Order) -> dict[str, Any] | None:
        """Send an order and write its answer down; None where the service died."""
        try:
            answer = order.send(service)
        except httpx.TransportError:
            with self.changed:
                self.unanswered.append(order)
            return None
        with self.changed:
            self.acknowledged.append((order, answer))
            self.changed.notify_all()
        return answer

    def wait_for(self, more: int) -> None:
        """Wait until so many more orders are acknowledged."""
        least = len(self.acknowledged) + more
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= least, PATIENCE)

    def of(self, path: str) -> list[tuple[Order, dict[str, Any]]]:
        """Return what was acknowledged of one kind."""
        return [it for it in self.acknowledged if it[0].path.endswith(path)]


def submissions(rng: Random) -> Iterator[Order]:
    while True:
        victim = Victim()
        body = victim.submission(picture(rng)).to_bytes()
        yield Order("/v1/submissions", body, None, f"s{rng.getrandbits(64)}", victim.number)


def reports(rng: Random, known: list[Fingerprint]) -> Iterator[Order]:
    while True:
        name = f"{rng.getrandbits(64):x}"
        uploads = [copy_of(rng.choice(known), rng, 9), picture(rng)]
        sent = [item(f"{name}-{at}", upload) for at, upload in enumerate(uploads)]
        yield Order("/v1/reports", json.dumps({"items": sent}).encode(), "platform", name, name)


def answers(ticket: str) -> Iterator[Order]:
    """First it is looked at, then decided, then it is gone."""
    path = f"/v1/tickets/{ticket}"
    for key, what, body in (
        ("open", "verdict", OPEN),
        ("decide", "verdict", BLOCKED),
        ("remove", "removal", {}),
    ):
        sent = json.dumps(body).encode()
        yield Order(f"{path}/{what}", sent, "platform", f"{key}-{ticket}", ticket)


class Load:
    """Clients that go on until the service dies."""

    def __init__(self, service: Served, ledger: Ledger, known: list[Fingerprint]) -> None:
        self._service, self._ledger, self._known = service, ledger, known

    def submit(self, seed: int) -> None:
        for order in islice(submissions(seeded(seed)), SUBMITTED_EACH_TIME):
            if self._ledger.send(self._service, order) is None:
                return

    def report(self, seed: int) -> None:
        for order in reports(seeded(seed), self._known):
            answer = self._ledger.send(self._service, order)
            if answer is None or not self._answer(answer["results"][0]["tickets"]):
                return

    def _answer(self, tickets: list[str]) -> bool:
        orders = (order for ticket in tickets for order in answers(ticket))
        return all(self._ledger.send(self._service, order) is not None for order in orders)


def battery(folder: Path, *, kills: int, seed: int) -> None:
    rng, ledger = seeded(seed), Ledger()
    known = [picture(rng) for _ in range(KNOWN)]
    with served(folder) as service:
        submit(service, *known)
        for _ in range(kills):
            kill_under_load(service, ledger, known, rng)
            service.start()
            again, ledger.unanswered = ledger.unanswered, []
            assert again  # three clients at least were waiting for an answer
            for order in again:
                assert ledger.send(service, order) is not None
        finish(service, ledger)
        sent_again_changes_nothing(service, ledger)
        is_found(service, known)
        assert service.stop() == 0
        check(service, ledger)
    assert ledger.of("/reports")
    assert ledger.of("/verdict")
    assert ledger.of("/submissions")


def kill_under_load(service: Served, ledger: Ledger, known: list[Fingerprint], rng: Random) -> None:
    load = Load(service, ledger, known)
    works = (load.submit, load.report, load.report, load.report)
    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(work, rng.getrandbits(64)) for work in works]
        ledger.wait_for(4 + rng.randrange(40))
        time.sleep(rng.random() * 0.02)  # any moment of a turn may be the one of the kill
        service.kill()
        for work in running:
            work.result()


def finish(service: Served, ledger: Ledger) -> None:
    """Answer all tickets whose answers had not begun when the service died."""
    begun = Counter(order.about for order, _ in ledger.acknowledged)
    for _, answer in ledger.of("/reports"):
        for ticket in answer["results"][0]["tickets"]:
            for order in islice(answers(ticket), begun[ticket], None):
                assert ledger.send(service, order) is not None


def sent_again_changes_nothing(service: Served, ledger: Ledger) -> None:
    """Old answers come again, and no old verdict takes the place of a newer one."""
    before = counted(service)
    for order, answer in ledger.acknowledged:
        if order.who is not None:
            assert order.send(service) == answer
    assert counted(service) == before


def is_found(service: Served, known: list[Fingerprint]) -> None:
    with service.client("platform") as client:
        found = ask(client, "/v1/lookup", *(item(str(at), it) for at, it in enumerate(known)))
    assert {it["tier"] for it in found} == {"match"}


def counted(service: Served) -> Counter[EventKind]:
    with closing(SqliteStore.open(service.registry)) as store, store.read():
        return Counter(event.kind for event in store.events.after(0))


def check(service: Served, ledger: Ledger) -> None:
    with raw(service.registry) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    submitted, reported = ledger.of("/submissions"), ledger.of("/reports")
    tickets = [it["results"][0]["tickets"] for _, it in reported]
    assert all(len(it) == 1 for it in tickets)
    with closing(SqliteStore.open(service.registry)) as store, store.read():
        for order, _ in submitted:
            assert store.cases.find(CaseNumber(order.about)) is not None
        for order, _ in reported:
            for at in (0, 1):
                name = ContentId(f"{order.about}-{at}")
                assert store.reports.find(PlatformName("examplegram"), name) is not None
        for (ticket,) in tickets:
            verdicts = store.matches.verdicts(Ticket(ticket))
            assert [it.decision.verdict for it in verdicts] == ["pending_review", "blocked"]
            match = store.matches.find(Ticket(ticket))
            assert match is not None
            assert match.removed_at is not None
    counts = counted(service)
    assert counts[EventKind.FINGERPRINT_ADDED] == KNOWN + len(submitted)
    assert counts[EventKind.REPORT_KEPT] == 2 * len(reported)
    assert counts[EventKind.MATCH_FOUND] == counts[EventKind.CONTENT_REMOVED] == len(reported)
    assert counts[EventKind.VERDICT] == 2 * len(reported)


def test_nothing_acknowledged_is_lost_or_done_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)
    battery(tmp_path, kills=4, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_or_done_twice_in_100_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)
    for round_ in range(10):  # what is checked in the end is all of it, so each is kept small
        (tmp_path / str(round_)).mkdir()
        battery(tmp_path / str(round_), kills=10, seed=100 + round_)
