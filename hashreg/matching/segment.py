"""A run of an index: codes with their ids. Nothing is added to it; what is removed is marked."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import engines
from hashreg.matching.engines import Engine
from hashreg.matching.ring import Ring
from hashreg.matching.runs import places_in
from hashreg.matching.saved import Arrays, Section
from hashreg.matching.scan import Near, Numbers, Words

MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number (2^64 over the golden ratio): equal codes get equal keys, others hardly ever."""


class Postings(NamedTuple):
    """Which entries have a code, where some have the same."""

    rows: NDArray[np.uint32]
    """Of each entry, its code."""
    firsts: NDArray[np.uint32]
    """Of each code, where its entries begin; and the end."""
    entries: NDArray[np.uint32]
    """Entries by code, ascending in each."""


class Segment:
    """Entries in ascending order of their ids. Each distinct code is stored and compared once."""

    def __init__(
        self,
        words: Words,
        first_id: int,
        ids: Numbers | None = None,
        postings: Postings | None = None,
        ring: Ring | None = None,
    ) -> None:
        """Make a segment of its arrays.

        ``words`` are the distinct codes as columns. Without ``ids`` the entries' ids follow
        ``first_id``; without ``postings`` each entry is the only one with its code.
        """
        self.words, self.first_id, self.ids = words, first_id, ids
        self.postings, self.ring = postings, ring
        self.dead: NDArray[np.bool_] | None = None
        self._section: Section | None = None

    @classmethod
    def of(cls, words: Words, ids: Numbers, engine: Engine) -> Self:
        """Index codes, columns with their ids; with tables where they pay."""
        words, postings = _distinct(words)
        contiguous = len(ids) == 0 or ids[-1] - ids[0] == len(ids) - 1
        has_ring = words.shape[1] >= engines.ring_from()
        ring = engines.build(words, engine) if has_ring else None
        first_id = int(ids[0]) if len(ids) else 0
        return cls(words, first_id, None if contiguous else ids, postings, ring)

    @classmethod
    def of_section(cls, section: Section) -> Self:
        """Return the segment that ``section`` gave."""
        arrays = section.arrays
        segment = cls(arrays["words"], int(arrays["first_id"][0]), arrays.get("ids"))
        if "postings.rows" in arrays:
            segment.postings = Postings(*(arrays[f"postings.{it}"] for it in Postings._fields))
        if "ring.rows" in arrays:
            segment.ring = Ring(*(arrays[f"ring.{it}"] for it in Ring._fields))
        segment._section = section
        return segment

    def section(self) -> Section:
        """Return what is to be saved; of a segment without removed codes, and always the same."""
        if self._section is None:
            arrays: Arrays = {"words": self.words, "first_id": np.array([self.first_id])}
            if self.ids is not None:
                arrays["ids"] = self.ids
            for name, group in (("postings", self.postings), ("ring", self.ring)):
                arrays |= {
                    f"{name}.{it}": a for it, a in (group._asdict() if group else {}).items()
                }
            self._section = Section(arrays)
        return self._section

    @property
    def entries(self) -> int:
        """Entries that there are, removed ones too."""
        if self.postings:
            return len(self.postings.rows)
        return int(self.words.shape[1])

    @property
    def removed(self) -> int:
        """Entries that were removed."""
        return 0 if self.dead is None else int(self.dead.sum())

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take."""
        arrays = (self.words, self.ids, self.dead, *(self.postings or ()), *(self.ring or ()))
        return sum(it.nbytes for it in arrays if it is not None)

    def live(self) -> tuple[Words, Numbers]:
        """Return the codes and ids of all entries that were not removed."""
        entries = np.arange(self.entries)
        if self.dead is not None:
            entries = entries[~self.dead]
        return self.words[:, self._rows(entries)], self._ids(entries)

    def dead_ids(self) -> Numbers:
        """Return the ids that were removed."""
        return self._ids(np.flatnonzero(self.dead)) if self.dead is not None else _NO_IDS

    def remove(self, ids: Numbers) -> None:
        """Mark these ids as removed and overwrite codes that no other entry has.

        The tables go on holding parts of them until the segment is rewritten.
        """
        entries, _ = self.find(ids)
        if self.dead is None:
            self.dead = np.zeros(self.entries, np.bool_)
        self.dead[entries] = True
        rows = np.unique(self._rows(entries))
        places, sharing = self._entries(rows)
        alive = np.bincount(places[~self.dead[sharing]], minlength=len(rows))
        self.words[:, rows[alive == 0]] = 0

    def find(self, ids: Numbers) -> tuple[Numbers, Numbers]:
        """Return the entries of those of the ids that are here and live, and which those are."""
        entries = ids - self.first_id
        if self.ids is not None:
            entries = np.searchsorted(self.ids, ids)
        here = (entries >= 0) & (entries < self.entries)
        if self.ids is not None:
            here[here] = self.ids[entries[here]] == ids[here]
        if self.dead is not None:
            here[here] = ~self.dead[entries[here]]
        return entries[here], np.flatnonzero(here)

    def codes(self, ids: Numbers) -> tuple[Numbers, Words]:
        """Return which of the ids are here and live, and their codes as columns."""
        entries, places = self.find(ids)
        words = self.words[:, self._rows(entries)]
        if self.dead is not None:  # what was overwritten while it was read
            live = ~self.dead[entries]
            places, words = places[live], words[:, live]
        return places, words

    def search(self, queries: Words, radius: int, engine: Engine) -> Near:
        """Return all pairs of queries and live entries within the radius; with ids for rows."""
        numbers, rows, distances = engines.search(self.ring, self.words, queries, radius, engine)
        places, entries = self._entries(rows)
        if self.dead is not None:
            live = ~self.dead[entries]
            places, entries = places[live], entries[live]
        return numbers[places], self._ids(entries), distances[places]

    def _rows(self, entries: Numbers) -> Numbers:
        return self.postings.rows[entries].astype(np.int64) if self.postings else entries

    def _entries(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Return the entries of codes, and for each the place of its code in ``rows``."""
        if not self.postings:
            return np.arange(len(rows)), rows
        firsts = self.postings.firsts[rows].astype(np.int64)
        counts = self.postings.firsts[rows + 1] - firsts
        entries = self.postings.entries[places_in(firsts, counts)]
        return np.repeat(np.arange(len(rows)), counts), entries.astype(np.int64)

    def _ids(self, entries: Numbers) -> Numbers:
        return self.first_id + entries if self.ids is None else self.ids[entries]


