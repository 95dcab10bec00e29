"""The edit suite: what happens to pictures as they are passed around, 59 edits in three tiers.

Each edit takes an upright RGB picture and a seeded random generator, from which it draws its
parameters inside stated bounds, so that two seeds give two suites of the same kind.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

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


# Light: the whole picture is still there, in place.


def _jpeg(low: int, high: int) -> Edit:
    return lambda p, r: recompressed(p, "JPEG", quality=r.randint(low, high))


def _scale(low: float, high: float) -> Edit:
    return lambda p, r: scaled(p, r.uniform(low, high))


def _enhance(kind: Callable[[Image.Image], ImageEnhance._Enhance], *bounds: float) -> Edit:
    low, high = bounds
    return lambda p, r: kind(p).enhance(r.uniform(low, high))


def _gamma(picture: Image.Image, random: Random) -> Image.Image:
    gamma = random.choice((random.uniform(0.65, 0.8), random.uniform(1.3, 1.6)))
    return picture.point([round(255 * (i / 255) ** gamma) for i in range(256)] * 3)


def _noise(picture: Image.Image, random: Random) -> Image.Image:
    noise = np.random.default_rng(random.getrandbits(32)).normal(
        0, random.uniform(8, 14), (picture.height, picture.width, 3)
    )
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def _palette(picture: Image.Image, random: Random) -> Image.Image:
    return picture.quantize(random.randint(48, 128)).convert("RGB")


def _blur(picture: Image.Image, random: Random) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) / random.uniform(450, 700)))


def _sharpen(picture: Image.Image, random: Random) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(2, random.randint(120, 200)))


def _twice(picture: Image.Image, random: Random) -> Image.Image:
    return messenger(messenger(picture, random), random)


def _sticker(picture: Image.Image, random: Random) -> Image.Image:
    return recompressed(fitted(picture, 512), "WEBP", quality=random.randint(70, 85))


# Medium: something small is added or cut away.


def font(size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Return Pillow's own font."""
    return ImageFont.load_default(size)


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


def _one_side(share: float) -> Edit:
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


# Heavy: much is cut, turned, framed or covered.


def _padded(picture: Image.Image, width: int, height: int, ground: tuple[int, ...]) -> Image.Image:
    result = Image.new("RGB", (width, height), ground)
    result.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    return result


def _letterbox(picture: Image.Image, random: Random) -> Image.Image:
    height = round(picture.height * random.uniform(1.25, 1.6))
    return _padded(picture, picture.width, height, BLACK)


def _pillarbox(picture: Image.Image, random: Random) -> Image.Image:
    width = round(picture.width * random.uniform(1.25, 1.6))
    return _padded(picture, width, picture.height, BLACK)


def _square(picture: Image.Image, random: Random) -> Image.Image:
    side = round(max(picture.size) * random.uniform(1.0, 1.05))
    return _padded(picture, side, side, random.choice((WHITE, BLACK)))


def _meme(picture: Image.Image, random: Random) -> Image.Image:
    bar = round(picture.height * random.uniform(0.18, 0.28))
    result = ImageOps.expand(picture, (0, bar, 0, 0), WHITE)
    draw = ImageDraw.Draw(result)
    size = min(bar * 0.35, picture.width / 14)
    for line in range(2):
        draw.text(
            (picture.width * 0.04, bar * (0.12 + 0.4 * line)),
            random.choice(WORDS),
            BLACK,
            font(size),
        )
    return result


