"""The whole life of a case, with the real program, the real service and a clock that is set.

Registered offline, taken in, found in what a platform reports, decided, ordered away, ignored,
repeated, for a person, acknowledged, removed, checked, uploaded again, found again, ordered away
again, withdrawn, revoked.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from support.clock import Clock, library
from support.journey import Journey
from support.program import SAMPLES, Done
from support.receiver import Receiver, Taken, acknowledges, receiver, takes_in
from support.sent import told
from support.serving import Served

ORIGINAL, COPY = SAMPLES / "originals" / "boats.jpg", SAMPLES / "edited" / "boats-caption.jpg"
PATIENCE = 60.0

pytestmark = pytest.mark.skipif(library() is None, reason="libfaketime is not installed")


def is_down(_: Taken) -> tuple[int, bytes]:
    return 503, b""


class Life(Journey):
    """A case, a platform that takes its orders in, a moderator, and a service."""

    def __init__(self, folder: Path, target: Receiver) -> None:
        self.clock, self.target = Clock(folder), target
        super().__init__(folder, {"HASHREG_REGISTRY": "registry.db", **self.clock.environ})
        private = {"HASHREG_PRIVATE_WEBHOOKS": "1"}
        self.service = Served(folder, self.clock.environ | private)

    def must(self, step: str, *arguments: str | Path, code: str = "", given: bytes = b"") -> Done:
        """Run a command that ends well."""
        done = self.go(step, *arguments, code=code, given=given)
        assert done.code == 0, done.errors
        return done

    def later(self, hours: int) -> None:
        self.clock.go_on(hours)

    def report(self, name: str) -> str:
        """Report the copy as content of this name; return its ticket."""
        hashes = self.must("hash", "hash", "--views", "query", "--json", COPY).lines[0]["hashes"]
        item = {"content_id": name, "hashes": hashes}
        with self.service.client("platform") as client:
            (result,) = told(client.post("/v1/reports", json={"items": [item]}))["results"]
        (ticket,) = result["tickets"]
        return str(ticket)

    def decide(self, ticket: str) -> None:
        decision = (ticket, "blocked", "--reason", "non_consensual", "--as", "kim")
        self.must("decide", "review", "decide", *decision)

    def remove(self, ticket: str) -> None:
        with self.service.client("platform") as client:
            told(client.post(f"/v1/tickets/{ticket}/removal", json={}))

    def orders(self, *options: str) -> list[dict[str, Any]]:
        return self.go("orders", "takedown", "list", "--json", *options).lines

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until the service has done what it does by itself."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, [it.message for it in self.target.taken]
            time.sleep(0.1)

    def has_tried(self, times: int) -> bool:
        return bool(self.orders()[0]["tries"] == times)

    def was_sent(self, times: int) -> bool:
        """Tell whether so many deliveries are written down."""
        with closing(SqliteStore.open(self.folder / "registry.db")) as store, store.read():
            return sum(1 for _ in store.events.after(0, [EventKind.ORDER_SENT])) == times

    def messages(self, kind: str) -> list[Taken]:
        return [it for it in self.target.taken if it.message["type"] == kind]

    def standing(self) -> str:
        done = self.must("status", "status", self.case, "--json")
        (at,) = done.lines[0]["platforms"]
        return str(at["copies"][0]["standing"])


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with receiver(is_down) as target:
        made = Life(tmp_path, target)
        made.must("init", "init")
        added = made.must("platform", "platform", "add", "examplegram", "--json")
        made.service.keys["platform"] = added.lines[0]["key"]
        made.must("moderator", "moderator", "add", "kim")
        hook = ("--webhook", target.url, "--private-webhooks", "--jurisdiction", "US", "--json")
        (contact,) = made.must("orders", "platform", "orders", "examplegram", *hook).lines
        assert contact["secret"].startswith("whsec_")
        made.service.start()
        yield made
        made.service.__exit__(None, None, None)


def ignored(life: Life) -> None:
    """The platform's server is down; the order is tried again, later and later.

    The clock goes on only when an answer is written down: the next attempt counts from then.
    """
    for tries in (1, 2):
        life.wait(partial(life.has_tried, tries))
        assert len(life.target.taken) == tries
        (order,) = life.orders()
        assert (order["trouble"], order["acknowledged_at"]) == ("refused", None)
        if tries == 1:
            life.later(1)


def test_the_whole_life_of_a_case(life: Life) -> None:
    target = life.target
    made = life.must("register", "register", ORIGINAL, "-o", "CASE.hashreg", "--json").lines[0]
    life.case, life.code = made["case"], made["recovery_code"]
    life.must("intake", "intake", "CASE.hashreg")
    ticket = life.report("post-1")
    assert life.standing() == "found"
    life.decide(ticket)
    assert life.standing() == "ordered"

    ignored(life)

    # it comes back and takes the order in without a word; repeated; then it is for a person
    target.answer = takes_in
    life.later(6)
    life.wait(lambda: len(target.taken) == 3)
    life.wait(partial(life.was_sent, 1))
    first = life.orders()[0]["reached_at"]
    assert life.standing() == "delivered"
    life.later(24)
    life.wait(partial(life.was_sent, 2))
    assert life.orders()[0]["reached_at"] == first is not None
    assert len(target.taken) == 4
    assert len(set(target.keys)) == 1
    assert [it["escalated"] for it in life.orders("--escalated")] == ["unacknowledged"]
    assert life["orders"].code == 1

    # acknowledged, at the next repetition; removed
    target.answer = acknowledges
    life.later(24)
    life.wait(lambda: life.orders()[0]["state"] == "acknowledged")
    assert life.standing() == "acknowledged"
    assert [it["overdue"] for it in life.orders()] == [True]
    life.remove(ticket)
    assert life.standing() == "removed"
    assert life.orders("--escalated") == []

    # asked again on the next day, and uploaded again a week later
    assert life.messages("recheck") == []
    life.later(25)
    life.wait(lambda: len(life.messages("recheck")) == 1)
    life.later(24 * 7)
    assert life.report("post-1") == ticket
    life.wait(lambda: len({it.key for it in life.messages("removal")}) == 2)
    life.wait(lambda: life.orders()[0]["state"] == "acknowledged")
    (order,) = life.orders()
    assert (order["round"], order["reappeared"]) == (2, 1)
    life.remove(ticket)

    # withdrawn, and revoked
    life.must("withdraw", "withdraw", life.case, code=life.code)
    life.wait(lambda: len(life.messages("revocation")) == 1)
    assert life.messages("revocation")[0].message["tickets"] == [ticket]
    life.wait(lambda: life.orders() == [])
    (status,) = life.must("status", "status", life.case, "--json").lines
    assert status["withdrawal"] == {"acknowledged": 1, "platforms": 1}
    assert life.must("verify", "audit", "verify").code == 0
    said = life.must("status human", "status", life.case).text
    assert "Platforms that have confirmed your withdrawal: 1 of 1" in said
