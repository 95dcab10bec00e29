"""The end points that speak as others do, and the feed: for platforms that run their programs."""

from hashreg.exchange.stopncii import FIRST
from hashreg.model.feeds import MOST_RECORDS
from hashreg.model.people import Scope
from hashreg.server import feed, feeding, hma, shapes
from hashreg.server.endpoints import LIMIT, MOST_BYTES, Endpoint, Schema, choice

_TEXT: Schema = {"type": "string"}
_LOOKUP, _FEED = frozenset({Scope.LOOKUP}), frozenset({Scope.FEED})

DIALECTS = (
    Endpoint(
        "POST",
        "/hma/m/lookup",
        hma.lookup,
        "Look one signal up, in the shape of Hasher-Matcher-Actioner",
        shapes.Banks,
        _LOOKUP,
        shapes.Signal,
    ),
    Endpoint(
        "GET",
        "/hma/m/lookup",
        hma.lookup_in_url,
        "The same with the signal in the address, where the operator allows it",
        shapes.Banks,
        _LOOKUP,
        query={"signal_type": choice("pdq", ("pdq", "video_md5")), "signal": {"type": "string"}},
    ),
    Endpoint(
        "GET",
        "/v1/feed",
        feed.fetched,
        "What the platform may hold and must drop, where it was granted that",
        feeding.Feed,
        _FEED,
        query={"since": _TEXT, "page": _TEXT, "limit": {**LIMIT, "default": MOST_RECORDS}},
    ),
    Endpoint(
        "GET",
        "/stopncii/FetchHashes",
        feed.hashes,
        "The feed in the shape of StopNCII",
        feeding.FetchedHashes,
        _FEED,
        query={
            "startTimestamp": {"type": "integer", "minimum": 0, "default": FIRST},
            "pageSize": {**LIMIT, "maximum": feed.MOST_TIME, "default": MOST_RECORDS},
            "nextPageToken": _TEXT,
        },
    ),
    Endpoint(
        "POST",
        "/stopncii/SubmitFeedback",
        feed.feedback,
        "What the platform found by hashes that it holds, in the shape of StopNCII",
        feeding.TakenFeedback,
        _FEED,
        feeding.SubmitFeedback,
        once=True,
        most=MOST_BYTES,
    ),
)
