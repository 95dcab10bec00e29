"""Taking in submissions, additions and withdrawals: idempotent, all of a file or nothing."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hashreg.matching import policy
from hashreg.model.cases import MATCHED_STATES, CaseNumber, CaseState, advance
from hashreg.model.errors import Refused
from hashreg.model.messages import N_
from hashreg.model.records import CaseId, CaseRecord, EventKind, MatchState, StoredFingerprint
from hashreg.model.submissions import Document, Kind
from hashreg.takedown.benign import BenignList
from hashreg.takedown.holds import hold_at_intake, quarantine
from hashreg.takedown.live import forget_removed
from hashreg.takedown.matching import match_reports
from hashreg.takedown.signatures import check_signature
from hashreg.takedown.store import Store

VICTIM = "case"
"""The actor of what a signed document asks for."""
_ENDED = (CaseState.WITHDRAWN, CaseState.ERASED)


class Outcome(StrEnum):
    """What became of a document."""

    TAKEN_IN = "taken_in"
    ADDED = "added"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"
    ALREADY = "already"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of a document.

    ``pictures`` counts all that were kept, ``held`` those of them that wait for a person,
    ``matches`` the content reported before that the others found.
    """

    case: CaseNumber
    kind: Kind
    outcome: Outcome
    pictures: int = 0
    matches: int = 0
    held: int = 0
    cleaned: bool = True
    """False where what was deleted could not be overwritten yet; ``purge`` tries again."""

    def as_json(self) -> dict[str, object]:
        """Return the fields of a line of `hashreg intake --json`."""
        return {
            "case": self.case,
            "kind": self.kind.value,
            "outcome": self.outcome.value,
            "pictures": self.pictures,
            "matches": self.matches,
            "held": self.held,
        }


