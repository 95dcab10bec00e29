"""What a person who saw the content decides, and the reasons that go with it."""

from dataclasses import dataclass
from enum import StrEnum

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_


class Verdict(StrEnum):
    """The decision, in StopNCII's words."""

    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"
    PENDING_REVIEW = "pending_review"


class Reason(StrEnum):
    """Why it was decided so."""

    NON_CONSENSUAL = "non_consensual"
    DIFFERENT_CONTENT = "different_content"
    NOT_INTIMATE = "not_intimate"
    PUBLIC_INTEREST = "public_interest"
    CONSENSUAL = "consensual"
    ABUSIVE_CLAIM = "abusive_claim"


REASONS: dict[Verdict, frozenset[Reason]] = {
    Verdict.BLOCKED: frozenset({Reason.NON_CONSENSUAL}),
    Verdict.NOT_BLOCKED: frozenset(
        {
            Reason.DIFFERENT_CONTENT,
            Reason.NOT_INTIMATE,
            Reason.PUBLIC_INTEREST,
            Reason.CONSENSUAL,
            Reason.ABUSIVE_CLAIM,
        }
    ),
    Verdict.PENDING_REVIEW: frozenset(),
}
"""Which reasons go with which verdict; a verdict without reasons takes none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reason. Raises InvalidInput where the two don't go together."""

    verdict: Verdict
    reason: Reason | None

    @property
    def words(self) -> str:
        """The verdict, and its reason where there is one, as the list of events has it."""
        return f"{self.verdict} {self.reason}" if self.reason else self.verdict.value

    def __post_init__(self) -> None:
        allowed = REASONS[self.verdict]
        if allowed and self.reason not in allowed:
            raise InvalidInput(
                N_("{verdict} needs a reason, one of: {reasons}."),
                field="reason",
                verdict=self.verdict.value,
                reasons=", ".join(sorted(reason.value for reason in allowed)),
            )
        if not allowed and self.reason is not None:
            raise InvalidInput(
                N_("{verdict} takes no reason."), field="reason", verdict=self.verdict.value
            )
