"""Exact Hamming range search over binary codes, by looking at every code.

The codes lie as columns of 64-bit words. Two words (128 of 256 bits) settle nearly every code:
unrelated ones differ there in 64 bits on average, with a deviation of 6, far above any radius.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

WORD_BYTES = 8
CODE_BYTES = (8, 32)
TILE = 1 << 16
"""Codes compared at a time: 0.5 MB a word column, so that a tile stays in the cache."""
FIRST_WORDS = 2

Codes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Words = NDArray[np.uint64]
_NO_DISTANCES: NDArray[np.uint16] = np.empty(0, np.uint16)


class HammingIndex:
    """All entries within a radius of a query: exact, equal to brute force at every radius."""

    def __init__(self, code_bytes: int) -> None:
        """Make an empty index of codes of ``code_bytes`` bytes, 32 or 8."""
        if code_bytes not in CODE_BYTES:
            raise ValueError(f"codes have {CODE_BYTES} bytes, not {code_bytes}")
        self.code_bytes = code_bytes
        self._words = np.empty((code_bytes // WORD_BYTES, 0), np.uint64)
        self._ids: Ids = np.empty(0, np.int64)
        self._next_id = 0

    @classmethod
    def build(cls, codes: Codes) -> Self:
        """Index ``codes``, uint8 of shape (n, 32) or (n, 8); their ids are 0 to n - 1.

        Raises ValueError on another dtype or shape.
        """
        if codes.ndim != 2:  # noqa: PLR2004
            raise ValueError(f"codes must have two dimensions, not {codes.ndim}")
        index = cls(codes.shape[1])
        index.add(codes)
        return index

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, codes: Codes) -> Ids:
        """Add codes, uint8 (n, code_bytes), and return their ids, int64 (n,). Ids never recur."""
        words = self._as_words(codes)
        ids = np.arange(self._next_id, self._next_id + len(codes), dtype=np.int64)
        self._next_id += len(codes)
        self._words = np.ascontiguousarray(np.concatenate([self._words, words], axis=1))
        self._ids = np.concatenate([self._ids, ids])
        return ids

    def remove(self, ids: Ids) -> None:
        """Forget these ids; their codes are overwritten. Ids that are not there are ignored."""
        keep = ~np.isin(self._ids, ids)
        kept = np.ascontiguousarray(self._words[:, keep])
        self._words[:] = 0
        self._words = kept
        self._ids = self._ids[keep]

    def search(
        self, queries: Codes, radius: int
    ) -> tuple[NDArray[np.int64], Ids, NDArray[np.uint16]]:
        """Find all entries within ``radius`` bits of each query, uint8 (q, code_bytes).

        Returns, as faiss ``range_search`` does, limits int64 (q + 1,), ids int64 (m,) and
        distances uint16 (m,): the hits of query i stand at limits[i]:limits[i + 1], ids
        ascending. Raises ValueError on a wrong dtype or shape, or a radius that is negative
        or wider than a code.
        """
        if not 0 <= radius <= 8 * self.code_bytes:
            raise ValueError(f"a radius lies in 0 to {8 * self.code_bytes}, not {radius}")
        words = self._as_words(queries)
        asked = words.shape[1]
        if asked <= len(self):
            numbers, rows, distances = _pairs(words, self._words, radius)
        else:  # distance is symmetric: look for the few entries among the many queries
            rows, numbers, distances = _pairs(self._words, words, radius)
            order = np.lexsort((rows, numbers))
            numbers, rows, distances = numbers[order], rows[order], distances[order]
        limits = np.zeros(asked + 1, np.int64)
        limits[1:] = np.cumsum(np.bincount(numbers, minlength=asked))
        return limits, self._ids[rows], distances

    def codes(self, ids: Ids) -> Codes:
        """Return the codes of ids that are in the index, uint8 (n, code_bytes)."""
        rows = np.searchsorted(self._ids, ids)
        return np.ascontiguousarray(self._words[:, rows].T).view(np.uint8)

    def _as_words(self, codes: Codes) -> Words:
        """Return codes as columns of words, uint64 (words, n)."""
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != self.code_bytes:  # noqa: PLR2004
            raise ValueError(
                f"codes must be uint8 of shape (n, {self.code_bytes}), "
                f"not {codes.dtype} of shape {codes.shape}"
            )
        return np.ascontiguousarray(codes).view(np.uint64).T


def _pairs(
    few: Words, many: Words, radius: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]:
    """Return all (number in few, row in many, distance) within the radius, in that order."""
    numbers, rows, distances = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [_NO_DISTANCES]
    for number in range(few.shape[1]):
        for start in range(0, many.shape[1], TILE):
            near, bits = _near_in_tile(many[:, start : start + TILE], few[:, number], radius)
            if len(near):
                numbers.append(np.full(len(near), number, np.intp))
                rows.append(start + near)
                distances.append(bits)
    return np.concatenate(numbers), np.concatenate(rows), np.concatenate(distances)


def _near_in_tile(
    tile: Words, query: Words, radius: int
) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """Return the rows of the tile within the radius and their distances."""
    partial = _distance(tile[:FIRST_WORDS], query[:FIRST_WORDS])
    rows = np.flatnonzero(partial <= radius)
    distances = partial[rows] + _distance(tile[FIRST_WORDS:, rows], query[FIRST_WORDS:])
    near = distances <= radius
    return rows[near], distances[near]


def _distance(words: Words, query: Words) -> NDArray[np.uint16]:
    """Return the Hamming distances between the columns of ``words`` and ``query``."""
    total = np.zeros(words.shape[1], np.uint16)
    for column, word in zip(words, query, strict=True):
        total += np.bitwise_count(column ^ word)
    return total
