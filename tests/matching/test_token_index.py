"""The index of words finds what its slow twin, a dictionary, finds."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching.token_index import LEAST_COMMON, MOST_RUNS, TokenIndex
from hashreg.model.tokens import TokenKind, Tokens
from matching.codes import seeded
from matching.token_scenes import picture

FEW_WORDS = 40
Found = list[tuple[int, int, int, int]]
"""The number of the word, the word, its owner and its place."""


class Twin:
    """All tokens in a dictionary by owner."""

    def __init__(self) -> None:
        self.tokens: dict[int, Tokens] = {}

    def __len__(self) -> int:
        return sum(len(records(tokens)) for tokens in self.tokens.values())

    def find(self, words: list[int]) -> Found:
        return sorted(
            (number, word, owner, int.from_bytes(record[3:]))
            for number, word in enumerate(words)
            for owner, tokens in self.tokens.items()
            for record in records(tokens)
            if int.from_bytes(record[:3]) == word
        )


def records(tokens: Tokens) -> list[bytes]:
    """Return the tokens of a picture that are indexed: of equal words the first four."""
    every = [tokens.data[start : start + 5] for start in range(2, len(tokens.data), 5)]
    words = [record[:3] for record in every]
    return [it for number, it in enumerate(every) if words[:number].count(it[:3]) < 4]


def found(index: TokenIndex, words: list[int]) -> Found:
    numbers, postings = index.find(np.array(words, np.uint32))
    columns = (numbers, postings.words, postings.owners, postings.places)
    return sorted(zip(*(it.tolist() for it in columns), strict=True))


def some_picture(chance: random.Random) -> Tokens:
    tokens = picture(chance, chance.randrange(12), FEW_WORDS)
    return Tokens(tokens.kind, chance.randbytes(2) + tokens.data[2:])


@given(st.integers(0, 2**32), st.lists(st.sampled_from(["add", "remove"]), min_size=1, max_size=20))
@patient
def test_adding_and_removing_in_any_order_leaves_the_index_equal_to_its_twin(
    seed: int, steps: list[str]
) -> None:
    chance, index, twin, next_id = seeded(seed), TokenIndex(), Twin(), 0
    for step in steps:
        if step == "add":
            new = {next_id + n: some_picture(chance) for n in range(chance.randrange(4))}
            next_id += 5
            index.add(list(new.items()))
            twin.tokens |= new
        else:
            gone = [chance.randrange(next_id + 2) for _ in range(3)]
            index.remove(np.array(sorted(set(gone)), np.int64))
            for owner in gone:
                twin.tokens.pop(owner, None)
        words = [chance.randrange(FEW_WORDS) for _ in range(chance.randrange(8))]
        equal = found(index, words) == twin.find(words)
        assert equal
        assert len(index) == len(twin)
        for owner, tokens in twin.tokens.items():
            ratio = 2 ** (int.from_bytes(tokens.data[:2], "big", signed=True) / 4096)
            width, height = index.shape(owner) or (0, 0)
            assert abs(height / width - ratio) < 1e-3 * ratio
            assert max(width, height) == 1


def test_an_index_that_grows_a_picture_at_a_time_has_few_runs() -> None:
    chance, index = seeded(1), TokenIndex()
    for owner in range(100):
        index.add([(owner, picture(chance, 5, FEW_WORDS))])
    assert len(index._state.runs) <= MOST_RUNS
    assert len(index) == 500


def test_a_word_that_too_many_pictures_share_says_nothing() -> None:
    index, shared, own = TokenIndex(), b"abc", 0
    for owner in range(LEAST_COMMON):
        index.add([(owner, Tokens(TokenKind.REGISTERED, bytes(2) + shared + bytes(2)))])
    asked = [int.from_bytes(shared), own]
    assert len(found(index, asked)) == LEAST_COMMON
    index.add([(LEAST_COMMON, Tokens(TokenKind.REGISTERED, bytes(2) + shared + bytes(7)))])
    assert {word for _, word, _, _ in found(index, asked)} == {own}


def test_a_removed_pictures_words_are_gone_from_memory() -> None:
    index = TokenIndex()
    index.add([(7, picture(seeded(2), 47))])
    index.remove(np.array([7]))
    assert len(index) == 0
    assert sum(run.words.size + run.places.size for run in index._state.runs) == 0
    assert index._state.owners.size == 0


def test_an_empty_index_and_a_picture_without_tokens_answer_nothing() -> None:
    index = TokenIndex()
    assert found(index, [1, 2]) == []
    index.add([(0, Tokens(TokenKind.REGISTERED, bytes(2)))])
    index.add([])
    assert found(index, [1, 2]) == []
    assert found(index, []) == []
    assert index.shape(0) == (1.0, 1.0)
