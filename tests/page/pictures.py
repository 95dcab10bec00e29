"""The pictures of ``tests/golden/formats``: every way of storing one that browsers can open.

Made once, by ``tests/golden/make_page_vectors.py``, of photos in the public domain.
"""

import struct
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from hashing.files_in_memory import (
    filtered_png,
    interlaced_png,
    png,
    png_chunk,
    png_of_rows,
    saved,
)
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageDraw, ImageFilter, ImageOps

from support.program import SAMPLES

TURNS_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What makes the stored pixels out of upright ones, for each value of the EXIF tag."""
LARGE = 1_031, 515
"""Reduced by 2, with a column and a row of cells that are cut."""
LARGER = 1_579, 853
"""Reduced by 3, with a column and a row of cells that are cut."""
SMALL, TINY = (201, 134), (133, 89)

Pixels = NDArray[np.uint8]


@cache
def photo(name: str, size: tuple[int, int]) -> Image.Image:
    """Return an upright sample photo, cut to the shape of this size and scaled to it."""
    with Image.open(SAMPLES / "originals" / name) as stored:
        upright = ImageOps.exif_transpose(stored).convert("RGB")
    return ImageOps.fit(upright, size, Image.Resampling.LANCZOS)


def pixels(name: str, size: tuple[int, int]) -> Pixels:
    return np.asarray(photo(name, size))


def grey(name: str, size: tuple[int, int]) -> Pixels:
    return np.asarray(photo(name, size).convert("L"))


def turned(name: str, size: tuple[int, int], orientation: int) -> Image.Image:
    """Return a photo as a camera that was held so stores it; without its fine detail."""
    soft = photo(name, size).filter(ImageFilter.GaussianBlur(2))
    turn = TURNS_BACK[orientation]
    return soft if turn is None else soft.transpose(turn)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def damaged_exif() -> bytes:
    """Return EXIF whose orientation Pillow never reaches: a value before it is not there."""
    maker = struct.pack("<HHII", ExifTags.Base.Make, 2, 40, 5_000)
    turn = struct.pack("<HHIHxx", ExifTags.Base.Orientation, 3, 1, 6)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + maker + turn + bytes(4)


def fading(size: tuple[int, int]) -> Pixels:
    """Return an opacity that grows from left to right."""
    ramp = np.linspace(-40, 330, size[0]).clip(0, 255).astype(np.uint8)
    return np.broadcast_to(ramp, size[::-1])


def see_through(name: str, size: tuple[int, int]) -> Pixels:
    return np.dstack([pixels(name, size), fading(size)])


def deep(values: Pixels) -> NDArray[np.uint16]:
    """Return 16-bit samples whose lower bytes are no copies of the upper ones."""
    return values.astype(np.uint16) * 256 + values[::-1] // 2


def exchanged_profile() -> bytes:
    """Return an ICC profile that turns red into blue where colours are managed."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:24] + bytes(12) + profile[36:]  # not the time of making it
    for one, other in ((b"rXYZ", b"bXYZ"), (b"rTRC", b"bTRC")):
        spare = b"spar"
        profile = profile.replace(one, spare, 1).replace(other, one, 1).replace(spare, other, 1)
    return profile


def jpegs() -> Iterator[tuple[str, bytes]]:
    rocket, officer = photo("rocket.jpg", LARGER), photo("officer.jpg", (515, 1_031))
    yield "baseline", saved(rocket, "JPEG", quality=35)
    yield "progressive", saved(officer, "JPEG", quality=35, progressive=True)
    yield "444", saved(photo("cat.png", (403, 301)), "JPEG", quality=75, subsampling=0)
    yield "422", saved(photo("astronaut.jpg", (301, 301)), "JPEG", quality=75, subsampling=1)
    yield "grey", saved(photo("photographer.jpg", LARGE).convert("L"), "JPEG", quality=30)
    yield "cmyk", saved(photo("boats.jpg", SMALL).convert("CMYK"), "JPEG", quality=75)
    profile = exchanged_profile()
    yield "icc", saved(photo("astronaut.jpg", SMALL), "JPEG", quality=85, icc_profile=profile)
    for orientation in TURNS_BACK:
        stored = turned("cat.png", LARGE, orientation)
        yield f"exif-{orientation}", saved(stored, "JPEG", quality=30, exif=exif_of(orientation))
    lying = turned("officer.jpg", SMALL, 1)
    yield "exif-damaged", saved(lying, "JPEG", quality=75, exif=damaged_exif())
    first = saved(lying, "JPEG", quality=75, exif=exif_of(6))
    yield "exif-first", first[:2] + first[20:]  # as cameras write it, without a JFIF segment
    barred = ImageOps.expand(photo("astronaut.jpg", (460, 301)), (0, 62, 0, 41), (20, 20, 20))
    yield "bars", saved(barred, "JPEG", quality=75)


