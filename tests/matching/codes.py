"""Random codes, and codes at an exact distance from others."""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.bits import to_words


def seeded(seed: int | str) -> random.Random:
    """Return a source of chance that gives the same every time."""
    return random.Random(seed)  # noqa: S311


def random_code(chance: random.Random, code_bytes: int = 32) -> bytes:
    return chance.randbytes(code_bytes)


def at_distance(chance: random.Random, code: bytes, bits: int) -> bytes:
    """Return ``code`` with exactly so many of its bits flipped."""
    flips = sum(1 << place for place in chance.sample(range(8 * len(code)), bits))
    return (int.from_bytes(code) ^ flips).to_bytes(len(code))


def rows(codes: Sequence[bytes], code_bytes: int = 32) -> NDArray[np.uint8]:
    """Return codes as the array that an index takes."""
    return np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), code_bytes)


def stored(code: bytes) -> bytes:
    """Return a code as an index holds it: the same bits in another order."""
    return to_words(rows([code], len(code))).T.tobytes()


def words_of(code: bytes) -> list[bytes]:
    """Return the words of a code as an index holds them."""
    return [stored(code)[place:][:8] for place in range(0, len(code), 8)]
