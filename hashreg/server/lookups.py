"""Look-ups, reports and checks: hashes in; for each content item a tier, tickets, alignments."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from hashreg.model.errors import InvalidInput, InvalidReport
from hashreg.model.matches import Tier
from hashreg.model.messages import N_
from hashreg.model.reports import ContentId, Report, content_id, report_from_fields
from hashreg.model.retention import MOST_DAYS, REPORTS_KEPT
from hashreg.model.strictjson import Fields
from hashreg.server.answering import (
    Entry,
    Found,
    How,
    Unread,
    compared_with,
    find,
    in_order,
    items_of,
    kept,
)
from hashreg.server.call import Call
from hashreg.server.endpoints import Answer
from hashreg.server.failures import error_json
from hashreg.server.handles import Handles, Pending
from hashreg.takedown.store import Store

MOST_ITEMS = 10_000
MOST_TOKENS = 500
"""Items of a call that may have tokens: each takes half a millisecond, perhaps of the writer."""


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


def entry(value: object, place: str) -> Entry:
    """Return the content item that was sent, or what is wrong with it."""
    try:
        return report_from_fields(Fields(value, place, InvalidReport))
    except InvalidInput as error:
        return Unread(error, _name_in(value))


def _name_in(value: object) -> ContentId | None:
    try:
        return content_id(value.get("content_id")) if isinstance(value, dict) else None
    except InvalidInput:
        return None


def shown(it: Found, how: How, handles: Handles) -> Answer:
    """Return the JSON of one result."""
    offers: list[dict[str, object]] = []
    if it.question is not None and it.question.open and it.content_id is not None:
        pending = Pending(it.content_id, it.question, how.platform, how.explained)
        offers = handles.offer(how.who, pending, it.question.open)
    return row(it, offers, explained=how.explained)


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
    compared = await compared_with(call.desk, how, items_of(entries))

    def keep_all(store: Store) -> Answer:
        found = in_order(entries, kept(store, call.desk, how, compared))
        return {"results": [shown(it, how, call.handles) for it in found]}

    return await call.write_once(keep_all)


def row(it: Found, offers: Sequence[object], *, explained: bool) -> Answer:
    """Return the JSON of a result with these offers to look."""
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


def _tier(fields: Fields) -> Tier:
    return Tier(fields.one_of("tier", Tier)) if fields.has("tier") else Tier.REVIEW


def _aligns(fields: Fields) -> bool:
    return fields.flag("align") if fields.has("align") else True


def _retention(fields: Fields) -> dt.timedelta:
    if not fields.has("keep_days"):
        return REPORTS_KEPT
    return dt.timedelta(days=fields.whole_number("keep_days", 1, MOST_DAYS))
