"""A match explains itself in the fields of the design, surest first."""

import itertools

import pytest

from hashreg.model.hashes import Algorithm
from hashreg.model.matches import (
    Explanation,
    FoundMatch,
    SecondSignal,
    Shape,
    ShapeOnly,
    Ticket,
    Tier,
)

FIELDS = [
    "ticket",
    "tier",
    "algorithm",
    "distance",
    "view",
    "query_view",
    "agreeing_views",
    "second_signal",
    "suspicious",
    "shape",
]


def explanation(
    tier: Tier = Tier.MATCH, distance: int = 12, agreeing: int = 9, signal: str | None = "agrees"
) -> Explanation:
    return Explanation(
        tier,
        Algorithm.PDQ,
        distance,
        "whole",
        "mirror",
        agreeing,
        SecondSignal(signal) if signal else None,
        False,
    )


def test_a_row_of_matches_has_the_fields_of_the_design_in_their_order() -> None:
    row = FoundMatch(explanation()).as_json()
    assert list(row) == FIELDS
    assert list(row.values()) == [
        None,
        "match",
        "pdq",
        12,
        "whole",
        "mirror",
        9,
        "agrees",
        False,
        None,
    ]


@pytest.mark.parametrize("signal", ["agrees", "disagrees", None])
def test_the_second_signal_is_a_word_or_null(signal: str | None) -> None:
    row = FoundMatch(explanation(signal=signal), Ticket("0" * 32)).as_json()
    assert row["second_signal"] == signal
    assert row["ticket"] == "0" * 32


def test_matches_stand_before_reviews_then_the_nearest_then_the_most_agreeing() -> None:
    right_order = [
        explanation(tier, distance, agreeing)
        for tier, distance, agreeing in itertools.product(Tier, (0, 12, 31), (9, 2, 1))
    ]
    alone = Explanation(Tier.REVIEW, ShapeOnly.TOKENS, None, "whole", "tokens", 9, None, False)
    right_order.append(alone)
    backwards = right_order[::-1]
    assert sorted(backwards, key=lambda it: it.rank) == right_order


def test_a_shape_says_how_the_picture_lies_in_the_fields_of_the_design() -> None:
    shape = Shape(12, -90, 0.8, True)
    assert shape.as_json() == {"points": 12, "turned": -90, "share": 0.8, "mirrored": True}
    found = Explanation(
        Tier.REVIEW, ShapeOnly.TOKENS, None, "whole", "tokens", 1, None, False, shape=shape
    )
    row = found.as_json()
    assert (row["algorithm"], row["distance"], row["shape"]) == ("tokens", None, shape.as_json())
