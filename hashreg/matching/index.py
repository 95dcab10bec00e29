"""Exact Hamming range search over binary codes, with additions and removals at any time.

An index is a row of segments and a tail. New codes go to the tail, where every one is compared; a
full tail becomes a segment with tables. Segments never change, but for marks on what was removed:
a search takes the row as it stands and is not disturbed by what happens meanwhile. ``merge`` joins
small segments and rewrites those with removed codes; a server does so in the background.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import engines, saved
from hashreg.matching.bits import Codes, to_codes
from hashreg.matching.engines import Engine
from hashreg.matching.saved import BlockCipher, Saved
from hashreg.matching.scan import Numbers, Words, joined
from hashreg.matching.segment import Segment
from hashreg.model.errors import UnusableIndex

KIND = "hamming"
CODE_BYTES = (8, 32)
GROWTH = 2
"""Segments are merged with all newer ones when these together have half as many entries: so each
code is moved as often as the index has doubled."""

Ids = Numbers


class HammingIndex:
    """All entries within a radius of a query: exact, equal to brute force at every radius."""

    def __init__(self, code_bytes: int, *, engine: Engine = "auto") -> None:
        """Make an empty index of codes of ``code_bytes`` bytes, 32 or 8.

        ``engine`` is for tests and benchmarks: "numpy", or "numba" from the first search on.
        """
        if code_bytes not in CODE_BYTES:
            raise ValueError(f"codes have {CODE_BYTES} bytes, not {code_bytes}")
        self.code_bytes = code_bytes
        self._engine: Engine = engine
        self._merging, self._writing = RLock(), RLock()  # taken in this order
        self._next_id = 0
        nothing = self._as_words(np.empty((0, code_bytes), np.uint8))
        self._segments: tuple[Segment, ...] = (_tail(nothing, _NO_IDS),)

    @classmethod
    def build(cls, codes: Codes, *, engine: Engine = "auto") -> Self:
        """Index ``codes``, uint8 of shape (n, 32) or (n, 8); their ids are 0 to n - 1.

        Raises ValueError on another dtype or shape.
        """
        if codes.ndim != 2:  # noqa: PLR2004
            raise ValueError(f"codes must have two dimensions, not {codes.ndim}")
        index = cls(codes.shape[1], engine=engine)
        index.add(codes)
        return index

    def __len__(self) -> int:
        return sum(it.entries - it.removed for it in self._segments)

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take in memory."""
        return sum(it.nbytes for it in self._segments)

    def add(self, codes: Codes) -> Ids:
        """Add codes, uint8 (n, code_bytes), and return their ids, int64 (n,). Ids never recur."""
        new = self._as_words(codes)
        with self._writing:
            ids = np.arange(self._next_id, self._next_id + len(codes), dtype=np.int64)
            self._next_id += len(codes)
            *older, tail = self._segments
            words, all_ids = _together([tail.live(), (new, ids)])
            if len(all_ids) >= engines.ring_from():
                older.append(Segment.of(words, all_ids, self._engine))
                words, all_ids = words[:, :0], _NO_IDS
            self._segments = (*older, _tail(words, all_ids))
        return ids

    def remove(self, ids: Ids) -> None:
        """Forget these ids at once; their codes are overwritten. Others are ignored.

        What tables hold of the codes goes with the next ``merge``.
        """
        ids = np.asarray(ids, np.int64)
        with self._writing:
            for segment in self._segments:
                segment.remove(ids)

    def merge(self) -> None:
        """Rewrite segments with removed codes, and join small ones. Searches go on meanwhile."""
        with self._merging:
            for group in _to_merge(self._segments[:-1]):
                merged = Segment.of(*_together([it.live() for it in group]), self._engine)
                with self._writing:
                    for old in group:  # what was removed while this was built
                        merged.remove(old.dead_ids())
                    at = self._segments.index(group[0])
                    after = self._segments[at + len(group) :]
                    self._segments = (*self._segments[:at], merged, *after)
            self.add(np.empty((0, self.code_bytes), np.uint8))  # which rewrites the tail

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
        asked = self._as_words(queries)
        numbers, ids, distances = joined(
            [it.search(asked, radius, self._engine) for it in self._segments if it.entries]
        )
        order = np.lexsort((ids, numbers))
        limits = np.zeros(asked.shape[1] + 1, np.int64)
        limits[1:] = np.cumsum(np.bincount(numbers, minlength=asked.shape[1]))
        return limits, ids[order], distances[order]

    def save(self, path: Path, *, cipher: BlockCipher | None = None, sequence: int = 0) -> None:
        """Write the index to a folder; only what it doesn't hold yet.

        ``sequence`` is the last of the registry's events that the index knows of; ``cipher`` seals
        what is written. Raises OSError where the disk is full; what was saved before is there then.
        Additions and removals wait meanwhile, searches don't; one at a time may save in a folder.
        """
        with self._merging, self._writing:
            parts = self.parts()
            meta = {**parts.meta, "sequence": sequence}
            saved.save(path, KIND, Saved(meta, parts.sections), cipher)

    @classmethod
    def open(
        cls, path: Path, *, cipher: BlockCipher | None = None, sequence: int | None = None
    ) -> Self:
        """Return the index that was saved in a folder, to be added to and searched.

        Raises UnusableIndex where it is damaged, another thing, or not of this ``sequence``.
        """
        found = saved.load(path, KIND, cipher)
        if sequence is not None and found.meta["sequence"] != sequence:
            raise UnusableIndex(saved.STALE, path=path)
        return cls.of_parts(found)

    def parts(self) -> Saved:
        """Return what is to be saved, without removed codes. Nothing may be removed while it is."""
        with self._merging, self._writing:
            self.merge()
            meta = {"code_bytes": self.code_bytes, "next_id": self._next_id}
            return Saved(meta, {str(n): it.section() for n, it in enumerate(self._segments)})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the index that ``parts`` gave."""
        index = cls(parts.meta["code_bytes"])
        index._next_id = parts.meta["next_id"]
        names = sorted(parts.sections, key=int)
        index._segments = tuple(Segment.of_section(parts.sections[name]) for name in names)
        return index

    def codes(self, ids: Ids) -> tuple[Ids, Codes]:
        """Return the codes of those of the ids that are in the index.

        Returns their places among ``ids``, int64 (n,), and the codes, uint8 (n, code_bytes).
        """
        found = [segment.codes(ids) for segment in self._segments]
        places, words = zip(*found, strict=True)
        order = np.argsort(np.concatenate(places))
        return np.concatenate(places)[order], to_codes(np.concatenate(words, axis=1)[:, order])

    def _as_words(self, codes: Codes) -> Words:
        """Return codes as columns of words; raises ValueError where they are no codes."""
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != self.code_bytes:  # noqa: PLR2004
            raise ValueError(
                f"codes must be uint8 of shape (n, {self.code_bytes}), "
                f"not {codes.dtype} of shape {codes.shape}"
            )
        return engines.to_words(codes, self._engine)


_NO_IDS: Ids = np.empty(0, np.int64)


def _tail(words: Words, ids: Ids) -> Segment:
    """Return a segment of codes that are all compared, equal ones too."""
    return Segment(np.ascontiguousarray(words), 0, ids)


def _together(runs: Sequence[tuple[Words, Ids]]) -> tuple[Words, Ids]:
    words, ids = zip(*runs, strict=True)
    return np.concatenate(words, axis=1), np.concatenate(ids)


def _to_merge(segments: Sequence[Segment]) -> list[Sequence[Segment]]:
    """Return runs of segments that are to become one each."""
    newer, first = 0, len(segments)
    while first and (newer == 0 or segments[first - 1].entries <= GROWTH * newer):
        first -= 1
        newer += segments[first].entries
    groups = [segments[first:], *([it] for it in segments[:first])]
    return [group for group in groups if len(group) > 1 or any(it.removed for it in group)]
