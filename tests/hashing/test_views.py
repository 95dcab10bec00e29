"""Which parts of a picture are hashed: all of them known, all of them where they should be."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from hashreg.hashing import fingerprint
from hashreg.hashing.boxes import Box, content, trimmed
from hashreg.hashing.views import ASKED, REGISTERED
from hashreg.matching import Matcher
from hashreg.model.fingerprints import REGISTERED_VIEWS, Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier
from support.program import SAMPLES

PHOTOS = sorted((SAMPLES / "originals").iterdir())


def photo(name: str = "cat.png") -> Image.Image:
    return ImageOps.exif_transpose(Image.open(SAMPLES / "originals" / name)).convert("RGB")


def as_file(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()


def luma(picture: Image.Image) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.asarray(picture.convert("L"), np.float32)


def views(it: Fingerprint, algorithm: Algorithm = Algorithm.PDQ) -> set[str]:
    return {item.view for item in it.hashes if item.algorithm is algorithm}


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.name)
def test_a_case_holds_known_views_only_and_at_most_twenty_hashes_of_them(path: object) -> None:
    it = fingerprint(path, views="register")  # type: ignore[arg-type]
    assert {item.view for item in it.hashes} <= REGISTERED_VIEWS
    assert {"whole", *(f"window:{name}" for name in REGISTERED)} <= views(it)
    assert len(views(it)) + len(views(it, Algorithm.PHASH)) <= 20


def test_every_window_that_is_registered_is_a_known_view() -> None:
    assert {f"window:{name}" for name in REGISTERED} | {"whole", "trimmed", "content", "file"} == (
        REGISTERED_VIEWS
    )


def test_windows_lie_inside_the_picture_and_are_all_different() -> None:
    box = Box(10, 210, 20, 320)
    for windows in (REGISTERED, ASKED):
        parts = [box.window(*window) for window in windows.values()]
        assert len(set(parts)) == len(parts)
        for part in parts:
            assert box.top <= part.top < part.bottom <= box.bottom
            assert box.left <= part.left < part.right <= box.right


@pytest.mark.parametrize("ground", [0, 128, 255])
@pytest.mark.parametrize("sides", [(30, 30, 30, 30), (80, 80, 0, 0), (0, 0, 90, 90), (60, 0, 0, 0)])
def test_plain_borders_are_trimmed_to_the_pixel(
    ground: int, sides: tuple[int, int, int, int]
) -> None:
    picture = photo("rocket.jpg").resize((400, 300))
    top, bottom, left, right = sides
    framed = ImageOps.expand(picture, (left, top, right, bottom), (ground,) * 3)
    box = trimmed(luma(framed))
    assert box is not None
    found = np.array([box.top, box.bottom, box.left, box.right])
    assert np.abs(found - [top, top + 300, left, left + 400]).max() <= 3


def test_the_bar_of_a_meme_is_trimmed_with_its_text() -> None:
    picture = photo().resize((400, 300))
    meme = ImageOps.expand(picture, (0, 90, 0, 0), "white")
    ImageDraw.Draw(meme).text((20, 20), "when you see it", "black", font_size=36)
    box = trimmed(luma(meme))
    assert box is not None
    assert abs(box.top - 90) <= 3


def test_a_screenshots_picture_is_found() -> None:
    picture = photo("boats.jpg").resize((540, 400))
    screen = Image.new("RGB", (540, 1100), (250, 250, 250))
    ImageDraw.Draw(screen).text((20, 30), "channel name", "black", font_size=30)
    screen.paste(picture, (0, 300))
    box = content(luma(screen))
    assert box is not None
    assert abs(box.top - 300) <= 8
    assert abs(box.bottom - 700) <= 8


def test_a_plain_picture_has_no_part() -> None:
    plain = np.full((300, 400), 90, np.float32)
    assert trimmed(plain) is None
    assert content(plain) is None


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    ("edit", "most"),
    [
        ("frame", 31),
        ("letterbox", 31),
        ("one side", 45),
        ("mirrored frame", 31),
        ("collage", 31),
    ],
)
def test_an_edited_copy_is_found_by_its_parts(path: object, edit: str, most: int) -> None:
    original = ImageOps.exif_transpose(Image.open(path)).convert("RGB")  # type: ignore[arg-type]
    width, height = original.size
    copies = {
        "frame": ImageOps.expand(original, width // 20, "white"),
        "letterbox": ImageOps.expand(original, (0, height // 4), "black"),
        "one side": original.crop((width // 20, 0, width, height)),
        "mirrored frame": ImageOps.mirror(ImageOps.expand(original, width // 20, "black")),
        "collage": beside(original, ImageOps.flip(ImageOps.invert(original))),
    }
    matcher = Matcher.of([fingerprint(path, views="register")])  # type: ignore[arg-type]
    hits = matcher.find(fingerprint(as_file(copies[edit]), views="query"))
    (hit,) = hits
    assert hit.distance is not None
    assert hit.distance <= most
    assert hit.tier is Tier.MATCH or hit.distance > 31


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    result = Image.new("RGB", (one.width + other.width, one.height))
    result.paste(one, (0, 0))
    result.paste(other, (one.width, 0))
    return result


def test_a_blank_part_never_becomes_a_hash() -> None:
    """Half of the picture is a white bar: no window of it is asked."""
    half_blank = ImageOps.expand(photo("canyon.webp"), (0, 0, 0, 2000), "white")
    it = fingerprint(as_file(half_blank), views="query")
    assert all(item.is_comparable for item in it.hashes)
    assert all(item.quality is None or item.quality >= 50 for item in it.hashes)