def _impact(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    draw = ImageDraw.Draw(result)
    size = picture.width / random.uniform(8, 10)
    for top in (0.03, 0.84):
        place = (picture.width * 0.05, picture.height * top)
        text = random.choice(WORDS).upper()
        draw.text(place, text, WHITE, font(size), stroke_width=round(size / 10), stroke_fill=BLACK)
    return result


def _phone(picture: Image.Image, random: Random) -> Image.Image:
    """Return a phone's screenshot of a chat or feed app that shows the picture."""
    dark = random.random() < 0.5
    ground, ink = ((18, 18, 20), (230, 230, 230)) if dark else ((250, 250, 250), (30, 30, 30))
    width, height = 1080, random.randint(2100, 2400)
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((40, 20), "12:41", ink, font(42))
    draw.rectangle((900, 30, 1040, 60), outline=ink, width=4)
    draw.ellipse((40, 120, 150, 230), fill=(120, 140, 200))
    draw.text((180, 140), "channel name", ink, font(48))
    shown = picture.resize((width, round(width * picture.height / picture.width)))
    shown = shown.crop((0, 0, width, min(shown.height, height - 700)))
    top = random.randint(260, max(261, height - 420 - shown.height))
    screen.paste(shown, (0, top))
    bottom = top + shown.height
    for i in range(3):
        draw.ellipse((40 + i * 120, bottom + 30, 110 + i * 120, bottom + 100), outline=ink, width=6)
    for i in range(3):
        draw.text((40, bottom + 130 + i * 60), random.choice(WORDS), ink, font(44))
    return screen


def _desktop(picture: Image.Image, random: Random) -> Image.Image:
    """Return a desktop's screenshot: the picture in a window among other things."""
    screen = Image.new("RGB", (1600, 900), (58, 110, 165))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 860, 1600, 900), fill=(30, 30, 30))
    shown = picture.copy()
    shown.thumbnail((random.randint(760, 900), random.randint(600, 680)))
    left, top = random.randint(60, 1500 - shown.width), random.randint(90, 850 - shown.height)
    draw.rectangle(
        (left - 6, top - 46, left + shown.width + 6, top + shown.height + 6), fill=(240, 240, 240)
    )
    draw.text((left + 10, top - 38), "viewer", BLACK, font(26))
    screen.paste(shown, (left, top))
    for i in range(5):
        draw.rectangle((14, 20 + i * 90, 70, 76 + i * 90), fill=(220, 200, 120))
    return screen


def _scene(size: tuple[int, int], random: Random) -> Image.Image:
    """Return another picture, of soft coloured shapes."""
    generator = np.random.default_rng(random.getrandbits(32))
    small = generator.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def _inside(picture: Image.Image, random: Random) -> Image.Image:
    """Return the picture at 60 % inside another one."""
    ground = _scene(picture.size, random)
    small = scaled(picture, random.uniform(0.57, 0.63))
    left = random.randint(0, ground.width - small.width)
    top = random.randint(0, ground.height - small.height)
    ground.paste(small, (left, top))
    return ground


def _collage(picture: Image.Image, random: Random) -> Image.Image:
    other = _scene(picture.size, random)
    pair = [picture, other] if random.random() < 0.5 else [other, picture]
    result = Image.new("RGB", (picture.width * 2, picture.height))
    for number, part in enumerate(pair):
        result.paste(part, (number * picture.width, 0))
    return result


def _perspective(picture: Image.Image, random: Random) -> Image.Image:
    """Return the picture as if photographed from the side."""
    w, h = picture.size
    depth = random.uniform(0.06, 0.1)
    x, y = w * depth, h * depth
    corners = [(x, y), (w - x * 0.2, 0), (w, h), (0, h - y * 0.6)]
    if random.random() < 0.5:
        corners = [(0, 0), (w - x, y), (w - x * 0.3, h - y), (x * 0.5, h)]
    source = [(0, 0), (w, 0), (w, h), (0, h)]
    rows = []
    for (a, b), (u, v) in zip(corners, source, strict=True):
        rows += [[a, b, 1, 0, 0, 0, -u * a, -u * b], [0, 0, 0, a, b, 1, -v * a, -v * b]]
    goal = np.array(source, float).ravel()
    numbers = np.linalg.solve(np.array(rows), goal)
    method = Image.Transform.PERSPECTIVE
    return picture.transform(picture.size, method, tuple(numbers), Image.Resampling.BICUBIC)


def _box(picture: Image.Image, random: Random, low: float, high: float) -> tuple[int, ...]:
    side = min(picture.size) * random.uniform(low, high)
    left = random.uniform(0.15, 0.85) * (picture.width - side)
    top = random.uniform(0.1, 0.6) * (picture.height - side)
    return round(left), round(top), round(left + side), round(top + side)


