"""Bytes of a stranger's file -> canonical pixels, or one clear error.

Canonical (`docs/decisions/001-canonical-pixels.md`): EXIF orientation applied, no colour
management, alpha on white, 8 bits a channel, the first frame, full size.
"""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError, _imaging

from hashreg.hashing.heif import can_open_heif
from hashreg.model.errors import FileProblem, HashregError, UnreadableFile
from hashreg.model.orientation import EXIF, UPRIGHT, Orientation

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
"""What is opened. Others have decoders that hung, crashed or took gigabytes; MPO, as phones write
it, opens through JPEG."""
MAX_MEGAPIXELS = 50
EXIF_ORIENTATION = 0x0112
COPY_SIDE = 512
"""The area-reduced copy is the picture shrunk by the whole factor that leaves its long side at
512 px or a little more. Part of the recipe."""

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_VIDEO_BRANDS = (b"mp4", b"iso", b"avc", b"M4V", b"qt ", b"3gp", b"dash", b"MSNV")
_DECODED_IN_PLACE = {"JPEG", "MPO", "PNG", "WEBP", "AVIF"}
CAN_MAP = hasattr(_imaging, "map_buffer")
"""Whether Pillow can fill memory that NumPy owns. Without, pixels are copied: slower, the same."""
_PLAIN_MODES = {"1", "P", "CMYK", "YCbCr", "HSV", "RGBX"}
_GREY_SCALE = {"L;2": 85, "L;4": 17}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture as it is stored, and the orientation that makes it upright.

    ``image`` is of mode L or RGB; ``pixels`` has the same in shape (h, w, 1), or (h, w, 4) with a
    fourth byte that says nothing.
    """

    image: Image.Image
    pixels: NDArray[np.uint8]
    orientation: Orientation

    def reduced(self, side: int = COPY_SIDE) -> Image.Image:
        """Return an area-reduced copy, stored as the picture is, of ``side`` pixels or more."""
        return self.image.reduce(max(1, max(self.image.size) // side))


def decode(content: bytes) -> Picture:
    """Open a picture; raises UnreadableFile for everything that can't be opened."""
    if not content:
        raise UnreadableFile(FileProblem.EMPTY)
    try:
        return _decode(content)
    except HashregError:
        raise
    except MemoryError:
        raise UnreadableFile(FileProblem.TOO_COSTLY) from None
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise _unidentified(content) from None
    except Exception:  # noqa: BLE001  (Pillow lets a dozen kinds through; see decision 001)
        raise UnreadableFile(FileProblem.DAMAGED) from None


def _decode(content: bytes) -> Picture:
    formats = [*FORMATS, "HEIF"] if can_open_heif() else FORMATS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content), formats=formats) as image:
            if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
                raise _too_many_pixels()
            loaded, pixels = _load(image)
            return Picture(loaded, pixels, _orientation(image))


def _load(image: ImageFile.ImageFile) -> tuple[Image.Image, NDArray[np.uint8]]:
    """Return the picture in mode L or RGB, and its pixels.

    Where it can be, a picture is decoded straight into NumPy's memory: reading Pillow's would cost
    a copy, and filling it half the time of decoding, because only NumPy asks for large pages.
    """
    if _can_be_decoded_in_place(image):
        canvas, pixels = _canvas(image)
        image.im = canvas
        image.load()
        if image.im is canvas:
            return image, pixels
    _scale_transparency(image)
    image.load()
    plain = _eight_bit_rgb(image)
    if not CAN_MAP:
        return plain, np.asarray(plain).reshape(plain.height, plain.width, -1)
    canvas, pixels = _canvas(plain)
    canvas.paste(plain.im, (0, 0, *plain.size))
    return plain, pixels


def _can_be_decoded_in_place(image: ImageFile.ImageFile) -> bool:
    return (
        CAN_MAP
        and image.format in _DECODED_IN_PLACE
        and image.mode in ("L", "RGB")
        and not image.has_transparency_data
    )


def _canvas(image: Image.Image) -> tuple["_imaging.ImagingCore", NDArray[np.uint8]]:
    """Return memory for this image, as Pillow sees it and as NumPy sees it."""
    channels = 1 if image.mode == "L" else 4
    pixels = np.zeros((image.height, image.width, channels), np.uint8)
    return _imaging.map_buffer(pixels, image.size, "raw", 0, (image.mode, 0, 1)), pixels


def _orientation(image: Image.Image) -> Orientation:
    """Return the way the loaded pixels lie, by EXIF alone, as browsers have it.

    Damaged EXIF says nothing. TIFF and HEIC have been turned while they were loaded, and Pillow
    and pillow-heif leave no EXIF here that would turn them again.
    """
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return EXIF.get(exif.get(EXIF_ORIENTATION, 1), UPRIGHT)
    except Exception:  # noqa: BLE001  (as in decode: Pillow lets many kinds through)
        return UPRIGHT


def _eight_bit_rgb(image: Image.Image) -> Image.Image:
    """Return the image in mode L or RGB, alpha composited on white."""
    if image.mode == "I" or image.mode.startswith("I;16"):
        return _eight_bit_grey(image)
    if image.has_transparency_data:
        return _on_white(image if image.mode == "RGBA" else image.convert("RGBA"))
    if image.mode in ("L", "RGB"):
        return image
    if image.mode in _PLAIN_MODES:
        return image.convert("RGB")
    raise UnreadableFile(FileProblem.UNUSUAL_PIXELS, mode=image.mode)


def _eight_bit_grey(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    grey = np.clip(values >> 8, 0, 255).astype(np.uint8)
    grey[values == image.info.get("transparency", -1)] = 255
    return Image.fromarray(grey)


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image)
    return white


def _scale_transparency(image: ImageFile.ImageFile) -> None:
    """Bring a PNG's transparent colour, which Pillow leaves as it stands, to 8 bits a channel."""
    colour = image.info.get("transparency")
    stored = image.tile[0].args if image.format == "PNG" and image.tile else None
    if isinstance(colour, int) and stored in _GREY_SCALE:
        image.info["transparency"] = colour * _GREY_SCALE[stored]
    elif isinstance(colour, tuple) and stored == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in colour)


def _too_many_pixels() -> UnreadableFile:
    return UnreadableFile(FileProblem.TOO_MANY_PIXELS, limit=MAX_MEGAPIXELS)


def _unidentified(content: bytes) -> UnreadableFile:
    """Say what a file is that no picture format claims."""
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in _HEIF_BRANDS and not can_open_heif():
        return UnreadableFile(FileProblem.NEEDS_HEIF)
    if brand.startswith(_VIDEO_BRANDS) or content.startswith(b"\x1aE\xdf\xa3"):
        return UnreadableFile(FileProblem.IS_VIDEO)
    if content[:4] == b"RIFF" and content[8:12] == b"AVI ":
        return UnreadableFile(FileProblem.IS_VIDEO)
    if _starts_as_a_picture(content, brand):
        return UnreadableFile(FileProblem.DAMAGED)
    return UnreadableFile(FileProblem.NOT_A_PICTURE)


def _starts_as_a_picture(content: bytes, brand: bytes) -> bool:
    return (
        content.startswith(_SIGNATURES)
        or brand in (*_HEIF_BRANDS, *_AVIF_BRANDS)
        or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")
    )


def upright(image: Image.Image, orientation: Orientation) -> Image.Image:
    """Return a (small) image turned upright."""
    if orientation.flip_rows:
        image = ImageOps.flip(image)
    if orientation.flip_columns:
        image = ImageOps.mirror(image)
    return image.transpose(Image.Transpose.TRANSPOSE) if orientation.transpose else image
