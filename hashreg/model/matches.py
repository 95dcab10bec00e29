"""What a match is and how it explains itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from hashreg.model.hashes import Algorithm

Ticket = NewType("Ticket", str)
"""A random 128-bit name of a match, 32 hex digits."""


class Tier(StrEnum):
    """How sure a match is; either way a person looks at it before anything happens."""

    MATCH = "match"
    REVIEW = "review"


class SecondSignal(StrEnum):
    """Whether pHash, an independent hash, sees the same two pictures as alike."""

    AGREES = "agrees"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two pictures match.

    ``distance`` is in bits (0 for equal file digests); ``view`` is the registered picture's,
    ``query_view`` the asked one's; ``agreeing_views`` counts the registered views that some asked
    view is close to; ``second_signal`` is None where pHash can't say (it is only comparable for
    whole or trimmed pictures of the same orientation); ``suspicious`` marks a hit in one view
    where other comparable views stay far apart, as a forged collision does.
    """

    tier: Tier
    algorithm: Algorithm
    distance: int
    view: str
    query_view: str
    agreeing_views: int
    second_signal: SecondSignal | None
    suspicious: bool

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Sort key: the surest explanation first."""
        return self.tier is not Tier.MATCH, self.distance, -self.agreeing_views

    def as_json(self) -> dict[str, object]:
        """Return the explanation's fields, as in ``matches`` of `hashreg check --json`."""
        return {
            "tier": self.tier.value,
            "algorithm": self.algorithm.value,
            "distance": self.distance,
            "view": self.view,
            "query_view": self.query_view,
            "agreeing_views": self.agreeing_views,
            "second_signal": self.second_signal.value if self.second_signal else None,
            "suspicious": self.suspicious,
        }


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """One content item x one case: the best hit, and its ticket if the question was kept."""

    explanation: Explanation
    ticket: Ticket | None = None

    def as_json(self) -> dict[str, object]:
        """Return one row of ``matches`` of `hashreg check --json`."""
        return {"ticket": self.ticket} | self.explanation.as_json()
