"""A platform to which nothing gets through, or of which nothing can be kept, is left alone."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from takedown.test_following import Story

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.server import desk
from hashreg.server.options import Options
from hashreg.server.resting import FIRST_REST, LONGEST_REST, Resting
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from support.cases import NOW
from support.receiver import receiver

from .here import here
from .house import quick_keys


def test_rests_grow_up_to_the_longest_and_end_where_one_is_reached() -> None:
    resting, now, rests = Resting(), 100.0, []
    for _ in range(12):
        resting.rest("bada", now)
        rests.append(next(it for it in range(1, 400) if not resting.is_resting("bada", now + it)))
        now += rests[-1]
    assert rests[:4] == [1, 2, 4, 8]
    assert rests[-1] == LONGEST_REST
    assert not resting.is_resting("examplegram", now)
    resting.wake("bada")
    assert not resting.is_resting("bada", now)
    resting.rest("bada", now)
    assert not resting.is_resting("bada", now + FIRST_REST)


def test_what_cant_be_written_down_is_not_sent_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RegistryUnavailable("full")

    monkeypatch.setattr(desk, "note", full)
    monkeypatch.setattr(desk, "DELIVERED_EVERY", 0.02)
    with receiver() as target, here(tmp_path, Options(private_webhooks=True)):
        with closing(SqliteStore.open(tmp_path / "registry.db")) as store, quick_keys():
            add_person(store, Role.MODERATOR, "kim", NOW)
            set_contact(store, "examplegram", NOW, webhook=target.url, private=True)
            Story(store, RegistryIndex()).ordered()
        until = time.monotonic() + 30
        while len(target.taken) < 2:  # the first, and one more after a rest
            assert time.monotonic() < until
            time.sleep(0.01)
        since = time.monotonic()
        while time.monotonic() < since + 1.5:
            assert len(target.taken) == 2  # the second rest takes two seconds
            time.sleep(0.05)
