"""What the benchmark says of false hits rests on these few functions."""

import math

import numpy as np
import pytest
from falsehits import bounds
from hypothesis import given
from hypothesis import strategies as st
from nearest import TILE_PICTURES, Words, histogram, smallest
from tail import STEP, binned, fits, line


def random_words(random: np.random.Generator, count: int) -> Words:
    return random.integers(0, 2**64, (count, 4), np.uint64)


def slow_smallest(one: Words, other: Words) -> int:
    return min(
        sum((int(a) ^ int(b)).bit_count() for a, b in zip(x, y, strict=True))
        for x in one
        for y in other
    )


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_the_smallest_distance_is_that_of_brute_force(seed: int, sizes: list[int]) -> None:
    random = np.random.default_rng(seed)
    pictures = [random_words(random, size) for size in sizes]
    upload = np.concatenate(
        [random_words(random, 2), ~pictures[0][:1], pictures[-1][:1] ^ np.uint64(5)]
    )
    [(number, first, nearest)] = smallest(pictures, [upload])
    assert (number, first) == (0, 0)
    assert nearest.tolist() == [slow_smallest(it, upload) for it in pictures]


def test_a_complement_is_256_bits_away() -> None:
    code = random_words(np.random.default_rng(1), 1)
    [(_, _, nearest)] = smallest([code], [~code])
    assert nearest.tolist() == [256]


def test_pairs_are_counted_by_photo_and_source_over_all_tiles() -> None:
    random = np.random.default_rng(2)
    pictures = [random_words(random, 1) for _ in range(TILE_PICTURES + 3)]
    sources = [number % 2 for number in range(len(pictures))]
    empty = np.empty((0, 4), np.uint64)
    uploads = [pictures[0], empty, pictures[-1]]
    counts = histogram(uploads, [0, 1, 1], [*pictures, empty], [*sources, 0])
    assert counts.shape == (2, 2, 257)
    assert counts.sum() == 2 * len(pictures)
    assert counts[:, :, 0].tolist() == [[1, 0], [1, 0]]
    assert counts[0].sum() == len(pictures)


@pytest.mark.parametrize(
    ("hits", "pairs", "lower", "upper"),
    [  # scipy.stats.beta.ppf(0.05, k, n - k + 1) and ppf(0.95, k + 1, n - k)
        (0, 10, 0.0, 0.2588656),
        (1, 10, 0.0051162, 0.3941633),
        (5, 1000, 0.0019722, 0.0104841),
        (10, 10, 0.7411344, 1.0),
    ],
)
def test_bounds_are_exact(hits: int, pairs: int, lower: float, upper: float) -> None:
    assert bounds(hits, pairs) == pytest.approx((lower, upper), abs=1e-6)


def test_no_hit_in_many_pairs_bounds_at_three_over_their_number() -> None:
    assert bounds(0, 10**8)[1] == pytest.approx(-math.log(0.05) / 10**8, rel=1e-6)
    assert bounds(0, 0) == (0.0, 1.0)


def test_bins_hold_two_distances_each() -> None:
    distances = np.zeros((1, 1, 257), np.int64)
    distances[0, 0, [0, 1, 2, 255, 256]] = 1, 2, 4, 8, 16
    counts = binned(distances)[0, 0]
    assert counts.shape == (129,)
    assert counts[[0, 1, 127, 128]].tolist() == [3, 4, 8, 16]


def test_a_line_continues_a_steady_fall() -> None:
    counts = np.zeros(129, np.int64)
    counts[30:45] = [2**number for number in range(15)]
    fitted = line(counts, 44, 10**9)
    assert fitted is not None
    assert fitted.factor == pytest.approx(2, rel=0.01)
    seen = counts[:41].sum() / 10**9
    assert fitted.within(40 * STEP + 1) == pytest.approx(seen, rel=0.01)
    assert fitted.within(20 * STEP + 1) == pytest.approx(seen / 2**20, rel=0.1)


def test_one_photo_that_is_near_to_all_makes_the_bound_wide() -> None:
    tail = np.zeros(129, np.int64)
    tail[35:45] = [2**number for number in range(10)]
    evenly = np.broadcast_to(tail, (30, 30, 129)).copy()
    by_one = np.zeros_like(evenly)
    by_one[0] = 30 * tail
    for counts in (evenly, by_one):
        counts[:, :, 60] = 10**8 - counts.sum(2)
    narrow, wide = (fits(counts, (31,), 1)[0] for counts in (evenly, by_one))
    assert narrow.within == wide.within
    assert narrow.high[31] < 1.01 * narrow.within[31]
    assert wide.high[31] > 2 * wide.within[31]
