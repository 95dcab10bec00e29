"""A victim sees what became of each copy, by platform, and who knows of the withdrawal."""

from typing import Any

import pytest

from hashreg.model.orders import DAY, HOUR
from hashreg.model.parcels import Heard
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.orders import acknowledge
from hashreg.takedown.purge import purge
from hashreg.takedown.status import case_status
from hashreg.takedown.tickets import decide_as_platform, removed
from support.cases import NOW

from .test_following import NOT_INTIMATE, PENDING, URL, Story

PUBLIC = Decision(Verdict.NOT_BLOCKED, Reason.PUBLIC_INTEREST)


@pytest.fixture
def story(store: SqliteStore, index: RegistryIndex) -> Story:
    made = Story(store, index)
    set_contact(store, "examplegram", NOW, webhook=URL)
    return made


def seen(story: Story) -> list[Any]:
    told: Any = case_status(story.store, story.victim.number).as_json()["platforms"]
    return list(told)


def copy(story: Story) -> tuple[str, list[str]]:
    """Return how the only copy stands, and its steps."""
    (at,) = seen(story)
    (one,) = at["copies"]
    assert at["platform"] == "examplegram"
    times = [it["at"] for it in one["steps"]]
    assert times == sorted(times)
    return one["standing"], [it["step"] for it in one["steps"]]


def test_the_life_of_one_copy(story: Story) -> None:
    assert seen(story) == []
    ticket = story.report()
    assert copy(story) == ("found", ["found"])
    story.later(HOUR)
    story.decide(ticket, PENDING)
    assert copy(story) == ("in_review", ["found", "in_review"])
    story.later(HOUR)
    story.decide(ticket)
    assert copy(story) == ("ordered", ["found", "ordered"])
    story.later(HOUR)
    story.go_out(Heard(reached=True))
    assert copy(story)[0] == "delivered"
    story.later(DAY)
    story.go_out()
    assert copy(story) == ("acknowledged", ["found", "ordered", "delivered", "acknowledged"])
    story.later(HOUR)
    removed(story.store, ticket, "examplegram", None, story.now)
    assert copy(story)[0] == "removed"
    story.later(DAY)
    story.report()
    assert copy(story) == ("returned", ["found", "ordered", "returned"])
    story.later(HOUR)
    removed(story.store, ticket, "examplegram", None, story.now)
    for _ in range(3):
        story.later(30 * DAY)
        story.go_out(Heard(reached=True, acknowledged=True, present=False))
    assert copy(story)[0] == "stays_away"


def test_why_a_copy_stays_is_told(story: Story) -> None:
    ticket = story.report()
    decide_as_platform(story.store, ticket, PUBLIC, "examplegram", NOW)
    (at,) = seen(story)
    assert (at["copies"][0]["standing"], at["copies"][0]["reason"]) == (
        "declined",
        "public_interest",
    )
    story.decide(ticket)
    assert copy(story)[0] == "ordered"
    assert seen(story)[0]["copies"][0]["reason"] is None
    story.later(HOUR)
    decide_as_platform(story.store, ticket, PUBLIC, "examplegram", story.now)
    assert copy(story) == ("refused", ["found", "ordered", "refused"])
    (at,) = seen(story)
    assert at["copies"][0]["reason"] == "public_interest"
    assert case_status(story.store, story.victim.number).matches == {"blocked": 1}
    story.later(HOUR)
    story.decide(ticket, NOT_INTIMATE)
    assert copy(story) == ("declined", ["found", "declined"])


def test_until_when_a_copy_has_to_be_gone_is_told_while_it_has_to(story: Story) -> None:
    order = story.ordered()
    told = seen(story)[0]["copies"][0]
    assert told["due_at"] == order.due_at.isoformat(timespec="seconds")
    story.removed(order)
    assert seen(story)[0]["copies"][0]["due_at"] is None


def test_what_a_platform_removes_by_itself_is_told(story: Story) -> None:
    ticket = story.report()
    removed(story.store, ticket, "examplegram", None, NOW)
    assert copy(story) == ("taken_down", ["found", "taken_down"])


def test_no_ticket_and_no_content_is_told(story: Story) -> None:
    order = story.ordered("content-name")
    for _ in range(2):
        told = repr(case_status(story.store, story.victim.number).as_json())
        assert order.tickets[0] not in told
        assert "content-name" not in told
        assert order.order_id not in told
        story.withdraw()


def test_a_withdrawal_counts_who_knows_of_it(story: Story) -> None:
    def told() -> object:
        return case_status(story.store, story.victim.number).as_json()["withdrawal"]

    story.ordered()
    story.report("2.jpg")
    story.report("1.jpg", "bada")
    assert told() is None
    story.withdraw()
    assert told() == {"acknowledged": 0, "platforms": 2}
    copies = [it for at in seen(story) for it in at["copies"]]
    assert {it["standing"] for it in copies} == {"closed"}
    assert sorted(len(it["steps"]) for it in copies) == [1, 1, 2]
    story.go_out()
    assert told() == {"acknowledged": 1, "platforms": 2}
    purge(story.store, story.now)
    assert seen(story) == []
    waiting = [it for it in story.of_case() if it.is_live]
    acknowledge(story.store, waiting[0].order_id, story.now, platform="bada")
    assert told() == {"acknowledged": 2, "platforms": 2}
