"""Which registered picture, and of which case, a matcher's number stands for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.saved import Saved, Section
from hashreg.model.records import CaseId, FingerprintId

ID_BYTES = 16
Picture = tuple[CaseId, FingerprintId]


class _State(NamedTuple):
    """Numbers, ascending, and the two ids of each as one row."""

    numbers: NDArray[np.int64]
    ids: NDArray[np.uint8]


class Pictures:
    """Pictures by number. One thread may add and remove while others ask."""

    def __init__(self) -> None:
        self._state = _State(np.empty(0, np.int64), np.empty((0, 2 * ID_BYTES), np.uint8))
        self._number_of: dict[FingerprintId, int] | None = None

    def get(self, number: int) -> Picture | None:
        """Return the picture of a number, None where it is gone."""
        state = self._state
        place = np.searchsorted(state.numbers, number)
        if place == len(state.numbers) or state.numbers[place] != number:
            return None
        return _picture(state.ids[place].tobytes())

    def add(self, numbers: Iterable[int], pictures: Sequence[Picture]) -> None:
        """Add pictures with their numbers, which are above all before."""
        new = list(zip(numbers, pictures, strict=True))
        if self._number_of is not None:
            self._number_of |= {picture[1]: number for number, picture in new}
        ids = np.frombuffer(b"".join(it for picture in pictures for it in picture), np.uint8)
        before = self._state
        self._state = _State(
            np.append(before.numbers, np.array([number for number, _ in new], np.int64)),
            np.concatenate([before.ids, ids.reshape(-1, 2 * ID_BYTES)]),
        )

    def remove(self, fingerprint_ids: Iterable[FingerprintId]) -> list[int]:
        """Forget pictures and return their numbers; those that are not there are passed over."""
        if not (wanted := set(fingerprint_ids)):
            return []
        if self._number_of is None:
            self._number_of = {picture[1]: number for number, picture in self._all()}
        gone = [self._number_of.pop(it) for it in wanted if it in self._number_of]
        stays = ~np.isin(self._state.numbers, gone)
        self._state = _State(self._state.numbers[stays], self._state.ids[stays])
        return gone

    def parts(self) -> Saved:
        """Return what is to be saved."""
        return Saved({}, {"all": Section(self._state._asdict())})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the pictures that ``parts`` gave."""
        pictures = cls()
        pictures._state = _State(**parts.sections["all"].arrays)
        return pictures

    def _all(self) -> Iterator[tuple[int, Picture]]:
        state = self._state
        for number, ids in zip(state.numbers.tolist(), state.ids, strict=True):
            yield number, _picture(ids.tobytes())


def _picture(ids: bytes) -> Picture:
    return CaseId(ids[:ID_BYTES]), FingerprintId(ids[ID_BYTES:])
