"""Whatever a file holds, the answer is a fingerprint or the one clear error."""

import random
from collections import Counter

import pytest
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.model.errors import UnreadableFile
from hashreg.model.fingerprints import Fingerprint
from support.spoiling import spoiled

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


def outcomes(name: str, rounds: int) -> Counter[str]:
    """Spoil the file in so many ways, always the same; return how often what came of it."""
    dice = random.Random(name)  # noqa: S311  (the same for everybody is what is wanted)
    return Counter(outcome(spoiled(FILES[name], dice)) for _ in range(rounds))


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
