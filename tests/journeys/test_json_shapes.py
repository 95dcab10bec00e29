"""What ``--json`` prints, field by field: other programs are written against it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hashreg.model.hashes import HEX_DIGITS
from support.journey import Journey

Check = type | Callable[[Any], bool]
Shape = Mapping[str, Check]


def one_of(*values: object) -> Callable[[Any], bool]:
    return lambda value: any(value is it or value == it for it in values)


def ticket(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{32}", value))


def moment(value: object) -> bool:
    return isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None


def counts(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and type(count) is int for name, count in value.items()
    )


def percent(value: object) -> bool:
    return type(value) is int and 0 <= value <= 100


def maybe(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def error(value: object) -> bool:
    return fits(value, {"code": str, "message": str})


def how_long(value: object) -> bool:
    until = one_of("never_kept", "expiry", "withdrawal", "purge", "removal", "for_good")
    return fits(value, {"until": until, "seconds": maybe(lambda it: type(it) is int)})


def all_fit(shape: Shape) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, list) and all(fits(it, shape) for it in values)


def fits(value: object, shape: Shape) -> bool:
    """Tell whether an object has exactly these fields, in this order, each as it should be."""
    if not isinstance(value, dict) or list(value) != list(shape):
        return False
    return all(
        type(value[name]) is check if isinstance(check, type) else check(value[name])
        for name, check in shape.items()
    )


def hash_item(value: object) -> bool:
    shape: Shape = {"algorithm": str, "view": str, "hash": str, "quality": maybe(percent)}
    return (
        fits(value, shape)
        and isinstance(value, dict)
        and (
            len(value["hash"]) == HEX_DIGITS[value["algorithm"]]
            and re.fullmatch("[0-9a-f]+", value["hash"]) is not None
        )
    )


def hash_items(value: object) -> bool:
    return isinstance(value, list) and all(map(hash_item, value))


LIES: Shape = {
    "points": int,
    "turned": lambda value: type(value) is int and -180 <= value <= 180,
    "share": lambda value: type(value) is float and 0 <= value <= 1,
    "mirrored": bool,
}
TOKENS: Shape = {
    "recipe": one_of("tokens-1"),
    "kind": one_of("asked"),
    "data": lambda value: re.fullmatch("[A-Za-z0-9+/]{16,}=*", value) is not None,
}
EXPLANATION: Shape = {
    "tier": one_of("match", "review"),
    "algorithm": one_of("pdq", "phash", "sha256", "md5", "tokens"),
    "distance": lambda value: value is None or type(value) is int,
    "view": str,
    "query_view": str,
    "agreeing_views": int,
    "second_signal": one_of("agrees", "disagrees", None),
    "suspicious": bool,
    "shape": maybe(lambda value: fits(value, LIES)),
}
FINGERPRINT: Shape = {
    "file": str,
    "media": one_of("image"),
    "recipe": one_of("hashreg-1"),
    "quality": maybe(percent),
    "hashes": hash_items,
    "tokens": lambda value: fits(value, TOKENS),
    "error": maybe(error),
}
REPORTED: Shape = {
    "content_id": str,
    "tier": one_of("match", "review", None),
    "tickets": lambda values: isinstance(values, list) and all(map(ticket, values)),
    "align": one_of([]),
    "error": maybe(error),
}
REGISTERED: Shape = {
    "case": str,
    "recovery_code": maybe(lambda value: isinstance(value, str)),
    "submission": str,
    "items": all_fit({"file": str, "hashes": int, "error": maybe(error)}),
}
TAKEN_IN: Shape = {
    "file": str,
    "case": str,
    "kind": one_of("submission", "addition", "withdrawal", "delegation", "revocation"),
    "outcome": one_of(
        "taken_in", "added", "withdrawn", "waiting", "already", "held", "delegated", "revoked"
    ),
    "pictures": int,
    "matches": int,
    "held": int,
    "error": one_of(None),
}
CHECKED: Shape = {
    "file": str,
    "verdict": one_of("match", "review", "clear", "unchecked", "unreadable"),
    "quality": maybe(percent),
    "matches": all_fit({"ticket": maybe(ticket), **EXPLANATION}),
    "error": maybe(error),
}
VERDICT: Shape = {
    "verdict": one_of("blocked", "not_blocked", "pending_review"),
    "reason": maybe(lambda value: isinstance(value, str)),
    "as": str,
    "decided_at": moment,
}
WAITING: Shape = {
    "ticket": ticket,
    "platform": str,
    "content_id": str,
    "state": one_of("open", "decided", "closed"),
    "found_at": moment,
    **EXPLANATION,
    "verdicts": all_fit(VERDICT),
    "removed_at": maybe(moment),
}
COPY: Shape = {
    "standing": str,
    "reason": maybe(lambda value: isinstance(value, str)),
    "due_at": maybe(moment),
    "steps": all_fit({"step": str, "at": moment}),
}
STATUS: Shape = {
    "case": str,
    "state": str,
    "pictures": int,
    "held": int,
    "refused": int,
    "matches": counts,
    "received_at": moment,
    "platforms": all_fit({"platform": str, "copies": all_fit(COPY)}),
    "withdrawal": maybe(lambda value: fits(value, {"acknowledged": int, "platforms": int})),
}
FIGURES: Shape = {
    "platform": str,
    "ordered": int,
    "removed": int,
    "removal_rate": maybe(lambda value: type(value) is float),
    "median_hours": maybe(lambda value: type(value) is float),
    "late": int,
    "overdue": int,
    "reappeared": int,
    "revoked": int,
    "revocations_acknowledged": int,
}
STATISTICS: Shape = {
    "cases": counts,
    "partner_records": counts,
    "pictures": int,
    "pictures_held": int,
    "askers_locked": int,
    "reports_kept": int,
    "matches": counts,
    "matches_by_tier": counts,
    "verdicts": counts,
    "channels": dict,
    "oldest_waiting": maybe(moment),
    "platforms": int,
    "moderators": int,
    "takedowns": all_fit(FIGURES),
    "retention": lambda value: isinstance(value, dict) and all(map(how_long, value.values())),
}
KEY: Shape = {
    "prefix": lambda value: re.fullmatch("[a-z2-7]{8}", value) is not None,
    "scopes": lambda values: isinstance(values, list) and all(type(it) is str for it in values),
    "sandbox": bool,
    "added_at": moment,
    "expires_at": maybe(moment),
    "revoked_at": maybe(moment),
}
HELD: Shape = {
    "picture": ticket,
    "case": str,
    "state": one_of("held", "active", "refused"),
    "reason": one_of("known_benign", "many_hits", "disputed", "over_quota", "abused_channel"),
    "detail": str,
    "held_at": moment,
    "hits": int,
    "votes": list,
}
HOLDING_SHAPES: dict[str, tuple[Shape, int]] = {
    "list them": (
        {"file": str, "benign": maybe(ticket), "held": int, "error": maybe(error)},
        3,
    ),
    "benign": ({"benign": ticket, "note": str, "added_at": moment}, 3),
    "remove": ({"benign": ticket, "removed": one_of(True), "cleaned": bool}, 1),
    "intake": (TAKEN_IN, 1),
    "held": (HELD, 2),
    "held all": (HELD, 2),
    "admit": (HELD, 1),
    "status rocket": (STATUS, 1),
    "stats": (STATISTICS, 1),
}
SHAPES: dict[str, tuple[Shape, int]] = {
    "platform add": ({"platform": str, "key": str}, 1),
    "moderator add": ({"moderator": str, "key": str}, 1),
    "platform list": (
        {"platform": str, "added_at": moment, "revoked_at": maybe(moment), "keys": all_fit(KEY)},
        1,
    ),
    "hash query": (FINGERPRINT, 3),
    "report before": (REPORTED, 3),
    "register": (REGISTERED, 1),
    "add": (REGISTERED, 1),
    "intake": (TAKEN_IN, 1),
    "intake additions": (TAKEN_IN, 2),
    "intake withdrawal": (TAKEN_IN, 1),
    "check": (CHECKED, 22),
    "check review": (CHECKED, 1),
    "check report": (CHECKED, 1),
    "queue": (WAITING, 5),
    "queue all": (WAITING, 5),
    "show": (WAITING, 1),
    "block": (WAITING, 1),
    "status": (STATUS, 1),
    "status erased": (STATUS, 1),
    "stats": (STATISTICS, 1),
    "stats erased": (STATISTICS, 1),
    "withdraw offline": ({"case": str, "withdrawal": str}, 1),
    "purge": (
        {
            "reports": int,
            "cases": int,
            "answers": int,
            "probes": int,
            "recalls": int,
            "cleaned": bool,
        },
        1,
    ),
}


@pytest.mark.parametrize("step", SHAPES)
def test_a_command_prints_one_object_a_line_with_exactly_its_fields(
    english: Journey, step: str
) -> None:
    prints(english, step, *SHAPES[step])


@pytest.mark.parametrize("step", HOLDING_SHAPES)
def test_what_is_printed_of_holds_has_exactly_its_fields(holding: Journey, step: str) -> None:
    prints(holding, step, *HOLDING_SHAPES[step])


def prints(journey: Journey, step: str, shape: Shape, count: int) -> None:
    """Make sure that a step printed so many objects of this shape and nothing else."""
    lines = journey[step].lines
    assert len(lines) == count
    wrong = [list(line) for line in lines if not fits(line, shape)]
    assert wrong == []
    assert journey[step].stdout.endswith(b"\n")
    assert journey[step].stdout.isascii()
    assert journey[step].stderr == b""


def test_an_error_stands_in_its_line_and_only_there(english: Journey) -> None:
    lines = english["check"].lines
    for line in lines:
        hopeless = line["verdict"] in ("unchecked", "unreadable")
        assert (line["error"] is not None) == hopeless
        assert not (hopeless and line["matches"])
    codes = [line["error"]["code"] for line in lines if line["error"]]
    assert codes == ["too_plain", "damaged", "not_a_picture"]


def test_a_match_has_a_ticket_exactly_where_it_was_reported(english: Journey) -> None:
    tickets = [match["ticket"] for line in english["check"].lines for match in line["matches"]]
    assert len(tickets) == 17
    assert set(tickets) == {None}
    (match,) = english.object("check report")["matches"]
    assert ticket(match["ticket"])