_NO_IDS: Numbers = np.empty(0, np.int64)


def _distinct(words: Words) -> tuple[Words, Postings | None]:
    """Return each code once, in the order in which they come, and which entries have it."""
    key = words[0].copy()
    for word in words[1:]:
        key *= MIX
        key ^= word
    in_order = np.sort(key)
    if not (in_order[1:] == in_order[:-1]).any():
        return np.ascontiguousarray(words), None
    order = np.argsort(key)
    key = key[order]
    like_next = key[1:] == key[:-1]
    tied = np.zeros(len(key), np.bool_)
    tied[1:] |= like_next
    tied[:-1] |= like_next
    some = np.sort(order[tied])
    some = some[np.lexsort(words[:, some])]  # equal codes side by side, the first entry first
    new = np.ones(len(some), np.bool_)
    new[1:] = (words[:, some[1:]] != words[:, some[:-1]]).any(axis=0)
    first_with = np.arange(words.shape[1])
    first_with[some] = some[np.flatnonzero(new)[np.cumsum(new) - 1]]
    kept = np.flatnonzero(first_with == np.arange(words.shape[1]))
    rows = np.searchsorted(kept, first_with).astype(np.uint32)
    firsts = np.zeros(len(kept) + 1, np.uint32)
    np.cumsum(np.bincount(rows, minlength=len(kept)), out=firsts[1:])
    entries = np.argsort(rows, kind="stable").astype(np.uint32)
    return np.ascontiguousarray(words[:, kept]), Postings(rows, firsts, entries)
