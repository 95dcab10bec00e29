"""What comes back while nobody compares it, or nothing may be told; what platforms take back."""

from pathlib import Path

import pytest

from hashreg.exchange.stopncii import Feedback
from hashreg.model.orders import DAY, HOUR, OrderState, Which
from hashreg.model.parcels import Heard
from hashreg.model.records import FingerprintId, Probing, ProbingState
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.budget import release
from hashreg.takedown.contacts import set_contact
from hashreg.takedown.delivery import parcels
from hashreg.takedown.feedback import take_feedback
from hashreg.takedown.figures import figures
from hashreg.takedown.holds import admit
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.once import once
from hashreg.takedown.orders import hand_out, orders_of, recheck
from hashreg.takedown.report import compare, keep
from hashreg.takedown.status import case_status
from hashreg.takedown.tickets import decide_as_platform, removed
from support.asking import item
from support.cases import NOW, copy_of, seeded
from support.sqlite import raw

from .test_content_back import ASKER, GONE, disputed, locked_out, sent
from .test_following import NOT_INTIMATE, PENDING, URL, Story


@pytest.fixture
def story(store: SqliteStore, index: RegistryIndex) -> Story:
    made = Story(store, index)
    set_contact(store, "examplegram", NOW, webhook=URL)
    return made


def lock(story: Story, picture: FingerprintId) -> None:
    with story.store.write():
        story.store.probes.put(Probing(ASKER, picture, ProbingState.LOCKED), story.now)


def admitted(story: Story, picture: FingerprintId) -> None:
    for name in ("kim", "lee"):
        admit(story.store, picture, name, story.now)


def test_who_is_locked_out_learns_nothing_when_the_picture_is_admitted(story: Story) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(DAY)
    picture = locked_out(story)
    lock(story, picture)
    admitted(story, disputed(story))
    assert story.again(order).state is OrderState.REMOVED
    release(story.store, ASKER, picture, "kim", story.now)
    assert story.again(order).state is OrderState.OPEN


def test_who_is_let_in_waits_while_the_picture_is_held(story: Story) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(DAY)
    picture = locked_out(story)
    lock(story, picture)
    disputed(story)
    release(story.store, ASKER, picture, "kim", story.now)
    assert story.again(order).state is OrderState.REMOVED
    admitted(story, picture)
    assert story.again(order).state is OrderState.OPEN


def test_what_came_back_is_found_by_another_picture_of_the_case(story: Story) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(DAY)
    second = copy_of(story.picture, seeded(2), 6)
    take_in(story.store, story.victim.addition(second), story.now)
    with story.store.write():
        story.index.refresh(story.store)
        its = compare(story.index, [item("1.jpg", second)])
        best = its.found[0][0].fingerprint_id
        match = story.store.matches.find(order.tickets[0])
        assert match is not None
        assert match.fingerprint_id != best
        keep(
            story.store,
            story.index,
            "examplegram",
            its,
            story.now,
            judge=lambda _: [frozenset([best])],
        )
    lock(story, best)
    release(story.store, ASKER, best, "kim", story.now)
    assert story.again(order).state is OrderState.OPEN


def test_what_came_back_unseen_before_anybody_decides_is_ordered_away(story: Story) -> None:
    ticket = story.report()
    removed(story.store, ticket, "examplegram", None, story.now)
    story.later(HOUR)
    locked_out(story)
    story.later(HOUR)
    story.decide(ticket)
    assert sent(story, Heard(reached=True)) == ["removal"]


def test_what_was_reported_before_it_was_removed_has_not_come_back(story: Story) -> None:
    """Whatever time the platform gives for the removal: it was there when it was reported."""
    order = story.ordered()
    story.later(HOUR)
    early = story.now
    story.later(HOUR)
    story.report()
    seen = story.now
    story.later(HOUR)
    removed(story.store, order.tickets[0], "examplegram", early, story.now)
    assert story.again(order).removed_at == seen
    admitted(story, disputed(story))
    assert story.again(order).state is OrderState.REMOVED


def test_feedback_that_is_said_again_is_no_content_that_came_back(story: Story) -> None:
    blocked = Feedback(story.picture.hashes[0], "Blocked", frozenset())
    for _ in range(2):
        take_feedback(story.store, story.index, "examplegram", [blocked], story.now)
        story.later(HOUR)
    admitted(story, disputed(story))
    assert [(it.state, it.round) for it in story.of_case()] == [(OrderState.DONE, 1)]


def test_each_check_has_a_key_of_its_own_after_the_platform_declined_meanwhile(
    story: Story,
) -> None:
    order = story.ordered()
    sent(story)
    story.removed(order)
    story.later(DAY)
    (first,) = story.go_out(GONE)
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    story.later(HOUR)
    story.removed(order)
    story.later(DAY)
    (again,) = story.go_out(GONE)
    assert first.key != again.key


def test_fetching_orders_leaves_the_webhook_as_it_was(story: Story) -> None:
    order = story.ordered()
    found, _ = orders_of(story.store, "examplegram", story.now)
    (told,) = hand_out(story.store, found, story.now)
    assert told.order.reached_at == story.now
    assert [it.order_id for it in parcels(story.store, story.now)] == [order.order_id]


def test_a_platform_that_removed_it_after_all_counts_as_told_to(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    for _ in range(2):
        assert case_status(story.store, story.victim.number).matches == {"blocked": 1}
        story.removed(order)


def test_a_moderator_may_find_that_declined_content_is_gone(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    entry = recheck(story.store, order.order_id, story.now, present=False, moderator="kim")
    assert entry.order.state is OrderState.REMOVED


def test_what_a_platform_declined_counts_as_that_and_nothing_else(story: Story) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(HOUR)
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    (found,) = figures(story.store, story.now)
    assert (found.ordered, found.removed, found.overdue) == (1, 0, 0)
    story.later(5 * DAY)
    story.decide(order.tickets[0], NOT_INTIMATE)  # a person agrees, after the deadline
    (found,) = figures(story.store, story.now)
    assert (found.ordered, found.removed, found.overdue) == (0, 0, 0)


def test_the_reason_of_a_refusal_stays_when_the_platform_looks_again(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", story.now)
    decide_as_platform(story.store, order.tickets[0], PENDING, "examplegram", story.now)
    (at,) = case_status(story.store, story.victim.number).platforms
    assert [(it.standing.value, it.reason) for it in at.copies] == [
        ("refused", NOT_INTIMATE.reason)
    ]


def test_what_ended_meanwhile_is_told_as_it_is(story: Story) -> None:
    order = story.ordered()
    found, _ = orders_of(story.store, "examplegram", story.now, which=Which.WANTED)
    story.decide(order.tickets[0], NOT_INTIMATE)
    (told,) = hand_out(story.store, found, story.now)
    assert (told.order.state, told.order.reached_at) == (OrderState.CANCELLED, None)


def test_an_answer_that_was_kept_before_answers_were_sealed_is_given_again(
    story: Story, path: Path
) -> None:
    told = once(story.store, "platform/x", "key", b"body", NOW, lambda: {"n": 1})
    with raw(path) as database:
        database.execute("UPDATE answers SET answer = ?", (b'{"n": 1}',))
        database.commit()
    again = once(story.store, "platform/x", "key", b"body", NOW, lambda: {"n": 2})
    assert again == told
