"""The vote is its slow twin's, and the fitted transform says how the copy lies."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import votes
from hashreg.matching.tokens import Geometry
from hashreg.model.tokens import Transform
from matching.codes import seeded
from matching.naive_votes import Doubtful, Pair, Token
from matching.naive_votes import vote as naive_vote
from matching.token_scenes import any_lie

CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5))
Place = tuple[float, float]


def geometry(tokens: Sequence[Token]) -> Geometry:
    rows = np.array([(it.x, it.y, it.log_size, it.turn) for it in tokens], np.float32)
    return Geometry(*rows.reshape(-1, 4).T)


def as_pairs(pairs: Sequence[Pair]) -> votes.Pairs:
    numbers = np.array([(number, other) for number, _, other, _ in pairs]).reshape(-1, 2)
    asked, registered = geometry([it[1] for it in pairs]), geometry([it[3] for it in pairs])
    return votes.Pairs(numbers[:, 0], numbers[:, 1], asked, registered)


def some_pairs(seed: int, count: int) -> list[Pair]:
    """Return pairs of which some agree, some share a token, and some are anywhere."""
    chance = seeded(seed)
    lie = any_lie(chance)
    pairs = list[Pair]()
    for number in range(count):
        x, y, size, turn = chance.random(), chance.random(), chance.uniform(-5, -4), chance.random()
        wobble = chance.choice((0, 0, 0.02, 0.2))
        across, down = (it + chance.uniform(-wobble, wobble) for it in lie.placed(x, y))
        away = chance.uniform(-10, 10) * wobble
        log_size = size + math.log(lie.scale) + away / 4
        q = Token(0, 0, across, down, log_size, turn + lie.turn + away)
        sides = (chance.choice((number, chance.randrange(count))) for _ in range(2))
        pairs.append((next(sides), q, next(sides), Token(0, 0, x, y, size, turn)))
    return pairs


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(patient, max_examples=200)
def test_the_vote_is_its_twins(seed: int, count: int) -> None:
    pairs = some_pairs(seed, count)
    try:
        expected = naive_vote(pairs)
    except Doubtful:
        return
    found = votes.vote(as_pairs(pairs))
    assert found.count == expected
    chosen = [pair for pair, agrees in zip(pairs, found.agreeing, strict=True) if agrees]
    assert min(len({it[0] for it in chosen}), len({it[2] for it in chosen})) == expected


def test_one_token_counts_once_however_many_like_it_there_are() -> None:
    pairs = [(number, it, 0, other) for number, it, _, other in exact_pairs(8)]
    assert votes.vote(as_pairs(pairs)).count == 1


def exact_pairs(count: int, linear: Sequence[float] = (1, 0, 0, 1), noise: float = 0) -> list[Pair]:
    """Return pairs as a picture has them that lies by a linear map and a shift of a half."""
    chance, (a, b, c, d) = seeded(count), linear
    pairs = list[Pair]()
    for number in range(count):
        x, y = chance.random(), chance.random()
        off = (chance.uniform(-noise, noise) for _ in range(2))
        at = a * x + b * y + 0.5 + next(off), c * x + d * y + 0.5 + next(off)
        pairs.append((number, Token(0, 0, *at, -4, 0), number, Token(0, 0, x, y, -4, 0)))
    return pairs


def fit(pairs: Sequence[Pair], sides: Place = (1, 1)) -> Transform:
    return votes.fitted(as_pairs(pairs), np.ones(len(pairs), bool), *sides)


def furthest_off(found: Transform, linear: Sequence[float], sides: Place = (1, 1)) -> float:
    """Return how far from its true place the transform lays a corner or the middle, at most."""
    (a, b, c, d, e, f), (p, q, r, s), (width, height) = found, linear, sides
    return max(
        math.hypot(
            a * u + b * v + c - (p * u * width + q * v * height + 0.5),
            d * u + e * v + f - (r * u * width + s * v * height + 0.5),
        )
        for u, v in CORNERS
    )


def turned(degrees: float, scale: float) -> tuple[float, float, float, float]:
    cosine, sine = (scale * it(math.radians(degrees)) for it in (math.cos, math.sin))
    return cosine, -sine, sine, cosine


@pytest.mark.parametrize("count", [3, 4, 5, 20])
@pytest.mark.parametrize("degrees", [0, 12, -90, 179])
@pytest.mark.parametrize("scale", [0.2, 1, 2])
@pytest.mark.parametrize("sides", [(1, 1), (1, 0.5), (0.25, 1)])
def test_a_known_similarity_is_recovered(
    count: int, degrees: float, scale: float, sides: Place
) -> None:
    linear = turned(degrees, scale)
    assert furthest_off(fit(exact_pairs(count, linear), sides), linear, sides) < 1e-4


@pytest.mark.parametrize("linear", [(1.1, 0, 0, 1), (1, 0.1, 0, 1), (0.5, -0.45, 0.5, 0.55)])
def test_a_known_stretch_is_recovered_but_for_the_damping(linear: Sequence[float]) -> None:
    off = furthest_off(fit(exact_pairs(20, linear)), linear)
    assert off < 0.02
    similar = furthest_off(fit(exact_pairs(4, linear)), linear)
    assert off < similar


def test_noise_of_the_registered_cells_moves_a_corner_by_a_fortieth_at_most() -> None:
    linear = turned(20, 0.8)
    found = fit(exact_pairs(15, linear, noise=1 / 64))
    assert furthest_off(found, linear) < 1 / 40


def test_one_stray_pair_among_many_hardly_moves_the_fit() -> None:
    linear = turned(30, 1)
    number, q, other, r = exact_pairs(13, linear)[0]
    stray = Token(0, 0, q.x + 0.15, q.y - 0.1, q.log_size, q.turn)
    found = fit([(number, stray, other, r), *exact_pairs(12, linear)])
    assert furthest_off(found, linear) < 0.01


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_tokens_in_one_point_or_on_a_line_give_finite_numbers(count: int) -> None:
    one = exact_pairs(1)[0]
    line = [
        (n, Token(0, 0, n / 9, 0.5, -4, 0), n, Token(0, 0, n / 9, 0.5, -4, 0)) for n in range(count)
    ]
    for pairs in ([one] * count, line):
        assert np.isfinite(fit(pairs)).all()
