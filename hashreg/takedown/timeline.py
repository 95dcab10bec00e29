"""What has become of each copy that was found, as the person sees it whose case it is.

No content id and no ticket is told: where a picture lies is for those who take it away.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hashreg.model.orders import Order, OrderKind, OrderState
from hashreg.model.records import MatchState, PlatformName, StoredMatch, StoredVerdict
from hashreg.model.verdicts import Reason, Verdict
from hashreg.takedown.store import Store


class Step(StrEnum):
    """What has happened to one copy, and, the last of it, how it stands."""

    FOUND = "found"
    IN_REVIEW = "in_review"
    DECLINED = "declined"
    TAKEN_DOWN = "taken_down"
    ORDERED = "ordered"
    RETURNED = "returned"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    REMOVED = "removed"
    STAYS_AWAY = "stays_away"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: how it stands, why it was declined, until when it has to be gone, and each step."""

    standing: Step
    reason: Reason | None
    due_at: dt.datetime | None
    steps: Sequence[tuple[Step, dt.datetime]]

    def as_json(self) -> dict[str, object]:
        """Return one of ``copies`` of a platform in `hashreg status --json`."""
        return {
            "standing": self.standing.value,
            "reason": self.reason.value if self.reason else None,
            "due_at": _said(self.due_at) if self.due_at else None,
            "steps": [{"step": step.value, "at": _said(at)} for step, at in self.steps],
        }


@dataclass(frozen=True, slots=True)
class AtPlatform:
    """The copies that one platform had, the oldest first."""

    platform: PlatformName
    copies: Sequence[Copy]

    def as_json(self) -> dict[str, object]:
        """Return one of ``platforms`` of `hashreg status --json`."""
        return {"platform": self.platform, "copies": [it.as_json() for it in self.copies]}


def timeline(
    store: Store, matches: Sequence[StoredMatch], *, ended: bool = False
) -> list[AtPlatform]:
    """Return what has become of the copies of one case, by platform. Call it inside ``read``.

    ``ended``: the case was withdrawn, so nothing more becomes of them.
    """
    of_platform: dict[PlatformName, list[Copy]] = {}
    for match in sorted(matches, key=lambda it: (it.platform, it.found_at, it.ticket)):
        of_platform.setdefault(match.platform, []).append(_copy(store, match, ended=ended))
    return [AtPlatform(name, copies) for name, copies in of_platform.items()]


def told_of_withdrawal(orders: Sequence[Order]) -> tuple[int, int]:
    """Return of how many platforms that knew of a case how many have acknowledged its end."""
    its = [it for it in orders if it.kind is OrderKind.REVOCATION]
    platforms = {it.platform for it in its}
    waiting = {it.platform for it in its if it.state is OrderState.OPEN}
    return len(platforms - waiting), len(platforms)


def _copy(store: Store, match: StoredMatch, *, ended: bool) -> Copy:
    verdicts = store.matches.verdicts(match.ticket)
    last = verdicts[-1] if verdicts else None
    found = store.orders.of_ticket(match.ticket)
    stands = [it for it in found if ended or it.state is not OrderState.CANCELLED]
    order = stands[-1] if stands else None
    steps = [(Step.FOUND, match.found_at), *(_ordered(order) if order else _decided(last))]
    if order is None and match.removed_at:
        steps.append((Step.TAKEN_DOWN, match.removed_at))
    standing = steps[-1][0]
    if ended or match.state is MatchState.CLOSED:
        standing = Step.CLOSED
    elif order is not None and order.state is OrderState.DONE:
        standing = Step.STAYS_AWAY
    refusals = [it for it in verdicts if it.decision.verdict is Verdict.NOT_BLOCKED]
    stays = standing in (Step.DECLINED, Step.REFUSED)
    due_at = order.due_at if order and order.is_live and not order.was_removed else None
    return Copy(
        standing, refusals[-1].decision.reason if refusals and stays else None, due_at, steps
    )


def _decided(verdict: StoredVerdict | None) -> list[tuple[Step, dt.datetime]]:
    words = {Verdict.PENDING_REVIEW: Step.IN_REVIEW, Verdict.NOT_BLOCKED: Step.DECLINED}
    step = words.get(verdict.decision.verdict) if verdict else None
    return [(step, verdict.decided_at)] if verdict and step else []


def _ordered(order: Order) -> list[tuple[Step, dt.datetime]]:
    refused_at = order.changed_at if order.is_declined_removal else None
    steps = (
        (Step.ORDERED, order.made_at),
        (Step.RETURNED, order.begun_at if order.reappeared else None),
        (Step.DELIVERED, order.reached_at),
        (Step.ACKNOWLEDGED, order.acknowledged_at),
        (Step.REMOVED, order.removed_at),
        (Step.REFUSED, refused_at),
    )
    return [(step, at) for step, at in steps if at is not None]


def _said(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
