"""Which registered picture, and of which case, a matcher's number stands for."""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np

from hashreg.matching.saved import Saved, Section
from hashreg.model.records import CaseId, FingerprintId

ID_BYTES = 16
Picture = tuple[CaseId, FingerprintId]


class Pictures:
    """Those that were kept lie in arrays, those that came later in a dictionary."""

    def __init__(self) -> None:
        self._numbers = np.empty(0, np.int64)
        self._ids = np.empty((0, 2 * ID_BYTES), np.uint8)
        self._later: dict[int, Picture] = {}
        self._number_of: dict[FingerprintId, int] | None = None

    def __getitem__(self, number: int) -> Picture:
        if number in self._later:
            return self._later[number]
        both = self._ids[np.searchsorted(self._numbers, number)].tobytes()
        return CaseId(both[:ID_BYTES]), FingerprintId(both[ID_BYTES:])

    def add(self, numbers: Iterable[int], pictures: Sequence[Picture]) -> None:
        """Add pictures with their numbers, which are above all before."""
        new = dict(zip(numbers, pictures, strict=True))
        self._later |= new
        if self._number_of is not None:
            self._number_of |= {picture[1]: number for number, picture in new.items()}

    def remove(self, fingerprint_ids: Iterable[FingerprintId]) -> list[int]:
        """Forget pictures and return their numbers; those that are not there are passed over."""
        if not (wanted := set(fingerprint_ids)):
            return []
        if self._number_of is None:
            numbers = (*self._numbers.tolist(), *self._later)
            self._number_of = {self[number][1]: number for number in numbers}
        gone = [self._number_of.pop(it) for it in wanted if it in self._number_of]
        for number in gone:
            self._later.pop(number, None)
        stays = ~np.isin(self._numbers, gone)
        self._numbers, self._ids = self._numbers[stays], self._ids[stays]
        return gone

    def parts(self) -> Saved:
        """Return what is to be saved."""
        later = b"".join(case_id + picture_id for case_id, picture_id in self._later.values())
        ids = np.frombuffer(later, np.uint8).reshape(len(self._later), 2 * ID_BYTES)
        numbers = np.fromiter(self._later, np.int64, len(self._later))
        self._numbers = np.concatenate([self._numbers, numbers])
        self._ids = np.concatenate([self._ids, ids])
        self._later = {}
        return Saved({}, {"all": Section({"numbers": self._numbers, "ids": self._ids})})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the pictures that ``parts`` gave."""
        pictures, arrays = cls(), parts.sections["all"].arrays
        pictures._numbers, pictures._ids = arrays["numbers"], arrays["ids"]
        return pictures
