"""Medium edits: something small is added or cut away."""

import math
from random import Random

import numpy as np
from edit_parts import BLACK, WHITE, WORDS, Edit, font
from PIL import Image, ImageDraw, ImageEnhance, ImageOps


def _caption(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    draw = ImageDraw.Draw(result, "RGBA")
    height = round(picture.height * random.uniform(0.08, 0.12))
    top = picture.height - height - round(picture.height * random.uniform(0, 0.08))
    draw.rectangle((0, top, picture.width, top + height), fill=(0, 0, 0, random.randint(140, 220)))
    draw.text(
        (picture.width * 0.05, top + height * 0.2), random.choice(WORDS), WHITE, font(height / 2)
    )
    return result


def _watermark(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    draw = ImageDraw.Draw(result, "RGBA")
    size = picture.width / random.uniform(10, 14)
    place = (picture.width * random.uniform(0.05, 0.5), picture.height * random.uniform(0.1, 0.85))
    draw.text(place, "@channel", (255, 255, 255, random.randint(120, 200)), font(size))
    return result


def _tiled(picture: Image.Image, random: Random) -> Image.Image:
    layer = Image.new("RGBA", (picture.width * 2, picture.height * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    step = max(picture.size) / random.uniform(4.5, 6)
    fill = (255, 255, 255, random.randint(60, 100))
    for y in range(0, layer.height, round(step / 2)):
        for x in range(0, layer.width, round(step)):
            draw.text((x, y), "SAMPLE", fill, font(step / 5))
    layer = layer.rotate(random.uniform(20, 35))
    left, top = picture.width // 2, picture.height // 2
    layer = layer.crop((left, top, left + picture.width, top + picture.height))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _emoji(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    draw = ImageDraw.Draw(result)
    side = min(picture.size) * random.uniform(0.14, 0.2)
    x = picture.width * random.uniform(0.1, 0.7)
    y = picture.height * random.uniform(0.1, 0.7)
    draw.ellipse((x, y, x + side, y + side), fill=(255, 205, 50))
    for eye in (0.3, 0.65):
        draw.ellipse(
            (x + side * eye, y + side * 0.3, x + side * (eye + 0.1), y + side * 0.42), fill=BLACK
        )
    draw.arc((x + side * 0.25, y + side * 0.3, x + side * 0.75, y + side * 0.8), 20, 160, BLACK, 3)
    return result


def _filter(picture: Image.Image, random: Random) -> Image.Image:
    warm = np.asarray(picture, np.float32) * (1.12, 1.0, random.uniform(0.78, 0.9)) + (10, 4, 12)
    toned = Image.fromarray(np.clip(warm, 0, 255).astype(np.uint8))
    toned = ImageEnhance.Contrast(toned).enhance(random.uniform(1.1, 1.25))
    shade = ImageOps.invert(Image.radial_gradient("L")).resize(picture.size)
    shade = shade.point([round(150 + i * 105 / 255) for i in range(256)])
    return Image.composite(toned, Image.new("RGB", picture.size), shade)


def cropped(share: float) -> Edit:
    """Return an edit that cuts away about this share of the surface, at any sides."""

    def apply(picture: Image.Image, random: Random) -> Image.Image:
        keep = math.sqrt(1 - share * random.uniform(0.9, 1.1))
        width, height = round(picture.width * keep), round(picture.height * keep)
        left = random.randint(0, picture.width - width)
        top = random.randint(0, picture.height - height)
        return picture.crop((left, top, left + width, top + height))

    return apply


def one_side(share: float) -> Edit:
    """Return an edit that cuts away about this share at one side."""

    def apply(picture: Image.Image, random: Random) -> Image.Image:
        cut = share * random.uniform(0.9, 1.1)
        left, top, right, bottom = 0.0, 0.0, 1.0, 1.0
        match random.randrange(4):
            case 0:
                left = cut
            case 1:
                top = cut
            case 2:
                right = 1 - cut
            case _:
                bottom = 1 - cut
        w, h = picture.size
        return picture.crop((round(left * w), round(top * h), round(right * w), round(bottom * h)))

    return apply


def _border(picture: Image.Image, random: Random) -> Image.Image:
    width = round(max(picture.size) * random.uniform(0.02, 0.035))
    return ImageOps.expand(picture, width, random.choice((WHITE, BLACK, (200, 30, 60))))


def _stretch(picture: Image.Image, random: Random) -> Image.Image:
    factor = random.uniform(1.08, 1.12)
    size = (round(picture.width * factor), picture.height)
    return picture.resize(
        size if random.random() < 0.5 else (picture.width, round(picture.height * factor))
    )


def rotated(low: float, high: float) -> Edit:
    """Return an edit that turns the picture by so many degrees, on a plain ground."""

    def apply(picture: Image.Image, random: Random) -> Image.Image:
        degrees = random.uniform(low, high) * random.choice((-1, 1))
        ground = random.choice((WHITE, BLACK))
        return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)

    return apply


def _thin_bars(picture: Image.Image, random: Random) -> Image.Image:
    bar = round(picture.height * random.uniform(0.03, 0.05))
    result = ImageOps.expand(picture, (0, bar, 0, bar), random.choice((WHITE, BLACK)))
    ImageDraw.Draw(result).text((8, bar * 0.2), "12:41", (128, 128, 128), font(bar * 0.6))
    return result


MEDIUM: dict[str, Edit] = {
    "caption": _caption,
    "watermark": _watermark,
    "tiled-watermark": _tiled,
    "emoji": _emoji,
    "filter": _filter,
    "crop2": cropped(0.02),
    "crop5": cropped(0.05),
    "one-side5": one_side(0.05),
    "thin-border": _border,
    "stretch10": _stretch,
    "tilt1": rotated(0.8, 1.2),
    "tilt2": rotated(1.7, 2.2),
    "thin-bars": _thin_bars,
}
