"""Which registered pictures have a word: postings of words, exact, in sorted arrays.

Ten bytes a token: its word, its picture and its place. Adding makes a new run of postings; runs of
like size are merged, so that a registry that grows for years has a few of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import tokens as packed
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


class TokenIndex:
    """Tokens of registered pictures by word, and each picture's shape."""

    def __init__(self) -> None:
        self._runs: list[Postings] = []
        self._owners: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._shapes: NDArray[np.float32] = np.empty((0, 2), np.float32)
        self._sections: list[tuple[Postings, Section]] = []

    @classmethod
    def of(
        cls, postings: Postings, owners: NDArray[np.uint32], shapes: NDArray[np.float32]
    ) -> Self:
        """Return the index of postings sorted by word, and of the pictures' shapes, by owner."""
        index = cls()
        index._runs, index._owners, index._shapes = [postings], owners, shapes
        return index

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take in memory."""
        runs = sum(it.words.nbytes + it.owners.nbytes + it.places.nbytes for it in self._runs)
        return runs + self._owners.nbytes + self._shapes.nbytes

    def add(self, entries: Sequence[tuple[int, Tokens]]) -> None:
        """Add registered tokens with their owners; owners come in ascending order."""
        if not entries:
            return
        unpacked = [_distinct(*packed.registered(tokens)) for _, tokens in entries]
        owners = np.array([owner for owner, _ in entries], np.uint32)
        self._owners = np.concatenate([self._owners, owners])
        shapes = np.array([packed.shape(tokens) for _, tokens in entries], np.float32)
        self._shapes = np.concatenate([self._shapes, shapes])
        counts = [len(words) for words, _ in unpacked]
        self._runs.append(
            _sorted(
                Postings(
                    np.concatenate([words for words, _ in unpacked]),
                    np.repeat(owners, counts),
                    np.concatenate([places for _, places in unpacked]),
                )
            )
        )
        self._runs.sort(key=len, reverse=True)
        while len(self._runs) > MOST_RUNS:
            self._runs[-2:] = [_merged(self._runs[-2:])]

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget all tokens of these owners."""
        self._runs = [_without(run, owners) for run in self._runs]
        now = {id(run) for run in self._runs}
        self._sections = [it for it in self._sections if id(it[0]) in now]
        kept = ~np.isin(self._owners, owners)
        self._owners, self._shapes = self._owners[kept], self._shapes[kept]

    def find(self, words: NDArray[np.uint32]) -> tuple[NDArray[np.intp], Postings]:
        """Return all tokens that have one of these words, and the number of the word of each.

        Words that too many pictures share are passed over.
        """
        order = np.argsort(words)  # in order, so that each search finds the cache warm
        words = words[order]
        firsts = [np.searchsorted(run.words, words) for run in self._runs]
        lasts = [np.searchsorted(run.words, words, "right") for run in self._runs]
        counts = [last - first for first, last in zip(firsts, lasts, strict=True)]
        most = max(LEAST_COMMON, len(self._owners) // COMMON_SHARE)
        telling = sum(counts) <= most
        found, numbers = [], []
        for run, first, every in zip(self._runs, firsts, counts, strict=True):
            count = every * telling
            chosen = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
            found.append(run[chosen])
            numbers.append(np.repeat(order, count))
        if not found:
            return np.empty(0, np.intp), _EMPTY
        return np.concatenate(numbers), _joined(found)

    def parts(self) -> Saved:
        """Return what is to be saved."""
        known = {id(run): section for run, section in self._sections}
        self._sections = [(run, known.get(id(run)) or run.section()) for run in self._runs]
        sections = {str(number): it for number, (_, it) in enumerate(self._sections)}
        sections["owners"] = Section({"owners": self._owners, "shapes": self._shapes})
        return Saved({}, sections)

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the index that ``parts`` gave."""
        index = cls()
        arrays = parts.sections["owners"].arrays
        index._owners, index._shapes = arrays["owners"], arrays["shapes"]
        runs = [it for name, it in parts.sections.items() if name != "owners"]
        index._sections = [(Postings(**it.arrays), it) for it in runs]
        index._runs = [run for run, _ in index._sections]
        return index

    def shape(self, owner: int) -> tuple[float, float]:
        """Return a picture's width and height in shares of its long side."""
        width, height = self._shapes[np.searchsorted(self._owners, owner)]
        return float(width), float(height)


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
