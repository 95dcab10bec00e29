"""The thresholds are those of the design's table, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import policy
from hashreg.model.matches import Tier


@pytest.mark.parametrize(
    ("distance", "tier"),
    [
        (0, "match"),
        (31, "match"),
        (32, "review"),
        (45, "review"),
        (46, None),
        (72, None),
        (256, None),
    ],
)
def test_pdq_matches_up_to_31_and_is_reviewed_up_to_45(distance: int, tier: str | None) -> None:
    assert policy.pdq_tier(distance) == (Tier(tier) if tier else None)


@pytest.mark.parametrize(
    ("phash", "pdq", "tier"),
    [
        (0, 0, "review"),
        (8, 72, "review"),
        (9, 72, None),
        (8, 73, None),
        (9, 73, None),
        (0, 73, None),
        (64, 0, None),
    ],
)
def test_phash_is_reviewed_up_to_8_where_pdq_confirms_it_up_to_72(
    phash: int, pdq: int, tier: str | None
) -> None:
    assert policy.phash_tier(phash, pdq) == (Tier(tier) if tier else None)


@given(st.integers(0, 256), st.integers(0, 64))
@patient
def test_a_tier_is_never_surer_than_the_table_and_never_gets_surer_with_distance(
    pdq: int, phash: int
) -> None:
    sure = {Tier.MATCH: 0, Tier.REVIEW: 1, None: 2}
    assert policy.pdq_tier(pdq) == (Tier.MATCH if pdq < 32 else Tier.REVIEW if pdq < 46 else None)
    assert policy.phash_tier(phash, pdq) == (Tier.REVIEW if phash < 9 and pdq < 73 else None)
    assert sure[policy.pdq_tier(pdq)] <= sure[policy.pdq_tier(pdq + 1)]
    assert sure[policy.phash_tier(phash, pdq)] <= sure[policy.phash_tier(phash, pdq + 1)]
    assert sure[policy.phash_tier(phash, pdq)] <= sure[policy.phash_tier(phash + 1, pdq)]


def test_phash_is_compared_between_whole_and_between_trimmed_pictures_only() -> None:
    assert {"whole", "trimmed"} == policy.PHASH_VIEWS
