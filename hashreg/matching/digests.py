"""Which registered pictures have a file digest: sorted arrays, 48 bytes a SHA-256.

One thread may add and remove while others search: they see the table as it was before or after.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.bits import Codes
from hashreg.matching.runs import places_in
from hashreg.matching.saved import Arrays, Saved, Section

KEY_BYTES = 8
"""The beginning of a digest, by which they are sorted; digests with the same are compared whole."""


class _State(NamedTuple):
    """Digests in the order of their owners, and where they stand in the order of their keys."""

    digests: Codes
    owners: NDArray[np.int64]
    keys: NDArray[np.uint64]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, digests: Codes, owners: NDArray[np.int64]) -> "_State":
        keys = _keys(digests)
        order = np.argsort(keys)
        return cls(digests, owners, keys[order], order)

    def and_(self, more: "_State") -> "_State":
        """Return these digests and those of higher owners."""
        places = np.searchsorted(self.keys, more.keys)
        return _State(
            np.concatenate([self.digests, more.digests]),
            np.concatenate([self.owners, more.owners]),
            np.insert(self.keys, places, more.keys),
            np.insert(self.order, places, more.order + len(self.owners)),
        )


class DigestTable:
    """Digests of one algorithm."""

    def __init__(self, digest_bytes: int) -> None:
        """Make an empty table of digests of so many bytes."""
        self._state = _State.of(np.empty((0, digest_bytes), np.uint8), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self._state.owners)

    def add(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Add digests with their owners; owners come in ascending order."""
        if not entries:
            return
        digests = np.frombuffer(b"".join(digest for _, digest in entries), np.uint8)
        owners = np.array([owner for owner, _ in entries], np.int64)
        self._state = self._state.and_(_State.of(digests.reshape(len(entries), -1), owners))

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget the digests of these owners; they are overwritten."""
        before = self._state
        gone = np.isin(before.owners, owners)
        if gone.any():
            self._state = _State.of(before.digests[~gone], before.owners[~gone])
            before.digests[gone] = 0

    def find(self, asked: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return who has these digests, uint8 (q, digest_bytes): their numbers, and owners."""
        state, keys = self._state, _keys(asked)
        firsts = np.searchsorted(state.keys, keys)
        counts = np.searchsorted(state.keys, keys, "right") - firsts
        numbers = np.repeat(np.arange(len(asked)), counts)
        rows = state.order[places_in(firsts, counts)]
        same = (state.digests[rows] == asked[numbers]).all(axis=1)
        return numbers[same], state.owners[rows[same]]

    def has(self, owner: int) -> bool:
        """Tell whether this owner has a digest here."""
        owners = self._state.owners
        place = np.searchsorted(owners, owner)
        return bool(place < len(owners) and owners[place] == owner)

    def parts(self) -> Saved:
        """Return what is to be saved."""
        arrays: Arrays = {"digests": self._state.digests, "owners": self._state.owners}
        return Saved({}, {"all": Section(arrays)})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the table that ``parts`` gave."""
        arrays = parts.sections["all"].arrays
        table = cls(arrays["digests"].shape[1])
        table._state = _State.of(arrays["digests"], arrays["owners"])
        return table


def _keys(digests: Codes) -> NDArray[np.uint64]:
    beginnings = np.ascontiguousarray(digests[:, :KEY_BYTES])
    return beginnings.view(np.uint64).reshape(-1)
