"""A decision is a verdict of the design with a reason that goes with it."""

import itertools

import pytest

from hashreg.model.errors import InvalidInput
from hashreg.model.verdicts import Decision, Reason, Verdict

TABLE: dict[str, set[str | None]] = {
    "blocked": {"non_consensual"},
    "not_blocked": {
        "different_content",
        "not_intimate",
        "public_interest",
        "consensual",
        "abusive_claim",
    },
    "pending_review": {None},
}
"""The design's verdicts, each with its reasons."""


def test_the_verdicts_and_reasons_are_those_of_the_design() -> None:
    assert {verdict.value for verdict in Verdict} == set(TABLE)
    named = [reason for reasons in TABLE.values() for reason in reasons if reason]
    assert {reason.value for reason in Reason} == set(named)
    assert len(named) == len(Reason)


@pytest.mark.parametrize(
    ("verdict", "reason"), list(itertools.product(Verdict, [*Reason, None])), ids=str
)
def test_a_verdict_takes_its_own_reasons_and_no_other(
    verdict: Verdict, reason: Reason | None
) -> None:
    if (reason.value if reason else None) in TABLE[verdict.value]:
        decision = Decision(verdict, reason)
        assert (decision.verdict, decision.reason) == (verdict, reason)
        return
    with pytest.raises(InvalidInput) as caught:
        Decision(verdict, reason)
    assert caught.value.field == "reason"
    wanted = TABLE[verdict.value] - {None}
    assert all(str(name) in str(caught.value) for name in wanted)
