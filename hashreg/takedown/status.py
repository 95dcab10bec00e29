"""Where a case stands."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.errors import NotFound
from hashreg.model.messages import N_
from hashreg.model.records import MatchState, PictureState, StoredMatch
from hashreg.takedown.store import Store


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
        matches = Counter(_standing(store, it) for it in store.matches.of_case(case.case_id))
        pictures = len(store.cases.fingerprint_ids(case.case_id))
        states = Counter(hold.state for hold in store.holds.of_case(case.case_id))
        held, refused = states[PictureState.HELD], states[PictureState.REFUSED]
        return CaseStatus(
            number, case.state, pictures, held, refused, dict(matches), case.received_at
        )


def _standing(store: Store, match: StoredMatch) -> str:
    if match.state is not MatchState.DECIDED:
        return match.state.value
    return store.matches.verdicts(match.ticket)[-1].decision.verdict.value
