"""What a match is and how it explains itself."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from hashreg.model.errors import InvalidInput
from hashreg.model.hashes import Algorithm
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields

Ticket = NewType("Ticket", str)
"""A random 128-bit name of a match, 32 hex digits."""
MOST_VIEWS = 128
MOST_POINTS = 2048
_TICKET = re.compile(r"[0-9a-f]{32}")
_VIEW = re.compile(r"[a-z0-9][a-z0-9:+-]{0,39}")


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


def explanation_from_json(data: object, place: str) -> Explanation:
    """Read the fields of ``Explanation.as_json``, among which others may stand.

    Raises InvalidInput naming the place.
    """
    fields = Fields(data, place)
    words = [*Algorithm, *ShapeOnly]
    algorithm = fields.one_of("algorithm", words)
    by_tokens = algorithm in set(ShapeOnly)
    most = NOTHING_COMPARED
    return Explanation(
        Tier(fields.one_of("tier", Tier)),
        ShapeOnly(algorithm) if by_tokens else Algorithm(algorithm),
        None if by_tokens else fields.whole_number("distance", 0, most),
        _view(fields, "view"),
        _view(fields, "query_view"),
        fields.whole_number("agreeing_views", 0, MOST_VIEWS),
        SecondSignal(fields.one_of("second_signal", SecondSignal))
        if fields.has("second_signal")
        else None,
        fields.flag("suspicious"),
        shape=_shape(fields.raw("shape"), fields.place("shape")) if fields.has("shape") else None,
    )


def match_from_json(data: object, place: str) -> FoundMatch:
    """Read what ``FoundMatch.as_json`` made; raises InvalidInput naming the place."""
    fields = Fields(data, place)
    ticket = ticket_from_json(fields, "ticket") if fields.has("ticket") else None
    return FoundMatch(explanation_from_json(data, place), ticket)


def ticket_from_json(fields: Fields, name: str) -> Ticket:
    """Read a ticket; raises InvalidInput, which doesn't echo it."""
    text = fields.text(name)
    if not _TICKET.fullmatch(text):
        raise InvalidInput(
            N_("{place} must be a ticket of 32 hex digits."),
            field=fields.place(name),
            place=fields.place(name),
        )
    return Ticket(text)


def _view(fields: Fields, name: str) -> str:
    view = fields.text(name)
    if not _VIEW.fullmatch(view):
        raise InvalidInput(
            N_("A view must be a short name in lower case, such as whole or window:c80."),
            field=fields.place(name),
        )
    return view


def _shape(data: object, place: str) -> Shape:
    fields = Fields(data, place)
    return Shape(
        fields.whole_number("points", 0, MOST_POINTS),
        fields.whole_number("turned", -180, 180),
        fields.number("share", 0, 1),
        fields.flag("mirrored"),
    )
