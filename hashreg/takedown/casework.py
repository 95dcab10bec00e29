"""What is done to a case, whoever asks: its pictures are kept, it is withdrawn.

``actor`` is who asks: the holder of the case's key, or a helper. Every step belongs inside
``store.write``.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from hashreg.matching import policy
from hashreg.model.cases import MATCHED_STATES, CaseState
from hashreg.model.errors import Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.messages import N_
from hashreg.model.records import (
    CaseRecord,
    Delegation,
    EventKind,
    HoldReason,
    MatchState,
    StoredFingerprint,
)
from hashreg.model.submissions import Kind, PublicKeyHex
from hashreg.takedown.benign import BenignList
from hashreg.takedown.channels import why_held
from hashreg.takedown.feed import held_by_hash, recall
from hashreg.takedown.following import follow_withdrawal
from hashreg.takedown.holds import hold_at_intake, quarantine
from hashreg.takedown.matching import match_reports
from hashreg.takedown.outcomes import IntakeResult, Outcome
from hashreg.takedown.states import close, move
from hashreg.takedown.store import Store

VICTIM = "case"
"""The actor of what a signed document asks for."""
ENDED = (CaseState.WITHDRAWN, CaseState.ERASED)
_WITHDRAWN = N_(
    "Case {case} was withdrawn, so no pictures can be added to it. Register them as a new case."
)
_DECIDED_AGAINST = N_(
    "People have decided against case {case}, so no pictures can be added to it. Ask your help "
    "line about it."
)


def check_addable(case: CaseRecord) -> None:
    """Raise Refused where no pictures can be added to a case."""
    if case.state in MATCHED_STATES | {CaseState.HELD}:
        return
    text = _WITHDRAWN if case.state in ENDED else _DECIDED_AGAINST
    raise Refused(text, field="case", case=case.number)


def keep_pictures(
    store: Store,
    case: CaseRecord,
    kind: Kind,
    items: Sequence[Fingerprint],
    digest: str,
    actor: str,
    channel: str,
    now: dt.datetime,
) -> IntakeResult:
    """Keep the pictures of a submission or addition that has this digest; raises Refused.

    ``channel`` is the way by which they came in.
    """
    pictures = [item.comparable() for item in items if item.is_comparable]
    if not pictures:
        raise Refused(
            N_("No picture of this file is distinctive enough to be compared. Nothing was kept."),
            field="items",
        )
    store.cases.add_document(digest, case.case_id, now)
    ids = store.cases.add_fingerprints(case.case_id, pictures)
    notes = BenignList.of(store).collisions(pictures)
    waits = why_held(store, channel, kind, len(pictures), now)
    active = []
    for fingerprint_id, picture, note in zip(ids, pictures, notes, strict=True):
        reason = waits if note is None else HoldReason.KNOWN_BENIGN
        if reason is None:
            subject = fingerprint_id.hex()
            store.events.append(EventKind.FINGERPRINT_ADDED, subject, actor=actor, at=now)
            active.append(StoredFingerprint(fingerprint_id, case.case_id, picture))
        else:
            about = channel if note is None else note
            hold_at_intake(store, case.case_id, fingerprint_id, reason, about, now)
    matches, quarantined = _match_kept_reports(store, active, now)
    held = len(pictures) - len(active) + quarantined
    wanted = CaseState.ACTIVE if active else CaseState.HELD
    if case.state is not wanted and case.state not in MATCHED_STATES:
        move(store, case, wanted, actor, now)
    kept = Outcome.TAKEN_IN if kind is Kind.SUBMISSION else Outcome.ADDED
    outcome = kept if active else Outcome.HELD
    return IntakeResult(case.number, kind, outcome, len(pictures), matches, held)


def withdraw_case(
    store: Store, case: CaseRecord, key: PublicKeyHex, actor: str, now: dt.datetime
) -> IntakeResult:
    """Withdraw a case for good: its key's tombstone stands, its hashes go, helpers' rights end."""
    move(store, case, CaseState.WITHDRAWN, actor, now)
    store.cases.add_tombstone(case.number, key, now)
    hashes = held_by_hash(store, case)
    erased = store.cases.erase_fingerprints(case.case_id)
    store.probes.delete_of(erased)
    for fingerprint_id in erased:
        store.events.append(
            EventKind.FINGERPRINT_REMOVED, fingerprint_id.hex(), actor=actor, at=now
        )
    matches = store.matches.of_case(case.case_id)
    close(store, (it for it in matches if it.state is MatchState.OPEN), actor, now)
    follow_withdrawal(store, case, matches, actor, now)
    recall(store, case, erased, hashes, actor, now)
    for delegation in store.delegations.of_case(case.case_id):
        end_delegation(store, delegation, actor, now)
    return IntakeResult(case.number, Kind.WITHDRAWAL, Outcome.WITHDRAWN, len(erased))


def end_delegation(store: Store, delegation: Delegation, actor: str, now: dt.datetime) -> None:
    """Let a helper act no more; one who could not changes nothing but what is kept of them."""
    if delegation.is_active:
        store.events.append(
            EventKind.DELEGATION_REVOKED,
            delegation.case_id.hex(),
            actor=actor,
            at=now,
            detail=delegation.helper,
        )
        delegation = dataclasses.replace(delegation, revoked_at=now)
    store.delegations.put(delegation)


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
