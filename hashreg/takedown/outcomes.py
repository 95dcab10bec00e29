"""What becomes of what a victim, or a helper for them, asks the registry to do."""

from dataclasses import dataclass
from enum import StrEnum

from hashreg.model.cases import CaseNumber
from hashreg.model.submissions import Kind


class Outcome(StrEnum):
    """What became of a document."""

    TAKEN_IN = "taken_in"
    ADDED = "added"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"
    ALREADY = "already"
    HELD = "held"
    DELEGATED = "delegated"
    REVOKED = "revoked"


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
