"""The hashes of one algorithm, of all registered pictures: whose they are, and of which view."""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import policy
from hashreg.matching.index import HammingIndex
from hashreg.matching.saved import Arrays, Saved, Section
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem


class HashTable:
    """An index of codes, beside the owner and view of each."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._index = HammingIndex(HEX_DIGITS[algorithm] // 2)
        self._owners: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._views: NDArray[np.uint16] = np.empty(0, np.uint16)
        self._plain: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, entries: Sequence[tuple[int, HashItem]]) -> None:
        """Add hashes with their owners; owners come in ascending order."""
        if not entries:
            return
        owners = np.array([owner for owner, _ in entries], np.uint32)
        views = np.array([self._view_number(item.view) for _, item in entries], np.uint16)
        self._owners = np.concatenate([self._owners, owners])
        self._views = np.concatenate([self._views, views])
        self._plain = np.concatenate([self._plain, _plain(item for _, item in entries)])
        self._index.add(codes_of(item for _, item in entries))

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget all hashes of these owners."""
        self._index.remove(np.flatnonzero(np.isin(self._owners, owners)))

    def near(self, queries: Sequence[HashItem], radius: int) -> Iterable[tuple[int, int, str, int]]:
        """Yield (query number, owner, registered view, distance) within ``radius`` bits.

        Plain views count only as near as a match is.
        """
        if not queries or not len(self._index):
            return
        limits, ids, distances = self._index.search(codes_of(queries), radius)
        numbers = np.repeat(np.arange(len(queries)), np.diff(limits))
        counts = distances <= policy.MATCH_RADIUS
        counts |= ~(_plain(queries)[numbers] | self._plain[ids])
        found = numbers[counts], ids[counts], distances[counts]
        for number, entry, distance in zip(*found, strict=True):
            view = self._names[self._views[entry]]
            yield int(number), int(self._owners[entry]), view, int(distance)

    def of(self, owner: int) -> dict[str, bytes]:
        """Return the codes of one owner that was not removed, by view."""
        first, last = np.searchsorted(self._owners, [owner, owner + 1])
        ids = np.arange(first, last, dtype=np.int64)
        names = [self._names[number] for number in self._views[ids]]
        codes = self._index.codes(ids)
        return {name: code.tobytes() for name, code in zip(names, codes, strict=True)}

    def merge(self) -> None:
        """Bring the index into shape; searches go on meanwhile."""
        self._index.merge()

    def parts(self) -> Saved:
        """Return what is to be saved."""
        arrays: Arrays = {"owners": self._owners, "views": self._views, "plain": self._plain}
        whose = Section(arrays)
        names = Saved({"names": self._names}, {"all": whose})
        return Saved.nested({"index": self._index.parts(), "whose": names})

    @classmethod
    def of_parts(cls, algorithm: Algorithm, parts: Saved) -> Self:
        """Return the table that ``parts`` gave."""
        table, whose = cls(algorithm), parts.part("whose")
        table._index = HammingIndex.of_parts(parts.part("index"))
        arrays = whose.sections["all"].arrays
        table._owners, table._views = arrays["owners"], arrays["views"]
        table._plain = arrays["plain"]
        table._names = list(whose.meta["names"])
        table._numbers = {name: number for number, name in enumerate(table._names)}
        return table

    def _view_number(self, view: str) -> int:
        if view not in self._numbers:
            self._numbers[view] = len(self._names)
            self._names.append(view)
        return self._numbers[view]


def _plain(items: Iterable[HashItem]) -> NDArray[np.bool_]:
    return np.array([policy.is_plain(item) for item in items], np.bool_)


def codes_of(items: Iterable[HashItem]) -> NDArray[np.uint8]:
    """Return hashes of one algorithm as uint8 codes, one a row."""
    digests = [item.digest for item in items]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), -1)


def distance(one: bytes, other: bytes) -> int:
    """Return the Hamming distance of two codes in bits."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
