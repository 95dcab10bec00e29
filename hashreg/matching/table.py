"""The hashes of one algorithm, of all registered pictures: whose they are, and of which view."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.index import HammingIndex
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem


class HashTable:
    """An index of codes, beside the owner and view of each."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._index = HammingIndex(HEX_DIGITS[algorithm] // 2)
        self._owners: NDArray[np.int64] = np.empty(0, np.int64)
        self._views: NDArray[np.int32] = np.empty(0, np.int32)
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, entries: Sequence[tuple[int, HashItem]]) -> None:
        """Add hashes with their owners; owners come in ascending order."""
        if not entries:
            return
        self._index.add(codes_of(item for _, item in entries))
        owners = np.array([owner for owner, _ in entries], np.int64)
        views = np.array([self._view_number(item.view) for _, item in entries], np.int32)
        self._owners = np.concatenate([self._owners, owners])
        self._views = np.concatenate([self._views, views])

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget all hashes of these owners."""
        self._index.remove(np.flatnonzero(np.isin(self._owners, owners)))

    def near(self, queries: Sequence[HashItem], radius: int) -> Iterable[tuple[int, int, str, int]]:
        """Yield (query number, owner, registered view, distance) within ``radius`` bits."""
        if not queries or not len(self._index):
            return
        limits, ids, distances = self._index.search(codes_of(queries), radius)
        numbers = np.repeat(np.arange(len(queries)), np.diff(limits))
        for number, entry, distance in zip(numbers, ids, distances, strict=True):
            view = self._names[self._views[entry]]
            yield int(number), int(self._owners[entry]), view, int(distance)

    def of(self, owner: int) -> dict[str, bytes]:
        """Return the codes of one owner that was not removed, by view."""
        first, last = np.searchsorted(self._owners, [owner, owner + 1])
        ids = np.arange(first, last, dtype=np.int64)
        names = [self._names[number] for number in self._views[ids]]
        codes = self._index.codes(ids)
        return {name: code.tobytes() for name, code in zip(names, codes, strict=True)}

    def _view_number(self, view: str) -> int:
        if view not in self._numbers:
            self._numbers[view] = len(self._names)
            self._names.append(view)
        return self._numbers[view]


def codes_of(items: Iterable[HashItem]) -> NDArray[np.uint8]:
    """Return hashes of one algorithm as uint8 codes, one a row."""
    digests = [item.digest for item in items]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), -1)


def distance(one: bytes, other: bytes) -> int:
    """Return the Hamming distance of two codes in bits."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
