"""What a helper does for a victim who has delegated them: look, add pictures, withdraw.

A helper who was not delegated is told the same of every case, whether it is there or not.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from hashreg.model.cases import CaseNumber
from hashreg.model.errors import NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.records import CaseRecord
from hashreg.model.submissions import Kind, check_items
from hashreg.takedown.casework import check_addable, keep_pictures, withdraw_case
from hashreg.takedown.live import forget_removed
from hashreg.takedown.outcomes import IntakeResult, Outcome
from hashreg.takedown.people import active_helper
from hashreg.takedown.status import CaseStatus, case_status
from hashreg.takedown.store import Store

_ADDITION_PREFIX = b"hashreg helper's addition 1\n"


def delegated_case(store: Store, helper: str, number: CaseNumber) -> CaseRecord:
    """Return a case that a helper may act for; raises NotFound, and Refused for a revoked helper.

    Call it inside ``store.read`` or ``store.write``.
    """
    name = active_helper(store, helper)
    case = store.cases.find(number)
    delegation = store.delegations.find(case.case_id, name) if case else None
    if case is None or delegation is None or not delegation.is_active:
        raise NotFound(
            N_(
                "No case with this number was delegated to you here, or it is no longer. Ask for a "
                "delegation made with: hashreg delegate"
            ),
            field="case",
        )
    return case


def helper_status(store: Store, helper: str, number: CaseNumber) -> CaseStatus:
    """Return where a delegated case stands; raises NotFound or Refused."""
    with store.read():
        delegated_case(store, helper, number)
        return case_status(store, number)


def helper_add(
    store: Store, helper: str, number: CaseNumber, items: Sequence[Fingerprint], now: dt.datetime
) -> IntakeResult:
    """Keep more pictures of a delegated case; the same ones twice are kept once.

    Raises NotFound, Refused, or InvalidDocument for what no case registers.
    """
    check_items(items)
    with store.write():
        case = delegated_case(store, helper, number)
        digest = _digest(number, items)
        if store.cases.knows_document(digest):
            return IntakeResult(number, Kind.ADDITION, Outcome.ALREADY)
        check_addable(case)
        actor = _actor(store, helper)
        return keep_pictures(store, case, Kind.ADDITION, items, digest, actor, actor, now)


def helper_withdraw(
    store: Store, helper: str, number: CaseNumber, now: dt.datetime, *, clean: bool = True
) -> IntakeResult:
    """Withdraw a delegated case for good, as its owner's signature would; raises as ``helper_add``.

    ``clean`` overwrites at once what is deleted; a service does it a little later.
    """
    with store.write():
        case = delegated_case(store, helper, number)
        result = withdraw_case(store, case, case.public_key, _actor(store, helper), now)
    return replace(result, cleaned=clean and forget_removed(store))


def _actor(store: Store, helper: str) -> str:
    """Return what events name a helper; no other actor's name holds a colon."""
    return f"{Role.HELPER}:{active_helper(store, helper)}"


def _digest(number: CaseNumber, items: Sequence[Fingerprint]) -> str:
    """Return what tells these pictures of this case from all others and from every document."""
    content = json.dumps([number, [item.as_json() for item in items]])
    return hashlib.sha256(_ADDITION_PREFIX + content.encode()).hexdigest()
