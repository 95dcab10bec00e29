"""Hashes as one block of bytes, which encryption at rest can seal as a whole.

Each hash: one byte for the algorithm, one for the quality (255: none), one for the length of the
view's name, the name in ASCII, and the digest. Tokens: a 5, a 255, their length, and themselves.
"""

from collections.abc import Iterable, Iterator

from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem
from hashreg.model.tokens import TokenKind, Tokens

_NUMBERS = {Algorithm.PDQ: 1, Algorithm.PHASH: 2, Algorithm.SHA256: 3, Algorithm.MD5: 4}
_ALGORITHMS = {number: algorithm for algorithm, number in _NUMBERS.items()}
_TOKENS = 5
_NO_QUALITY = 255
_HEAD = 3


def pack(hashes: Iterable[HashItem], tokens: Tokens | None) -> bytes:
    """Return the hashes, and registered tokens, as bytes.

    Raises ValueError for asked tokens: they say too much of a picture to be kept.
    """
    if tokens is not None and tokens.kind is not TokenKind.REGISTERED:
        raise ValueError("asked tokens are never stored")
    parts = []
    for item in hashes:
        quality = _NO_QUALITY if item.quality is None else item.quality
        view = item.view.encode("ascii")
        parts.append(bytes((_NUMBERS[item.algorithm], quality, len(view))) + view + item.digest)
    if tokens is not None:
        parts.append(bytes((_TOKENS, _NO_QUALITY, len(tokens.data))) + tokens.data)
    return b"".join(parts)


def unpack(block: bytes) -> Iterator[HashItem | Tokens]:
    """Yield the hashes, and the tokens, of a block that ``pack`` made."""
    position = 0
    while position < len(block):
        number, quality, view_length = block[position : position + _HEAD]
        if number == _TOKENS:
            end = position + _HEAD + view_length
            yield Tokens(TokenKind.REGISTERED, block[position + _HEAD : end])
            position = end
            continue
        algorithm = _ALGORITHMS[number]
        view_end = position + _HEAD + view_length
        end = view_end + HEX_DIGITS[algorithm] // 2
        yield HashItem(
            algorithm,
            block[position + _HEAD : view_end].decode("ascii"),
            block[view_end:end].hex(),
            None if quality == _NO_QUALITY else quality,
        )
        position = end
