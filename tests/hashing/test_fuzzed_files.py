"""Whatever a file holds, the answer is a fingerprint or the one clear error."""

import random
import zlib
from collections import Counter
from collections.abc import Callable

import pytest
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.model.errors import UnreadableFile
from hashreg.model.fingerprints import Fingerprint

from .files_in_memory import interlaced_png, saved
from .textures import texture

PIXELS = texture(1, 61, 83, 3)
PHOTO = Image.fromarray(PIXELS)
ALPHA = Image.fromarray(texture(2, 61, 83, 4))
EXIF = Image.Exif()
EXIF[0x0112] = 6

FILES = {
    "jpeg": saved(PHOTO, "JPEG", exif=EXIF),
    "jpeg progressive": saved(PHOTO, "JPEG", progressive=True),
    "jpeg cmyk": saved(PHOTO.convert("CMYK"), "JPEG"),
    "png": saved(PHOTO, "PNG", exif=EXIF),
    "png rgba": saved(ALPHA, "PNG"),
    "png palette": saved(PHOTO.quantize(60), "PNG", transparency=3),
    "png interlaced": interlaced_png(PIXELS),
    "webp": saved(PHOTO, "WEBP", exif=EXIF),
    "webp rgba": saved(ALPHA, "WEBP", lossless=True),
    "gif": saved(PHOTO.quantize(60), "GIF", save_all=True, append_images=[PHOTO.quantize(9)]),
    "tiff": saved(PHOTO, "TIFF", exif=EXIF),
    "tiff lzw": saved(ALPHA, "TIFF", compression="tiff_lzw"),
    "tiff jpeg": saved(PHOTO, "TIFF", compression="jpeg"),
    "bmp": saved(PHOTO.quantize(60), "BMP"),
    "avif": saved(PHOTO, "AVIF", exif=EXIF),
    "heic": saved(PHOTO, "HEIF", exif=EXIF.tobytes()),
}

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


def outcomes(name: str, rounds: int) -> Counter[str]:
    """Spoil the file in so many ways, always the same; return how often what came of it."""
    dice = random.Random(name)  # noqa: S311  (the same for everybody is what is wanted)
    return Counter(outcome(spoiled(FILES[name], dice)) for _ in range(rounds))


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


def outcome(content: bytes) -> str:
    try:
        made = fingerprint(content, views="query")
    except UnreadableFile as error:
        return error.problem.value
    assert isinstance(made, Fingerprint)
    return "fingerprint"


@pytest.mark.parametrize("name", FILES)
def test_a_spoiled_file_gives_a_fingerprint_or_one_clear_error(name: str) -> None:
    counts = outcomes(name, 20)
    assert sum(counts.values()) == 20
    assert counts["fingerprint"] < 20, "the damage does nothing"


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_spoiled_files_give_a_fingerprint_or_one_clear_error(name: str) -> None:
    assert sum(outcomes(name, 400).values()) == 400
