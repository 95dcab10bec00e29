"""Telling which of some registered pictures a question comes near to, hit or miss."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import policy
from hashreg.matching.asked import Asked
from hashreg.matching.index import HammingIndex
from hashreg.matching.table import codes_of
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm

Name = TypeVar("Name", bound=Hashable)
PDQ_BYTES = 32


class Watch(Generic[Name]):
    """The PDQ codes of at most ``most`` pictures, those that were added or seen last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._index = HammingIndex(PDQ_BYTES)
        self._ids: OrderedDict[Name, NDArray[np.int64]] = OrderedDict()
        self._names: dict[int, Name] = {}

    def __contains__(self, name: Name) -> bool:
        return name in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def see(self, name: Name) -> None:
        """Keep a picture before those that were not seen for longer."""
        self._ids.move_to_end(name)

    def add(self, name: Name, fingerprint: Fingerprint) -> None:
        """Watch a picture, perhaps in place of the one that was not seen for longest."""
        pdq = [it for it in fingerprint.hashes if it.algorithm is Algorithm.PDQ]
        ids = self._index.add(codes_of(Algorithm.PDQ, pdq))
        self._ids[name] = ids
        self._names |= dict.fromkeys(ids.tolist(), name)
        if len(self._ids) > self._most:
            self.drop(next(iter(self._ids)))

    def drop(self, name: Name) -> None:
        """Forget a picture and its codes; one that isn't watched is passed over."""
        ids = self._ids.pop(name, None)
        if ids is not None:
            self._index.remove(ids)
            for number in ids.tolist():
                del self._names[number]

    def near(self, asked: Sequence[Fingerprint]) -> list[set[Name]]:
        """Return the pictures that each question comes near to, in any view and orientation.

        Near is farther than any answer reaches: PROBE_RADIUS, or where the question has a pHash,
        which is confirmed by PDQ farther out, PROBE_CONFIRM_RADIUS.
        """
        found: list[set[Name]] = [set() for _ in asked]
        reach = [_reach(it) for it in asked]
        codes = Asked(asked).pdq()
        limits, ids, distances = self._index.search(codes.codes, policy.PROBE_CONFIRM_RADIUS)
        for number, (first, last) in zip(codes.numbers.tolist(), pairwise(limits), strict=True):
            near = ids[first:last][distances[first:last] <= reach[number]]
            found[number] |= {self._names[each] for each in near.tolist()}
        return found


def _reach(asked: Fingerprint) -> int:
    has_phash = any(it.algorithm is Algorithm.PHASH for it in asked.hashes)
    return policy.PROBE_CONFIRM_RADIUS if has_phash else policy.PROBE_RADIUS
