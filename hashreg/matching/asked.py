"""What is asked of many fingerprints, as rows of codes: what ``in_all_orientations`` says of each.

A platform's look-up is mostly bare hashes that nothing is near to, thousands at a time, so no
object is made for a hash that is only asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.bits import Codes
from hashreg.matching.dihedral import NEGATIVE, TURNED, turns_of
from hashreg.matching.table import codes_of
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import (
    GENUINE_PDQ_BITS,
    MIN_QUALITY,
    Algorithm,
    HashItem,
)

_WHOLE, _TURNED, _NEGATIVE = 1, 2, 3
_KINDS = {"whole": _WHOLE, NEGATIVE: _NEGATIVE} | dict.fromkeys(TURNED, _TURNED)


@dataclass(frozen=True, slots=True)
class AskedCodes:
    """Codes that are asked, uint8 (q, bytes), and the number of the fingerprint of each."""

    numbers: NDArray[np.int64]
    codes: Codes

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "AskedCodes":
        return AskedCodes(self.numbers[chosen], self.codes[chosen])


class Asked:
    """The hashes of fingerprints by algorithm; numbered in their order."""

    def __init__(self, fingerprints: Sequence[Fingerprint]) -> None:
        self._numbers: dict[Algorithm, list[int]] = {it: [] for it in Algorithm}
        self._items: dict[Algorithm, list[HashItem]] = {it: [] for it in Algorithm}
        for number, fingerprint in enumerate(fingerprints):
            for item in fingerprint.hashes:
                self._numbers[item.algorithm].append(number)
                self._items[item.algorithm].append(item)

    def has(self, algorithm: Algorithm) -> bool:
        """Tell whether any fingerprint has hashes of an algorithm."""
        return bool(self._items[algorithm])

    def digests(self, algorithm: Algorithm) -> AskedCodes:
        """Return the digests of files."""
        codes = codes_of(algorithm, self._items[algorithm])
        return AskedCodes(np.array(self._numbers[algorithm], np.int64), codes)

    def phash(self) -> AskedCodes:
        """Return the pHashes that may be compared."""
        return self.digests(Algorithm.PHASH)[self._is_good(Algorithm.PHASH)]

    def pdq(self) -> AskedCodes:
        """Return the PDQ hashes that may be compared; those of whole pictures turned as well."""
        asked = self.digests(Algorithm.PDQ)
        ones = np.bitwise_count(asked.codes.view(np.uint64)).sum(axis=1)
        good = (ones >= GENUINE_PDQ_BITS.start) & (ones < GENUINE_PDQ_BITS.stop)
        good &= self._is_good(Algorithm.PDQ)
        kinds = [_KINDS.get(item.view, 0) for item in self._items[Algorithm.PDQ]]
        return _in_all_orientations(asked[good], np.array(kinds, np.int64)[good])

    def _is_good(self, algorithm: Algorithm) -> NDArray[np.bool_]:
        """Tell which hashes have a quality that is good enough, or none."""
        qualities = [item.quality for item in self._items[algorithm]]
        return np.array([it is None or it >= MIN_QUALITY for it in qualities], np.bool_)


def _in_all_orientations(asked: AskedCodes, kinds: NDArray[np.int64]) -> AskedCodes:
    has = np.zeros((len(_KINDS), 1 + asked.numbers.max(initial=0)), np.bool_)
    has[kinds, asked.numbers] = True
    turned, negative = (
        asked[(kinds == _WHOLE) & ~has[kind, asked.numbers]] for kind in (_TURNED, _NEGATIVE)
    )
    return AskedCodes(
        np.concatenate([asked.numbers, np.tile(turned.numbers, len(TURNED)), negative.numbers]),
        np.concatenate([asked.codes, *turns_of(turned.codes), ~negative.codes]),
    )
