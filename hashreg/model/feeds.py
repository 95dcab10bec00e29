"""The feed: what a platform may hold that was granted it, record by record, and what it must drop.

A record has a random-looking name of its own for each platform. A page says how far it goes; asked
from there, the next one holds what came since, and the names of what is gone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NewType

from hashreg.model.fingerprints import Media
from hashreg.model.hashes import FILE_VIEW, Algorithm, HashItem
from hashreg.model.records import CaseId, FingerprintId, PlatformName

RecordId = NewType("RecordId", str)
"""A platform's name for a registered picture: 32 hex digits, other ones for every platform."""

FED = frozenset(
    {(Algorithm.PDQ, "whole"), (Algorithm.SHA256, FILE_VIEW), (Algorithm.MD5, FILE_VIEW)}
)
"""What leaves the registry of a picture: of its views the whole one, and what names its file."""
MOST_RECORDS = 1000
"""Records on a page, at most."""
ANEW = -1
Recalled = Mapping[FingerprintId, HashItem]
"""The PDQ hashes of withdrawn pictures, for platforms that know records by nothing else."""


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One registered picture as a platform may hold it.

    ``is_gone``: it must be dropped; hashes are there only for who knows it by nothing else.
    """

    record: RecordId
    media: Media | None = None
    hashes: Sequence[HashItem] = field(default=(), repr=False)
    is_gone: bool = False

    def as_json(self) -> dict[str, object]:
        """Return one of ``records`` of a page."""
        return {
            "record": self.record,
            "deleted": self.is_gone,
            "media": self.media,
            "hashes": [it.as_json() for it in self.hashes],
        }


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Records in no particular order.

    ``cursor`` is where the next page begins, above all before it; ``more``: that page is there
    already. ``restart``: the cursor that was asked with is of another registry, or of a state that
    a backup has taken back, so this begins anew and what was held before must be dropped.
    """

    records: Sequence[FeedRecord]
    cursor: str
    sequence: int
    more: bool
    restart: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the object that ``GET /v1/feed`` answers."""
        records = [it.as_json() for it in self.records]
        return {
            "records": records,
            "cursor": self.cursor,
            "more": self.more,
            "restart": self.restart,
            "digest": page_digest(records),
        }


@dataclass(frozen=True, slots=True)
class Holder:
    """A platform that has fetched the feed, with numbers of events.

    ``begun`` is where its canary stands, ``given`` how far it has got at most, ``kept`` how far it
    says that it has kept everything. ``by_hash``: it knows records by their hashes alone, and has
    to begin anew where ``kept`` is ``ANEW``.
    """

    platform: PlatformName
    begun: int
    given: int = 0
    kept: int = 0
    by_hash: bool = False

    @property
    def begins_anew(self) -> bool:
        """Whether what it says that it has kept is of another past."""
        return self.kept == ANEW


def page_digest(records: Sequence[object]) -> str:
    """Return the SHA-256 of records as JSON: keys in order, no spaces, ASCII."""
    text = json.dumps(records, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """One record of another's feed that was taken in.

    ``record`` stands for the partner's name of it and ``content`` for what it said the last time,
    both keyed digests; ``case_id`` is the case that its hashes are, None where there are none.
    """

    record: bytes = field(repr=False)
    content: bytes = field(repr=False)
    case_id: CaseId | None
