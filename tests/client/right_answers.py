"""Answers as a hashreg server gives them, and ways to spoil them."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from hashreg.client import orders, remote
from hashreg.client.http import Server
from hashreg.client.lookup import RemoteLookup
from hashreg.model.cases import parse_case_number, parse_recovery_code
from hashreg.model.matches import Ticket
from hashreg.model.orders import OrderId
from hashreg.model.reports import ContentId, Report
from hashreg.model.verdicts import Decision, Reason, Verdict
from support.cases import picture, seeded

CASE = parse_case_number("0000-0000-0000")
CODE = parse_recovery_code("0000-0000-0000-0000-0")
TICKET = Ticket("0123456789abcdef" * 2)
AT = "2026-05-04T12:30:00+00:00"
PICTURE = picture(seeded(1))
EXPLANATION = {
    "tier": "match",
    "algorithm": "pdq",
    "distance": 12,
    "view": "whole",
    "query_view": "mirror",
    "agreeing_views": 9,
    "second_signal": "agrees",
    "suspicious": False,
    "shape": {"points": 5, "turned": -90, "share": 0.5, "mirrored": True},
}
ENTRY = {
    "ticket": TICKET,
    "platform": "examplegram",
    "content_id": "post-1",
    "state": "open",
    "found_at": AT,
    **EXPLANATION,
    "verdicts": [{"verdict": "blocked", "reason": "non_consensual", "as": "kim", "decided_at": AT}],
    "removed_at": AT,
}
STATUS = {
    "case": CASE,
    "state": "active",
    "pictures": 3,
    "held": 1,
    "refused": 0,
    "matches": {"open": 1, "blocked": 2},
    "received_at": AT,
    "platforms": [
        {
            "platform": "examplegram",
            "copies": [
                {
                    "standing": "declined",
                    "reason": "consensual",
                    "due_at": AT,
                    "steps": [{"step": "found", "at": AT}, {"step": "declined", "at": AT}],
                }
            ],
        }
    ],
    "withdrawal": {"acknowledged": 1, "platforms": 2},
}
TAKEN = {
    "case": CASE,
    "kind": "submission",
    "outcome": "taken_in",
    "pictures": 1,
    "matches": 0,
    "held": 0,
}
ORDER = {
    "order": TICKET,
    "kind": "removal",
    "platform": "examplegram",
    "tickets": [TICKET],
    "records": [],
    "content_id": "post-1",
    "state": "removed",
    "key": f"{TICKET}-1-1",
    "round": 1,
    "made_at": AT,
    "due_at": AT,
    "overdue": False,
    "reached_at": AT,
    "acknowledged_at": AT,
    "removed_at": AT,
    "check_at": AT,
    "reappeared": 0,
    "tries": 1,
    "trouble": "timeout",
    "escalated": "unchecked",
}
REPORTED = {
    "content_id": "post-1",
    "tier": "match",
    "tickets": [TICKET],
    "align": [],
    "error": None,
}
CHECKED = {
    "content_id": "0",
    "verdict": "match",
    "matches": [{"ticket": None, **EXPLANATION}],
    "align": [],
    "error": None,
}

Ask = Callable[[Server], object]
CALLS: dict[str, tuple[Ask, Any]] = {
    "check": (lambda it: RemoteLookup(it).lookup([PICTURE]), {"results": [CHECKED]}),
    "report": (
        lambda it: remote.report(it, [Report(ContentId("post-1"), PICTURE)], 90),
        {"results": [REPORTED]},
    ),
    "queue": (lambda it: remote.queue(it, everything=True), {"matches": [ENTRY], "next": None}),
    "show": (lambda it: remote.show(it, TICKET), ENTRY),
    "decide": (
        lambda it: remote.decide(it, TICKET, Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)),
        ENTRY,
    ),
    "orders": (
        lambda it: orders.orders(it, ended=True, escalated=False),
        {"orders": [ORDER], "next": None},
    ),
    "acknowledge": (lambda it: orders.acknowledge(it, OrderId(TICKET)), ORDER),
    "recheck": (lambda it: orders.recheck(it, OrderId(TICKET), present=True), ORDER),
    "hand_over": (lambda it: orders.hand_over(it, OrderId(TICKET)), ORDER),
    "status": (lambda it: remote.case_status(it, CASE, CODE), STATUS | {"nonce": "abc"}),
}
"""Every call, and an answer that is right (of ``status``: to both of its questions)."""

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([TICKET, AT, CASE, "match", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every part of a JSON value."""
    yield path
    parts: Sequence[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    for name, part in parts:
        yield from places(part, (*path, name))


def spoilt(answer: object) -> st.SearchStrategy[object]:
    """Return answers in which one part was replaced by something else, or left out."""
    ways = st.sampled_from(list(places(answer)))
    return st.builds(_replaced, st.just(answer), ways, json_values, st.booleans())


def _replaced(answer: object, path: tuple[Any, ...], value: object, left_out: bool) -> object:
    if not path:
        return value
    answer = copy.deepcopy(answer)
    inner: Any = answer
    for step in path[:-1]:
        inner = inner[step]
    if left_out:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return answer


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()