def _mosaic(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    box = _box(picture, random, 0.3, 0.4)
    part = picture.crop((box[0], box[1], box[2], box[3]))
    blocks = part.resize((8, 8), Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
    result.paste(blocks, (box[0], box[1]))
    return result


def _black_box(picture: Image.Image, random: Random) -> Image.Image:
    result = picture.copy()
    ImageDraw.Draw(result).rectangle(_box(picture, random, 0.32, 0.42), fill=BLACK)
    return result


def _overlay(picture: Image.Image, random: Random) -> Image.Image:
    return Image.blend(picture, _scene(picture.size, random), random.uniform(0.27, 0.33))


def _mirror(picture: Image.Image, _: Random) -> Image.Image:
    return ImageOps.mirror(picture)


def _turn(method: Image.Transpose) -> Edit:
    return lambda p, _: p.transpose(method)


def _then(*edits: Edit) -> Edit:
    def apply(picture: Image.Image, random: Random) -> Image.Image:
        for edit in edits:
            picture = edit(picture, random)
        return picture

    return apply


_LIGHT: dict[str, Edit] = {
    "jpeg75": _jpeg(70, 80),
    "jpeg40": _jpeg(35, 45),
    "jpeg20": _jpeg(17, 23),
    "half": _scale(0.45, 0.55),
    "quarter": _scale(0.23, 0.27),
    "enlarged": _scale(1.3, 1.6),
    "webp": lambda p, r: recompressed(p, "WEBP", quality=r.randint(50, 75)),
    "palette": _palette,
    "brightness": _enhance(ImageEnhance.Brightness, 1.2, 1.35),
    "contrast": _enhance(ImageEnhance.Contrast, 1.25, 1.5),
    "gamma": _gamma,
    "saturation": _enhance(ImageEnhance.Color, 1.4, 1.8),
    "grey": lambda p, _: ImageOps.grayscale(p).convert("RGB"),
    "blur": _blur,
    "sharpen": _sharpen,
    "noise": _noise,
    "messenger": messenger,
    "messenger-twice": _twice,
    "sticker": _sticker,
}
_MEDIUM: dict[str, Edit] = {
    "caption": _caption,
    "watermark": _watermark,
    "tiled-watermark": _tiled,
    "emoji": _emoji,
    "filter": _filter,
    "crop2": cropped(0.02),
    "crop5": cropped(0.05),
    "one-side5": _one_side(0.05),
    "thin-border": _border,
    "stretch10": _stretch,
    "tilt1": rotated(0.8, 1.2),
    "tilt2": rotated(1.7, 2.2),
    "thin-bars": _thin_bars,
}
_HEAVY: dict[str, Edit] = {
    "crop10": cropped(0.10),
    "crop20": cropped(0.20),
    "crop30": cropped(0.30),
    "crop50": cropped(0.50),
    "one-side20": _one_side(0.20),
    "letterbox": _letterbox,
    "pillarbox": _pillarbox,
    "square": _square,
    "mirror": _mirror,
    "turn90": _turn(Image.Transpose.ROTATE_90),
    "turn180": _turn(Image.Transpose.ROTATE_180),
    "tilt5": rotated(4, 6),
    "tilt10": rotated(8, 12),
    "tilt20": rotated(17, 22),
    "meme": _meme,
    "large-text": _impact,
    "phone-screenshot": _phone,
    "desktop-screenshot": _desktop,
    "picture-in-picture": _inside,
    "collage": _collage,
    "perspective": _perspective,
    "mosaic": _mosaic,
    "black-box": _black_box,
    "overlay30": _overlay,
    "mirror-crop10": _then(_mirror, cropped(0.10)),
    "phone-crop20": _then(_phone, cropped(0.20)),
    "meme-messenger-twice": _then(_meme, _twice),
}

EDITS = tuple(
    NamedEdit(name, tier, edit)
    for tier, edits in (("light", _LIGHT), ("medium", _MEDIUM), ("heavy", _HEAVY))
    for name, edit in edits.items()
)
"""All 59 edits: 19 light, 13 medium, 27 heavy."""
