"""Signed files that let a helper act for a case, or let them act no more.

Files may arrive late, twice and in any order, and whoever has an old one may send it again. Each is
taken in once. A revocation ends what the helper may do now, and wins over all delegations signed
on earlier days that arrive later. Files know no time of day: of those of its own day it wins over
all if it ended nothing, since the one that it was meant for must be on its way; else what comes
next is a new one.
"""

import dataclasses
import datetime as dt

from hashreg.model.errors import Refused
from hashreg.model.messages import N_
from hashreg.model.records import CaseRecord, Delegation, EventKind
from hashreg.model.submissions import Document
from hashreg.takedown.casework import ENDED, VICTIM, end_delegation
from hashreg.takedown.outcomes import IntakeResult, Outcome
from hashreg.takedown.people import active_helper
from hashreg.takedown.signatures import check_owner
from hashreg.takedown.store import Store


def delegate(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    """Let the helper that a document names act for its case; raises NotFound or Refused."""
    case = _case_of(store, document)
    early = _known_or_ended(store, case, document)
    if early:
        return early
    helper = active_helper(store, document.helper)
    known = store.delegations.find(case.case_id, helper) or Delegation(case.case_id, helper)
    store.cases.add_document(document.digest(), case.case_id, now)
    if not known.is_active:
        if _was_revoked(known, document.created):
            return IntakeResult(document.case, document.kind, Outcome.REVOKED)
        store.delegations.put(dataclasses.replace(known, given_at=now, revoked_at=None))
        store.events.append(
            EventKind.DELEGATION_GIVEN,
            case.case_id.hex(),
            actor=VICTIM,
            at=now,
            detail=helper,
        )
    return IntakeResult(document.case, document.kind, Outcome.DELEGATED)


def revoke(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    """Let the helper that a document names act no more for its case; raises Refused."""
    case = _case_of(store, document)
    early = _known_or_ended(store, case, document)
    if early:
        return early
    known = store.delegations.find(case.case_id, document.helper)
    known = known or Delegation(case.case_id, document.helper)
    store.cases.add_document(document.digest(), case.case_id, now)
    ended = dataclasses.replace(
        known,
        given_at=known.given_at if known.is_active else None,
        revoked_on=max(document.created, known.revoked_on or document.created),
    )
    end_delegation(store, ended, VICTIM, now)
    return IntakeResult(document.case, document.kind, Outcome.REVOKED)


def _case_of(store: Store, document: Document) -> CaseRecord:
    case = store.cases.find(document.case)
    if case is None:
        raise Refused(
            N_(
                "Case {case} is not known here, so this file about its helper can't be taken in. "
                "Take its submission in first."
            ),
            field="case",
            case=document.case,
        )
    check_owner(store, case, document)
    return case


def _known_or_ended(store: Store, case: CaseRecord, document: Document) -> IntakeResult | None:
    """Return what becomes of a file that can change nothing, or None."""
    if case.state in ENDED:
        return IntakeResult(document.case, document.kind, Outcome.WITHDRAWN)
    if store.cases.knows_document(document.digest()):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    return None


def _was_revoked(known: Delegation, signed_on: dt.date) -> bool:
    """Tell whether a delegation signed on this day had been revoked before it arrived."""
    if known.revoked_on is None:
        return False
    ended_nothing = known.given_at is None
    return signed_on < known.revoked_on or (signed_on == known.revoked_on and ended_nothing)
