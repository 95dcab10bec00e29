"""Whatever the format and the way of storing, the same content gives the same pixels."""

import io
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import decode

from .distances import distance, whole
from .files_in_memory import interlaced_png, png, png_chunk, saved
from .textures import texture

HEIGHT, WIDTH = 131, 203
"""Odd, so that padded rows and halved colour planes show."""
LOSSY_BITS = 4
"""PDQ of a JPEG, WebP, AVIF or HEIC of high quality against the picture before."""

RGB = texture(1, HEIGHT, WIDTH, 3)
GREY = texture(2, HEIGHT, WIDTH, 1)[..., 0]
ALPHA = texture(3, HEIGHT, WIDTH, 1)[..., 0]
DEEP_RGB = RGB.astype(np.uint16) * 256 + texture(4, HEIGHT, WIDTH, 3)
DEEP_GREY = GREY.astype(np.uint16) * 256 + ALPHA
PALETTE = texture(5, 16, 16, 3).reshape(256, 3)
TWO_COLOURS = np.array([[9, 30, 60], [250, 220, 200]], np.uint8)
QUANTIZED = Image.fromarray(RGB).quantize(256)

Pixels = NDArray[np.integer]


def on_white(colours: Pixels, alpha: Pixels) -> Pixels:
    """Return 8-bit colours of this opacity, laid on white."""
    share = alpha[..., None] / 255
    blended = colours.reshape(*alpha.shape, -1) * share + 255 * (1 - share)
    return np.asarray(np.round(blended), np.uint8)


def with_alpha(colours: Pixels, alpha: Pixels) -> Pixels:
    return np.dstack([colours, alpha])


def plte(entries: int) -> bytes:
    return png_chunk(b"PLTE", PALETTE[:entries].tobytes())


def trns(*values: int) -> bytes:
    return png_chunk(b"tRNS", struct.pack(f">{len(values)}H", *values))


def frames(format_name: str, **options: object) -> bytes:
    """Return an animation whose first frame is the grey picture."""
    others = [Image.fromarray(255 - GREY), Image.fromarray(GREY[::-1].copy())]
    first = Image.fromarray(GREY)
    return saved(first, format_name, save_all=True, append_images=others, duration=50, **options)


def tiff(image: Image.Image, compression: str) -> bytes:
    return saved(image, "TIFF", compression=compression)


def grey_of(depth: int) -> Pixels:
    """Return the grey picture in ``2 ** depth`` steps."""
    return GREY >> (8 - depth)


