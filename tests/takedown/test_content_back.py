"""Content that is there again, orders that begin anew, and those that a platform declined."""

import json

import pytest

from hashreg.model.errors import Refused
from hashreg.model.matches import Ticket
from hashreg.model.orders import DAY, HOUR, Escalation, OrderState
from hashreg.model.parcels import Heard
from hashreg.model.people import Role
from hashreg.model.records import (
    EventKind,
    FingerprintId,
    MatchState,
    PictureState,
    Probing,
    ProbingState,
)
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.budget import release
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.delivery import note
from hashreg.takedown.figures import figures
from hashreg.takedown.following import LOOKED_BACK, escalate, note_clock
from hashreg.takedown.holds import admit, refuse
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.orders import unsettled
from hashreg.takedown.people import revoke_person
from hashreg.takedown.report import compare, keep, report
from hashreg.takedown.status import case_status
from hashreg.takedown.tickets import decide_as_platform, removed
from hashreg.takedown.timeline import Step
from support.asking import item
from support.cases import NOW, copy_of, picture, seeded

from .test_following import NOT_INTIMATE, PENDING, URL, Story

ASKER = "platform:examplegram"
GONE = Heard(reached=True, acknowledged=True, present=False)


@pytest.fixture
def story(store: SqliteStore, index: RegistryIndex) -> Story:
    made = Story(store, index)
    set_contact(store, "examplegram", NOW, webhook=URL)
    return made


def sent(story: Story, answer: Heard = GONE) -> list[str]:
    return [json.loads(it.body)["type"] for it in story.go_out(answer)]


def disputed(story: Story) -> FingerprintId:
    """Let two who are independent decide against a picture; return it."""
    one, other = story.report("a.jpg", "bada"), story.report("b.jpg", "bada")
    decide_as_platform(story.store, one, NOT_INTIMATE, "bada", story.now)
    story.decide(other, NOT_INTIMATE, "lee")
    with story.store.read():
        (hold,) = story.store.holds.all(PictureState.HELD)
    return hold.fingerprint_id


def refused(story: Story, picture: FingerprintId) -> None:
    for name in ("kim", "lee"):
        refuse(story.store, picture, name, story.now)


def queue(story: Story) -> list[Ticket]:
    with story.store.read():
        return [it.ticket for it in story.store.matches.queue(MatchState.OPEN)]


def locked_out(story: Story) -> FingerprintId:
    """Report content whose matches the platform is not told of; return the picture."""
    with story.store.read():
        case = story.store.cases.find(story.victim.number)
        assert case is not None
        (picture,) = story.store.cases.fingerprint_ids(case.case_id)
        story.index.refresh(story.store)
    its = compare(story.index, [item("1.jpg", copy_of(story.picture, seeded(2), 6))])
    with story.store.write():
        _, (result,) = keep(
            story.store,
            story.index,
            "examplegram",
            its,
            story.now,
            judge=lambda _: [frozenset([picture])],
        )
    assert result.matches == []
    return picture


def test_what_another_picture_of_the_case_is_found_in_waits_for_a_person(story: Story) -> None:
    second = copy_of(story.picture, seeded(40), 12)
    take_in(story.store, story.victim.addition(second), story.now)
    order = story.ordered()
    refused(story, disputed(story))
    assert story.again(order).state is OrderState.CANCELLED
    assert order.tickets[0] in queue(story)
    story.later(HOUR)
    story.decide(order.tickets[0])  # the same moderator says the same once more
    assert story.orders(order.tickets[0])[-1].state is OrderState.OPEN


