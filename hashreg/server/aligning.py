"""Proposed alignments: what a device saw where a registered picture may lie."""

from collections.abc import Sequence

from hashreg.model.errors import HashregError
from hashreg.model.fingerprints import hashes_from_json
from hashreg.model.matches import FoundMatch
from hashreg.model.people import Scope
from hashreg.model.strictjson import Fields
from hashreg.server.answering import Found
from hashreg.server.call import Call
from hashreg.server.desk import Desk, now
from hashreg.server.endpoints import Answer
from hashreg.server.handles import Pending
from hashreg.server.lookups import MOST_ITEMS, row
from hashreg.takedown.budget import Asking, Withheld, asker_of
from hashreg.takedown.report import keep_looked_at
from hashreg.takedown.store import Store


async def align(call: Call) -> Answer:
    """Take in what devices saw where a registered picture may lie."""
    entries = call.fields.items("items", MOST_ITEMS)
    return {"results": [await _aligned(call, it, number) for number, it in enumerate(entries)]}


async def _aligned(call: Call, value: object, number: int) -> Answer:
    """Answer one entry of an alignment."""
    who = call.asker
    try:
        fields = Fields(value, f"items[{number}]")
        hashes = hashes_from_json(fields)
        pending, proposal = call.handles.take(who, fields.raw("handle"))
    except HashregError as error:
        return row(Found(None, (), error), [], explained=Scope.CHECK in who.scopes)
    question = pending.question
    nexts = await call.desk.search(question.looked, proposal, hashes)
    try:
        pictures = question.pictures_of([proposal, *nexts])
        asking = Asking(question.asked, pictures, hashes)
        (withheld,) = await call.desk.judge(asker_of(who), [asking])
        matches = await _matches_now(call.desk, pending, withheld)
    except HashregError as error:
        return row(Found(pending.content_id, (), error), [], explained=pending.explained)
    question.hide(withheld)
    offers = call.handles.offer(who, pending, [it for it in nexts if it in question.open])
    return row(Found(pending.content_id, matches, None), offers, explained=pending.explained)


async def _matches_now(desk: Desk, pending: Pending, withheld: Withheld) -> Sequence[FoundMatch]:
    question, platform = pending.question, pending.platform
    if platform is None:
        hits = question.cases()
        return [FoundMatch(it.explanation) for it in hits if it.fingerprint_id not in withheld]

    def work(store: Store) -> Sequence[FoundMatch]:
        with store.write():
            return keep_looked_at(store, platform, pending.content_id, question, now(), withheld)

    return await desk.write(work)