def take_in(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    """Take a document in; raises Refused with the registry unchanged."""
    check_signature(document)
    steps: dict[Kind, Callable[[Store, Document, dt.datetime], IntakeResult]] = {
        Kind.SUBMISSION: _submission,
        Kind.ADDITION: _addition,
        Kind.WITHDRAWAL: _withdrawal,
    }
    with store.write():
        result = steps[document.kind](store, document, now)
    withdrawn = document.kind is Kind.WITHDRAWAL and result.outcome is not Outcome.WAITING
    return dataclasses.replace(result, cleaned=not withdrawn or forget_removed(store))


def _submission(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    case = store.cases.find(document.case)
    if case is None:
        return _new_case(store, document, now)
    if case.state in _ENDED and store.cases.has_tombstone(document.case, document.public_key):
        return IntakeResult(document.case, document.kind, Outcome.WITHDRAWN)
    if store.cases.knows_document(document.digest()):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    raise Refused(
        N_(
            "Case {case} is registered already, with other content. Nothing was changed. To add "
            "pictures to a case, make an addition with: hashreg register --add-to. If that case is "
            "not yours, register again: you get a new number."
        ),
        field="case",
        case=document.case,
    )


def _new_case(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    case = CaseRecord(
        CaseId(secrets.token_bytes(16)),
        document.case,
        CaseState.RECEIVED,
        document.public_key,
        document.digest(),
        now,
    )
    store.cases.add(case)
    if store.cases.has_tombstone(document.case, document.public_key):
        _move(store, case, CaseState.WITHDRAWN, now)
        return IntakeResult(document.case, document.kind, Outcome.WITHDRAWN)
    return _keep_pictures(store, case, document, Outcome.TAKEN_IN, now)


def _addition(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    case = store.cases.find(document.case)
    if case is None:
        raise Refused(
            N_(
                "Case {case} is not known here, so nothing can be added to it. Take its submission "
                "in first."
            ),
            field="case",
            case=document.case,
        )
    _check_owner(store, case, document)
    if store.cases.knows_document(document.digest()):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    if case.state not in MATCHED_STATES | {CaseState.HELD}:
        raise Refused(
            N_("Case {case} is {state}; no pictures can be added to it."),
            field="case",
            case=document.case,
            state=case.state.value,
        )
    return _keep_pictures(store, case, document, Outcome.ADDED, now)


def _withdrawal(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    case = store.cases.find(document.case)
    if case is None:
        return _withdrawal_waits(store, document, now)
    _check_owner(store, case, document)
    if case.state in _ENDED:
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    _move(store, case, CaseState.WITHDRAWN, now)
    store.cases.add_tombstone(document.case, document.public_key, now)
    erased = store.cases.erase_fingerprints(case.case_id)
    for fingerprint_id in erased:
        store.events.append(
            EventKind.FINGERPRINT_REMOVED, fingerprint_id.hex(), actor=VICTIM, at=now
        )
    _close_matches(store, case, now)
    return IntakeResult(document.case, document.kind, Outcome.WITHDRAWN, len(erased))


def _withdrawal_waits(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    """Keep a withdrawal that arrived before its submission: it will win."""
    if store.cases.has_tombstone(document.case, document.public_key):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    store.cases.add_tombstone(document.case, document.public_key, now)
    store.events.append(EventKind.WITHDRAWAL_WAITING, document.case, actor=VICTIM, at=now)
    return IntakeResult(document.case, document.kind, Outcome.WAITING)


def _check_owner(store: Store, case: CaseRecord, document: Document) -> None:
    if case.state is CaseState.ERASED:  # its key is erased, its tombstone is not
        owned = store.cases.has_tombstone(document.case, document.public_key)
    else:
        owned = case.public_key == document.public_key
    if not owned:
        raise Refused(
            N_(
                "This file was signed with another key than case {case} has. The recovery code or "
                "the case number was probably mistyped when it was made; make it again."
            ),
            field="public_key",
            case=document.case,
        )


def _keep_pictures(
    store: Store, case: CaseRecord, document: Document, outcome: Outcome, now: dt.datetime
) -> IntakeResult:
    pictures = [item.comparable() for item in document.items if item.is_comparable]
    if not pictures:
        raise Refused(
            N_("No picture of this file is distinctive enough to be compared. Nothing was kept."),
            field="items",
        )
    store.cases.add_document(document.digest(), case.case_id, now)
    ids = store.cases.add_fingerprints(case.case_id, pictures)
    notes = BenignList.of(store).collisions(pictures)
    active = []
    for fingerprint_id, picture, note in zip(ids, pictures, notes, strict=True):
        if note is None:
            subject = fingerprint_id.hex()
            store.events.append(EventKind.FINGERPRINT_ADDED, subject, actor=VICTIM, at=now)
            active.append(StoredFingerprint(fingerprint_id, case.case_id, picture))
        else:
            hold_at_intake(store, case.case_id, fingerprint_id, note, now)
    matches, quarantined = _match_kept_reports(store, active, now)
    held = len(pictures) - len(active) + quarantined
    wanted = CaseState.ACTIVE if active else CaseState.HELD
    if case.state is not wanted and case.state not in MATCHED_STATES:
        _move(store, case, wanted, now)
    outcome = outcome if active else Outcome.HELD
    return IntakeResult(document.case, document.kind, outcome, len(pictures), matches, held)


def _match_kept_reports(
    store: Store, active: Sequence[StoredFingerprint], now: dt.datetime
) -> tuple[int, int]:
    """Find yesterday's reports of today's pictures; return how many, and how many were quarantined.

    Of each picture only so many are written that it is held; it finds the others when it is
    admitted. One that is not held, since most of them were the case's already, finds all now.
    """
    most = policy.QUARANTINE_HITS
    found = match_reports(store, active, store.reports.kept(now), now, most=most)
    held = quarantine(store, found, now)
    cut = [it for it in active if found[it.fingerprint_id] >= most]
    free = [it for it in cut if it.fingerprint_id not in held]
    found |= match_reports(store, free, store.reports.kept(now), now)
    held |= quarantine(store, found, now)
    return found.total(), len(held)


def _move(store: Store, case: CaseRecord, to: CaseState, now: dt.datetime) -> None:
    advance(case.state, to)
    store.cases.set_state(case.case_id, to)
    store.events.append(
        EventKind.CASE_STATE, case.case_id.hex(), actor=VICTIM, at=now, detail=to.value
    )


def _close_matches(store: Store, case: CaseRecord, now: dt.datetime) -> None:
    """Take a withdrawn case's undecided matches out of the queue."""
    for match in store.matches.of_case(case.case_id):
        if match.state is MatchState.OPEN:
            store.matches.put(dataclasses.replace(match, state=MatchState.CLOSED))
            store.events.append(EventKind.MATCH_CLOSED, match.ticket, actor=VICTIM, at=now)
