"""What an index holds of a picture, to be looked for in its files."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from hashreg.matching.saved import ARRAYS, LENGTH_BYTES, BlockCipher, _place
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import PERCEPTUAL
from matching.codes import words_of

WORD_BYTES, TOKEN_BYTES = 8, 5


def pieces_of(picture: Fingerprint) -> list[bytes]:
    """Return what an index holds of a picture: words of its codes, digests, words of tokens."""
    pieces = []
    for item in picture.hashes:
        is_code = item.algorithm in PERCEPTUAL
        pieces += words_of(item.digest) if is_code else _cut(item.digest, WORD_BYTES)
    tokens = picture.tokens.data[2:] if picture.tokens else b""
    return pieces + [it[:3][::-1] + b"\0" for it in _cut(tokens, TOKEN_BYTES)]


def content_of(folder: Path, cipher: BlockCipher | None = None) -> bytes:
    """Return everything in the files of a folder; with a cipher, what can be opened is opened."""
    files = sorted(folder.iterdir())
    return b"\n".join(it for path in files for it in (path.read_bytes(), *_opened(path, cipher)))


def _opened(path: Path, cipher: BlockCipher | None) -> Iterator[bytes]:
    """Yield the opened blocks of a file, also of a copy with a 0 before its name."""
    content, number = path.read_bytes(), 0
    while cipher and path.suffix == ARRAYS and content:
        size = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES])
        for name in (path.name, path.name[1:]):
            with contextlib.suppress(ValueError):
                yield cipher.open(
                    memoryview(content[LENGTH_BYTES:size]), _place(Path(name), number)
                )
        content, number = content[size:], number + 1


def share_held(folder: Path, picture: Fingerprint, cipher: BlockCipher | None = None) -> float:
    """Return which share of a picture's pieces stands in the files of a folder."""
    content, pieces = content_of(folder, cipher), pieces_of(picture)
    return sum(piece in content for piece in pieces) / len(pieces)


def holds_raw(folder: Path, picture: Fingerprint, cipher: BlockCipher | None = None) -> bool:
    """Tell whether a hash as the world knows it, or a part of it, stands in these files."""
    content = content_of(folder, cipher)
    return any(it in content for hash_ in picture.hashes for it in _cut(hash_.digest, WORD_BYTES))


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[first : first + size] for first in range(0, len(data), size)]
