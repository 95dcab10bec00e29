"""What a server answers, read strictly; whatever is wrong with it is one BadAnswer.

Objects that `hashreg --json` prints come out as they came in, once their fields are checked.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeGuard, TypeVar, cast

from hashreg.client.strictly import (
    MOST,
    check_case,
    check_length,
    check_moment,
    check_word,
    not_ours,
    strictly,
)
from hashreg.client.told import bad_answer, item_failure
from hashreg.model.cases import CaseNumber
from hashreg.model.errors import InvalidInput, ServerRefused
from hashreg.model.matches import (
    FoundMatch,
    Ticket,
    Tier,
    explanation_from_json,
    match_from_json,
    ticket_from_json,
)
from hashreg.model.messages import N_
from hashreg.model.reports import MAX_CONTENT_ID
from hashreg.model.strictjson import Fields
from hashreg.model.tokens import Transform
from hashreg.model.verdicts import Reason, Verdict

T = TypeVar("T")
MOST_HANDLES = 64
"""That one item is to be aligned with in one answer; a registry proposes at most eight."""
STATES = ("open", "decided", "closed")
_HANDLE = re.compile(r"[!-~]{1,512}")


class IntakeJson(TypedDict):
    """A line of `hashreg intake --json`."""

    case: str
    kind: str
    outcome: str
    pictures: int
    matches: int
    held: int


VerdictJson = TypedDict(
    "VerdictJson", {"verdict": str, "reason": str | None, "as": str, "decided_at": str}
)


class EntryJson(TypedDict):
    """A match as `hashreg review list --json` prints it; its explanation's fields besides."""

    ticket: str
    platform: str
    content_id: str
    state: str
    found_at: str
    verdicts: list[VerdictJson]
    removed_at: str | None


class ErrorJson(TypedDict):
    """Why an item could not be compared."""

    code: str
    message: str


class ReportedJson(TypedDict):
    """What a platform is told of one content item."""

    content_id: str | None
    tier: str | None
    tickets: list[str]
    align: list[object]
    error: ErrorJson | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """Where a registered picture may lie in an upload, and the name under which to say so."""

    handle: str
    transform: Transform


@dataclass(frozen=True, slots=True)
class LookedUp:
    """All that a server knows of an item so far, and what the device is to look at."""

    matches: Sequence[FoundMatch]
    align: Sequence[Proposed]
    error: ServerRefused | None


def looked_up(answer: object, count: int) -> list[LookedUp]:
    """Read the answer of /v1/check or /v1/align about ``count`` items; raises BadAnswer."""
    return _results(answer, count, _looked_up)


def reported(answer: object, content_ids: Sequence[str]) -> list[ReportedJson]:
    """Read the answer of /v1/reports about these items; raises BadAnswer."""
    results = _results(answer, len(content_ids), _reported)
    if [it["content_id"] for it in results] != list(content_ids):
        raise bad_answer(N_("it speaks of other content than it was asked about"))
    return results


def taken_in(answer: object, case: CaseNumber) -> IntakeJson:
    """Read what became of a document; raises BadAnswer."""
    with strictly():
        fields = Fields(answer, "")
        check_case(fields, case)
        for name in ("kind", "outcome"):
            check_word(fields.text(name), name)
        for name in ("pictures", "matches", "held"):
            fields.whole_number(name, 0, MOST)
    return cast("IntakeJson", answer)


def nonce(answer: object) -> str:
    """Read the nonce of a challenge; raises BadAnswer."""
    with strictly():
        text = Fields(answer, "").text("nonce")
        if not _HANDLE.fullmatch(text):
            raise not_ours("nonce")
        return text


def entry(answer: object, ticket: Ticket | None = None) -> EntryJson:
    """Read a match as a moderator sees it, the one of ``ticket``; raises BadAnswer."""
    with strictly():
        return _entry(answer, "", ticket)


def entries(answer: object) -> tuple[list[EntryJson], Ticket | None]:
    """Read a page of the queue and the ticket that the next one comes after; raises BadAnswer."""
    with strictly():
        fields = Fields(answer, "")
        page = [
            _entry(it, f"matches[{number}]")
            for number, it in enumerate(fields.items("matches", MOST))
        ]
        return page, ticket_from_json(fields, "next") if fields.has("next") else None


def _results(answer: object, count: int, read: Callable[[object, str], T]) -> list[T]:
    with strictly():
        results = Fields(answer, "").items("results", MOST)
        if len(results) != count:
            raise InvalidInput(N_("it speaks of another number of items"))
        return [read(it, f"results[{number}]") for number, it in enumerate(results)]


def _looked_up(data: object, place: str) -> LookedUp:
    fields = Fields(data, place)
    error = _item_error(fields)
    listed = fields.items("matches", MOST) if "matches" in fields or not error else []
    matches = [
        match_from_json(it, f"{fields.place('matches')}[{number}]")
        for number, it in enumerate(listed)
    ]
    align = [
        _proposed(it, f"{fields.place('align')}[{number}]")
        for number, it in enumerate(fields.items("align", MOST_HANDLES))
    ]
    matches.sort(key=lambda it: it.explanation.rank)
    return LookedUp(matches, align, error)


def _proposed(data: object, place: str) -> Proposed:
    fields = Fields(data, place)
    handle, numbers = fields.text("handle"), fields.items("transform", 6)
    floats = [float(it) for it in numbers if _is_number(it) and abs(it) < MOST]
    if not _HANDLE.fullmatch(handle) or len(floats) != 6:  # noqa: PLR2004
        raise not_ours(place)
    a, b, c, d, e, f = floats
    return Proposed(handle, (a, b, c, d, e, f))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _reported(data: object, place: str) -> ReportedJson:
    fields = Fields(data, place)
    place = fields.place("tickets")
    return {
        "content_id": fields.text("content_id") if fields.has("content_id") else None,
        "tier": fields.one_of("tier", Tier) if fields.has("tier") else None,
        "tickets": [
            ticket_from_json(Fields({"ticket": it}, place), "ticket")
            for it in fields.items("tickets", MOST)
        ],
        "align": [],  # it was said that nobody can look
        "error": _as_json(_item_error(fields)),
    }


def _entry(data: object, place: str, ticket: Ticket | None = None) -> EntryJson:
    fields = Fields(data, place)
    if ticket_from_json(fields, "ticket") != (ticket or fields.raw("ticket")):
        raise InvalidInput(N_("it speaks of another ticket"))
    check_length(fields, "platform", MAX_CONTENT_ID)
    check_length(fields, "content_id", MAX_CONTENT_ID)
    fields.one_of("state", STATES)
    check_moment(fields, "found_at")
    explanation_from_json(data, place)
    for number, it in enumerate(fields.items("verdicts", MOST)):
        verdict = Fields(it, f"{fields.place('verdicts')}[{number}]")
        verdict.one_of("verdict", Verdict)
        if verdict.has("reason"):
            verdict.one_of("reason", Reason)
        check_length(verdict, "as", MAX_CONTENT_ID)
        check_moment(verdict, "decided_at")
    if fields.raw("removed_at") is not None:
        check_moment(fields, "removed_at")
    return cast(
        "EntryJson", dict(cast("EntryJson", data)) | {"removed_at": fields.raw("removed_at")}
    )


def _item_error(fields: Fields) -> ServerRefused | None:
    if not fields.has("error"):
        return None
    return item_failure(fields.raw("error"), fields.place("error"))


def _as_json(error: ServerRefused | None) -> ErrorJson | None:
    """Return an error as it was told, without our own words around it."""
    return {"code": error.code, "message": str(error.values["message"])} if error else None
