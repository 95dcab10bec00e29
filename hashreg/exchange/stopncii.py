"""The feed in StopNCII's shape (facts, interop A): what we give out, and the feedback we take.

Its clients know a record by its hash alone, and drop it when its status says so; times are numbers
of events here, which never go back.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from hashreg.model.feeds import FeedPage, FeedRecord, page_digest
from hashreg.model.hashes import FILE_VIEW, Algorithm, HashItem
from hashreg.model.strictjson import Fields
from hashreg.model.verdicts import REASONS, Decision, Reason, Verdict

FIRST = 10
"""The time that its clients begin with: nothing was before."""
UNKNOWN = "Unknown"
FEEDBACK = (
    UNKNOWN,
    "None",
    "QualityUnknown",
    "PendingReview",
    "Blocked",
    "NotBlocked",
    "Withdrawn",
    "Deleted",
)
"""What is said of a hash; any other word counts as unknown."""
GONE = frozenset({"Withdrawn", "Deleted"})
"""Statuses of a record that must be dropped."""
MOST_FEEDBACK, MOST_TAGS = 1000, 100
_TYPES = {Algorithm.PDQ: "ImagePDQ", Algorithm.MD5: "VideoMD5"}
_GOOD = 100
_NOT_BLOCKED = Reason.NOT_INTIMATE
"""What a ``NotBlocked`` says that gives none of our reasons as a tag: nothing to take down."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a platform says of one hash; ``value`` is one of ``FEEDBACK``."""

    item: HashItem = field(repr=False)
    value: str
    tags: frozenset[str] = frozenset()

    @property
    def decision(self) -> Decision | None:
        """The verdict that it is, or None."""
        if self.value == "Blocked":
            return Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
        if self.value == "PendingReview":
            return Decision(Verdict.PENDING_REVIEW, None)
        if self.value != "NotBlocked":
            return None
        said = sorted(it for it in REASONS[Verdict.NOT_BLOCKED] if it.value in self.tags)
        return Decision(Verdict.NOT_BLOCKED, said[0] if said else _NOT_BLOCKED)


def time_of(sequence: int) -> int:
    """Return the number of an event as a time of theirs."""
    return sequence + FIRST


def sequence_of(time: int) -> int:
    """Return the number of the event that a time of theirs stands for."""
    return max(0, time - FIRST)


def page_json(page: FeedPage) -> dict[str, object]:
    """Return what ``FetchHashes`` answers: the records that have a hash of theirs."""
    time = time_of(page.sequence)
    told = [_record(it, time) for it in page.records]
    records = [it for it in told if it is not None]
    return {
        "count": len(records),
        "nextPageToken": page.cursor if page.more else None,
        "nextSetTimestamp": time,
        "hasMoreRecords": page.more,
        "hashRecords": records,
        "pageDigest": page_digest(records),
    }


def feedback_from_fields(fields: Fields) -> Feedback:
    """Read one of ``hashFeedbacks``; raises InvalidInput, which doesn't echo it.

    A PDQ hash is told from an MD5 by its length, since no type is sent with it.
    """
    text = fields.text("hashValue").strip().lower()
    pdq = len(text) != 32  # noqa: PLR2004  (hex digits of an MD5)
    item = (
        HashItem(Algorithm.PDQ, "whole", text, _GOOD)
        if pdq
        else HashItem(Algorithm.MD5, FILE_VIEW, text, None)
    )
    value = fields.text("feedbackValue") if fields.has("feedbackValue") else UNKNOWN
    tags = fields.items("tags", MOST_TAGS) if fields.has("tags") else []
    known = value if value in FEEDBACK else UNKNOWN
    return Feedback(item, known, frozenset(it for it in tags if isinstance(it, str)))


def _record(record: FeedRecord, time: int) -> dict[str, object] | None:
    item = _hash_of(record)
    if item is None:
        return None
    status = "Withdrawn" if record.is_gone else "Active"
    return {
        "lastModtimestamp": time,
        "signalType": _TYPES[item.algorithm],
        "hashValue": item.hash,
        "hashStatus": status,
        "caseNumbers": {str(uuid.UUID(record.record)): status},
        "CSPFeedbacks": [],
    }


def _hash_of(record: FeedRecord) -> HashItem | None:
    algorithm = Algorithm.MD5 if record.media == "video" else Algorithm.PDQ
    found: Sequence[HashItem] = [it for it in record.hashes if it.algorithm is algorithm]
    return found[0] if found else None
