"""Fetching what a platform may hold, page by page, each held to its digest."""

from collections.abc import Iterator
from typing import cast

from hashreg.client.http import Server
from hashreg.client.strictly import check_length, not_ours, strictly
from hashreg.model.feeds import MOST_RECORDS, FeedPage, FeedRecord, RecordId, page_digest
from hashreg.model.fingerprints import Media, hashes_from_json
from hashreg.model.strictjson import Fields

MOST_CURSOR = 64


def pages(server: Server, since: str) -> Iterator[FeedPage]:
    """Yield the pages behind a cursor; raises ServerUnavailable, ServerRefused or BadAnswer."""
    page, more = "", True
    while more:
        asked = {name: value for name, value in (("since", since), ("page", page)) if value}
        got = _page(server.get("/v1/feed", **asked), page)
        page, more = got.cursor, got.more
        yield got


def _page(answer: object, before: str) -> FeedPage:
    with strictly():
        fields = Fields(answer, "")
        told = fields.items("records", MOST_RECORDS + 1)
        check_length(fields, "cursor", MOST_CURSOR)
        cursor, more = fields.text("cursor"), fields.flag("more")
        if page_digest(told) != fields.text("digest"):
            raise not_ours("digest")
        if more and cursor == before:
            raise not_ours("cursor")
        records = [_record(Fields(it, f"records[{at}]")) for at, it in enumerate(told)]
        return FeedPage(records, cursor, 0, more, fields.flag("restart"))


def _record(fields: Fields) -> FeedRecord:
    check_length(fields, "record", MOST_CURSOR)
    name, gone = RecordId(fields.text("record")), fields.flag("deleted")
    if gone:
        return FeedRecord(name, is_gone=True)
    media = cast("Media", fields.one_of("media", ("image", "video")))
    return FeedRecord(name, media, hashes_from_json(fields))
