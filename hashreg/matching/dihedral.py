"""The other seven orientations of a bare PDQ hash, without its picture.

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
_ODD = np.arange(SIDE) % 2 == 0
"""Rows and columns 0, 2, … hold the frequencies 1, 3, …"""


def in_all_orientations(fingerprint: Fingerprint) -> Fingerprint:
    """Return what is asked for a fingerprint: a bare hash of the whole picture, turned as well.

    One that was made for asking has its own orientations and is returned as it is.
    """
    whole = fingerprint.get(Algorithm.PDQ, "whole")
    views = {item.view for item in fingerprint.hashes if item.algorithm is Algorithm.PDQ}
    if whole is None or views & TURNS.keys():
        return fingerprint
    turned = tuple(_turned(whole, view, turn) for view, turn in TURNS.items() if view)
    return replace(fingerprint, hashes=(*fingerprint.hashes, *turned))


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
