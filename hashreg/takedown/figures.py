"""How platforms deal with their orders: what an operator sees, and what everybody may see.

What everybody may see names no count from 1 to 4, nor one that could be worked out by subtracting:
few cases are people.
"""

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median

from hashreg.model.orders import Order, OrderKind, OrderState
from hashreg.takedown.store import Store

MASKED_BELOW = 5
"""Counts below this, and above nothing, are told to nobody outside."""
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PlatformFigures:
    """Counts of one platform; None where a count is masked, or there is nothing to say.

    ``ordered`` counts orders that were not called off in time before anything was removed,
    ``removed`` those of them whose content is gone now, as far as anybody knows, and ``late`` those
    of these that were removed after their deadline; ``median_hours`` is the time from the order to
    the removal. ``overdue`` counts those that were not removed by their deadline, until now or
    until they were called off, ``reappeared`` those whose content came back, ``revoked``
    withdrawals that the platform was told of. What a platform declined is in ``ordered`` only.
    """

    platform: str
    ordered: int | None
    removed: int | None
    removal_rate: float | None
    median_hours: float | None
    late: int | None
    overdue: int | None
    reappeared: int | None
    revoked: int | None
    revocations_acknowledged: int | None

    def as_json(self) -> dict[str, object]:
        """Return the figures by their names."""
        return asdict(self)


COLUMNS = tuple(it.name for it in fields(PlatformFigures))


def figures(store: Store, now: dt.datetime) -> list[PlatformFigures]:
    """Return the figures of each platform that was ever told anything, by name."""
    with store.read():
        of_platform = defaultdict[str, list[Order]](list)
        for order in store.orders.all():
            of_platform[order.platform].append(order)
    return [_figures(name, its, now) for name, its in sorted(of_platform.items())]


def public(its: Iterable[PlatformFigures]) -> list[PlatformFigures]:
    """Return figures as everybody may see them."""
    return [_masked(it) for it in its]


def as_csv(its: Sequence[PlatformFigures]) -> str:
    """Return figures as CSV; what is masked is empty."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for it in its:
        name = it.platform
        risky = name.startswith(("=", "+", "-", "@"))  # a spreadsheet would calculate it
        rows.writerow(it.as_json() | {"platform": f"'{name}" if risky else name})
    return text.getvalue()


def _figures(platform: str, its: Sequence[Order], now: dt.datetime) -> PlatformFigures:
    wanted = [it for it in its if it.kind is OrderKind.REMOVAL]
    ordered = [it for it in wanted if _counts(it)]
    removed = [it for it in ordered if it.removed_at]
    hours = [max((it.removed_at - it.begun_at) / _HOUR, 0.0) for it in removed if it.removed_at]
    revoked = [it for it in its if it.kind is OrderKind.REVOCATION]
    return PlatformFigures(
        platform,
        len(ordered),
        len(removed),
        round(len(removed) / len(ordered), 3) if ordered else None,
        round(median(hours), 1) if hours else None,
        sum(it.removed_at is not None and it.removed_at > it.due_at for it in removed),
        sum(it.is_overdue(now) or _was_ignored(it) for it in ordered),
        sum(it.reappeared > 0 for it in ordered),
        len(revoked),
        sum(it.acknowledged_at is not None for it in revoked),
    )


def _counts(order: Order) -> bool:
    """Tell whether an order says anything of its platform: not if it was called off in time."""
    called_off = order.state is OrderState.CANCELLED
    return not called_off or bool(order.removed_at or order.reappeared) or _was_ignored(order)


def _was_ignored(order: Order) -> bool:
    """Tell whether an order was called off when its content should have been gone by then."""
    called_off = order.state is OrderState.CANCELLED and order.removed_at is None
    return called_off and order.changed_at > order.due_at


def _masked(it: PlatformFigures) -> PlatformFigures:
    ordered, revoked = it.ordered or 0, it.revoked or 0
    removed = _part(it.removed, ordered)
    left = ordered if removed is None else ordered - removed
    return PlatformFigures(
        it.platform,
        _whole(ordered),
        removed,
        it.removal_rate if removed is not None else None,
        it.median_hours if removed else None,
        None if removed is None else _part(it.late, removed),
        _part(it.overdue, left),
        _part(it.reappeared, ordered),
        _whole(revoked),
        _part(it.revocations_acknowledged, revoked),
    )


def _whole(count: int) -> int | None:
    return None if 0 < count < MASKED_BELOW else count


def _part(count: int | None, of: int) -> int | None:
    """Return a part of a count, unless it or what is left of the whole tells of few."""
    if count is None or _whole(of) is None or _whole(count) is None:
        return None
    return None if _whole(of - count) is None else count
