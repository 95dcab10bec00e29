"""How near unrelated pictures come: the smallest PDQ distance of each pair, over all its views.

Brute force in tiles that stay in the cache: an XOR and a count of bits for each word, the smallest
over the views of an upload, then over the views of each registered picture.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import policy
from hashreg.matching.dihedral import in_all_orientations
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm

BITS = 256
TILE_PICTURES = 1_000
"""About 16,000 hashes at a time: 128 kB a column of words."""

Words = NDArray[np.uint64]


def words(fingerprint: Fingerprint) -> Words:
    """Return the PDQ hashes that may be compared beyond a sure match, uint64 of shape (n, 4)."""
    items = [
        it
        for it in fingerprint.comparable().hashes
        if it.algorithm is Algorithm.PDQ and not policy.is_plain(it)
    ]
    return np.frombuffer(b"".join(it.digest for it in items), np.uint64).reshape(-1, 4)


def asked_words(fingerprint: Fingerprint) -> Words:
    """Return the PDQ hashes that an upload is compared by, uint64 of shape (n, 4)."""
    return words(in_all_orientations(fingerprint.comparable()))


def histogram(
    uploads: Sequence[Words],
    photos: Sequence[int],
    pictures: Sequence[Words],
    sources: Sequence[int],
) -> NDArray[np.int64]:
    """Count pairs by their smallest distance: int64 of shape (photos, sources, 257).

    ``photos`` names the photo that each upload was made of, ``sources`` the one that each picture
    was cut from. Uploads and pictures without a hash are left out.
    """
    shape = (max(photos) + 1, max(sources) + 1, BITS + 1)
    counts = np.zeros(shape, np.int64)
    origin = np.array([it for it, codes in zip(sources, pictures, strict=True) if len(codes)])
    place = origin * (BITS + 1)
    for number, first, nearest in smallest([codes for codes in pictures if len(codes)], uploads):
        cells = place[first : first + len(nearest)] + nearest
        size = shape[1] * shape[2]
        counts[photos[number]] += np.bincount(cells, minlength=size).reshape(shape[1:])
    return counts


def smallest(
    pictures: Sequence[Words], uploads: Sequence[Words]
) -> Iterator[tuple[int, int, NDArray[np.uint16]]]:
    """Yield upload number, first picture of a tile, and the smallest distance to each in it."""
    for first in range(0, len(pictures), TILE_PICTURES):
        tile = pictures[first : first + TILE_PICTURES]
        columns = np.ascontiguousarray(np.concatenate(tile).T)
        starts = np.cumsum([0, *(len(codes) for codes in tile[:-1])])
        for number, codes in enumerate(uploads):
            if len(codes):
                yield number, first, np.minimum.reduceat(_smallest(columns, codes), starts)


def _smallest(columns: Words, codes: Words) -> NDArray[np.uint16]:
    """Return the smallest distance of each column to any of the codes."""
    best = np.full(columns.shape[1], BITS, np.uint16)
    different = np.empty(columns.shape[1], np.uint64)
    halves = [np.empty(columns.shape[1], np.uint8) for _ in range(2)]
    bits = np.empty(columns.shape[1], np.uint8)
    total = np.empty(columns.shape[1], np.uint16)
    for code in codes:
        for half, two in zip(halves, (0, 2), strict=True):  # 256 would not fit into a byte
            np.bitwise_count(np.bitwise_xor(columns[two], code[two], out=different), out=half)
            np.bitwise_count(
                np.bitwise_xor(columns[two + 1], code[two + 1], out=different), out=bits
            )
            np.add(half, bits, out=half)
        np.add(halves[0], halves[1], out=total, dtype=np.uint16)
        np.minimum(best, total, out=best)
    return best