def pngs() -> Iterator[tuple[str, bytes]]:
    cat, flat = pixels("cat.png", TINY), grey("cat.png", TINY)
    yield "rgb", png(pixels("canyon.webp", TINY), 8, 2)
    yield "rgb-interlaced", interlaced_png(pixels("boats.jpg", TINY))
    yield "rgb-16", png(deep(cat), 16, 2)
    yield "rgb-keyed", png(cat, 8, 2, keyed(cat[40, 60]))
    yield (
        "rgb-gamma",
        png(pixels("cat.png", (101, 67)), 8, 2, png_chunk(b"gAMA", struct.pack(">I", 100_000))),
    )
    yield "rgba", png(see_through("cat.png", TINY), 8, 6)
    yield "grey", png(flat, 8, 0)
    yield "grey-alpha", png(np.dstack([grey("boats.jpg", TINY), fading(TINY)]), 8, 4)
    yield "grey-16", png(deep(grey("officer.jpg", TINY)), 16, 0)
    yield "grey-4", png(flat >> 4, 4, 0)
    yield "grey-2", png(flat >> 6, 2, 0)
    yield "grey-1", png(flat >> 7, 1, 0)
    yield "grey-keyed", png(flat, 8, 0, keyed(flat[40:41, 60]))
    few = photo("astronaut.jpg", SMALL).quantize(64)
    yield "palette", saved(few, "PNG")
    yield "palette-alpha", saved(few, "PNG", transparency=bytes(range(0, 256, 4)))
    frames = [photo(it, TINY).quantize(32) for it in ("cat.png", "rocket.jpg")]
    first = photo("officer.jpg", TINY).quantize(32)
    yield "animated", saved(first, "PNG", save_all=True, append_images=frames)
    still = {"save_all": True, "default_image": True, "append_images": frames}
    yield "animated-beside-a-still", saved(first, "PNG", **still)
    yield "exif-5", saved(turned("officer.jpg", TINY, 5), "PNG", exif=exif_of(5))
    yield "exif-8", saved(turned("boats.jpg", TINY, 8), "PNG", exif=exif_of(8))
    yield "screenshot", saved(screenshot().quantize(24, dither=Image.Dither.NONE), "PNG")


def fine_pngs() -> Iterator[tuple[str, bytes]]:
    """Yield PNGs that the page reads itself, with all filters, opacities and colours left out."""
    size = 101, 67
    boats, cat = pixels("boats.jpg", size), pixels("cat.png", size)
    alpha = np.dstack([grey("cat.png", size), fading(size)])
    yield "rgba-filtered", filtered_png(see_through("boats.jpg", size), 8, 6)
    yield "rgba-16", filtered_png(deep(see_through("cat.png", size)), 16, 6)
    yield "grey-alpha-16", filtered_png(deep(alpha), 16, 4)
    one, many = deep(boats), deep(grey("officer.jpg", size))
    one[20:40, 30:60] = one[20, 30]
    many[20:40, 30:60] = many[20, 30]
    yield "rgb-16-keyed", filtered_png(one, 16, 2, keyed(one[20, 30]))
    yield "grey-16-keyed", filtered_png(many, 16, 0, keyed(many[20:21, 30]))
    short = b"".join(b"\0" + row.tobytes() for row in see_through("cat.png", size)[:50])
    yield "rgba-rows-missing", png_of_rows(short, size, 8, 6)
    parts = zlib.compress(b"".join(b"\0" + row.tobytes() for row in np.dstack([cat, cat[..., :1]])))
    chunks = [png_chunk(b"IDAT", parts[at : at + 1_000]) for at in range(0, len(parts), 1_000)]
    whole = png_of_rows(b"", size, 8, 6)
    empty = png_chunk(b"IDAT", zlib.compress(b""))
    yield "rgba-in-parts", whole.replace(empty, b"".join(chunks))


def keyed(colour: NDArray[np.integer]) -> bytes:
    """Return the chunk that makes a colour of a PNG one that can be seen through."""
    return png_chunk(b"tRNS", struct.pack(f">{colour.size}H", *colour))


def screenshot() -> Image.Image:
    """Return a photo in an app, as a phone shows it; tall enough to be reduced by 2."""
    screen = Image.new("RGB", (540, 1_101), (250, 250, 250))
    draw = ImageDraw.Draw(screen)
    draw.text((20, 30), "channel name", "black", font_size=30)
    draw.text((20, 760), "a line of text under the picture", "black", font_size=24)
    screen.paste(photo("boats.jpg", (540, 400)), (0, 300))
    return screen


def webps() -> Iterator[tuple[str, bytes]]:
    yield "lossy", saved(photo("rotated-phone.jpg", LARGE), "WEBP", quality=40)
    yield "lossless", saved(photo("cat.png", TINY), "WEBP", lossless=True)
    alpha = Image.fromarray(see_through("canyon.webp", TINY))
    yield "alpha", saved(alpha, "WEBP", lossless=True, exact=True)
    yield "alpha-lossy", saved(alpha, "WEBP", quality=60)
    yield "alpha-simple", simple_webp(alpha)
    others = [photo("rocket.jpg", SMALL)]
    first = photo("officer.jpg", SMALL)
    yield "animated", saved(first, "WEBP", quality=60, save_all=True, append_images=others)
    for orientation in (2, 3, 5, 6, 8):
        stored = turned("astronaut.jpg", LARGE, orientation)
        yield f"exif-{orientation}", saved(stored, "WEBP", quality=40, exif=exif_of(orientation))


