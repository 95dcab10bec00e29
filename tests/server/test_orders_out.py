"""What a running service does about orders by itself, and what it says of it."""

import datetime as dt
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from takedown.test_following import Story

from hashreg.model.orders import DAY
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.server import desk
from hashreg.server.options import Options
from hashreg.takedown import delivery
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from support.receiver import receiver

from .here import Here, here
from .house import quick_keys

UNTIL = 30.0


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "DELIVERED_EVERY", 0.05)
    monkeypatch.setattr(desk, "ESCALATED_EVERY", 0.1)


def ordered(path: Path, url: str, *, at: dt.datetime, names: int = 1) -> list[str]:
    """Order content away at a platform with a webhook in this machine; return the orders."""
    with closing(SqliteStore.open(path / "registry.db")) as store, quick_keys():
        add_person(store, Role.MODERATOR, "kim", at)
        add_person(store, Role.PLATFORM, "bada", at)
        set_contact(store, "examplegram", at, webhook=url, private=True)
        story = Story(store, RegistryIndex())
        story.now = at
        its: list[str] = [story.ordered(f"{it}.jpg").order_id for it in range(names)]
        story.ordered(by="bada")
        return its


def lines(service: Here, event: str) -> list[dict[str, object]]:
    every = [json.loads(it) for it in service.lines.getvalue().splitlines()]
    return [it for it in every if it["event"] == event]


def wait(ready: Callable[[], object]) -> None:
    until = time.monotonic() + UNTIL
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_nothing_is_sent_into_a_private_network_that_was_not_allowed(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    trouble = "trouble with delivering an order"
    with receiver() as target, here(tmp_path) as service:
        (order,) = ordered(tmp_path, target.url, at=now)
        wait(lambda: lines(service, trouble))
        assert target.taken == []
        said = lines(service, trouble)
    assert [(it["order"], it["reason"]) for it in said[:1]] == [(order, "forbidden_address")]
    assert "127.0.0.1" not in service.lines.getvalue()


def test_a_platform_that_is_not_reached_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or each message to a dead one would cost a try."""
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    trouble, now = "trouble with delivering an order", dt.datetime.now(dt.UTC)
    with receiver() as gone:
        url = gone.url
    with here(tmp_path, Options(private_webhooks=True)) as service:
        ordered(tmp_path, url, at=now, names=2)
        wait(lambda: lines(service, trouble))
        since = time.monotonic()
        wait(lambda: len(lines(service, trouble)) > 1)
        assert time.monotonic() - since > 0.5


def test_what_is_for_a_person_and_a_wrong_clock_are_said(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    with receiver() as target, here(tmp_path, Options(private_webhooks=True)) as service:
        (order,) = ordered(tmp_path, target.url, at=now - 5 * DAY)
        with closing(SqliteStore.open(tmp_path / "registry.db")) as store:
            add_person(store, Role.MODERATOR, "lee", now + DAY)
        wait(lambda: lines(service, "an order is for a person"))
        wait(lambda: lines(service, "the clock was set back"))
        said = lines(service, "an order is for a person")
    assert (order, "overdue") in [(it["order"], it["reason"]) for it in said]


def test_what_everybody_may_see_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "FIGURED_EVERY", 0.1)
    now = dt.datetime.now(dt.UTC)
    with receiver() as target, here(tmp_path) as service, service.client(key=False) as client:
        ordered(tmp_path, target.url, at=now, names=6)

        def shown() -> dict[str, dict[str, object]]:
            its = client.get("/v1/takedown-statistics").json()["platforms"]
            return {it["platform"]: it for it in its}

        wait(lambda: shown().keys() == {"bada", "examplegram"})
        wait(lambda: shown()["examplegram"]["ordered"] == 6)
        told = shown()["bada"]
    assert {name for name, value in told.items() if value is not None} == {
        "platform",
        "revoked",
        "revocations_acknowledged",
    }