def scaled(steps: Pixels, depth: int) -> Pixels:
    """Return those steps on the scale of 0 to 255."""
    return np.asarray(steps * (255 // (2**depth - 1)), np.uint8)


OPAQUE = {
    "png rgb": (png(RGB, 8, 2), RGB),
    "png rgb interlaced": (interlaced_png(RGB), RGB),
    "png rgb 16 bits": (png(DEEP_RGB, 16, 2), RGB),
    "png grey": (png(GREY, 8, 0), GREY),
    "png grey 1 bit": (png(grey_of(1), 1, 0), scaled(grey_of(1), 1)),
    "png grey 2 bits": (png(grey_of(2), 2, 0), scaled(grey_of(2), 2)),
    "png grey 4 bits": (png(grey_of(4), 4, 0), scaled(grey_of(4), 4)),
    "png grey 16 bits": (png(DEEP_GREY, 16, 0), GREY),
    "png palette": (png(GREY, 8, 3, plte(256)), PALETTE[GREY]),
    "png palette 4 bits": (png(grey_of(4), 4, 3, plte(16)), PALETTE[grey_of(4)]),
    "png palette 1 bit": (
        png(grey_of(1), 1, 3, png_chunk(b"PLTE", TWO_COLOURS.tobytes())),
        TWO_COLOURS[grey_of(1)],
    ),
    "png animated": (frames("PNG"), GREY),
    "webp lossless": (saved(Image.fromarray(RGB), "WEBP", lossless=True), RGB),
    "webp animated": (frames("WEBP", lossless=True), GREY),
    "gif grey": (saved(Image.fromarray(GREY), "GIF"), GREY),
    "gif palette": (saved(QUANTIZED, "GIF"), np.asarray(QUANTIZED.convert("RGB"))),
    "gif animated": (frames("GIF"), GREY),
    "bmp rgb": (saved(Image.fromarray(RGB), "BMP"), RGB),
    "bmp grey": (saved(Image.fromarray(GREY), "BMP"), GREY),
    "tiff rgb": (tiff(Image.fromarray(RGB), "raw"), RGB),
    "tiff rgb lzw": (tiff(Image.fromarray(RGB), "tiff_lzw"), RGB),
    "tiff rgb deflate": (tiff(Image.fromarray(RGB), "tiff_adobe_deflate"), RGB),
    "tiff grey": (tiff(Image.fromarray(GREY), "raw"), GREY),
    "tiff grey 16 bits": (tiff(Image.fromarray(DEEP_GREY), "raw"), GREY),
    "tiff grey 16 bits lzw": (tiff(Image.fromarray(DEEP_GREY), "tiff_lzw"), GREY),
    "tiff animated": (frames("TIFF"), GREY),
    "tiff 1 bit": (
        tiff(Image.fromarray(GREY > 127), "group4"),
        scaled((GREY > 127).astype(np.uint8), 1),
    ),
}
"""A file and the pixels that it must give."""


def first_colour_white(colours: Pixels, stored: Pixels) -> Pixels:
    """Return the colours with white where the stored pixel equals the first one."""
    same = (stored == stored[:1, :1]).reshape(HEIGHT, WIDTH, -1).all(axis=2)
    result = colours.copy()
    result[same] = 255
    return result


def with_repeats(stored: Pixels) -> Pixels:
    """Return the picture with its first colour in every pixel of a third of its rows."""
    result = stored.copy()
    result[::3] = stored[0, 0]
    return result


def keyed(stored: Pixels, depth: int, colour_type: int) -> bytes:
    """Return a PNG whose first colour is the transparent one."""
    return png(stored, depth, colour_type, trns(*np.atleast_1d(stored[0, 0]).tolist()))


KEYED_RGB, KEYED_DEEP_RGB = with_repeats(RGB), with_repeats(DEEP_RGB)
KEYED_GREY, KEYED_DEEP_GREY = with_repeats(GREY), with_repeats(DEEP_GREY)
PALETTE_ALPHA = np.r_[ALPHA[0, :100], np.full(156, 255)].astype(np.uint8)

TRANSPARENT = {
    "png rgba": (png(with_alpha(RGB, ALPHA), 8, 6), on_white(RGB, ALPHA)),
    "png rgba 16 bits": (
        png(with_alpha(DEEP_RGB, DEEP_GREY), 16, 6),
        on_white(RGB, GREY),
    ),
    "png grey and alpha": (png(with_alpha(GREY, ALPHA), 8, 4), on_white(GREY, ALPHA)),
    "png grey and alpha 16 bits": (
        png(with_alpha(DEEP_GREY, DEEP_RGB[..., 0]), 16, 4),
        on_white(GREY, RGB[..., 0]),
    ),
    "png palette with alphas": (
        png(GREY, 8, 3, plte(256), png_chunk(b"tRNS", PALETTE_ALPHA[:100].tobytes())),
        on_white(PALETTE[GREY], PALETTE_ALPHA[GREY]),
    ),
    "png rgb with a transparent colour": (
        keyed(KEYED_RGB, 8, 2),
        first_colour_white(KEYED_RGB, KEYED_RGB),
    ),
    "png rgb 16 bits with a transparent colour": (
        keyed(KEYED_DEEP_RGB, 16, 2),
        first_colour_white(KEYED_RGB, KEYED_DEEP_RGB),
    ),
    "png grey with a transparent grey": (
        keyed(KEYED_GREY, 8, 0),
        first_colour_white(KEYED_GREY, KEYED_GREY),
    ),
    "png grey 4 bits with a transparent grey": (
        keyed(grey_of(4), 4, 0),
        first_colour_white(scaled(grey_of(4), 4), grey_of(4)),
    ),
    "png grey 2 bits with a transparent grey": (
        keyed(grey_of(2), 2, 0),
        first_colour_white(scaled(grey_of(2), 2), grey_of(2)),
    ),
    "png grey 16 bits with a transparent grey": (
        keyed(KEYED_DEEP_GREY, 16, 0),
        first_colour_white(KEYED_GREY, KEYED_DEEP_GREY),
    ),
    "webp lossless": (
        saved(Image.fromarray(with_alpha(RGB, ALPHA)), "WEBP", lossless=True, exact=True),
        on_white(RGB, ALPHA),
    ),
    "gif": (
        saved(Image.fromarray(GREY), "GIF", transparency=int(GREY[0, 0])),
        first_colour_white(GREY, GREY),
    ),
    "tiff rgba": (
        tiff(Image.fromarray(with_alpha(RGB, ALPHA)), "tiff_lzw"),
        on_white(RGB, ALPHA),
    ),
}
"""A file with transparent places and the pixels that it must give, on white."""


def canonical(content: bytes) -> Pixels:
    """Return the pixels of a file as (h, w, 3)."""
    pixels = decode(content).pixels
    return np.broadcast_to(pixels[..., :3], (HEIGHT, WIDTH, 3))


def assert_gives(content: bytes, expected: Pixels) -> None:
    """Compare the pixels, and the PDQ hash with that of the same pixels as a plain PNG."""
    rgb = np.broadcast_to(expected.reshape(HEIGHT, WIDTH, -1), (HEIGHT, WIDTH, 3)).astype(np.uint8)
    assert np.array_equal(canonical(content), rgb)
    assert bits_off(content, rgb) == 0


def bits_off(content: bytes, rgb: NDArray[np.uint8]) -> int:
    ours = fingerprint(content, views="whole")
    return distance(whole(ours), whole(fingerprint(png(rgb, 8, 2), views="whole")))


@pytest.mark.parametrize("name", OPAQUE)
def test_an_opaque_picture_without_loss_gives_its_pixels(name: str) -> None:
    assert_gives(*OPAQUE[name])


@pytest.mark.parametrize("name", TRANSPARENT)
def test_a_transparent_picture_gives_its_pixels_on_white(name: str) -> None:
    assert_gives(*TRANSPARENT[name])


PHOTO, GREY_PHOTO = Image.fromarray(RGB), Image.fromarray(GREY)
LOSSY = {
    "jpeg": (saved(PHOTO, "JPEG", quality=95), RGB),
    "jpeg 4:4:4": (saved(PHOTO, "JPEG", quality=95, subsampling=0), RGB),
    "jpeg 4:2:0": (saved(PHOTO, "JPEG", quality=95, subsampling=2), RGB),
    "jpeg progressive": (saved(PHOTO, "JPEG", quality=95, progressive=True), RGB),
    "jpeg grey": (saved(GREY_PHOTO, "JPEG", quality=95), GREY),
    "jpeg grey progressive": (saved(GREY_PHOTO, "JPEG", quality=95, progressive=True), GREY),
    "jpeg cmyk": (saved(PHOTO.convert("CMYK"), "JPEG", quality=95), RGB),
    "webp": (saved(PHOTO, "WEBP", quality=95), RGB),
    "webp with alpha": (
        saved(Image.fromarray(with_alpha(RGB, ALPHA)), "WEBP", quality=95, exact=True),
        on_white(RGB, ALPHA),
    ),
    "avif": (saved(PHOTO, "AVIF", quality=95), RGB),
    "avif grey": (saved(GREY_PHOTO, "AVIF", quality=95), GREY),
    "avif with alpha": (
        saved(Image.fromarray(with_alpha(RGB, ALPHA)), "AVIF", quality=95),
        on_white(RGB, ALPHA),
    ),
    "heic": (saved(PHOTO, "HEIF", quality=95), RGB),
    "heic grey": (saved(GREY_PHOTO, "HEIF", quality=95), GREY),
    "heic with alpha": (
        saved(Image.fromarray(with_alpha(RGB, ALPHA)), "HEIF", quality=95),
        on_white(RGB, ALPHA),
    ),
}
"""A file and the pixels that it must nearly give."""


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_picture_hashes_nearly_as_before(name: str) -> None:
    content, expected = LOSSY[name]
    rgb = np.broadcast_to(expected.reshape(HEIGHT, WIDTH, -1), (HEIGHT, WIDTH, 3))
    assert bits_off(content, np.ascontiguousarray(rgb)) <= LOSSY_BITS


def profile_with_red_and_blue_exchanged() -> bytes:
    """Return an ICC profile that turns red into blue where colours are managed."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one, other in ((b"rXYZ", b"bXYZ"), (b"rTRC", b"bTRC")):
        profile = profile.replace(one, b"?").replace(other, one).replace(b"?", other)
    return profile


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_colour_profile_is_ignored(format_name: str) -> None:
    profile = profile_with_red_and_blue_exchanged()
    plain = saved(PHOTO, format_name)
    profiled = saved(PHOTO, format_name, icc_profile=profile)
    assert profile in profiled or format_name in ("PNG", "JPEG")
    with Image.open(io.BytesIO(profiled)) as image:
        assert image.info["icc_profile"] == profile
    assert np.array_equal(canonical(profiled), canonical(plain))


def test_that_colour_profile_would_change_the_picture() -> None:
    """Colour management would show: the test above can fail."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_with_red_and_blue_exchanged()))
    managed = ImageCms.profileToProfile(PHOTO, profile, ImageCms.createProfile("sRGB"))
    assert managed is not None
    assert np.abs(np.asarray(managed).astype(int) - RGB).mean() > 20


def test_transparent_places_are_white_not_what_lies_under_them() -> None:
    hidden = np.full((HEIGHT, WIDTH), 0, np.uint8)
    hidden[HEIGHT // 3 :] = 255
    content = png(with_alpha(RGB, hidden), 8, 6)
    assert (canonical(content)[: HEIGHT // 3] == 255).all()
    assert np.array_equal(canonical(content)[HEIGHT // 3 :], RGB[HEIGHT // 3 :])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("width", [5, 6, 7, 8, 9, 63, 101, 255])
@pytest.mark.parametrize("format_name", ["PNG", "BMP", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_rows_of_every_width_lie_where_they_belong(
    format_name: str, width: int, channels: int
) -> None:
    """Decoded in place or copied: NumPy sees what Pillow sees, without padding."""
    pixels = texture(width, 67, width, channels)
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    content = saved(image, format_name, **({"lossless": True} if format_name == "WEBP" else {}))
    with Image.open(io.BytesIO(content)) as opened:
        expected = np.asarray(opened.convert("RGB"))
    picture = decode(content)
    assert picture.image.size == (width, 67)
    seen = np.broadcast_to(picture.pixels[..., :3], expected.shape)
    assert np.array_equal(seen, expected)
    assert np.array_equal(np.asarray(picture.image.convert("RGB")), expected)


IN_PLACE = {
    "png": OPAQUE["png rgb"][0],
    "jpeg": LOSSY["jpeg"][0],
    "jpeg grey": LOSSY["jpeg grey"][0],
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_pixels_are_right_if_pillow_decodes_elsewhere(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place = canonical(IN_PLACE[name])
    load = ImageFile.ImageFile.load

    def load_elsewhere(image: ImageFile.ImageFile) -> object:
        if image.tile:
            image._im = None
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load_elsewhere)
    assert np.array_equal(canonical(IN_PLACE[name]), in_place)


@pytest.mark.parametrize("name", IN_PLACE)
def test_pixels_are_right_if_they_are_copied(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_place = canonical(IN_PLACE[name])
    monkeypatch.setattr("hashreg.hashing.decode._DECODED_IN_PLACE", frozenset())
    assert np.array_equal(canonical(IN_PLACE[name]), in_place)


def test_the_reduced_copy_leaves_512_pixels_or_a_little_more() -> None:
    for width, expected in ((511, 511), (1_023, 1_023), (1_024, 512), (1_500, 750), (2_000, 667)):
        copy = decode(saved(Image.fromarray(texture(1, 40, width, 3)), "PNG")).reduced()
        assert copy.width == expected
