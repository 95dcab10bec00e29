"""Make the edited copies and the odd files from the sample photos.

Run it as ``python sample_images/make_edits.py``. It needs Pillow only. It reads
``originals/`` and rewrites every file of ``edited/`` and ``odd/``; the same Pillow version
gives the same files each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

FOLDER: Final = Path(__file__).resolve().parent
ORIGINALS: Final = FOLDER / "originals"
EDITED: Final = FOLDER / "edited"
ODD: Final = FOLDER / "odd"

WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)
GREY: Final = (128, 128, 128)

Edit = Callable[[Image.Image], Image.Image]


def shrink(picture: Image.Image, share: float) -> Image.Image:
    """Return the picture scaled down to this share of its width and height."""
    size = (round(picture.width * share), round(picture.height * share))
    return picture.resize(size, Image.Resampling.LANCZOS)


def messenger(picture: Image.Image) -> Image.Image:
    """Scale down as chat programs do; the low JPEG quality is set by the recipe."""
    return shrink(picture, 0.8)


def small(picture: Image.Image) -> Image.Image:
    """Return a preview picture with a long side of 160 pixels."""
    return shrink(picture, 160 / max(picture.size))


def crop(picture: Image.Image) -> Image.Image:
    """Cut five percent of the surface away, the same share on all four sides."""
    side_share = (1 - math.sqrt(0.95)) / 2
    dx, dy = round(picture.width * side_share), round(picture.height * side_share)
    return picture.crop((dx, dy, picture.width - dx, picture.height - dy))


def caption(picture: Image.Image) -> Image.Image:
    """Write a line of white text on a black bar over the bottom of the picture."""
    edited = picture.copy()
    draw = ImageDraw.Draw(edited)
    bar_height = round(picture.height * 0.1)
    bar_top = picture.height - bar_height
    draw.rectangle((0, bar_top, picture.width, picture.height), fill=BLACK)
    draw.text(
        (picture.width / 2, bar_top + bar_height / 2),
        "a caption somebody added",
        fill=WHITE,
        font=ImageFont.load_default(size=bar_height * 0.55),
        anchor="mm",
    )
    return edited


def watermark(picture: Image.Image) -> Image.Image:
    """Lay a half transparent site name over the middle of the picture."""
    layer = Image.new("RGBA", picture.size, (*WHITE, 0))
    ImageDraw.Draw(layer).text(
        (picture.width / 2, picture.height / 2),
        "photos.example",
        fill=(*WHITE, 110),
        font=ImageFont.load_default(size=picture.width / 9),
        anchor="mm",
    )
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def rotated(picture: Image.Image) -> Image.Image:
    """Turn the pixels a quarter turn clockwise."""
    return picture.transpose(Image.Transpose.ROTATE_270)


def border(picture: Image.Image) -> Image.Image:
    """Add a white border, two percent of the long side wide."""
    return ImageOps.expand(picture, border=round(max(picture.size) * 0.02), fill=WHITE)


def tilted(picture: Image.Image) -> Image.Image:
    """Turn the picture by twelve degrees on a black ground."""
    return picture.rotate(12, Image.Resampling.BICUBIC, expand=True)


def bright(picture: Image.Image) -> Image.Image:
    """Raise the brightness and the contrast."""
    return ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(1.2)).enhance(1.2)


def greyscale(picture: Image.Image) -> Image.Image:
    """Take the colours away."""
    return ImageOps.grayscale(picture)


def unchanged(picture: Image.Image) -> Image.Image:
    """Return the picture as it is: only the file format changes."""
    return picture


@dataclass(frozen=True)
class Recipe:
    """How one edited copy is made from one original, and how it is written."""

    original: str
    edit_name: str
    edit: Edit
    suffix: str = ".jpg"
    quality: int = 85

    @property
    def file_name(self) -> str:
        """Name of the edited copy: the original's name, a dash and the edit's name."""
        return f"{Path(self.original).stem}-{self.edit_name}{self.suffix}"


CHAT_QUALITY: Final = 60
RECIPES: Final = (
    Recipe("astronaut.jpg", "messenger", messenger, quality=CHAT_QUALITY),
    Recipe("astronaut.jpg", "caption", caption),
    Recipe("astronaut.jpg", "mirror", ImageOps.mirror),
    Recipe("officer.jpg", "watermark", watermark),
    Recipe("officer.jpg", "greyscale", greyscale),
    Recipe("officer.jpg", "small", small),
    Recipe("photographer.jpg", "crop", crop),
    Recipe("photographer.jpg", "bright", bright),
    Recipe("cat.png", "border", border),
    Recipe("cat.png", "rotated", rotated),
    Recipe("cat.png", "tilted", tilted),
    Recipe("rocket.jpg", "crop", crop),
    Recipe("rocket.jpg", "webp", unchanged, ".webp", quality=70),
    Recipe("boats.jpg", "caption", caption),
    Recipe("boats.jpg", "small", small),
    Recipe("canyon.webp", "mirror", ImageOps.mirror),
    Recipe("rotated-phone.jpg", "messenger", messenger, quality=CHAT_QUALITY),
)


def read_upright(path: Path) -> Image.Image:
    """Read a photo as RGB, turned as its EXIF orientation says, without any metadata."""
    with Image.open(path) as stored:
        upright = ImageOps.exif_transpose(stored).convert("RGB")
    upright.info.clear()
    return upright


def make_edited_copy(recipe: Recipe) -> Path:
    """Write one edited copy and return its path."""
    edited = recipe.edit(read_upright(ORIGINALS / recipe.original))
    path = EDITED / recipe.file_name
    edited.save(path, quality=recipe.quality)
    return path


def make_odd_files() -> list[Path]:
    """Write the files that are no usable picture and return their paths."""
    blank, broken, text = ODD / "blank.png", ODD / "broken.jpg", ODD / "not-a-picture.jpg"
    Image.new("RGB", (64, 64), GREY).save(blank)
    whole = (ORIGINALS / "officer.jpg").read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    text.write_bytes(b"This is a text file with the name of a picture.\n")
    return [blank, broken, text]


def main() -> None:
    """Write all files and list them."""
    EDITED.mkdir(exist_ok=True)
    ODD.mkdir(exist_ok=True)
    made = [make_edited_copy(recipe) for recipe in RECIPES] + make_odd_files()
    for path in made:
        print(f"{path.relative_to(FOLDER)}  {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
