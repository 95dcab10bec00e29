"""What a registry keeps, as the use cases see it; how it is stored is the registry's affair."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Explanation, Ticket
from hashreg.model.names import HelperName
from hashreg.model.reports import ContentId
from hashreg.model.submissions import PublicKeyHex
from hashreg.model.verdicts import Decision

CaseId = NewType("CaseId", bytes)
"""Random 128 bits, the registry's own name of a case; it links to the case and is never shown."""
FingerprintId = NewType("FingerprintId", bytes)
BenignId = NewType("BenignId", bytes)
ReportId = NewType("ReportId", bytes)
PlatformName = NewType("PlatformName", str)
ModeratorName = NewType("ModeratorName", str)


class EventKind(StrEnum):
    """What can happen in a registry; every step is an entry in the event table."""

    PLATFORM_ADDED = "platform_added"
    PLATFORM_REVOKED = "platform_revoked"
    MODERATOR_ADDED = "moderator_added"
    MODERATOR_REVOKED = "moderator_revoked"
    OPERATOR_ADDED = "operator_added"
    OPERATOR_REVOKED = "operator_revoked"
    AUDITOR_ADDED = "auditor_added"
    AUDITOR_REVOKED = "auditor_revoked"
    HELPER_ADDED = "helper_added"
    HELPER_REVOKED = "helper_revoked"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    CASE_STATE = "case_state"
    WITHDRAWAL_WAITING = "withdrawal_waiting"
    FINGERPRINT_ADDED = "fingerprint_added"
    FINGERPRINT_REMOVED = "fingerprint_removed"
    FINGERPRINT_HELD = "fingerprint_held"
    FINGERPRINT_ADMITTED = "fingerprint_admitted"
    FINGERPRINT_REFUSED = "fingerprint_refused"
    FINGERPRINT_VOTED = "fingerprint_voted"
    PROBING_WARNED = "probing_warned"
    PROBING_LOCKED = "probing_locked"
    PROBING_RELEASED = "probing_released"
    BENIGN_ADDED = "benign_added"
    BENIGN_REMOVED = "benign_removed"
    REPORT_KEPT = "report_kept"
    REPORT_EXPIRED = "report_expired"
    MATCH_FOUND = "match_found"
    MATCH_CLOSED = "match_closed"
    VERDICT = "verdict"
    CONTENT_REMOVED = "content_removed"
    ORDER_MADE = "order_made"
    ORDER_SENT = "order_sent"
    ORDER_FAILED = "order_failed"
    ORDER_ACKNOWLEDGED = "order_acknowledged"
    ORDER_REMOVED = "order_removed"
    ORDER_CHECKED = "order_checked"
    ORDER_REOPENED = "order_reopened"
    ORDER_ENDED = "order_ended"
    ORDER_ESCALATED = "order_escalated"
    CONTACT_CHANGED = "contact_changed"
    FEED_PAGE = "feed_page"
    FEED_FEEDBACK = "feed_feedback"
    FEED_IMPORTED = "feed_imported"
    CANARY_SEEN = "canary_seen"
    CLOCK_SET_BACK = "clock_set_back"
    DELEGATION_GIVEN = "delegation_given"
    DELEGATION_REVOKED = "delegation_revoked"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the append-only event table.

    ``subject`` names what it happened to (a random id, a ticket, a person's or platform's name,
    or ``role/name/prefix`` of a key); ``detail`` is a word more, such as the new state. Neither
    ever holds a hash.
    """

    sequence: int
    at: dt.datetime
    kind: EventKind
    actor: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the registry knows it.

    ``document`` is the digest of its submission, ``channel`` the way by which that came in,
    ``sequence`` the number of the last event before it (0: from before that was kept).
    """

    case_id: CaseId
    number: CaseNumber
    state: CaseState
    public_key: PublicKeyHex
    document: str
    received_at: dt.datetime
    channel: str = ""
    sequence: int = 0


class PictureState(StrEnum):
    """Where one registered picture stands; only active ones are matched."""

    ACTIVE = "active"
    HELD = "held"
    REFUSED = "refused"


class HoldReason(StrEnum):
    """Why a picture waits for a person before it is matched, or matched again."""

    KNOWN_BENIGN = "known_benign"
    MANY_HITS = "many_hits"
    DISPUTED = "disputed"
    OVER_QUOTA = "over_quota"
    ABUSED_CHANNEL = "abused_channel"


@dataclass(frozen=True, slots=True)
class Hold:
    """A picture that was held, and what became of it. ``detail`` names what it collides with."""

    fingerprint_id: FingerprintId
    case_id: CaseId
    reason: HoldReason
    detail: str
    state: PictureState
    held_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """How one moderator would end a hold that two of them decide: active or refused."""

    moderator: ModeratorName
    state: PictureState


class ProbingState(StrEnum):
    """How many nearly equal questions somebody has put about one picture."""

    OPEN = "open"
    WARNED = "warned"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Probing:
    """That somebody, ``role:name``, asks about a picture, and how that stands."""

    asker: str
    fingerprint_id: FingerprintId
    state: ProbingState


@dataclass(frozen=True, slots=True)
class Probe:
    """One question that was counted; ``digest`` is keyed and says nothing of it."""

    asker: str
    fingerprint_id: FingerprintId
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredFingerprint:
    """A registered picture's hashes and the case they belong to."""

    fingerprint_id: FingerprintId
    case_id: CaseId
    fingerprint: Fingerprint
    state: PictureState = PictureState.ACTIVE


@dataclass(frozen=True, slots=True)
class BenignPicture:
    """A widely shared harmless picture; ``note`` is the operator's word for it."""

    benign_id: BenignId
    note: str
    fingerprint: Fingerprint
    added_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A platform's report, kept until ``expires_at``."""

    report_id: ReportId
    platform: PlatformName
    content_id: ContentId
    fingerprint: Fingerprint
    expires_at: dt.datetime


class MatchState(StrEnum):
    """Where a match stands in the queue."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """One content item x one case, and what became of it.

    ``found_at`` stays the same for good: lists go by it. ``removed_at`` is when the content was
    removed, as its platform says. ``withheld``: its platform isn't told of it, for having asked
    too often about the picture; people see it in the queue.
    """

    ticket: Ticket
    case_id: CaseId
    fingerprint_id: FingerprintId
    report_id: ReportId
    platform: PlatformName
    content_id: ContentId
    explanation: Explanation
    state: MatchState
    found_at: dt.datetime
    removed_at: dt.datetime | None = field(default=None, kw_only=True)
    withheld: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A decision, who made it (a moderator's name or ``platform:NAME``), and when."""

    decision: Decision
    actor: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """That a helper may act for a case, or might not any more.

    ``given_at`` is when what stands, or what the last revocation ended, was taken in, and
    ``revoked_at`` when that ended; ``revoked_on`` is the latest day on which a revocation was
    signed.
    """

    case_id: CaseId
    helper: HelperName
    given_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    revoked_on: dt.date | None = None

    @property
    def is_active(self) -> bool:
        """Tell whether the helper may act now."""
        return self.given_at is not None and self.revoked_at is None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a role, such as a platform that may report."""

    name: str
    added_at: dt.datetime
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request was answered, kept for the same request sent again.

    ``request`` is a keyed digest of the request's body, ``answer`` the answer as JSON.
    """

    request: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    expires_at: dt.datetime
