"""What a server answers, read strictly; whatever is wrong with it is one BadAnswer.

Objects that `hashreg --json` prints come out as they came in, once their fields are checked.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeGuard, TypeVar, cast

from hashreg.client.told import bad_answer, item_failure
from hashreg.model.cases import CaseNumber, CaseState
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
MOST = 1_000_000
"""Of anything that is counted or listed."""
MOST_HANDLES = 64
"""That one item is to be aligned with in one answer; a registry proposes at most eight."""
STATES = ("open", "decided", "closed")
_HANDLE = re.compile(r"[!-~]{1,512}")
_WORD = re.compile(r"[a-z][a-z_]{0,39}")


class StatusJson(TypedDict):
    """What `hashreg status --json` prints."""

    case: str
    state: str
    pictures: int
    held: int
    refused: int
    matches: dict[str, int]
    received_at: str


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


def case_status(answer: object, case: CaseNumber) -> StatusJson:
    """Read where a case stands; raises BadAnswer."""
    with _strictly():
        fields = Fields(answer, "")
        _same_case(fields, case)
        fields.one_of("state", CaseState)
        for name in ("pictures", "held", "refused"):
            fields.whole_number(name, 0, MOST)
        matches = Fields(fields.raw("matches"), "matches")
        for name in cast("dict[str, object]", fields.raw("matches")):
            _word(name, "matches")
            matches.whole_number(name, 0, MOST)
        _moment(fields, "received_at")
    return cast("StatusJson", answer)


def taken_in(answer: object, case: CaseNumber) -> IntakeJson:
    """Read what became of a document; raises BadAnswer."""
    with _strictly():
        fields = Fields(answer, "")
        _same_case(fields, case)
        for name in ("kind", "outcome"):
            _word(fields.text(name), name)
        for name in ("pictures", "matches", "held"):
            fields.whole_number(name, 0, MOST)
    return cast("IntakeJson", answer)


def nonce(answer: object) -> str:
    """Read the nonce of a challenge; raises BadAnswer."""
    with _strictly():
        text = Fields(answer, "").text("nonce")
        if not _HANDLE.fullmatch(text):
            raise _no("nonce")
        return text


def entry(answer: object, ticket: Ticket | None = None) -> EntryJson:
    """Read a match as a moderator sees it, the one of ``ticket``; raises BadAnswer."""
    with _strictly():
        return _entry(answer, "", ticket)


def entries(answer: object) -> tuple[list[EntryJson], Ticket | None]:
    """Read a page of the queue and the ticket that the next one comes after; raises BadAnswer."""
    with _strictly():
        fields = Fields(answer, "")
        page = [
            _entry(it, f"matches[{number}]")
            for number, it in enumerate(fields.items("matches", MOST))
        ]
        return page, ticket_from_json(fields, "next") if fields.has("next") else None


def _results(answer: object, count: int, read: Callable[[object, str], T]) -> list[T]:
    with _strictly():
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
        raise _no(place)
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
    _short(fields, "platform", MAX_CONTENT_ID)
    _short(fields, "content_id", MAX_CONTENT_ID)
    fields.one_of("state", STATES)
    _moment(fields, "found_at")
    explanation_from_json(data, place)
    for number, it in enumerate(fields.items("verdicts", MOST)):
        verdict = Fields(it, f"{fields.place('verdicts')}[{number}]")
        verdict.one_of("verdict", Verdict)
        if verdict.has("reason"):
            verdict.one_of("reason", Reason)
        _short(verdict, "as", MAX_CONTENT_ID)
        _moment(verdict, "decided_at")
    if fields.raw("removed_at") is not None:
        _moment(fields, "removed_at")
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


def _same_case(fields: Fields, case: CaseNumber) -> None:
    if fields.text("case") != case:
        raise InvalidInput(N_("it speaks of another case"))


def _moment(fields: Fields, name: str) -> None:
    try:
        moment = dt.datetime.fromisoformat(fields.text(name))
    except ValueError:
        raise _no(fields.place(name)) from None
    if moment.tzinfo is None:
        raise _no(fields.place(name))


def _short(fields: Fields, name: str, most: int) -> None:
    if not 0 < len(fields.text(name)) <= most:
        raise _no(fields.place(name))


def _word(text: str, place: str) -> None:
    if not _WORD.fullmatch(text):
        raise _no(place)


def _no(place: str) -> InvalidInput:
    return InvalidInput(N_("{place} is not as hashreg writes it"), field=place, place=place)


@contextlib.contextmanager
def _strictly() -> Iterator[None]:
    """Turn whatever is wrong with an answer into BadAnswer."""
    try:
        yield
    except InvalidInput as error:
        raise bad_answer(error.text, **error.values) from None
