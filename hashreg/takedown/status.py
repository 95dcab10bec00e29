"""Where a case stands."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hashreg.model.cases import CaseNumber, CaseState, status_bytes
from hashreg.model.errors import InvalidInput, NotFound
from hashreg.model.messages import N_
from hashreg.model.orders import OrderState
from hashreg.model.records import MatchState, PictureState, StoredMatch
from hashreg.model.submissions import PublicKeyHex, SignatureHex
from hashreg.model.verdicts import Verdict
from hashreg.takedown.casework import ENDED
from hashreg.takedown.signatures import is_owner, is_signed
from hashreg.takedown.store import Store
from hashreg.takedown.timeline import AtPlatform, timeline, told_of_withdrawal


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A case's state and what was found of it.

    ``pictures`` counts all, ``held`` and ``refused`` those of them that are not matched.
    ``matches`` counts content items by how they stand: ``open``, ``closed``, or the verdict.
    """

    case: CaseNumber
    state: CaseState
    pictures: int
    held: int
    refused: int
    matches: dict[str, int]
    received_at: dt.datetime
    platforms: Sequence[AtPlatform] = ()
    told: tuple[int, int] | None = None
    """After a withdrawal: how many platforms have acknowledged it, of how many that knew."""

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg status --json` prints."""
        return {
            "case": self.case,
            "state": self.state.value,
            "pictures": self.pictures,
            "held": self.held,
            "refused": self.refused,
            "matches": self.matches,
            "received_at": self.received_at.isoformat(timespec="seconds"),
            "platforms": [it.as_json() for it in self.platforms],
            "withdrawal": dict(zip(("acknowledged", "platforms"), self.told, strict=True))
            if self.told
            else None,
        }


def case_status(store: Store, number: CaseNumber) -> CaseStatus:
    """Return where a case stands; raises NotFound."""
    with store.read():
        case = store.cases.find(number)
        if case is None:
            raise NotFound(
                N_(
                    "No case has the number {case} in this registry. It may not have been taken in "
                    "yet, or it is at another registry."
                ),
                field="case",
                case=number,
            )
        found = store.matches.of_case(case.case_id)
        matches = Counter(_standing(store, it) for it in found)
        pictures = len(store.cases.fingerprint_ids(case.case_id))
        states = Counter(hold.state for hold in store.holds.of_case(case.case_id))
        held, refused = states[PictureState.HELD], states[PictureState.REFUSED]
        ended = case.state in ENDED
        return CaseStatus(
            number,
            case.state,
            pictures,
            held,
            refused,
            dict(matches),
            case.received_at,
            timeline(store, found, ended=ended),
            told_of_withdrawal(store.orders.of_case(case.case_id)) if ended else None,
        )


def signed_status(
    store: Store, number: CaseNumber, nonce: str, public_key: str, signature: str
) -> CaseStatus:
    """Return where a case stands to the holder of its key, who signed ``status_bytes``.

    ``nonce`` is the challenge that the caller gave a moment ago. Raises InvalidInput for
    a malformed key or signature. Whether there is no such case, the key is another one or the
    signature is bad, it raises the same NotFound after the same work.
    """
    key = PublicKeyHex(_hex(public_key, "public_key", 64))
    proof = SignatureHex(_hex(signature, "signature", 128))
    signed = is_signed(key, proof, status_bytes(number, nonce))
    with store.read():
        case = store.cases.find(number)
        # what is asked of the store is the same for a case that isn't there
        withdrawn = store.cases.has_tombstone(number, key)
        owned = case is not None and is_owner(case, key, withdrawn=withdrawn)
        if not (signed and owned):
            raise NotFound(
                N_(
                    "No case here has this number and this recovery code. Compare both with your "
                    "receipt; the case may also not have been taken in yet, or be at another "
                    "registry."
                ),
                field="case",
            )
        return case_status(store, number)


def _hex(value: str, field: str, digits: int) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value):
        raise InvalidInput(
            N_("{place} must have {digits} lower-case hex digits."),
            field=field,
            place=field,
            digits=digits,
        )
    return value


def _standing(store: Store, match: StoredMatch) -> str:
    if match.state is not MatchState.DECIDED:
        return match.state.value
    verdict = store.matches.verdicts(match.ticket)[-1].decision.verdict
    if verdict is Verdict.NOT_BLOCKED and any(
        it.state is not OrderState.CANCELLED for it in store.orders.of_ticket(match.ticket)
    ):
        verdict = Verdict.BLOCKED  # the platform refused, and no person for the registry has
    return verdict.value
