"""Hashes as one block of bytes, which encryption at rest can seal as a whole.

Each hash: one byte for the algorithm, one for the quality (255: none), one for the length of the
view's name, the name in ASCII, and the digest.
"""

from collections.abc import Iterable, Iterator

from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem

_NUMBERS = {Algorithm.PDQ: 1, Algorithm.PHASH: 2, Algorithm.SHA256: 3, Algorithm.MD5: 4}
_ALGORITHMS = {number: algorithm for algorithm, number in _NUMBERS.items()}
_NO_QUALITY = 255
_HEAD = 3


def pack(hashes: Iterable[HashItem]) -> bytes:
    """Return the hashes as bytes."""
    parts = []
    for item in hashes:
        quality = _NO_QUALITY if item.quality is None else item.quality
        view = item.view.encode("ascii")
        parts.append(bytes((_NUMBERS[item.algorithm], quality, len(view))) + view + item.digest)
    return b"".join(parts)


def unpack(block: bytes) -> Iterator[HashItem]:
    """Yield the hashes of a block that ``pack`` made."""
    position = 0
    while position < len(block):
        number, quality, view_length = block[position : position + _HEAD]
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
