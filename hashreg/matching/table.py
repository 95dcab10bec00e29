"""The hashes of one algorithm, of all registered pictures: whose they are, and of which view.

One thread may add and remove while others search: whose a code is, is known before the code is in
the index and never forgotten, and a code that is being removed is not found.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import policy
from hashreg.matching.bits import Codes
from hashreg.matching.index import HammingIndex
from hashreg.matching.runs import places_in
from hashreg.matching.saved import Arrays, Saved, Section
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem


class View(NamedTuple):
    """The hash of one view of a picture."""

    code: bytes
    is_plain: bool


Views = dict[str, View]
"""A picture's hashes of one algorithm, by view."""


class _Whose(NamedTuple):
    """Of each id of the index, its owner (ascending), its view and whether that is plain."""

    owners: NDArray[np.uint32]
    views: NDArray[np.uint16]
    plain: NDArray[np.bool_]
    names: tuple[str, ...]

    def and_(self, entries: Sequence[tuple[int, HashItem]]) -> "_Whose":
        """Return these and more."""
        names = tuple(dict.fromkeys((*self.names, *(item.view for _, item in entries))))
        numbers = {name: number for number, name in enumerate(names)}
        return _Whose(
            np.append(self.owners, np.array([owner for owner, _ in entries], np.uint32)),
            np.append(self.views, np.array([numbers[it.view] for _, it in entries], np.uint16)),
            np.append(self.plain, np.array([policy.is_plain(item) for _, item in entries])),
            names,
        )

    def ids_of(self, owners: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ids of all hashes of these owners."""
        asked = np.asarray(owners).astype(np.uint32)  # of the same type, or all of ours are copied
        firsts, lasts = (np.searchsorted(self.owners, asked, side) for side in ("left", "right"))
        return places_in(firsts, lasts - firsts)


_NOBODY = _Whose(np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.bool_), ())


class HashTable:
    """An index of codes, beside the owner and view of each."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._algorithm = algorithm
        self._index = HammingIndex(HEX_DIGITS[algorithm] // 2)
        self._whose = _NOBODY

    def add(self, entries: Sequence[tuple[int, HashItem]]) -> None:
        """Add hashes with their owners; owners come in ascending order."""
        if entries:
            self._whose = self._whose.and_(entries)
            self._index.add(codes_of(self._algorithm, (item for _, item in entries)))

    def remove(self, owners: NDArray[np.int64]) -> None:
        """Forget all hashes of these owners."""
        self._index.remove(self._whose.ids_of(owners))

    def near(self, codes: Codes, radius: int) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Return pairs within ``radius`` bits: numbers of asked codes, and owners."""
        limits, ids, _ = self._index.search(codes, radius)
        return np.repeat(np.arange(len(codes)), np.diff(limits)), self._whose.owners[ids]

    def of(self, owners: Iterable[int]) -> dict[int, Views]:
        """Return the hashes of each owner; of one that was removed, none."""
        found: dict[int, Views] = {owner: {} for owner in sorted(owners)}
        whose = self._whose
        ids = whose.ids_of(np.array(list(found), np.int64))
        places, codes = self._index.codes(ids)
        ids = ids[places]
        columns = (it[ids].tolist() for it in (whose.owners, whose.views, whose.plain))
        for owner, view, plain, code in zip(*columns, codes, strict=True):
            found[owner][whose.names[view]] = View(code.tobytes(), plain)
        return found

    def merge(self) -> None:
        """Bring the index into shape; searches go on meanwhile."""
        self._index.merge()

    def parts(self) -> Saved:
        """Return what is to be saved."""
        arrays: Arrays = self._whose._asdict()
        names = Saved({"names": list(arrays.pop("names"))}, {"all": Section(arrays)})
        return Saved.nested({"index": self._index.parts(), "whose": names})

    @classmethod
    def of_parts(cls, algorithm: Algorithm, parts: Saved) -> Self:
        """Return the table that ``parts`` gave."""
        table, whose = cls(algorithm), parts.part("whose")
        table._index = HammingIndex.of_parts(parts.part("index"))
        arrays = whose.sections["all"].arrays
        table._whose = _Whose(**arrays, names=tuple(whose.meta["names"]))
        return table


def codes_of(algorithm: Algorithm, items: Iterable[HashItem]) -> Codes:
    """Return hashes of one algorithm as uint8 codes, one a row."""
    codes = np.frombuffer(bytes.fromhex("".join([item.hash for item in items])), np.uint8)
    return codes.reshape(-1, HEX_DIGITS[algorithm] // 2)


def distance(one: bytes, other: bytes) -> int:
    """Return the Hamming distance of two codes in bits."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
