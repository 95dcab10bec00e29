"""Looking for very many hashes in very many bytes, in every usual spelling, at every place."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WINDOW = 8
"""Bytes by which a spelling is looked for first; what is found so is compared whole."""
CHUNK = 1 << 22


def spellings(digest: bytes) -> Iterator[bytes]:
    """Yield a hash raw, in hex, and in base64 wherever in a longer text it may begin."""
    yield digest
    yield digest.hex().encode()
    yield digest.hex().upper().encode()
    for before in range(3):
        skipped = -(-8 * before // 6)  # letters that hold bits of what stands before
        padded = bytes(before) + digest
        whole = 8 * len(padded) // 6
        yield base64.b64encode(padded)[skipped:whole]
        yield base64.urlsafe_b64encode(padded)[skipped:whole]


class Needles:
    """Hashes to be looked for."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        known = {it for digest in digests for it in spellings(digest)}
        self._by_beginning: dict[int, set[bytes]] = {}
        for it in known:
            beginning = int.from_bytes(it[:WINDOW], "little")
            self._by_beginning.setdefault(beginning, set()).add(it)
        self._beginnings = np.sort(np.fromiter(self._by_beginning, np.uint64))

    def found_in(self, content: bytes) -> int:
        """Return how many spellings stand in ``content``."""
        return sum(self._found(content, first) for first in range(0, len(content), CHUNK))

    def found_in_files(self, folder: Path) -> int:
        """Return how many stand in the files below a folder."""
        return sum(self.found_in(it.read_bytes()) for it in folder.rglob("*") if it.is_file())

    def _found(self, content: bytes, first: int) -> int:
        part = np.frombuffer(content[first : first + CHUNK + WINDOW - 1], np.uint8)
        if len(part) < WINDOW:
            return 0
        windows = np.lib.stride_tricks.sliding_window_view(part, WINDOW)
        values = np.ascontiguousarray(windows).view("<u8").ravel()
        places = np.flatnonzero(self._may_be(values))
        return sum(
            content.startswith(it, first + place)
            for place in places.tolist()
            for it in self._by_beginning[int(values[place])]
        )

    def _may_be(self, values: NDArray[np.uint64]) -> NDArray[np.bool_]:
        at = np.searchsorted(self._beginnings, values).clip(max=len(self._beginnings) - 1)
        same: NDArray[np.bool_] = self._beginnings[at] == values
        return same
