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


@pytest.mark.parametrize(
    ("tokens", "distance", "tier"),
    [
        (2, 0, None),
        (2, 45, None),
        (2, None, None),
        (3, 45, "match"),
        (3, 46, "review"),
        (3, 60, "review"),
        (3, 61, None),
        (3, None, None),
        (4, 45, "match"),
        (4, 46, "review"),
        (4, 60, "review"),
        (4, 61, None),
        (4, None, "review"),
        (47, 61, None),
        (47, None, "review"),
    ],
)
def test_shapes_match_from_three_tokens_with_a_window_and_are_reviewed_from_four_without(
    tokens: int, distance: int | None, tier: str | None
) -> None:
    assert policy.aligned_tier(tokens, distance) == (Tier(tier) if tier else None)


@given(st.integers(0, 50), st.integers(0, 256))
@patient
def test_more_tokens_and_nearer_windows_never_make_a_shape_less_sure(
    tokens: int, distance: int
) -> None:
    sure = {Tier.MATCH: 0, Tier.REVIEW: 1, None: 2}
    tier = sure[policy.aligned_tier(tokens, distance)]
    assert sure[policy.aligned_tier(tokens + 1, distance)] <= tier
    assert tier <= sure[policy.aligned_tier(tokens, distance + 1)]
    alone = [policy.aligned_tier(count, None) for count in (tokens, tokens + 1)]
    assert Tier.MATCH not in alone
    assert sure[alone[1]] <= sure[alone[0]]


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
