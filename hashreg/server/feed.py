"""The feed over HTTP, for platforms that were granted it, in our own shape and in StopNCII's."""

from hashreg.exchange.stopncii import (
    FIRST,
    MOST_FEEDBACK,
    Feedback,
    feedback_from_fields,
    page_json,
    sequence_of,
)
from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.feeds import MOST_RECORDS, FeedPage
from hashreg.model.strictjson import Fields
from hashreg.server.call import Call
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.server.failures import error_json
from hashreg.takedown.feed import Asked, fetch
from hashreg.takedown.feedback import take_feedback
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.store import Store

MOST_TIME = 1 << 60


async def fetched(call: Call) -> Answer:
    """Return the next page of the platform's feed."""
    limit = call.query_number("limit", MOST_RECORDS, 1, MOST_RECORDS)
    asked = Asked(call.query("since", ""), call.query("page", ""), limit)
    return (await _page(call, asked)).as_json()


async def hashes(call: Call) -> Answer:
    """Return the next page in StopNCII's shape."""
    time = call.query_number("startTimestamp", FIRST, 0, MOST_TIME)
    limit = call.query_number("pageSize", MOST_RECORDS, 1, MOST_TIME)
    asked = Asked(sequence_of(time), call.query("nextPageToken", ""), min(limit, MOST_RECORDS))
    return page_json(await _page(call, asked, by_hash=call.desk.index))


async def feedback(call: Call) -> Answer:
    """Take what the platform says of hashes that it holds, each by itself."""
    sent = call.fields.items("hashFeedbacks", MOST_FEEDBACK)
    read = [_read(it, f"hashFeedbacks[{at}]") for at, it in enumerate(sent)]
    good = [it for it in read if not isinstance(it, HashregError)]

    def work(store: Store) -> Answer:
        errors = iter(take_feedback(store, call.desk.index, call.asker.name, good, now()))
        all_of_it = [it if isinstance(it, HashregError) else next(errors) for it in read]
        told = [{"error": error_json(it) if it else None} for it in all_of_it]
        return {"count": sum(it is None for it in all_of_it), "results": told}

    return await call.write_once(work)


async def _page(call: Call, asked: Asked, *, by_hash: RegistryIndex | None = None) -> FeedPage:
    name = call.asker.name
    page = await call.desk.write(lambda store: fetch(store, name, asked, now(), by_hash=by_hash))
    await call.desk.follow_canaries()
    return page


def _read(value: object, place: str) -> Feedback | HashregError:
    try:
        return feedback_from_fields(Fields(value, place))
    except InvalidInput as error:
        return error
