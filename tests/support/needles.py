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
    """Yield every way in which a hash could leak: raw, hex, Python's repr, and base64.

    Base64 is that of a hash anywhere in a longer text, so only letters that are all its own.
    """
    yield digest
    yield digest.hex().encode()
    yield digest.hex().upper().encode()
    yield repr(digest)[2:-1].encode()
    yield digest.decode("latin-1").encode()
    for before in range(3):
        skipped = -(-8 * before // 6)
        padded = bytes(before) + digest
        whole = 8 * len(padded) // 6
        yield base64.b64encode(padded)[skipped:whole]
        yield base64.urlsafe_b64encode(padded)[skipped:whole]


class Needles:
    """Hashes of at least 8 bytes to be looked for."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        self._by_beginning: dict[int, dict[bytes, bytes]] = {}
        for digest in digests:
            for it in spellings(digest):
                beginning = int.from_bytes(it[:WINDOW], "little")
                self._by_beginning.setdefault(beginning, {})[it] = digest
        self._beginnings = np.sort(np.fromiter(self._by_beginning, np.uint64))

    def found_in(self, content: bytes) -> set[bytes]:
        """Return which hashes stand in ``content``, in any spelling."""
        firsts = range(0, len(content), CHUNK) if len(self._beginnings) else ()
        return {it for first in firsts for it in self._found(content, first)}

    def found_in_files(self, folder: Path) -> set[bytes]:
        """Return which stand in the files below a folder."""
        files = (it for it in folder.rglob("*") if it.is_file())
        return {found for it in files for found in self.found_in(it.read_bytes())}

    def _found(self, content: bytes, first: int) -> Iterator[bytes]:
        part = np.frombuffer(content[first : first + CHUNK + WINDOW - 1], np.uint8)
        if len(part) < WINDOW:
            return
        windows = np.lib.stride_tricks.sliding_window_view(part, WINDOW)
        values = np.ascontiguousarray(windows).view("<u8").ravel()
        for place in np.flatnonzero(self._may_be(values)).tolist():
            for it, digest in self._by_beginning[int(values[place])].items():
                if content.startswith(it, first + place):
                    yield digest

    def _may_be(self, values: NDArray[np.uint64]) -> NDArray[np.bool_]:
        at = np.searchsorted(self._beginnings, values).clip(max=len(self._beginnings) - 1)
        same: NDArray[np.bool_] = self._beginnings[at] == values
        return same
