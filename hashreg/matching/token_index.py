"""Which registered pictures have a word: postings of words, exact, in sorted arrays.

Ten bytes a token: its word, its picture and its place. Adding makes a new run of postings; runs of
like size are merged, so that a registry that grows for years has a few of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import tokens as packed
from hashreg.matching.runs import places_in
from hashreg.matching.saved import Saved, Section
from hashreg.model.tokens import Tokens

MOST_RUNS = 6
LEAST_COMMON, COMMON_SHARE = 256, 250
"""A word says nothing that more than one in 250 pictures have, and more than 256. In a million of
them these are 47 of 3,400 asked words and 60 % of what they find."""
MOST_EQUAL = 4
"""Equal words of one registered picture that are indexed."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Tokens of registered pictures: arrays of one length."""

    words: NDArray[np.uint32]
    owners: NDArray[np.uint32]
    places: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.words)

    def section(self) -> Section:
        """Return what is to be saved."""
        return Section({"words": self.words, "owners": self.owners, "places": self.places})

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "Postings":
        return Postings(self.words[chosen], self.owners[chosen], self.places[chosen])


class _State(NamedTuple):
    """Runs of postings, the longest first, and each picture's shape by owner."""

    runs: tuple[Postings, ...]
    owners: NDArray[np.uint32]
    shapes: NDArray[np.float32]


class TokenIndex:
    """Tokens of registered pictures by word, and each picture's shape.

    One thread may add and remove while others search: they see it as it was before or after.
    """

    def __init__(self) -> None:
        self._state = _State((), np.empty(0, np.uint32), np.empty((0, 2), np.float32))
        self._sections: list[tuple[Postings, Section]] = []

    @classmethod
    def of(
        cls, postings: Postings, owners: NDArray[np.uint32], shapes: NDArray[np.float32]
    ) -> Self:
        """Return the index of postings sorted by word, and of the pictures' shapes, by owner."""
        index = cls()
        index._state = _State((postings,), owners, shapes)
        return index

    def __len__(self) -> int:
        return sum(len(run) for run in self._state.runs)

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take in memory."""
        state = self._state
        runs = sum(it.words.nbytes + it.owners.nbytes + it.places.nbytes for it in state.runs)
        return runs + state.owners.nbytes + state.shapes.nbytes

    def add(self, entries: Sequence[tuple[int, Tokens]]) -> None:
        """Add registered tokens with their owners; owners come in ascending order."""
        if not entries:
            return
        unpacked = [_distinct(*packed.registered(tokens)) for _, tokens in entries]
        owners = np.array([owner for owner, _ in entries], np.uint32)
        shapes = np.array([packed.shape(tokens) for _, tokens in entries], np.float32)
        new = Postings(
            np.concatenate([words for words, _ in unpacked]),
            np.repeat(owners, [len(words) for words, _ in unpacked]),
            np.concatenate([places for _, places in unpacked]),
        )
        before = self._state
        runs = sorted([*before.runs, _sorted(new)], key=len, reverse=True)
        while len(runs) > MOST_RUNS:
            runs[-2:] = [_merged(runs[-2:])]
        self._state = _State(
            tuple(runs),
            np.concatenate([before.owners, owners]),
            np.concatenate([before.shapes, shapes]),
        )

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget all tokens of these owners."""
        before = self._state
        runs = tuple(_without(run, owners) for run in before.runs)
        kept = ~np.isin(before.owners, owners)
        self._state = _State(runs, before.owners[kept], before.shapes[kept])
        now = {id(run) for run in runs}
        self._sections = [it for it in self._sections if id(it[0]) in now]

    def find(self, words: NDArray[np.uint32]) -> tuple[NDArray[np.intp], Postings]:
        """Return all tokens that have one of these words, and the number of the word of each.

        Words that too many pictures share are passed over.
        """
        state = self._state
        order = np.argsort(words)  # in order, so that each search finds the cache warm
        words = words[order]
        firsts = [np.searchsorted(run.words, words) for run in state.runs]
        lasts = [np.searchsorted(run.words, words, "right") for run in state.runs]
        counts = [last - first for first, last in zip(firsts, lasts, strict=True)]
        telling = sum(counts) <= max(LEAST_COMMON, len(state.owners) // COMMON_SHARE)
        found, numbers = [], []
        for run, first, every in zip(state.runs, firsts, counts, strict=True):
            found.append(run[places_in(first, every * telling)])
            numbers.append(np.repeat(order, every * telling))
        if not found:
            return np.empty(0, np.intp), _EMPTY
        return np.concatenate(numbers), _joined(found)

    def shape(self, owner: int) -> tuple[float, float] | None:
        """Return a picture's width and height in shares of its long side; None where it is gone."""
        state = self._state
        place = np.searchsorted(state.owners, owner)
        if place == len(state.owners) or state.owners[place] != owner:
            return None
        width, height = state.shapes[place]
        return float(width), float(height)

    def parts(self) -> Saved:
        """Return what is to be saved."""
        state, known = self._state, {id(run): section for run, section in self._sections}
        self._sections = [(run, known.get(id(run)) or run.section()) for run in state.runs]
        sections = {str(number): it for number, (_, it) in enumerate(self._sections)}
        sections["owners"] = Section({"owners": state.owners, "shapes": state.shapes})
        return Saved({}, sections)

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the index that ``parts`` gave."""
        index = cls()
        runs = [it for name, it in parts.sections.items() if name != "owners"]
        index._sections = [(Postings(**it.arrays), it) for it in runs]
        arrays = parts.sections["owners"].arrays
        index._state = _State(tuple(run for run, _ in index._sections), **arrays)
        return index


_EMPTY = Postings(np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint16))


def _distinct(
    words: NDArray[np.uint32], places: NDArray[np.uint16]
) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    kept = packed.first_of_equals(words, MOST_EQUAL)
    return words[kept], places[kept]


def _without(run: Postings, owners: NDArray[np.int64]) -> Postings:
    gone = np.isin(run.owners, owners)
    return run[~gone] if gone.any() else run


def _joined(runs: Sequence[Postings]) -> Postings:
    return Postings(
        np.concatenate([run.words for run in runs]),
        np.concatenate([run.owners for run in runs]),
        np.concatenate([run.places for run in runs]),
    )


def _merged(runs: Sequence[Postings]) -> Postings:
    return _sorted(_joined(runs))


def _sorted(postings: Postings) -> Postings:
    return postings[np.argsort(postings.words, kind="stable")]
