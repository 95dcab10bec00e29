"""Packed tokens as arrays, and what a kept report may hold of asked ones.

The records are laid out in ``hashreg.model.tokens`` and made on the device; lengths are shares of
the picture's long side, angles radians.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashreg.model.tokens import (
    CELLS,
    DIRECTIONS,
    HEADER_BYTES,
    LEAST_SIGMA,
    MOST_SIGMA,
    MOST_TOKENS,
    RATIO_STEPS,
    SIZE_STEP,
    SIZES,
    TokenKind,
    Tokens,
)

SHARE = 65535


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where tokens are: arrays of one length, as float32."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    log_size: NDArray[np.float32]
    turn: NDArray[np.float32]

    def __getitem__(self, chosen: NDArray[np.intp]) -> "Geometry":
        return Geometry(self.x[chosen], self.y[chosen], self.log_size[chosen], self.turn[chosen])

    def mirrored(self, width: float) -> "Geometry":
        """Return the same tokens in the mirrored picture, ``width`` in shares of its long side."""
        return Geometry(width - self.x, self.y, self.log_size, np.float32(math.pi) - self.turn)


@dataclass(frozen=True, slots=True)
class AskedTokens:
    """An upload's tokens: words, masks of their least certain bits, geometry, and its shape."""

    words: NDArray[np.uint32]
    unsure: NDArray[np.uint32]
    geometry: Geometry
    width: float
    height: float


def shape(tokens: Tokens) -> tuple[float, float]:
    """Return a picture's width and height in shares of its long side."""
    ratio = 2 ** (int.from_bytes(tokens.data[:HEADER_BYTES], "big", signed=True) / RATIO_STEPS)
    return (1 / ratio, 1.0) if ratio > 1 else (1.0, ratio)


def registered(tokens: Tokens) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return the words and packed geometry (16 bits) of registered tokens."""
    rows = np.frombuffer(tokens.data, np.uint8, offset=HEADER_BYTES).reshape(-1, 5)
    return _number(rows[:, :3]), np.ascontiguousarray(rows[:, 3:]).view(">u2")[:, 0].astype(
        np.uint16
    )


def _number(three: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return big-endian numbers of three bytes each, one a row."""
    padded = np.zeros((len(three), 4), np.uint8)
    padded[:, 1:] = three
    return padded.view(">u4")[:, 0].astype(np.uint32)


def unpacked(geometry: NDArray[np.uint16]) -> Geometry:
    """Return where registered tokens are: the centres of their cells."""
    return Geometry(
        ((geometry >> 11).astype(np.float32) + np.float32(0.5)) / np.float32(CELLS),
        ((geometry >> 6 & 31).astype(np.float32) + np.float32(0.5)) / np.float32(CELLS),
        np.float32(math.log(LEAST_SIGMA))
        + np.float32(SIZE_STEP) * ((geometry >> 4 & 3).astype(np.float32) + np.float32(0.5)),
        (geometry & 15).astype(np.float32) * np.float32(2 * math.pi / DIRECTIONS),
    )


def asked(tokens: Tokens) -> AskedTokens:
    """Return what an upload asks with; capped tokens of a kept report ask as they are."""
    width, height = shape(tokens)
    if tokens.kind is TokenKind.REGISTERED:
        words, geometry = registered(tokens)
        return AskedTokens(words, np.zeros_like(words), unpacked(geometry), width, height)
    rows = np.frombuffer(tokens.data, np.uint8, offset=HEADER_BYTES).reshape(-1, 12)
    lengths = rows[:, 6:10].copy().view(">u2").astype(np.float32) / np.float32(SHARE)
    return AskedTokens(
        _number(rows[:, :3]),
        _number(rows[:, 3:6]),
        Geometry(
            lengths[:, 0],
            lengths[:, 1],
            rows[:, 10].astype(np.float32) * np.float32(6 / 255) - np.float32(6),
            rows[:, 11].astype(np.float32) * np.float32(2 * math.pi / 256),
        ),
        width,
        height,
    )


def first_of_equals(words: NDArray[np.uint32], most: int) -> NDArray[np.intp]:
    """Return the places of the words, in order, without those that ``most`` equal ones precede.

    A word that a picture repeats says little, and a picture made of one word would cost a registry
    half a minute a question.
    """
    order = np.argsort(words, kind="stable")
    begins = np.diff(words[order], prepend=words[order[:1]] ^ 1) != 0
    since = np.arange(len(words)) - np.maximum.accumulate(
        np.where(begins, np.arange(len(words)), 0)
    )
    return np.sort(order[since < most])


def capped(tokens: Tokens) -> Tokens:
    """Return what may be kept of a report: the strongest small patches, coarsely placed."""
    if tokens.kind is TokenKind.REGISTERED:
        return tokens
    it = asked(tokens)
    sizes = np.exp(it.geometry.log_size)
    small = np.flatnonzero((sizes >= LEAST_SIGMA) & (sizes <= MOST_SIGMA))
    small = small[: MOST_TOKENS[TokenKind.REGISTERED]]
    place = it.geometry[small]
    x, y = ((one * CELLS).astype(np.uint64).clip(0, CELLS - 1) for one in (place.x, place.y))
    size = (
        ((place.log_size - math.log(LEAST_SIGMA)) / SIZE_STEP).astype(np.uint64).clip(0, SIZES - 1)
    )
    turn = np.round(place.turn / (2 * math.pi) * DIRECTIONS).astype(np.uint64) % DIRECTIONS
    packed = it.words[small].astype(np.uint64) << 16 | x << 11 | y << 6 | size << 4 | turn
    rows = packed.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 3:]
    return Tokens(TokenKind.REGISTERED, tokens.data[:HEADER_BYTES] + rows.tobytes())
