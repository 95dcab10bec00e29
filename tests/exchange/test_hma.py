"""Banks and distances are the tiers of the policy."""

import pytest

from hashreg.exchange.hma import BANKS, banks
from hashreg.matching import policy
from hashreg.model.matches import Tier


def test_each_tier_is_a_bank_at_the_largest_distance_of_the_policy() -> None:
    assert set(BANKS) == set(Tier)
    told = [{"bank_content_id": 0, "distance": str(it)} for it in LIMITS]
    assert banks([Tier.MATCH]) == {"HASHREG_MATCH": told[:1]}
    assert banks([Tier.REVIEW]) == {"HASHREG_REVIEW": told[1:]}


LIMITS = (policy.MATCH_RADIUS, policy.REVIEW_RADIUS)


@pytest.mark.parametrize("tiers", [[Tier.MATCH, Tier.REVIEW], [Tier.REVIEW, Tier.MATCH]])
def test_the_surest_counts(tiers: list[Tier]) -> None:
    assert list(banks(tiers)) == ["HASHREG_MATCH"]
    assert banks([]) == {}
