"""Which registered pictures have a file digest: sorted arrays, 48 bytes a SHA-256."""

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.saved import Saved, Section

KEY_BYTES = 8
"""The beginning of a digest, by which they are sorted; digests with the same are compared whole."""


_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


class DigestTable:
    """Digests of one algorithm in the order of their owners."""

    def __init__(self, digest_bytes: int) -> None:
        """Make an empty table of digests of so many bytes."""
        self._digests = np.empty((0, digest_bytes), np.uint8)
        self._owners: NDArray[np.int64] = np.empty(0, np.int64)
        self._sort()

    def __len__(self) -> int:
        return len(self._owners)

    def add(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Add digests with their owners; owners come in ascending order."""
        if not entries:
            return
        digests = np.frombuffer(b"".join(digest for _, digest in entries), np.uint8)
        owners = np.array([owner for owner, _ in entries], np.int64)
        self._digests = np.concatenate([self._digests, digests.reshape(len(entries), -1)])
        self._owners = np.concatenate([self._owners, owners])
        self._sort()

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget the digests of these owners; they are overwritten."""
        gone = np.isin(self._owners, owners)
        if not gone.any():
            return
        before = self._digests
        self._digests, self._owners = before[~gone], self._owners[~gone]
        before[gone] = 0
        self._sort()

    def owners(self, digest: bytes) -> list[int]:
        """Return who has this digest."""
        asked = np.frombuffer(digest, np.uint8)
        key = _keys(asked[np.newaxis])
        first, last = (int(np.searchsorted(self._keys, key, side)[0]) for side in _SIDES)
        rows = self._order[first:last]
        return sorted(self._owners[rows[(self._digests[rows] == asked).all(axis=1)]].tolist())

    def has(self, owner: int) -> bool:
        """Tell whether this owner has a digest here."""
        place = np.searchsorted(self._owners, owner)
        return bool(place < len(self._owners) and self._owners[place] == owner)

    def parts(self) -> Saved:
        """Return what is to be saved."""
        return Saved({}, {"all": Section({"digests": self._digests, "owners": self._owners})})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the table that ``parts`` gave."""
        arrays = parts.sections["all"].arrays
        table = cls(arrays["digests"].shape[1])
        table._digests, table._owners = arrays["digests"], arrays["owners"]
        table._sort()
        return table

    def _sort(self) -> None:
        keys = _keys(self._digests)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]


def _keys(digests: NDArray[np.uint8]) -> NDArray[np.uint64]:
    beginnings = np.ascontiguousarray(digests[:, :KEY_BYTES])
    return beginnings.view(np.uint64).reshape(-1)
