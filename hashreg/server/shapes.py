"""The bodies of questions and answers, for the OpenAPI document.

They describe and don't decode: one bad item would refuse the whole body, and its error would repeat
what was sent. ``model`` reads each item by itself.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier
from hashreg.model.orders import Escalation, OrderKind, OrderState, Trouble
from hashreg.model.records import HoldReason, MatchState, PictureState
from hashreg.model.submissions import MAX_ITEMS
from hashreg.model.verdicts import Reason, Verdict
from hashreg.server.lookups import MOST_ITEMS
from hashreg.server.parts import (
    ContentName,
    Days,
    Hex,
    Moment,
    Name,
    Number,
    Percent,
    Six,
    TicketText,
    View,
)

# ruff: noqa: D101  (each is told by its name, and the fields by theirs)


class Error(Struct):
    code: str
    message: str
    field: str | None


class LineError(Struct):
    code: str
    message: str
    field: str | None
    line: int | UnsetType = UNSET


class Failure(Struct):
    error: Error


class Hash(Struct, forbid_unknown_fields=True):
    algorithm: Algorithm
    view: View
    hash: Hex
    quality: Percent | None = None


class TokensOf(Struct, forbid_unknown_fields=True):
    recipe: Literal["tokens-1"]
    kind: Literal["asked", "registered"]
    data: Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64"})]


class Item(Struct):
    content_id: ContentName
    hashes: list[Hash]
    tokens: TokensOf | None = None
    quality: Percent | None = None


Items = Annotated[list[Item], Meta(max_length=MOST_ITEMS)]


class Lookup(Struct):
    items: Items
    tier: Tier | UnsetType = UNSET
    align: bool = True


class Signal(Struct):
    signal_type: Literal["pdq", "video_md5"]
    signal: Hex


class BankMatch(Struct):
    bank_content_id: int
    distance: str


class Banks(Struct, rename="upper"):
    hashreg_match: list[BankMatch] | UnsetType = UNSET
    hashreg_review: list[BankMatch] | UnsetType = UNSET


class Reports(Lookup, kw_only=True):
    keep_days: Days = 90


class Check(Reports, kw_only=True):
    platform: Name | UnsetType = UNSET


class Offer(Struct):
    handle: str
    transform: Six


class Result(Struct):
    content_id: str | None
    tier: Tier | None
    tickets: list[TicketText]
    align: list[Offer]
    error: LineError | None


class Results(Struct):
    results: list[Result]


class ShapeOf(Struct):
    points: int
    turned: int
    share: float
    mirrored: bool


class Match(Struct):
    ticket: TicketText | None
    tier: Tier
    algorithm: str
    distance: int | None
    view: str
    query_view: str
    agreeing_views: int
    second_signal: Literal["agrees", "disagrees"] | None
    suspicious: bool
    shape: ShapeOf | None


class Checked(Struct):
    content_id: str | None
    verdict: Literal["match", "review", "clear", "unchecked"]
    matches: list[Match]
    align: list[Offer]
    error: LineError | None


class CheckResults(Struct):
    results: list[Checked]


class Seen(Struct):
    handle: str
    hashes: list[Hash]


class Align(Struct):
    items: Annotated[list[Seen], Meta(max_length=MOST_ITEMS)]


class AlignedResult(Struct):
    """A result of the call that the handle came from: a platform's or a moderator's."""

    content_id: str | None
    align: list[Offer]
    error: LineError | None
    tier: Tier | UnsetType | None = UNSET
    tickets: list[TicketText] | UnsetType = UNSET
    verdict: Literal["match", "review", "clear", "unchecked"] | UnsetType = UNSET
    matches: list[Match] | UnsetType = UNSET


class Aligned(Struct):
    results: list[AlignedResult]


class TicketOf(Struct):
    ticket: TicketText
    content_id: str
    tier: Tier
    state: MatchState
    found_at: Moment
    verdict: Verdict | None
    removed_at: Moment | None


class Tickets(Struct):
    tickets: list[TicketOf]
    next: TicketText | None


class OrderOf(Struct):
    order: TicketText
    kind: OrderKind
    platform: str
    tickets: list[TicketText]
    records: list[TicketText]
    content_id: str | None
    state: OrderState
    key: str
    round: int
    made_at: Moment
    due_at: Moment
    overdue: bool
    reached_at: Moment | None
    acknowledged_at: Moment | None
    removed_at: Moment | None
    check_at: Moment | None
    reappeared: int
    tries: int
    trouble: Trouble | None
    escalated: Escalation | None


class Orders(Struct):
    orders: list[OrderOf]
    next: TicketText | None


class Recheck(Struct):
    present: bool


class Decide(Struct):
    verdict: Verdict
    reason: Reason | None = None


class Removal(Struct):
    removed_at: Moment | None = None


class VerdictOf(Struct, rename={"given_as": "as"}):
    verdict: Verdict
    reason: Reason | None
    given_as: str
    decided_at: Moment


class QueueMatch(Match, kw_only=True):
    platform: str
    content_id: str
    state: MatchState
    found_at: Moment
    verdicts: list[VerdictOf]
    removed_at: Moment | None


class Decided(Struct):
    """What was decided on: a platform gets its ticket, a moderator the queue's entry."""

    ticket: TicketText
    content_id: str
    tier: Tier
    state: MatchState
    found_at: Moment
    removed_at: Moment | None
    verdict: Verdict | UnsetType | None = UNSET
    platform: str | UnsetType = UNSET
    algorithm: str | UnsetType = UNSET
    distance: int | UnsetType | None = UNSET
    view: str | UnsetType = UNSET
    query_view: str | UnsetType = UNSET
    agreeing_views: int | UnsetType = UNSET
    second_signal: Literal["agrees", "disagrees"] | UnsetType | None = UNSET
    suspicious: bool | UnsetType = UNSET
    shape: ShapeOf | UnsetType | None = UNSET
    verdicts: list[VerdictOf] | UnsetType = UNSET


