"""A picture that is stored turned, with a tag that says so, hashes as the upright one."""

import struct
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image

from hashreg.hashing import fingerprint
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm

from .distances import distance, whole
from .files_in_memory import saved
from .textures import texture

LOSSY_BITS = 4
"""JPEG, AVIF and HEIC of quality 95 store a turned picture a little differently."""

UPRIGHT = Image.fromarray(texture(1, 201, 299, 3))

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
"""What makes the stored pixels out of upright ones, for each value of the tag."""

FORMATS: dict[str, tuple[str, dict[str, object], int]] = {
    "jpeg": ("JPEG", {"quality": 95}, LOSSY_BITS),
    "mpo": ("MPO", {"quality": 95, "save_all": True}, LOSSY_BITS),
    "png": ("PNG", {}, 0),
    "webp": ("WEBP", {"lossless": True}, 0),
    "tiff": ("TIFF", {}, 0),
    "tiff by libtiff": ("TIFF", {"compression": "tiff_lzw"}, 0),
    "avif": ("AVIF", {"quality": 95}, LOSSY_BITS),
    "heic": ("HEIF", {"quality": 95}, LOSSY_BITS),
}


def stored(orientation: int) -> Image.Image:
    """Return the picture as a camera that was held so stores it."""
    turn = TURNS_BACK[orientation]
    return UPRIGHT if turn is None else UPRIGHT.transpose(turn)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def xmp_of(orientation: int) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        f'tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def bits_off(content: bytes, expected: Image.Image = UPRIGHT) -> dict[str, int]:
    """Return how far PDQ and pHash of the file are from those of the expected picture."""
    ours, theirs = fingerprint(content, views="whole"), of_plain_png(expected)
    return {
        algorithm.value: distance(whole(ours, algorithm), whole(theirs, algorithm))
        for algorithm in (Algorithm.PDQ, Algorithm.PHASH)
    }


def of_plain_png(image: Image.Image) -> Fingerprint:
    return fingerprint(saved(image, "PNG"), views="whole")


@pytest.mark.parametrize("orientation", TURNS_BACK)
@pytest.mark.parametrize("name", FORMATS)
def test_a_turned_picture_hashes_as_the_upright_one(name: str, orientation: int) -> None:
    format_name, options, allowance = FORMATS[name]
    content = saved(stored(orientation), format_name, exif=exif_of(orientation), **options)
    off = bits_off(content)
    assert off["pdq"] <= allowance
    assert off["phash"] <= allowance


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("name", FORMATS)
def test_the_tag_is_what_turns_it(name: str, orientation: int) -> None:
    """Without its tag the same stored picture is another one: the tests above can fail."""
    format_name, options, _ = FORMATS[name]
    assert bits_off(saved(stored(orientation), format_name, **options))["pdq"] > 40


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_an_orientation_in_xmp_alone_is_not_followed_as_browsers_do_not(name: str) -> None:
    format_name, options, allowance = FORMATS[name]
    metadata = xmp_file(format_name, options)
    assert b'tiff:Orientation="6"' in metadata
    assert bits_off(metadata)["pdq"] <= allowance


def xmp_file(format_name: str, options: dict[str, object]) -> bytes:
    if format_name != "PNG":
        return saved(UPRIGHT, format_name, xmp=xmp_of(6), **options)
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415  (a plugin, used in this one place)

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp_of(6).decode())
    return saved(UPRIGHT, "PNG", pnginfo=info)


def with_both_tags(name: str, orientation: int) -> bytes:
    format_name, options, _ = FORMATS[name]
    exif, xmp = exif_of(orientation), xmp_of(orientation)
    return saved(stored(orientation), format_name, exif=exif, xmp=xmp, **options)


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif", "heic"])
def test_two_tags_that_agree_do_not_turn_twice(name: str) -> None:
    assert bits_off(with_both_tags(name, 6))["pdq"] <= FORMATS[name][2]


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_tiff_with_two_tags_does_not_turn_twice(compression: str) -> None:
    content = saved(
        stored(8),
        "TIFF",
        compression=compression,
        tiffinfo={ExifTags.Base.Orientation: 8, ExifTags.Base.XMLPacket: xmp_of(8)},
    )
    assert bits_off(content)["pdq"] == 0


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_means_nothing_turns_nothing(value: int) -> None:
    assert bits_off(saved(UPRIGHT, "PNG", exif=exif_of(value)))["pdq"] == 0


def test_an_orientation_in_letters_turns_nothing() -> None:
    entry = struct.pack("<HHI4s", ExifTags.Base.Orientation, 2, 2, b"6\0")
    exif = b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    assert bits_off(saved(UPRIGHT, "PNG", exif=exif))["pdq"] == 0


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda exif: exif[:13],
    "no header": lambda exif: b"Exif\0\0" + b"\xff" * len(exif),
    "far away": lambda exif: exif.replace(b"\0\0\0\x08", b"\x7f\xff\xff\xff"),
    "many entries": lambda exif: exif.replace(b"\0\x01\x01\x12", b"\xff\xff\x01\x12"),
    "random": lambda _: bytes(texture(3, 20, 20, 1).ravel()),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_damaged_exif_does_not_make_a_picture_unreadable(name: str, damage: str) -> None:
    format_name, options, allowance = FORMATS[name]
    exif = DAMAGES[damage](exif_of(1))
    assert bits_off(saved(UPRIGHT, format_name, exif=exif, **options))["pdq"] <= allowance
