"""kill -9 while orders go out: each one arrives, and never under two keys."""

import contextlib
import dataclasses
import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from hashreg.model.matches import Ticket
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import verify
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.orders import listed
from hashreg.takedown.report import report
from support.asking import item
from support.cases import Victim, copy_of, picture, seeded
from support.receiver import Receiver, Taken, acknowledges, receiver
from support.sent import told
from support.serving import Served

from .house import quick_keys

EACH_ROUND = 4
BLOCKED = {"verdict": "blocked", "reason": "non_consensual"}
PATIENCE = 90.0


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_every_order_arrives_under_one_key_although_the_service_is_killed(tmp_path: Path) -> None:
    battery(tmp_path, rounds=8, seed=1)


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_every_order_arrives_under_one_key_although_it_is_killed_200_times(tmp_path: Path) -> None:
    battery(tmp_path, rounds=200, seed=2)


def battery(folder: Path, *, rounds: int, seed: int) -> None:
    """Decide, kill at a random moment, start again; at the end everything has arrived."""
    rng = seeded(seed)
    with receiver(unreliable(rng)) as target:
        service = Served(folder, {"HASHREG_PRIVATE_WEBHOOKS": "1"})
        service.make()
        tickets = furnish(service, rounds * EACH_ROUND, target.url)
        service.start()
        decided: list[Ticket] = []
        for _ in range(rounds):
            with service.client("moderator") as client:
                for ticket in tickets[len(decided) : len(decided) + EACH_ROUND]:
                    told(client.post(f"/v1/tickets/{ticket}/verdict", json=BLOCKED))
                    decided.append(ticket)
            time.sleep(rng.random() * 1.2)  # any moment of a delivery may be the one of the kill
            service.kill()
            service.start()
        target.answer = acknowledges
        wait_until_all_are_acknowledged(service)
        service.__exit__(None, None, None)
    check(target, decided)
    with contextlib.closing(SqliteStore.open(service.registry)) as store:
        assert verify(store).finding is None


def furnish(service: Served, count: int, url: str) -> list[Ticket]:
    """Register pictures and report a copy of each; return the tickets."""
    with contextlib.closing(SqliteStore.open(service.registry)) as store, quick_keys():
        set_contact(store, "examplegram", now(), webhook=url, private=True)
        pictures = [picture(seeded(number)) for number in range(count)]
        for its in (pictures[at : at + 50] for at in range(0, count, 50)):
            take_in(store, Victim().submission(*its), now())
        copies = [copy_of(it, seeded(number), 4) for number, it in enumerate(pictures)]
        items = [item(f"{number}.jpg", it) for number, it in enumerate(copies)]
        results = report(store, RegistryIndex(), "examplegram", items, now())
    return [match.ticket for it in results for match in it.matches if match.ticket]


def unreliable(rng: Random) -> Callable[[Taken], tuple[int, bytes]]:
    """Answer as a platform with bad days: late, with errors, without acknowledging."""

    def answer(taken: Taken) -> tuple[int, bytes]:
        time.sleep(rng.random() * 0.05)
        choice = rng.random()
        if choice < 0.1:
            return 503, b""
        return acknowledges(taken) if choice < 0.8 else (204, b"")

    return answer


def wait_until_all_are_acknowledged(service: Served) -> None:
    """Make what waits for its next attempt due, as time would, and wait for the rest."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.closing(SqliteStore.open(service.registry)) as store:
            entries, _ = listed(store, now=now())
            waiting = [it.order for it in entries if not it.order.acknowledged_at]
            if not waiting:
                return
            with store.write():
                for order in waiting:
                    if order.send_at and order.send_at > now():
                        store.orders.put(dataclasses.replace(order, send_at=now()))
        assert time.monotonic() < deadline, f"{len(waiting)} orders did not arrive"
        time.sleep(0.3)


def check(target: Receiver, decided: list[Ticket]) -> None:
    """Every order arrived, under one key, and every message of a key is the same."""
    keys, bodies = defaultdict[str, set[str]](set), defaultdict[str, set[bytes]](set)
    for taken in target.taken:
        assert taken.message["type"] == "removal"
        keys[taken.message["ticket"]].add(taken.key)
        bodies[taken.key].add(taken.body)
    assert set(keys) == set(decided)
    assert {len(its) for its in keys.values()} == {1}
    assert {len(its) for its in bodies.values()} == {1}
