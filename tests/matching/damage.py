"""Damage done to a saved index, and the refusal to open it that must follow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hashreg.matching import HammingIndex
from hashreg.matching.saved import ALIGNMENT, ARRAYS, BlockCipher
from hashreg.model.errors import UnusableIndex
from matching.codes import seeded

DAMAGED, FOREIGN = "damaged or not whole", "of another kind or was made by another version"
MISSING, STALE = "There is no saved index", "another state of the registry"
SAMPLES = 12


def refused(folder: Path, why: str, cipher: BlockCipher | None = None) -> None:
    """Check that an index is not opened, and that the error says which one and why."""
    with pytest.raises(UnusableIndex, match=why) as caught:
        HammingIndex.open(folder, cipher=cipher)
    assert str(folder) in str(caught.value)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def arrays(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{ARRAYS}"))


def check_every_change(folder: Path, cipher: BlockCipher | None = None) -> None:
    """Flip bits of each file and cut it at several lengths, one after the other."""
    for path in files(folder):
        content = path.read_bytes()
        for _ in _flipped_bits(path, len(content)):
            refused(folder, DAMAGED, cipher)
        unchanged = path.read_bytes() == content
        assert unchanged
        cuts = {0, 1, 3, 4, 5, ALIGNMENT, len(content) // 2, len(content) - ALIGNMENT}
        short = [content[:cut] for cut in cuts | {len(content) - 1}]
        for changed in (*short, content + b"\0", content + bytes(ALIGNMENT)):
            path.write_bytes(changed)
            refused(folder, DAMAGED, cipher)
        path.write_bytes(content)


def _flipped_bits(path: Path, size: int) -> Iterator[None]:
    """Flip one bit after the other at both ends and in between, and flip it back."""
    chance = seeded(size)
    places = {*range(16), *range(size - 8, size), *(chance.randrange(size) for _ in range(SAMPLES))}
    for place in places:
        bit = chance.randrange(8)
        _flip(path, place, bit)
        yield
        _flip(path, place, bit)


def _flip(path: Path, place: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))
