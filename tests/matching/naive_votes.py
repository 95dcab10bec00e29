"""The slow and obvious twin of the search by shape: all pictures, all pairs, plain numbers.

Its numbers are spelled out here once more, so that a changed tolerance shows. Where float32 and
float64 could decide otherwise, ``Doubtful`` is raised.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hashreg.model.tokens import TokenKind, Tokens

HAIR = 1e-4
"""A comparison this close to its limit may turn out either way."""
ODD_ROWS = 0b010100101010100101010101


class Doubtful(Exception):
    """Rounding decides."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, where it is, and the bits that may be flipped."""

    word: int = field(repr=False)
    unsure: int = field(repr=False)
    x: float = field(repr=False)
    y: float = field(repr=False)
    log_size: float = field(repr=False)
    turn: float = field(repr=False)


Pair = tuple[int, Token, int, Token]
"""The number and the token of the upload, and of the registered picture."""
Answer = tuple[int, int, bool]
"""An owner, how many of its tokens agree, and whether it is mirrored."""


def unpacked(tokens: Tokens) -> list[Token]:
    data = tokens.data[2:]
    size = 5 if tokens.kind is TokenKind.REGISTERED else 12
    records = [data[start : start + size] for start in range(0, len(data), size)]
    return [_registered(it) if size == 5 else _asked(it) for it in records]


def _registered(record: bytes) -> Token:
    place = int.from_bytes(record[3:])
    return Token(
        int.from_bytes(record[:3]),
        0,
        (place // 2048 + 0.5) / 32,
        (place // 64 % 32 + 0.5) / 32,
        math.log(1.75 / 256) + 0.35 * (place // 16 % 4 + 0.5),
        place % 16 * math.tau / 16,
    )


def _asked(record: bytes) -> Token:
    return Token(
        int.from_bytes(record[:3]),
        int.from_bytes(record[3:6]),
        int.from_bytes(record[6:8]) / 65535,
        int.from_bytes(record[8:10]) / 65535,
        record[10] / 255 * 6 - 6,
        record[11] * math.tau / 256,
    )


def width(tokens: Tokens) -> float:
    """Return the picture's width in shares of its long side."""
    ratio = 2 ** (int.from_bytes(tokens.data[:2], "big", signed=True) / 4096)
    return min(1.0, 1 / ratio)


def vote(pairs: Sequence[Pair]) -> int:
    """Return how many tokens agree at best; every pair proposes."""
    best = 0
    for one in pairs:
        agreeing = [other for other in pairs if agrees(one, other)]
        sides = {number for number, _, _, _ in agreeing}, {number for _, _, number, _ in agreeing}
        best = max(best, min(map(len, sides)))
    return best


def agrees(one: Pair, other: Pair) -> bool:
    """Tell whether a pair lies where another proposes it."""
    q, r, q2, r2 = one[1], one[3], other[1], other[3]
    scale, turn = math.exp(q.log_size - r.log_size), q.turn - r.turn
    across, down = r2.x - r.x, r2.y - r.y
    x = q.x + scale * (math.cos(turn) * across - math.sin(turn) * down)
    y = q.y + scale * (math.sin(turn) * across + math.cos(turn) * down)
    off = math.hypot(x - q2.x, y - q2.y)
    allowed = scale * (0.04 + 0.35 * math.hypot(across, down)) + 3 * math.exp(q2.log_size)
    scales = abs((q2.log_size - r2.log_size) - (q.log_size - r.log_size))
    turns = abs(math.remainder((q2.turn - r2.turn) - turn, math.tau))
    margins = (0.45 - scales, 0.4 - turns, allowed - off)
    if min(margins) > -HAIR and any(abs(it) < HAIR for it in margins):
        raise Doubtful
    return min(margins) >= 0


def find(registered: Mapping[int, Tokens], asked: Tokens, *, flipped: bool) -> list[Answer]:
    """Return the pictures that at least three tokens agree on, best first, at most eight."""
    found = []
    for owner, tokens in registered.items():
        plain, turned = (
            vote(pairs(tokens, asked, mirrored=mirrored, flipped=flipped))
            for mirrored in (False, True)
        )
        if max(plain, turned) >= 3:
            found.append((owner, max(plain, turned), turned > plain))
    return sorted(found, key=lambda it: (-it[1], it[0]))[:8]


def pairs(registered: Tokens, asked: Tokens, *, mirrored: bool, flipped: bool) -> list[Pair]:
    """Return every token of one picture with every equal one of the other."""
    result = []
    for number, q in enumerate(unpacked(asked)):
        word = q.word ^ ODD_ROWS if mirrored else q.word
        if mirrored:
            x, turn = width(asked) - q.x, math.pi - q.turn
            q = Token(word, q.unsure, x, q.y, q.log_size, turn)  # noqa: PLW2901
        for other in unpacked(registered):
            off = word ^ other.word
            one_flip = flipped and off.bit_count() == 1 and off & q.unsure
            if off == 0 or one_flip:
                place = hash((other.word, other.x, other.y, other.log_size, other.turn))
                result.append((number, q, place, other))
    return result
