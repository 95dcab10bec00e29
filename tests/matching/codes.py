"""Random codes, and codes at an exact distance from others."""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


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
