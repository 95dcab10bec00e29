"""What a match is and how it explains itself."""

from dataclasses import dataclass, field
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


class ShapeOnly(StrEnum):
    """What stands for the algorithm where tokens alone, unconfirmed by a hash, make a hit."""

    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a registered picture lies in an upload, by the tokens that agree on it.

    ``turned`` is in degrees clockwise, -180 to 180; ``share`` is the part of the registered
    picture that the upload shows, 0 to 1.
    """

    points: int
    turned: int
    share: float
    mirrored: bool

    def as_json(self) -> dict[str, object]:
        """Return the object under ``shape``."""
        return {
            "points": self.points,
            "turned": self.turned,
            "share": self.share,
            "mirrored": self.mirrored,
        }


NOTHING_COMPARED = 256
"""Where a hit without a distance stands among others: after all that have one."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two pictures match.

    ``distance`` is in bits (0 for equal file digests, None where tokens alone speak); ``view`` is
    the registered picture's, ``query_view`` the asked one's (``aligned``: the upload, warped as
    ``shape`` says); ``agreeing_views`` counts the registered views that some asked view is close
    to; ``second_signal`` is None where pHash can't say (it is only comparable for whole or trimmed
    pictures of the same orientation); ``suspicious`` marks a hit where other comparable views
    stay far apart, as a forged collision does. ``shape`` says how the picture lies in the upload,
    where tokens agree on it.
    """

    tier: Tier
    algorithm: Algorithm | ShapeOnly
    distance: int | None
    view: str
    query_view: str
    agreeing_views: int
    second_signal: SecondSignal | None
    suspicious: bool
    shape: Shape | None = field(default=None, kw_only=True)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Sort key: the surest explanation first."""
        distance = NOTHING_COMPARED if self.distance is None else self.distance
        return self.tier is not Tier.MATCH, distance, -self.agreeing_views

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
            "shape": self.shape.as_json() if self.shape else None,
        }


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """One content item x one case: the best hit, and its ticket if the question was kept."""

    explanation: Explanation
    ticket: Ticket | None = None

    def as_json(self) -> dict[str, object]:
        """Return one row of ``matches`` of `hashreg check --json`."""
        return {"ticket": self.ticket} | self.explanation.as_json()
