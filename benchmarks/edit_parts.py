"""What the edit suite is made of: an edit, a copy saved again, scaled, or written on."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageFont

Edit = Callable[[Image.Image, Random], Image.Image]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
WORDS = ("look at this", "who is she?", "link in bio", "join the channel", "@room 2026", "LOL")


@dataclass(frozen=True, slots=True)
class NamedEdit:
    """An edit with its tier: light, medium or heavy."""

    name: str
    tier: str
    apply: Edit


def recompressed(picture: Image.Image, form: str, **options: int) -> Image.Image:
    """Return the picture as it comes back from a file of another format."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    """Return the picture scaled by a factor."""
    size = (max(8, round(picture.width * factor)), max(8, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.BICUBIC)


def fitted(picture: Image.Image, side: int) -> Image.Image:
    """Return the picture no larger than ``side``."""
    return scaled(picture, min(1.0, side / max(picture.size)))


def messenger(picture: Image.Image, random: Random) -> Image.Image:
    """Return what a messenger makes of a photo: 1280 px and JPEG."""
    return recompressed(fitted(picture, 1280), "JPEG", quality=random.randint(76, 84))


def font(size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Return Pillow's own font."""
    return ImageFont.load_default(size)


def in_turn(*edits: Edit) -> Edit:
    """Return an edit that does all of these, one after the other."""

    def apply(picture: Image.Image, random: Random) -> Image.Image:
        for edit in edits:
            picture = edit(picture, random)
        return picture

    return apply
