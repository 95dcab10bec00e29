"""The bodies of the feed, for the OpenAPI document."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from hashreg.exchange.stopncii import MOST_FEEDBACK
from hashreg.server.parts import TicketText
from hashreg.server.shapes import Error, Hash

# ruff: noqa: D101  (each is told by its name, and the fields by theirs)


class Record(Struct):
    record: TicketText
    deleted: bool
    media: Literal["image", "video"] | None
    hashes: list[Hash]


class Feed(Struct):
    records: list[Record]
    cursor: str
    more: bool
    restart: bool
    digest: str


class HashFeedback(Struct, rename="camel"):
    hash_value: str
    feedback_value: str
    tags: list[str] = []


class HashRecord(Struct, rename="camel"):
    last_modtimestamp: int
    signal_type: Literal["ImagePDQ", "VideoMD5"]
    hash_value: str
    hash_status: Literal["Active", "Withdrawn"]
    case_numbers: dict[str, str]
    feedbacks: list[HashFeedback] = field(name="CSPFeedbacks")


class FetchedHashes(Struct, rename="camel"):
    count: int
    next_page_token: str | None
    next_set_timestamp: int
    has_more_records: bool
    hash_records: list[HashRecord]
    page_digest: str


class SubmitFeedback(Struct, rename="camel"):
    hash_feedbacks: Annotated[list[HashFeedback], Meta(max_length=MOST_FEEDBACK)]


class TakenOne(Struct):
    error: Error | None


class TakenFeedback(Struct):
    count: int
    results: list[TakenOne]
