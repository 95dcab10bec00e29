"""How far two hashes are apart, without ever showing one.

The arguments are objects whose ``repr`` hides the hash, so a failing assertion shows none.
"""

from typing import Protocol

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem


class Hashed(Protocol):
    @property
    def hash(self) -> str: ...


def distance(one: Hashed, other: Hashed) -> int:
    """Return the Hamming distance in bits of two hashes of one kind."""
    if len(one.hash) != len(other.hash):
        raise ValueError("hashes of two kinds have no distance")
    return (int(one.hash, 16) ^ int(other.hash, 16)).bit_count()


def whole(fingerprint: Fingerprint, algorithm: Algorithm = Algorithm.PDQ) -> HashItem:
    """Return the hash of the picture as a whole, which must be there."""
    item = fingerprint.get(algorithm, "whole")
    if item is None:
        raise LookupError("the fingerprint has no hash of the whole picture")
    return item
