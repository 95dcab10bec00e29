"""Taking in what victims sign: idempotent, all of a file or nothing."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable
from functools import partial

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused
from hashreg.model.messages import N_
from hashreg.model.records import CaseId, CaseRecord, EventKind
from hashreg.model.submissions import Document, Kind
from hashreg.takedown.casework import (
    ENDED,
    VICTIM,
    check_addable,
    keep_pictures,
    withdraw_case,
)
from hashreg.takedown.channels import LOCAL
from hashreg.takedown.delegation_files import delegate, revoke
from hashreg.takedown.live import forget_removed
from hashreg.takedown.outcomes import IntakeResult, Outcome
from hashreg.takedown.signatures import check_owner, check_signature
from hashreg.takedown.states import move
from hashreg.takedown.store import Store

__all__ = ["IntakeResult", "Outcome", "take_in"]


def take_in(
    store: Store,
    document: Document,
    now: dt.datetime,
    *,
    channel: str = LOCAL,
    clean: bool = True,
) -> IntakeResult:
    """Take a document in; raises Refused with the registry unchanged.

    ``channel`` is the way by which it came: ``LOCAL``, ``WEB``, or a partner's name. ``clean``
    overwrites at once what a withdrawal deletes; a service does it a little later.
    """
    check_signature(document)
    steps: dict[Kind, Callable[[Store, Document, dt.datetime], IntakeResult]] = {
        Kind.SUBMISSION: partial(_submission, channel=channel),
        Kind.ADDITION: partial(_addition, channel=channel),
        Kind.WITHDRAWAL: _withdrawal,
        Kind.DELEGATION: delegate,
        Kind.REVOCATION: revoke,
    }
    with store.write():
        result = steps[document.kind](store, document, now)
    withdrawn = document.kind is Kind.WITHDRAWAL and result.outcome is not Outcome.WAITING
    if not (withdrawn and clean):
        return dataclasses.replace(result, cleaned=not withdrawn)
    return dataclasses.replace(result, cleaned=forget_removed(store))


def _submission(
    store: Store, document: Document, now: dt.datetime, *, channel: str
) -> IntakeResult:
    case = store.cases.find(document.case)
    if case is None:
        return _new_case(store, document, now, channel)
    if case.state in ENDED and store.cases.has_tombstone(document.case, document.public_key):
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


def _new_case(store: Store, document: Document, now: dt.datetime, channel: str) -> IntakeResult:
    case = CaseRecord(
        CaseId(secrets.token_bytes(16)),
        document.case,
        CaseState.RECEIVED,
        document.public_key,
        document.digest(),
        now,
        channel,
        store.events.last_sequence(),
    )
    store.cases.add(case)
    if store.cases.has_tombstone(document.case, document.public_key):
        move(store, case, CaseState.WITHDRAWN, VICTIM, now)
        return IntakeResult(document.case, document.kind, Outcome.WITHDRAWN)
    return _keep_pictures(store, case, document, now, channel)


def _addition(store: Store, document: Document, now: dt.datetime, *, channel: str) -> IntakeResult:
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
    check_owner(store, case, document)
    if store.cases.knows_document(document.digest()):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    check_addable(case)
    return _keep_pictures(store, case, document, now, channel)


def _withdrawal(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    case = store.cases.find(document.case)
    if case is None:
        return _withdrawal_waits(store, document, now)
    check_owner(store, case, document)
    if case.state in ENDED:
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    return withdraw_case(store, case, document.public_key, VICTIM, now)


def _withdrawal_waits(store: Store, document: Document, now: dt.datetime) -> IntakeResult:
    """Keep a withdrawal that arrived before its submission: it will win."""
    if store.cases.has_tombstone(document.case, document.public_key):
        return IntakeResult(document.case, document.kind, Outcome.ALREADY)
    store.cases.add_tombstone(document.case, document.public_key, now)
    store.events.append(EventKind.WITHDRAWAL_WAITING, document.case, actor=VICTIM, at=now)
    return IntakeResult(document.case, document.kind, Outcome.WAITING)


def _keep_pictures(
    store: Store, case: CaseRecord, document: Document, now: dt.datetime, channel: str
) -> IntakeResult:
    kind, digest = document.kind, document.digest()
    return keep_pictures(store, case, kind, document.items, digest, VICTIM, channel, now)
