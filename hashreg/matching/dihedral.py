"""The other seven orientations of a bare PDQ hash, and its negative, without its picture.

Flipping a picture flips the signs of its odd DCT rows or columns, and turning it transposes them,
so its hash is the old one with those bits inverted or transposed: good to about 20 bits, since
sampling is not symmetric by a pixel (`docs/decisions/003-orientations.md`).
"""

from collections.abc import Set
from dataclasses import replace

import numpy as np

from hashreg.matching.bits import Codes
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.orientation import TURNS, Orientation

SIDE = 16
NEGATIVE = "negative"
"""The view of a picture in negative colours."""
TURNED = tuple(view for view in TURNS if view)
"""The views of a turned picture."""
_ODD = np.arange(SIDE) % 2 == 1
"""Rows and columns 0, 2, … hold the frequencies 1, 3, …, and a hash has its last bit first."""


def in_all_orientations(fingerprint: Fingerprint) -> Fingerprint:
    """Return what is asked for a fingerprint: a bare hash of the whole picture, turned as well.

    One that was made for asking has its own orientations; the negative is asked of both.
    """
    whole = fingerprint.get(Algorithm.PDQ, "whole")
    if whole is None:
        return fingerprint
    views = {item.view for item in fingerprint.hashes if item.algorithm is Algorithm.PDQ}
    more = [
        HashItem(Algorithm.PDQ, view, code.hex(), whole.quality)
        for view, code in other_orientations(whole.digest, views)
    ]
    return replace(fingerprint, hashes=(*fingerprint.hashes, *more))


def other_orientations(whole: bytes, views: Set[str]) -> list[tuple[str, bytes]]:
    """Return what is asked besides the hash of a whole picture and ``views``, with its names."""
    codes = np.frombuffer(whole, np.uint8)[np.newaxis]
    turned = [] if views & TURNS.keys() else [it.tobytes() for it in turns_of(codes)]
    found = list(zip(TURNED, turned, strict=False))
    return found if NEGATIVE in views else [*found, (NEGATIVE, (~codes).tobytes())]


def turns_of(codes: Codes) -> Codes:
    """Return the hashes of turned pictures, uint8 (7, n, 32), in the order of ``TURNED``."""
    return np.stack([codes, _transposed(codes)])[_TRANSPOSED] ^ _MASKS[:, np.newaxis]


def _transposed(codes: Codes) -> Codes:
    bits = np.unpackbits(codes, axis=1).reshape(-1, SIDE, SIDE)
    return np.packbits(bits.swapaxes(1, 2).reshape(-1, SIDE * SIDE), axis=1)


def _mask(turn: Orientation) -> Codes:
    """Return the bits that a turn inverts, after it has transposed them."""
    bits = turn.flip_rows & _ODD[:, None] ^ turn.flip_columns & _ODD[None, :]
    return np.packbits((bits.T if turn.transpose else bits).ravel())


_MASKS = np.stack([_mask(TURNS[view]) for view in TURNED])
_TRANSPOSED = np.array([TURNS[view].transpose for view in TURNED], np.intp)
