"""Look-ups, reports and checks: hashes in; for each content item a tier, tickets, alignments."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hashreg.model.errors import HashregError, InvalidInput, InvalidReport
from hashreg.model.fingerprints import hashes_from_json
from hashreg.model.matches import FoundMatch, Tier
from hashreg.model.messages import N_
from hashreg.model.people import Principal, Scope
from hashreg.model.reports import ContentId, Report, report_from_fields
from hashreg.model.retention import MOST_DAYS, REPORTS_KEPT
from hashreg.model.strictjson import Fields
from hashreg.server.call import Call
from hashreg.server.desk import Desk, now
from hashreg.server.endpoints import Answer
from hashreg.server.failures import error_json
from hashreg.server.handles import Handles, Pending
from hashreg.takedown.alignment import Question, ask
from hashreg.takedown.live import CaseHit
from hashreg.takedown.report import (
    Compared,
    compare,
    keep,
    keep_looked_at,
    why_unchecked,
)
from hashreg.takedown.store import Store

MOST_ITEMS = 10_000
MOST_TOKENS = 500
"""Items of a call that may have tokens: each takes half a millisecond, perhaps of the writer."""
INLINE_HASHES = 64
"""Hashes without tokens that are looked up on the event loop, together with others'."""
Entry = Report | HashregError


@dataclass(frozen=True, slots=True)
class How:
    """How content items are looked up.

    ``platform`` is in whose name they are kept as reports, None where nothing is kept;
    ``explained`` gives a moderator's answer.
    """

    who: Principal
    tier: Tier = Tier.REVIEW
    align: bool = True
    platform: str | None = None
    retention: dt.timedelta = REPORTS_KEPT
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one content item, and what its device has still to look at."""

    content_id: ContentId | None
    matches: Sequence[FoundMatch]
    error: HashregError | None
    question: Question | None = None


async def lookup(call: Call) -> Answer:
    """Look content items up; nothing is kept."""
    return await _answer(call, How(call.asker, _tier(call.fields), _aligns(call.fields)))


async def reports(call: Call) -> Answer:
    """Look content items up and keep them as the platform's reports."""
    how = How(call.asker, _tier(call.fields), _aligns(call.fields), call.asker.name)
    return await _answer(call, replace(how, retention=_retention(call.fields)))


async def check(call: Call) -> Answer:
    """Look uploads up for a moderator, and explain each match."""
    fields = call.fields
    platform = fields.text("platform") if fields.has("platform") else None
    how = How(call.asker, _tier(fields), _aligns(fields), platform, explained=True)
    return await _answer(call, replace(how, retention=_retention(fields)))


async def align(call: Call) -> Answer:
    """Take in what devices saw where a registered picture may lie."""
    entries = call.fields.items("items", MOST_ITEMS)
    return {"results": [await _aligned(call, it, number) for number, it in enumerate(entries)]}


async def find(desk: Desk, how: How, entries: Sequence[Entry]) -> list[Found]:
    """Return what is found of each entry, in order; errors pass through."""
    items = [it for it in entries if isinstance(it, Report)]
    return _in_order(entries, await _looked_up(desk, how, items) if items else ())


def entry(value: object, place: str) -> Entry:
    """Return the content item that was sent, or what is wrong with it."""
    try:
        return report_from_fields(Fields(value, place, InvalidReport))
    except InvalidInput as error:
        return error


def shown(it: Found, how: How, handles: Handles) -> Answer:
    """Return the JSON of one result."""
    offers: list[dict[str, object]] = []
    if it.question is not None and it.question.open and it.content_id is not None:
        pending = Pending(it.content_id, it.question, how.platform, how.explained)
        offers = handles.offer(how.who, pending, it.question.open)
    return _row(it, offers, explained=how.explained)


async def _answer(call: Call, how: How) -> Answer:
    entries = await call.aside(lambda: _entries(call.fields))
    if how.platform is None:
        found = await find(call.desk, how, entries)
        return {"results": [shown(it, how, call.handles) for it in found]}
    return await _keep_once(call, how, entries)


def _entries(fields: Fields) -> list[Entry]:
    sent = fields.items("items", MOST_ITEMS)
    entries = [entry(value, f"items[{number}]") for number, value in enumerate(sent)]
    if sum(isinstance(it, Report) and bool(it.fingerprint.tokens) for it in entries) > MOST_TOKENS:
        raise InvalidInput(
            N_("At most {most} items of a call may have tokens. Send several calls, or a stream."),
            field="items",
            most=MOST_TOKENS,
        )
    return entries


async def _keep_once(call: Call, how: How, entries: Sequence[Entry]) -> Answer:
    """Keep reports, once for each idempotency key."""
    compared = await _compared(call.desk, how, [it for it in entries if isinstance(it, Report)])

    def keep_all(store: Store) -> Answer:
        found = _in_order(entries, _kept(store, call.desk, how, compared))
        return {"results": [shown(it, how, call.handles) for it in found]}

    return await call.write_once(keep_all)