def simple_webp(image: Image.Image) -> bytes:
    """Return a lossless WebP without the header that says that it has opacity."""
    content = saved(image, "WEBP", lossless=True, exact=True)
    body = content[content.index(b"VP8L") :]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def avifs() -> Iterator[tuple[str, bytes]]:
    yield "420", saved(photo("canyon.webp", LARGE), "AVIF", quality=45)
    yield "444", saved(photo("cat.png", SMALL), "AVIF", quality=60, subsampling="4:4:4")
    yield "grey", saved(photo("photographer.jpg", LARGE).convert("L"), "AVIF", quality=45)
    for orientation in (2, 3, 4, 5, 6, 7, 8):
        stored = turned("boats.jpg", LARGE, orientation)
        content = saved(stored, "AVIF", quality=30, subsampling="4:4:4", exif=exif_of(orientation))
        yield f"irot-imir-{orientation}", content


def gifs() -> Iterator[tuple[str, bytes]]:
    first, second = (photo(it, SMALL).quantize(64) for it in ("rocket.jpg", "boats.jpg"))
    yield "palette", saved(photo("astronaut.jpg", SMALL).quantize(128), "GIF")
    yield "transparent", saved(first, "GIF", transparency=7)
    yield "animated", saved(first, "GIF", save_all=True, append_images=[second], duration=100)
    yield "grey", saved(photo("photographer.jpg", TINY).convert("L"), "GIF")


def bmps() -> Iterator[tuple[str, bytes]]:
    cat = photo("cat.png", TINY)
    yield "rgb", saved(cat, "BMP")
    yield "grey", saved(photo("photographer.jpg", TINY).convert("L"), "BMP")
    yield "palette", saved(photo("boats.jpg", TINY).quantize(256), "BMP")


def pictures() -> dict[str, bytes]:
    """Return all pictures that can be hashed, by the name of their file."""
    makers = {
        "jpg": [jpegs],
        "png": [pngs, fine_pngs],
        "webp": [webps],
        "avif": [avifs],
        "gif": [gifs],
        "bmp": [bmps],
    }
    return {
        f"{suffix}-{name}.{suffix}": content
        for suffix, makes in makers.items()
        for make in makes
        for name, content in make()
    }


def header_of(width: int, height: int) -> bytes:
    """Return a PNG whose header claims this size and which holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")


def larger_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG whose header claims this size."""
    content = saved(photo("cat.png", TINY), "JPEG", quality=30)
    true, claimed = (struct.pack(">HH", *size) for size in (TINY[::-1], (height, width)))
    return content.replace(true, claimed, 1)


def refused() -> dict[str, bytes]:
    """Return files that can't be hashed, by name."""
    jpeg = saved(photo("cat.png", SMALL), "JPEG", quality=50)
    webp = saved(photo("cat.png", SMALL), "WEBP", quality=50)
    gif = saved(photo("cat.png", SMALL).quantize(32), "GIF")
    avif = saved(photo("cat.png", SMALL), "AVIF", quality=30)
    bmp = saved(photo("cat.png", TINY).quantize(32), "BMP")
    few = saved(photo("cat.png", SMALL).quantize(32), "PNG")
    noise = np.random.default_rng(1).integers(0, 6, (60, 90, 3)).astype(np.uint8)
    return {
        "empty.jpg": b"",
        "blank.png": saved(Image.new("RGB", (300, 200), (128, 128, 128)), "PNG"),
        "dark.png": png(noise, 8, 2),
        "transparent.png": png(np.dstack([pixels("cat.png", (40, 30)), np.zeros((30, 40))]), 8, 6),
        "tiny.png": png(pixels("cat.png", (4, 4)), 8, 2),
        "row.png": png(pixels("cat.png", (300, 3)), 8, 2),
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "no-end.jpg": jpeg[:-2],
        "cut-in-header.jpg": jpeg[:24],
        "cut.png": few[: len(few) // 2],
        "filter.png": png_of_rows(b"\7" * 30 * 161, (40, 30), 8, 6),
        "cut.webp": webp[: len(webp) * 3 // 4],
        "cut.gif": gif[: len(gif) * 3 // 4],
        "cut.avif": avif[: len(avif) * 3 // 4],
        "cut.bmp": bmp[: len(bmp) * 3 // 4],
        "text.jpg": b"A text with the name of a picture.\n" * 3,
        "page.jpg": b"<!doctype html><title>404</title>",
        "vector.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "video.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(200),
        "video.mov": b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(200),
        "video.webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1" + bytes(200),
        "video.avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(200),
        "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
        "bomb.png": header_of(10_000, 6_000),
        "bomb.jpg": larger_jpeg(10_000, 6_000),
    }
