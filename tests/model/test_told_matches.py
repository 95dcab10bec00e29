"""A match that travelled as JSON is the same match, and what is no match is refused."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidInput
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import (
    Explanation,
    FoundMatch,
    SecondSignal,
    Shape,
    ShapeOnly,
    Ticket,
    Tier,
    explanation_from_json,
    match_from_json,
)
from model.strategies import hexes, patient, views

shapes = st.builds(
    Shape,
    st.integers(0, 2048),
    st.integers(-180, 180),
    st.floats(0, 1, allow_subnormal=False),
    st.booleans(),
)


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    algorithm = draw(st.sampled_from([*Algorithm, *ShapeOnly]))
    by_tokens = isinstance(algorithm, ShapeOnly)
    return Explanation(
        draw(st.sampled_from(Tier)),
        algorithm,
        None if by_tokens else draw(st.integers(0, 256)),
        draw(views),
        draw(views),
        draw(st.integers(0, 128)),
        draw(st.none() | st.sampled_from(SecondSignal)),
        draw(st.booleans()),
        shape=draw(st.none() | shapes),
    )


@given(explanations(), st.none() | hexes(32).map(Ticket))
@patient
def test_a_match_comes_back_as_it_was(explanation: Explanation, ticket: Ticket | None) -> None:
    match = FoundMatch(explanation, ticket)
    travelled = json.loads(json.dumps(match.as_json()))
    assert match_from_json(travelled, "matches[0]") == match
    again = explanation_from_json(travelled, "")
    for it in fields(Explanation):
        before, after = getattr(explanation, it.name), getattr(again, it.name)
        assert type(before) is type(after)


RIGHT = FoundMatch(
    Explanation(
        Tier.MATCH,
        Algorithm.PDQ,
        12,
        "whole",
        "mirror",
        9,
        SecondSignal.AGREES,
        False,
        shape=Shape(5, -90, 0.5, True),
    ),
    Ticket("0" * 32),
).as_json()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ticket", "0" * 31),
        ("ticket", "G" * 32),
        ("ticket", 7),
        ("tier", "sure"),
        ("tier", None),
        ("algorithm", "PDQ"),
        ("algorithm", ["pdq"]),
        ("distance", None),
        ("distance", -1),
        ("distance", 257),
        ("distance", True),
        ("distance", 1.0),
        ("view", ""),
        ("view", "Whole"),
        ("query_view", "a" * 41),
        ("query_view", "two words"),
        ("agreeing_views", -1),
        ("agreeing_views", 129),
        ("second_signal", "perhaps"),
        ("suspicious", 0),
        ("suspicious", None),
        ("shape", []),
        ("shape", {}),
    ],
    ids=str,
)
def test_a_match_with_one_wrong_field_is_refused(name: str, wrong: object) -> None:
    assert match_from_json(RIGHT, "x").ticket == "0" * 32
    with pytest.raises(InvalidInput) as refused:
        match_from_json(RIGHT | {name: wrong}, "matches[3]")
    assert str(refused.value.field).startswith("matches[3].")


@pytest.mark.parametrize("name", sorted(RIGHT.keys() - {"ticket", "second_signal", "shape"}))
def test_a_match_without_a_field_that_it_needs_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        match_from_json({key: it for key, it in RIGHT.items() if key != name}, "")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("points", 2049),
        ("turned", 181),
        ("turned", 1.5),
        ("share", 1.01),
        ("share", -0.01),
        ("share", float("nan")),
        ("share", float("inf")),
        ("share", True),
        ("share", "0.5"),
        ("mirrored", 1),
    ],
    ids=str,
)
def test_a_shape_with_one_wrong_field_is_refused(name: str, wrong: object) -> None:
    shape = Shape(5, -90, 0.5, True).as_json()
    with pytest.raises(InvalidInput) as refused:
        match_from_json(RIGHT | {"shape": shape | {name: wrong}}, "m")
    assert refused.value.field == f"m.shape.{name}"


def test_a_whole_number_is_a_number() -> None:
    for share in (0, 1):
        shape = Shape(5, 0, 0.5, False).as_json() | {"share": share}
        found = match_from_json(RIGHT | {"shape": shape}, "").explanation.shape
        assert found is not None
        assert (type(found.share), found.share) == (float, share)