class Queue(Struct):
    matches: list[QueueMatch]
    next: TicketText | None


class VoteOf(Struct, rename={"given_as": "as"}):
    given_as: str
    decision: Literal["admit", "refuse"]


class HeldPicture(Struct):
    picture: TicketText
    case: Number
    state: PictureState
    reason: HoldReason
    detail: str
    held_at: Moment
    hits: int
    votes: list[VoteOf]


class HeldPictures(Struct):
    pictures: list[HeldPicture]


class DecideHeld(Struct):
    decision: Literal["admit", "refuse"]


class HeadOf(Struct):
    sequence: int
    chain: str
    at: Moment
    public_key: str
    signature: str


class Status(Struct):
    status: Literal["ok", "behind", "live"]
    version: str | UnsetType = UNSET
    behind_seconds: float | UnsetType = UNSET
    head: HeadOf | UnsetType | None = UNSET


class Nothing(Struct):
    pass


class Challenge(Struct):
    nonce: str
    expires_in: int


class Question(Struct):
    case: Number
    nonce: str
    public_key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    signature: Annotated[str, Meta(pattern="^[0-9a-f]{128}$")]


class Fingerprints(Struct, forbid_unknown_fields=True):
    """The hashes of a registered picture, as `hashreg hash --views register --json` prints them."""

    media: Literal["image"]
    recipe: Literal["hashreg-1"]
    hashes: list[Hash]
    quality: Percent | None = None
    tokens: TokensOf | None = None


class DocumentFile(Struct, kw_only=True, forbid_unknown_fields=True):
    """A submission, addition, withdrawal, delegation or revocation, as `hashreg` writes it."""

    format: Literal["hashreg"]
    version: Literal[1]
    kind: Literal["submission", "addition", "withdrawal", "delegation", "revocation"]
    case: Number
    public_key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    created: Annotated[str, Meta(extra_json_schema={"format": "date"})]
    items: Annotated[list[Fingerprints], Meta(max_length=MAX_ITEMS)]
    helper: Name | UnsetType = UNSET
    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | UnsetType = UNSET
    signature: Annotated[str, Meta(pattern="^[0-9a-f]{128}$")]


class TakenIn(Struct):
    case: Number
    kind: str
    outcome: str
    pictures: int
    matches: int
    held: int


class OneCase(Struct):
    case: Number


class Pictures(Struct):
    case: Number
    items: Annotated[list[Fingerprints], Meta(max_length=MAX_ITEMS)]
