"""Contact sheets: one example picture of every edit, made of a sample photo under CC0."""

from collections.abc import Sequence
from pathlib import Path

from edit_parts import fitted, font, scaled
from edit_words import WORDS_OF
from edits import EDITS, TIERS, edited
from PIL import Image, ImageDraw
from scenes import SAMPLES, upright

SUBJECT = SAMPLES / "originals" / "cat.png"
"""Chelsea the cat, Stefan van der Walt, CC0."""
ENLARGED = 2
"""To the width of a photo that is passed around, 902 px, for screenshots of a usual look."""
COLUMNS = 5
CELL = (228, 224)
THUMBNAIL = (212, 168)
GROUND, INK, FAINT = (255, 255, 255), (25, 25, 25), (110, 110, 110)
LINE_CHARACTERS = 30
JPEG_QUALITY = 85


def write_sheets(folder: Path, seed: int) -> None:
    """Write ``edits-light.jpg``, ``edits-medium.jpg`` and ``edits-heavy.jpg``."""
    photo = scaled(upright(SUBJECT), ENLARGED)
    for tier in TIERS:
        shown = [("original", "the original", photo)]
        shown += [
            (edit.name, WORDS_OF[edit.name], edited(photo, 0, edit, seed))
            for edit in EDITS
            if edit.tier == tier
        ]
        sheet = _sheet(shown)
        sheet.save(folder / f"edits-{tier}.jpg", quality=JPEG_QUALITY, optimize=True)


def _sheet(shown: Sequence[tuple[str, str, Image.Image]]) -> Image.Image:
    rows = -(-len(shown) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL[0], rows * CELL[1]), GROUND)
    for number, (name, words, picture) in enumerate(shown):
        row, column = divmod(number, COLUMNS)
        _place(sheet, column * CELL[0], row * CELL[1], picture)
        _label(sheet, column * CELL[0] + 8, row * CELL[1] + THUMBNAIL[1] + 8, name, words)
    return sheet


def _place(sheet: Image.Image, left: int, top: int, picture: Image.Image) -> None:
    """Put a picture in its cell with a grey line around it, so that white grounds show."""
    small = fitted(picture, max(THUMBNAIL))
    small.thumbnail(THUMBNAIL)
    x = left + (CELL[0] - small.width) // 2
    y = top + 4 + THUMBNAIL[1] - small.height
    box = (x - 1, y - 1, x + small.width, y + small.height)
    ImageDraw.Draw(sheet).rectangle(box, outline=(190, 190, 190))
    sheet.paste(small, (x, y))


def _label(sheet: Image.Image, left: int, top: int, name: str, words: str) -> None:
    draw = ImageDraw.Draw(sheet)
    draw.text((left, top), name, INK, font(14))
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) > LINE_CHARACTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    for number, line in enumerate(lines):
        draw.text((left, top + 17 + 14 * number), line, FAINT, font(12))
