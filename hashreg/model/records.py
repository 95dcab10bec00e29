"""What a registry keeps, as the use cases see it; how it is stored is the registry's affair."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Explanation, Ticket
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
    CASE_STATE = "case_state"
    WITHDRAWAL_WAITING = "withdrawal_waiting"
    FINGERPRINT_ADDED = "fingerprint_added"
    FINGERPRINT_REMOVED = "fingerprint_removed"
    FINGERPRINT_HELD = "fingerprint_held"
    FINGERPRINT_ADMITTED = "fingerprint_admitted"
    FINGERPRINT_REFUSED = "fingerprint_refused"
    BENIGN_ADDED = "benign_added"
    BENIGN_REMOVED = "benign_removed"
    REPORT_KEPT = "report_kept"
    REPORT_EXPIRED = "report_expired"
    MATCH_FOUND = "match_found"
    MATCH_CLOSED = "match_closed"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the append-only event table.

    ``subject`` names what it happened to (a random id, a ticket or a person's or platform's
    name); ``detail`` is a word more, such as the new state. Neither ever holds a hash.
    """

    sequence: int
    at: dt.datetime
    kind: EventKind
    actor: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the registry knows it. ``document`` is the digest of its submission."""

    case_id: CaseId
    number: CaseNumber
    state: CaseState
    public_key: PublicKeyHex
    document: str
    received_at: dt.datetime


class PictureState(StrEnum):
    """Where one registered picture stands; only active ones are matched."""

    ACTIVE = "active"
    HELD = "held"
    REFUSED = "refused"


class HoldReason(StrEnum):
    """Why a picture waits for a person before it is matched, or matched again."""

    KNOWN_BENIGN = "known_benign"
    MANY_HITS = "many_hits"


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
    """One content item x one case, and what was decided of it."""

    ticket: Ticket
    case_id: CaseId
    fingerprint_id: FingerprintId
    report_id: ReportId
    platform: PlatformName
    content_id: ContentId
    explanation: Explanation
    state: MatchState
    found_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A decision, who made it, and when."""

    decision: Decision
    actor: ModeratorName
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A platform that may report or a moderator who may decide."""

    name: str
    added_at: dt.datetime
    revoked_at: dt.datetime | None
