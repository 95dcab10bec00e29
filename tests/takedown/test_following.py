"""Orders follow what happens: verdicts, removals, reports, re-checks, withdrawals."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from hashreg.model.errors import NotFound, Refused
from hashreg.model.matches import Ticket
from hashreg.model.orders import (
    CLOCKS_DIFFER,
    DAY,
    HOUR,
    Escalation,
    MessageType,
    Order,
    OrderId,
    OrderKind,
    OrderState,
    Trouble,
)
from hashreg.model.parcels import Heard, Parcel
from hashreg.model.people import Role
from hashreg.model.records import EventKind
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.contacts import contact_of, set_contact
from hashreg.takedown.delivery import AT_ONCE, note, parcels
from hashreg.takedown.following import escalate, note_clock
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.once import once
from hashreg.takedown.orders import acknowledge, hand_over, listed, orders_of, recheck
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import report
from hashreg.takedown.review import decide
from hashreg.takedown.status import case_status
from hashreg.takedown.tickets import decide_as_platform, removed
from support.asking import item
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.sqlite import files_of, raw

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
NOT_INTIMATE = Decision(Verdict.NOT_BLOCKED, Reason.NOT_INTIMATE)
PENDING = Decision(Verdict.PENDING_REVIEW, None)
URL = "https://examplegram.example/orders"
ACKNOWLEDGED = Heard(reached=True, acknowledged=True)


class Story:
    """One case, content that matches it, and time that goes by."""

    def __init__(self, store: SqliteStore, index: RegistryIndex) -> None:
        self.store, self.index, self.now = store, index, NOW
        self.victim, self.picture = Victim(), picture(seeded(1))
        take_in(store, self.victim.submission(self.picture), NOW)

    def report(self, name: str = "1.jpg", by: str = "examplegram") -> Ticket:
        its = [item(name, copy_of(self.picture, seeded(2), 6))]
        (result,) = report(self.store, self.index, by, its, self.now)
        (match,) = result.matches
        assert match.ticket
        return match.ticket

    def decide(self, ticket: Ticket, decision: Decision = BLOCKED, by: str = "kim") -> None:
        decide(self.store, ticket, decision, by, self.now)

    def ordered(self, name: str = "1.jpg", by: str = "examplegram") -> Order:
        """Report content and order it away."""
        ticket = self.report(name, by)
        self.decide(ticket)
        return self.orders(ticket)[-1]

    def orders(self, ticket: Ticket) -> list[Order]:
        with self.store.read():
            return self.store.orders.of_ticket(ticket)

    def of_case(self) -> list[Order]:
        with self.store.read():
            case = self.store.cases.find(self.victim.number)
            assert case is not None
            return self.store.orders.of_case(case.case_id)

    def later(self, time: dt.timedelta) -> None:
        self.now += time

    def again(self, order: Order) -> Order:
        with self.store.read():
            found = self.store.orders.find(order.order_id)
            assert found is not None
            return found

    def removed(self, order: Order, by: str = "examplegram") -> Order:
        removed(self.store, order.tickets[0], by, None, self.now)
        return self.again(order)

    def go_out(self, answer: Heard = ACKNOWLEDGED) -> list[Parcel]:
        """Send what is to go out now; every platform answers the same."""
        out = parcels(self.store, self.now)
        note(self.store, [(it, answer) for it in out], self.now)
        return out

    def withdraw(self) -> None:
        take_in(self.store, self.victim.withdrawal(), self.now)

    def happened(self, order: Order) -> Sequence[tuple[EventKind, str]]:
        with self.store.read():
            every = list(self.store.events.after(0))
        return [(it.kind, it.detail) for it in every if it.subject == order.order_id]


@pytest.fixture
def story(store: SqliteStore, index: RegistryIndex) -> Story:
    return Story(store, index)


@pytest.fixture
def hooked(story: Story) -> Story:
    """A platform that takes its orders in by itself."""
    set_contact(story.store, "examplegram", NOW, webhook=URL)
    return story


def test_a_clock_that_was_set_back_is_told_once(store: SqliteStore, index: RegistryIndex) -> None:
    Story(store, index)

    def told(now: dt.datetime) -> bool:
        with store.write():
            return note_clock(store, now)

    assert not told(NOW - CLOCKS_DIFFER)
    assert not told(NOW + DAY)
    earlier = NOW - DAY
    add_person(store, Role.MODERATOR, "somebody meanwhile", earlier)
    assert told(earlier)
    for _ in range(3):
        earlier += HOUR
        assert not told(earlier)
        add_person(store, Role.MODERATOR, f"someone {earlier:%d %H}", earlier)
    with store.read():
        (event,) = [it for it in store.events.after(0) if it.kind is EventKind.CLOCK_SET_BACK]
    assert (event.at, event.detail) == (NOW - DAY, NOW.isoformat(timespec="seconds"))


def test_a_verdict_makes_one_order_with_a_deadline(story: Story) -> None:
    ticket = story.report()
    assert story.orders(ticket) == []
    story.decide(ticket)
    story.decide(ticket)
    story.decide(ticket, by="lee")
    (order,) = story.orders(ticket)
    assert order.state is OrderState.OPEN
    assert (order.content_id, order.tickets) == ("1.jpg", (ticket,))
    assert order.due_at == NOW + 48 * HOUR
    assert story.happened(order) == [(EventKind.ORDER_MADE, "removal")]


@pytest.mark.parametrize(("law", "hours"), [("US", 48), ("KR", 24), ("AU", 24), ("default", 48)])
def test_the_deadline_is_that_of_the_platforms_law(story: Story, law: str, hours: int) -> None:
    set_contact(story.store, "examplegram", NOW, jurisdiction=law)
    assert story.ordered().due_at == NOW + hours * HOUR


@pytest.mark.parametrize("decision", [NOT_INTIMATE, PENDING])
def test_another_verdict_calls_the_order_off_and_the_platform_is_told(
    hooked: Story, decision: Decision
) -> None:
    order = hooked.ordered()
    hooked.go_out()
    hooked.decide(order.tickets[0], decision)
    assert hooked.again(order).state is OrderState.CANCELLED
    told = [json.loads(it.body) for it in hooked.go_out()]
    assert [(it["type"], it["tickets"]) for it in told] == [("revocation", list(order.tickets))]
    assert not hooked.go_out()
    hooked.later(HOUR)
    hooked.decide(order.tickets[0])
    assert hooked.orders(order.tickets[0])[-1].state is OrderState.OPEN


def test_a_platform_that_blocks_by_itself_has_no_need_to_be_told(hooked: Story) -> None:
    ticket = hooked.report()
    decide_as_platform(hooked.store, ticket, BLOCKED, "examplegram", NOW)
    (order,) = hooked.orders(ticket)
    assert order.state is OrderState.ACKNOWLEDGED
    assert not hooked.go_out()
    hooked.later(49 * HOUR)
    assert [it.key for it in hooked.go_out()] == [order.key]


def test_a_platform_that_looks_at_content_calls_no_order_off(hooked: Story) -> None:
    order = hooked.ordered()
    decide_as_platform(hooked.store, order.tickets[0], PENDING, "examplegram", NOW)
    assert hooked.again(order).state is OrderState.ACKNOWLEDGED
    hooked.removed(order)
    for days in (1, 7, 30):
        hooked.now = NOW + days * DAY
        hooked.go_out(Heard(reached=True, acknowledged=True, present=False))
    for decision in (PENDING, BLOCKED, NOT_INTIMATE):
        decide_as_platform(hooked.store, order.tickets[0], decision, "examplegram", hooked.now)
        assert hooked.again(order).state is OrderState.DONE
    assert [it.order_id for it in hooked.of_case()] == [order.order_id]


def test_a_second_moderator_who_says_the_same_makes_no_second_order(story: Story) -> None:
    order = story.ordered()
    story.removed(order)
    story.later(40 * DAY)
    recheck(story.store, order.order_id, story.now, present=False, platform="examplegram")
    assert story.again(order).state is OrderState.DONE
    story.decide(order.tickets[0], by="lee")
    assert [it.order_id for it in story.orders(order.tickets[0])] == [order.order_id]


def test_a_platform_that_declines_is_for_a_person(story: Story) -> None:
    order = story.ordered()
    decide_as_platform(story.store, order.tickets[0], NOT_INTIMATE, "examplegram", NOW)
    assert story.again(order).state is OrderState.DECLINED
    (entry,), _ = listed(story.store, now=NOW, ended=True, escalated=True)
    assert entry.order.escalated is Escalation.DECLINED
    (urgent,), _ = listed(story.store, now=NOW, escalated=True)
    assert urgent.order.order_id == order.order_id
    assert [it.kind for it in story.of_case()] == [OrderKind.REMOVAL]
    story.later(HOUR)
    story.decide(order.tickets[0])
    assert story.orders(order.tickets[0])[-1].state is OrderState.OPEN
    assert listed(story.store, now=story.now, escalated=True) == ([], None)


def test_content_that_is_gone_already_is_checked_again(story: Story) -> None:
    ticket = story.report()
    removed(story.store, ticket, "examplegram", None, NOW)
    story.decide(ticket)
    (order,) = story.orders(ticket)
    assert order.state is OrderState.REMOVED
    assert order.check_at == NOW + DAY


def test_messages_go_out_once_and_under_one_key_until_they_are_answered(hooked: Story) -> None:
    order = hooked.ordered()
    (first,) = hooked.go_out(Heard(reached=False, trouble=Trouble.TIMEOUT))
    assert not hooked.go_out()
    hooked.later(HOUR)
    (second,) = hooked.go_out(Heard(reached=True))
    assert not hooked.go_out()
    hooked.later(DAY)
    (third,) = hooked.go_out()
    assert not hooked.go_out()
    assert (first.key, first.body) == (second.key, second.body) == (third.key, third.body)
    after = hooked.again(order)
    assert (after.state, after.tries, after.trouble) == (OrderState.ACKNOWLEDGED, 0, None)
    assert hooked.happened(order) == [
        (EventKind.ORDER_MADE, "removal"),
        (EventKind.ORDER_FAILED, "timeout"),
        (EventKind.ORDER_SENT, "removal"),
        (EventKind.ORDER_SENT, "removal"),
        (EventKind.ORDER_ACKNOWLEDGED, ""),
    ]


def test_a_hundred_failed_attempts_are_told_once(hooked: Story) -> None:
    order = hooked.ordered()
    for _ in range(100):
        hooked.go_out(Heard(reached=False, trouble=Trouble.UNREACHABLE))
        hooked.later(6 * HOUR)
    hooked.go_out(Heard(reached=False, trouble=Trouble.TIMEOUT))
    kinds = [kind for kind, _ in hooked.happened(order)]
    assert kinds.count(EventKind.ORDER_FAILED) == 2
    assert hooked.again(order).tries == 101


def test_a_platform_that_comes_back_after_a_week_gets_everything_once(hooked: Story) -> None:
    its = [hooked.ordered(f"{number}.jpg") for number in range(3)]
    for _ in range(28):
        hooked.go_out(Heard(reached=False, trouble=Trouble.UNREACHABLE))
        hooked.later(6 * HOUR)
    assert {it.key for it in hooked.go_out()} == {it.key for it in its}
    assert not hooked.go_out()


def test_what_was_settled_while_a_message_was_on_its_way_stays_settled(hooked: Story) -> None:
    order = hooked.ordered()
    out = parcels(hooked.store, NOW)
    hooked.withdraw()
    note(hooked.store, [(out[0], ACKNOWLEDGED)], NOW)
    assert hooked.again(order).state is OrderState.CANCELLED
    opened = hooked.happened(order)
    note(hooked.store, [(out[0], Heard(reached=False, trouble=Trouble.TIMEOUT))], NOW)
    assert hooked.happened(order) == opened


def test_at_most_some_messages_of_a_platform_go_out_at_once(hooked: Story) -> None:
    for number in range(AT_ONCE + 5):
        hooked.ordered(f"{number}.jpg")
    assert len(hooked.go_out()) == AT_ONCE
    assert len(hooked.go_out()) == 5
    assert not hooked.go_out()


def test_no_platform_takes_anothers_turn(hooked: Story) -> None:
    set_contact(hooked.store, "bada", NOW, webhook="https://bada.example/")
    for number in range(AT_ONCE + 5):
        hooked.ordered(f"{number}.jpg")
    theirs = hooked.ordered("1.jpg", "bada")
    out = parcels(hooked.store, NOW)
    assert len(out) == AT_ONCE + 1
    assert theirs.key in {it.key for it in out}
    resting = parcels(hooked.store, NOW, lambda it: it == "examplegram")
    assert [it.key for it in resting] == [theirs.key]


def test_a_platform_without_a_webhook_fetches_its_orders(story: Story) -> None:
    its = [story.ordered(f"{number}.jpg") for number in range(5)]
    theirs = story.ordered("1.jpg", "bada")
    assert not story.go_out()
    seen: list[OrderId] = []
    after = None
    while page := orders_of(story.store, "examplegram", NOW, after=after, limit=2):
        seen += [it.order.order_id for it in page[0]]
        if (after := page[1]) is None:
            break
    assert sorted(seen) == sorted(it.order_id for it in its)
    acknowledge(story.store, its[0].order_id, NOW, platform="examplegram")
    assert story.again(its[0]).state is OrderState.ACKNOWLEDGED
    for stranger in (theirs.order_id, OrderId("0" * 32)):
        with pytest.raises(NotFound, match="no such order"):
            acknowledge(story.store, stranger, NOW, platform="examplegram")
        with pytest.raises(NotFound):
            orders_of(story.store, "examplegram", NOW, after=stranger)


def test_what_is_not_acknowledged_or_late_goes_to_a_person_once(story: Story) -> None:
    order = story.ordered()
    for _ in range(3):
        with story.store.write():
            assert not escalate(story.store, NOW + DAY)
    for hours, why in ((25, Escalation.UNACKNOWLEDGED), (49, Escalation.OVERDUE)):
        with story.store.write():
            (marked,) = escalate(story.store, NOW + hours * HOUR)
            assert marked.escalated is why
            assert not escalate(story.store, NOW + hours * HOUR)
    told = [detail for kind, detail in story.happened(order) if kind is EventKind.ORDER_ESCALATED]
    assert told == ["unacknowledged", "overdue"]
    story.now = NOW + 50 * HOUR
    assert story.removed(order).escalated is None


def test_a_moderator_may_bring_an_order_to_its_platform(story: Story) -> None:
    order = story.ordered()
    hand_over(story.store, order.order_id, "kim", NOW)
    assert story.again(order).reached_at == NOW
    acknowledge(story.store, order.order_id, NOW, moderator="kim")
    assert story.again(order).state is OrderState.ACKNOWLEDGED
    for nobody in ("park", "examplegram"):
        with pytest.raises(NotFound):
            hand_over(story.store, order.order_id, nobody, NOW)
    revoke_person(story.store, Role.MODERATOR, "lee", NOW)
    with pytest.raises(Refused):
        recheck(story.store, order.order_id, NOW, present=True, moderator="lee")
    story.withdraw()
    with pytest.raises(Refused, match="has ended"):
        hand_over(story.store, order.order_id, "kim", NOW)


def test_a_moderator_may_find_that_content_is_gone(story: Story) -> None:
    order = story.ordered()
    with pytest.raises(Refused, match="nothing to check"):
        recheck(story.store, order.order_id, NOW, present=False, platform="examplegram")
    story.later(HOUR)
    recheck(story.store, order.order_id, story.now, present=False, moderator="kim")
    after = story.again(order)
    assert (after.state, after.removed_at) == (OrderState.REMOVED, story.now)
    with story.store.read():
        match = story.store.matches.find(order.tickets[0])
    assert match is not None
    assert match.removed_at == story.now
    story.withdraw()
    (revoked,) = (it for it in story.of_case() if it.kind is OrderKind.REVOCATION)
    for present in (False, True):
        with pytest.raises(Refused):
            recheck(story.store, revoked.order_id, NOW, present=present, moderator="kim")


@pytest.mark.parametrize("how", ["report", "answer", "moderator"])
def test_content_that_is_there_again_is_ordered_away_again(hooked: Story, how: str) -> None:
    order = hooked.ordered()
    first = hooked.go_out()
    hooked.removed(order)
    hooked.later(DAY)
    if how == "report":
        assert hooked.report() == order.tickets[0]
    elif how == "answer":
        (asked,) = hooked.go_out(Heard(reached=True, acknowledged=True, present=True))
        assert json.loads(asked.body)["type"] == MessageType.RECHECK
        assert asked.key != first[0].key
    else:
        recheck(hooked.store, order.order_id, hooked.now, present=True, moderator="kim")
    again = hooked.again(order)
    assert (again.state, again.reappeared) == (OrderState.OPEN, 1)
    assert again.due_at == hooked.now + 48 * HOUR
    (second,) = hooked.go_out()
    assert second.key not in {it.key for it in first}
    hooked.later(HOUR)
    assert hooked.removed(order).removed_at == hooked.now


def test_content_that_comes_back_long_after_it_was_done_is_ordered_away_again(
    hooked: Story,
) -> None:
    order = hooked.ordered()
    hooked.removed(order)
    for days in (1, 7, 30):
        hooked.now = NOW + days * DAY
        hooked.go_out(Heard(reached=True, acknowledged=True, present=False))
    assert hooked.again(order).state is OrderState.DONE
    hooked.later(20 * DAY)
    hooked.report()
    assert hooked.again(order).state is OrderState.OPEN


def test_the_same_picture_elsewhere_waits_for_a_person(story: Story) -> None:
    """It is another content item: nothing is ordered away that nobody has looked at."""
    order = story.ordered()
    story.removed(order)
    ticket = story.report("2.jpg")
    assert ticket != order.tickets[0]
    assert story.orders(ticket) == []
    assert story.again(order).state is OrderState.REMOVED


def test_what_was_never_removed_is_not_reopened_by_another_report(story: Story) -> None:
    order = story.ordered()
    story.report()
    assert story.again(order) == order


def test_a_withdrawal_tells_every_platform_that_knows_once(hooked: Story) -> None:
    its = [hooked.ordered(f"{number}.jpg") for number in range(3)]
    undecided = hooked.report("4.jpg")
    theirs = hooked.report("1.jpg", "bada")
    hooked.go_out()
    hooked.withdraw()
    assert {hooked.again(it).state for it in its} == {OrderState.CANCELLED}
    revoked = {str(it.platform): it for it in hooked.of_case() if it.kind is OrderKind.REVOCATION}
    assert set(revoked["examplegram"].tickets) == {*(it.tickets[0] for it in its), undecided}
    assert revoked["bada"].tickets == (theirs,)
    (told,) = hooked.go_out()
    assert json.loads(told.body)["tickets"] == list(revoked["examplegram"].tickets)
    assert hooked.again(revoked["examplegram"]).state is OrderState.DONE
    assert hooked.again(revoked["bada"]).state is OrderState.OPEN
    assert not hooked.go_out()


def test_a_revocation_outlives_the_purge_and_an_order_is_forgotten(hooked: Story) -> None:
    order = hooked.ordered()
    hooked.withdraw()
    purge(hooked.store, NOW)
    left = hooked.again(order)
    assert (left.tickets, left.content_id) == ((), None)
    (told,) = hooked.go_out()
    assert json.loads(told.body)["tickets"] == list(order.tickets)
    assert [(it.kind, it.state) for it in hooked.of_case()] == [
        (OrderKind.REVOCATION, OrderState.DONE)
    ]


def test_nothing_of_a_withdrawn_case_is_ordered_away_again(hooked: Story) -> None:
    order = hooked.ordered()
    hooked.removed(order)
    for days in (1, 7, 30):
        hooked.now = NOW + days * DAY
        hooked.go_out(Heard(reached=True, acknowledged=True, present=False))
    hooked.withdraw()
    with pytest.raises(Refused):
        recheck(hooked.store, order.order_id, hooked.now, present=True, platform="examplegram")
    assert hooked.again(order).state is OrderState.CANCELLED


def test_a_withdrawn_case_without_matches_tells_nobody(story: Story) -> None:
    story.withdraw()
    assert story.of_case() == []


def test_no_file_of_the_registry_tells_what_an_order_is_about(hooked: Story, path: Path) -> None:
    hooked.ordered("content-of-an-order")
    hooked.go_out(Heard(reached=True))
    (order,) = hooked.of_case()

    def answer() -> dict[str, object]:
        return acknowledge(hooked.store, order.order_id, NOW, platform="examplegram").as_json()

    told_once = once(hooked.store, "platform/examplegram", "key-1", b"x", NOW, answer)
    assert told_once == once(hooked.store, "platform/examplegram", "key-1", b"x", NOW, answer)
    with hooked.store.read():
        webhook = hooked.store.contacts.all()[0].webhook
    assert webhook is not None
    told = b"".join(it.read_bytes() for it in files_of(path))
    for secret in (b"content-of-an-order", URL.encode(), webhook.secret):
        assert secret not in told


def test_what_is_written_down_names_no_platform(hooked: Story, path: Path) -> None:
    """Only commitments, which the list of events shows as names for as long as they are known."""
    order = hooked.ordered()
    hooked.go_out(Heard(reached=True, acknowledged=True))
    with raw(path) as database:
        kept = repr(database.execute("SELECT actor, subject, detail FROM events").fetchall())
    assert "examplegram" not in kept
    assert "follow-up" in kept
    with hooked.store.read():
        told = {it.kind: it for it in hooked.store.events.after(0)}
    assert told[EventKind.CONTACT_CHANGED].subject == "examplegram"
    assert told[EventKind.ORDER_ACKNOWLEDGED].actor == "examplegram"
    assert told[EventKind.ORDER_SENT].subject == order.order_id


def test_a_contact_is_shown_and_changed(story: Story) -> None:
    store = story.store
    made = set_contact(store, "examplegram", NOW, webhook=URL, jurisdiction="KR")
    assert contact_of(store, "examplegram") == made
    assert made.webhook is not None
    kept = set_contact(store, "examplegram", NOW, jurisdiction="US")
    assert kept.webhook == made.webhook
    renewed = set_contact(store, "examplegram", NOW, webhook=URL).webhook
    assert renewed is not None
    assert renewed.secret != made.webhook.secret
    assert set_contact(store, "examplegram", NOW, webhook="").webhook is None
    with pytest.raises(NotFound):
        set_contact(store, "nobody", NOW, webhook=URL)


def test_what_a_revocation_was_about_is_forgotten_once_its_platform_knows(hooked: Story) -> None:
    order = hooked.ordered()
    hooked.withdraw()
    purge(hooked.store, NOW)
    (revoked,) = (it for it in hooked.of_case() if it.kind is OrderKind.REVOCATION)
    assert revoked.tickets == order.tickets
    hooked.go_out()
    assert hooked.again(revoked).state is OrderState.DONE
    purge(hooked.store, NOW)
    assert hooked.again(revoked).tickets == ()
    assert case_status(hooked.store, hooked.victim.number).told == (1, 1)