def test_a_refused_picture_ends_what_its_platform_had_declined(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", NOW)
    assert story.again(order).state is OrderState.DECLINED
    other = story.report("a.jpg", "bada")
    decide_as_platform(story.store, other, NOT_INTIMATE, "bada", NOW)
    with story.store.read():
        (hold,) = story.store.holds.all(PictureState.HELD)
    decide_as_platform(story.store, order.tickets[0], PENDING, "examplegram", NOW)
    refused(story, hold.fingerprint_id)
    assert story.again(order).state is OrderState.CANCELLED


@pytest.mark.parametrize("declines", [False, True])
def test_what_was_removed_and_then_allowed_is_ordered_away_as_if_it_were_there(
    story: Story, declines: bool
) -> None:
    """By a moderator, who tells the platform to forget it, or by the platform itself."""
    order = story.ordered()
    sent(story)
    story.removed(order)
    story.later(2 * DAY)
    if declines:
        decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
        assert figures(story.store, story.now)[0].removed == 0
    else:
        story.decide(order.tickets[0], NOT_INTIMATE)
    sent(story)
    story.later(DAY)
    story.decide(order.tickets[0], by="lee")
    new = story.orders(order.tickets[0])[-1]
    assert (new.state, new.removed_at) == (OrderState.OPEN, None)
    assert sent(story) == ["removal"]
    story.later(HOUR)
    assert story.removed(new).removed_at == story.now


def test_what_is_back_before_anybody_decides_is_ordered_away(story: Story) -> None:
    ticket = story.report()
    removed(story.store, ticket, "examplegram", None, story.now)
    story.later(DAY)
    assert story.report() == ticket
    story.decide(ticket)
    assert story.orders(ticket)[-1].state is OrderState.OPEN
    assert sent(story) == ["removal"]


def test_a_platform_that_declined_may_remove_it_after_all(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    story.later(HOUR)
    after = story.removed(order)
    assert (after.state, after.escalated) == (OrderState.REMOVED, None)
    (at,) = case_status(story.store, story.victim.number).platforms
    assert [it.standing for it in at.copies] == [Step.REMOVED]


def test_checks_begin_with_the_order_whenever_it_was_removed(story: Story) -> None:
    early = story.report()
    removed(story.store, early, "examplegram", None, story.now)
    story.later(3 * DAY)
    story.decide(early)
    (order,) = story.orders(early)
    assert (order.removed_at, order.check_at) == (story.now, story.now + DAY)
    with story.store.write():
        assert escalate(story.store, story.now) == []
    dated_back = story.ordered("2.jpg")
    removed(story.store, dated_back.tickets[0], "examplegram", NOW - 40 * DAY, story.now)
    assert story.again(dated_back).check_at == story.now + DAY


def test_what_came_back_while_its_picture_was_disputed_is_ordered_away_when_it_is_admitted(
    story: Story,
) -> None:
    order, stays = story.ordered(), story.ordered("2.jpg")
    story.removed(order)
    story.removed(stays)
    held = disputed(story)
    story.later(HOUR)
    with pytest.raises(ValueError, match="not enough values"):
        story.report()  # nothing is found of it now
    another = item("2.jpg", picture(seeded(77)))  # something else in the place of the content
    assert report(story.store, story.index, "examplegram", [another], story.now)[0].matches == []
    assert story.again(order).state is OrderState.REMOVED
    for name in ("kim", "lee"):
        admit(story.store, held, name, story.now)
    assert (story.again(order).state, story.again(order).round) == (OrderState.OPEN, 2)
    assert story.again(stays).state is OrderState.REMOVED


def test_what_a_locked_out_platform_reports_again_is_ordered_away_when_it_is_let_in(
    story: Story,
) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(DAY)
    picture = locked_out(story)
    assert story.again(order).state is OrderState.REMOVED  # or it would tell what was withheld
    with story.store.write():
        story.store.probes.put(Probing(ASKER, picture, ProbingState.LOCKED), story.now)
    release(story.store, ASKER, picture, "kim", story.now)
    assert (story.again(order).state, story.again(order).round) == (OrderState.OPEN, 2)


def test_what_is_ordered_away_is_withheld_no_more(story: Story) -> None:
    """The platform has to answer, and to be told of a withdrawal."""
    locked_out(story)
    (ticket,) = queue(story)
    story.decide(ticket)
    assert sent(story, Heard(reached=True)) == ["removal"]
    (order,) = story.of_case()
    assert story.removed(order).state is OrderState.REMOVED
    story.withdraw()
    assert sent(story) == ["revocation"]
    assert case_status(story.store, story.victim.number).told == (1, 1)


def test_a_newer_order_ends_the_revocation_that_is_still_on_its_way(story: Story) -> None:
    order = story.ordered()
    sent(story)
    story.decide(order.tickets[0], NOT_INTIMATE)
    story.later(HOUR)
    story.decide(order.tickets[0])
    assert sent(story) == ["removal"]
    story.later(90 * DAY)
    assert "revocation" not in sent(story)


def test_a_late_answer_to_an_earlier_round_says_nothing_of_this_one(story: Story) -> None:
    order = story.ordered()
    (parcel,) = story.go_out(Heard(reached=True))
    story.removed(order)
    story.later(HOUR)
    story.report()
    note(story.store, [(parcel, GONE)], story.now)
    assert story.again(order).state is OrderState.OPEN


def test_the_first_time_that_a_platform_was_reached_is_kept(story: Story) -> None:
    order = story.ordered()
    sent(story, Heard(reached=True))
    story.later(2 * DAY)
    assert sent(story, Heard(reached=True)) == ["removal"]
    assert story.again(order).reached_at == NOW


def test_a_platform_that_was_revoked_is_sent_nothing_and_a_person_sees_to_its_orders(
    story: Story,
) -> None:
    order = story.ordered()
    revoke_person(story.store, Role.PLATFORM, "examplegram", story.now)
    story.later(5 * DAY)
    assert sent(story) == []
    with story.store.write():
        assert [it.order_id for it in escalate(story.store, story.now)] == [order.order_id]
    assert unsettled(story.store, "examplegram", story.now) == 1
    assert set_contact(story.store, "examplegram", story.now, webhook="").webhook is None
    with pytest.raises(Refused):
        set_contact(story.store, "examplegram", story.now, webhook=URL)


@pytest.mark.parametrize("gone", [False, True])
def test_an_order_of_a_clock_that_was_ahead_comes_to_a_person(story: Story, gone: bool) -> None:
    order = story.ordered() if gone else None
    story.now = NOW + 365 * DAY
    order = order or story.ordered()
    if gone:
        story.removed(order)
    story.now = NOW
    sent(story, Heard(reached=True))
    story.later(DAY)
    with story.store.write():
        assert [it.escalated for it in escalate(story.store, story.now)] == [Escalation.CLOCK]
    story.decide(order.tickets[0], NOT_INTIMATE)
    story.decide(order.tickets[0])
    (new,) = (it for it in story.orders(order.tickets[0]) if it.is_live)
    assert new.due_at == story.now + 2 * DAY


def test_a_clock_that_was_set_back_is_found_behind_many_events(story: Story) -> None:
    assert LOOKED_BACK >= 100_000
    with story.store.write():
        for number in range(5001):
            at = NOW + DAY if number == 0 else NOW
            story.store.events.append(EventKind.REPORT_KEPT, "00", actor="bada", at=at)
        assert note_clock(story.store, NOW)
        assert not note_clock(story.store, NOW)