def _in_order(entries: Sequence[Entry], found: Iterable[Found]) -> list[Found]:
    """Return what was found of the items among the entries, and the errors of the others."""
    items = iter(found)
    return [next(items) if isinstance(it, Report) else Found(None, (), it) for it in entries]


async def _compared(desk: Desk, how: How, items: Sequence[Report]) -> Compared:
    aligning = how.align and _have_tokens(items)
    return await desk.search(compare, desk.index, items, how.tier, aligning=aligning)


async def _looked_up(desk: Desk, how: How, items: Sequence[Report]) -> list[Found]:
    if how.platform is not None:
        compared = await _compared(desk, how, items)
        return await desk.write(lambda store: _kept_all(store, desk, how, compared))
    if sum(len(it.fingerprint.hashes) for it in items) <= INLINE_HASHES and not _have_tokens(items):
        found = await desk.together.find([it.fingerprint for it in items], how.tier)
        return [_found(it, hits) for it, hits in zip(items, found, strict=True)]
    if how.align and _have_tokens(items):
        return await desk.search(_questioned, desk, how.tier, items)
    return await desk.search(_asked, desk, how.tier, items)


def _asked(desk: Desk, tier: Tier, items: Sequence[Report]) -> list[Found]:
    found = desk.index.find_many([it.fingerprint for it in items], tier=tier)
    return [_found(it, hits) for it, hits in zip(items, found, strict=True)]


def _questioned(desk: Desk, tier: Tier, items: Sequence[Report]) -> list[Found]:
    questions = ask(desk.index, [it.fingerprint for it in items], tier)
    return [_found(it, q.cases(), q) for it, q in zip(items, questions, strict=True)]


def _found(it: Report, hits: Sequence[CaseHit], question: Question | None = None) -> Found:
    matches = [FoundMatch(hit.explanation) for hit in hits]
    return Found(it.content_id, matches, why_unchecked(it.fingerprint), question)


def _kept_all(store: Store, desk: Desk, how: How, compared: Compared) -> list[Found]:
    with store.write():
        return _kept(store, desk, how, compared)


def _kept(store: Store, desk: Desk, how: How, compared: Compared) -> list[Found]:
    """Keep reports, inside the writer's turn."""
    platform = how.platform or ""
    actor = how.who.name if how.explained else None
    compared, results = keep(
        store, desk.index, platform, compared, now(), how.retention, actor=actor
    )
    nobody: list[Question | None] = [None] * len(results)
    questions = compared.questions or nobody
    return [
        Found(it.content_id, it.matches, it.error, question)
        for it, question in zip(results, questions, strict=True)
    ]


async def _aligned(call: Call, value: object, number: int) -> Answer:
    """Answer one entry of an alignment."""
    who = call.asker
    try:
        fields = Fields(value, f"items[{number}]")
        hashes = hashes_from_json(fields)
        pending, proposal = call.handles.take(who, fields.raw("handle"))
    except HashregError as error:
        return _row(Found(None, (), error), [], explained=Scope.CHECK in who.scopes)
    nexts = await call.desk.search(pending.question.looked, proposal, hashes)
    try:
        matches = await _matches_now(call.desk, pending)
    except HashregError as error:
        return _row(Found(pending.content_id, (), error), [], explained=pending.explained)
    offers = call.handles.offer(who, pending, nexts)
    return _row(Found(pending.content_id, matches, None), offers, explained=pending.explained)


async def _matches_now(desk: Desk, pending: Pending) -> Sequence[FoundMatch]:
    question, platform = pending.question, pending.platform
    if platform is None:
        return [FoundMatch(hit.explanation) for hit in question.cases()]

    def work(store: Store) -> Sequence[FoundMatch]:
        with store.write():
            return keep_looked_at(store, platform, pending.content_id, question, now())

    return await desk.write(work)


def _row(it: Found, offers: Sequence[object], *, explained: bool) -> Answer:
    tier = it.matches[0].explanation.tier.value if it.matches else None
    error = error_json(it.error) if it.error else None
    if explained:
        verdict = tier or ("unchecked" if it.error else "clear")
        return {
            "content_id": it.content_id,
            "verdict": verdict,
            "matches": [match.as_json() for match in it.matches],
            "align": offers,
            "error": error,
        }
    return {
        "content_id": it.content_id,
        "tier": tier,
        "tickets": [match.ticket for match in it.matches if match.ticket],
        "align": offers,
        "error": error,
    }


def _have_tokens(items: Sequence[Report]) -> bool:
    return any(it.fingerprint.tokens for it in items)


def _tier(fields: Fields) -> Tier:
    return Tier(fields.one_of("tier", Tier)) if fields.has("tier") else Tier.REVIEW


def _aligns(fields: Fields) -> bool:
    return fields.flag("align") if fields.has("align") else True


def _retention(fields: Fields) -> dt.timedelta:
    if not fields.has("keep_days"):
        return REPORTS_KEPT
    return dt.timedelta(days=fields.whole_number("keep_days", 1, MOST_DAYS))
