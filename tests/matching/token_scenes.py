"""Made-up tokens: of pictures, and of copies of which it is known how they lie."""

import math
import random
from dataclasses import dataclass

from hashreg.model.tokens import TokenKind, Tokens
from matching.naive_votes import ODD_ROWS, unpacked


@dataclass(frozen=True, slots=True)
class Lie:
    """How a copy shows its original: turned round the middle, scaled, then perhaps mirrored."""

    turn: float = 0.0
    scale: float = 1.0
    x: float = 0.5
    y: float = 0.5
    mirrored: bool = False

    def placed(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the square original lies in the square copy."""
        cosine, sine = self.scale * math.cos(self.turn), self.scale * math.sin(self.turn)
        across = self.x + cosine * (x - 0.5) - sine * (y - 0.5)
        down = self.y + sine * (x - 0.5) + cosine * (y - 0.5)
        return (1 - across if self.mirrored else across), down


def any_lie(chance: random.Random) -> Lie:
    return Lie(
        chance.uniform(-math.pi, math.pi),
        chance.uniform(0.5, 1.5),
        chance.uniform(0.3, 0.7),
        chance.uniform(0.3, 0.7),
        chance.random() < 0.4,
    )


def picture(chance: random.Random, count: int, words: int = 2**24) -> Tokens:
    """Return the registered tokens of a square picture; words below ``words``."""
    records = [
        chance.randrange(words).to_bytes(3)
        + (chance.randrange(1024) << 6 | chance.randrange(2) << 4 | chance.randrange(16)).to_bytes(
            2
        )
        for _ in range(count)
    ]
    return Tokens(TokenKind.REGISTERED, bytes(2) + b"".join(records))


def copy(
    chance: random.Random, original: Tokens, lie: Lie, *, kept: float = 1.0, flipped: float = 0.0
) -> Tokens:
    """Return asked tokens of a copy.

    A share ``kept`` of the original's tokens is in it; of a share ``flipped`` of these one bit is
    flipped, which is among the unsure ones.
    """
    records = []
    for it in unpacked(original):
        x, y = lie.placed(it.x, it.y)
        if chance.random() >= kept or not (0 <= x <= 1 and 0 <= y <= 1):
            continue
        turn, word = it.turn + lie.turn, it.word
        if lie.mirrored:
            turn, word = math.pi - turn, word ^ ODD_ROWS
        bit = 1 << chance.randrange(24)
        if chance.random() < flipped:
            word ^= bit
        records.append(_record(word, bit, x, y, it.log_size + math.log(lie.scale), turn))
    chance.shuffle(records)
    return Tokens(TokenKind.ASKED, bytes(2) + b"".join(records))


def _record(word: int, unsure: int, x: float, y: float, log_size: float, turn: float) -> bytes:
    return (
        word.to_bytes(3)
        + unsure.to_bytes(3)
        + round(x * 65535).to_bytes(2)
        + round(y * 65535).to_bytes(2)
        + bytes(
            (max(0, min(255, round((log_size + 6) / 6 * 255))), round(turn / math.tau * 256) % 256)
        )
    )


def joined(*parts: Tokens) -> Tokens:
    """Return the tokens of all parts as one picture's."""
    return Tokens(parts[0].kind, parts[0].data[:2] + b"".join(it.data[2:] for it in parts))
