"""The other seven orientations of a bare PDQ hash, and its negative, without its picture.

Flipping a picture flips the signs of its odd DCT rows or columns, and turning it transposes them,
so its hash is the old one with those bits inverted or transposed: good to about 20 bits, since
sampling is not symmetric by a pixel (`docs/decisions/003-orientations.md`).
"""

from dataclasses import replace

import numpy as np

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.orientation import TURNS, Orientation

SIDE = 16
NEGATIVE = "negative"
"""The view of a picture in negative colours."""
_ODD = np.arange(SIDE) % 2 == 0
"""Rows and columns 0, 2, … hold the frequencies 1, 3, …"""


def in_all_orientations(fingerprint: Fingerprint) -> Fingerprint:
    """Return what is asked for a fingerprint: a bare hash of the whole picture, turned as well.

    One that was made for asking has its own orientations; the negative is asked of both.
    """
    whole = fingerprint.get(Algorithm.PDQ, "whole")
    if whole is None:
        return fingerprint
    views = {item.view for item in fingerprint.hashes if item.algorithm is Algorithm.PDQ}
    turns = {} if views & TURNS.keys() else TURNS
    turned = [_turned(whole, view, turn) for view, turn in turns.items() if view]
    negative = [_negative(whole)] if NEGATIVE not in views else []
    return replace(fingerprint, hashes=(*fingerprint.hashes, *turned, *negative))


def _negative(whole: HashItem) -> HashItem:
    """Return the hash of the picture in negative colours: each frequency has the other sign."""
    digest = bytes(255 - byte for byte in whole.digest)
    return HashItem(Algorithm.PDQ, NEGATIVE, digest.hex(), whole.quality)


def _turned(whole: HashItem, view: str, turn: Orientation) -> HashItem:
    bits = np.unpackbits(np.frombuffer(whole.digest, np.uint8))[::-1].reshape(SIDE, SIDE)
    if turn.flip_rows:
        bits = bits ^ _ODD[:, None]
    if turn.flip_columns:
        bits = bits ^ _ODD[None, :]
    if turn.transpose:
        bits = bits.T
    digest = np.packbits(bits.ravel()[::-1]).tobytes()
    return HashItem(Algorithm.PDQ, view, digest.hex(), whole.quality)
