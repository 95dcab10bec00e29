"""Ways to spoil a file, by chance but the same each time."""

import random
import zlib
from collections.abc import Callable

Spoil = Callable[[bytearray, random.Random], None]


def cut(content: bytearray, dice: random.Random) -> None:
    del content[dice.randrange(len(content)) :]


def flip_bits(content: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 3, 20))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)


def flip_bits_in_the_header(content: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 3))):
        content[dice.randrange(min(200, len(content)))] ^= 1 << dice.randrange(8)


def overwrite(content: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(content))
    length = min(dice.choice((2, 4, 60)), len(content) - start)
    content[start : start + length] = dice.choice((b"\xff", b"\0", b"\x7f")) * length


def remove(content: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(content))
    del content[start : start + dice.choice((1, 2, 100))]


def repeat(content: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(content))
    content[start:start] = content[start : start + dice.choice((4, 500))]


SPOILS: tuple[Spoil, ...] = (
    cut,
    flip_bits,
    flip_bits_in_the_header,
    overwrite,
    remove,
    repeat,
)


def spoiled(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    dice.choice(SPOILS)(changed, dice)
    if content.startswith(b"\x89PNG") and dice.random() < 0.7:
        mend_checksums(changed)
    return bytes(changed)


def mend_checksums(content: bytearray) -> None:
    """Give each chunk of a PNG its checksum, so that the damage gets past it."""
    start = 8
    while start + 12 <= len(content):
        end = start + 8 + int.from_bytes(content[start : start + 4], "big")
        if end + 4 > len(content):
            return
        content[end : end + 4] = zlib.crc32(content[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
