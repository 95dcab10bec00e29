"""Heavy edits: much is cut, turned, framed or covered."""

from random import Random

import numpy as np
from edit_parts import BLACK, WHITE, WORDS, Edit, font, in_turn, scaled
from light_edits import messenger_twice
from medium_edits import cropped, one_side, rotated
from PIL import Image, ImageDraw, ImageOps


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


HEAVY: dict[str, Edit] = {
    "crop10": cropped(0.10),
    "crop20": cropped(0.20),
    "crop30": cropped(0.30),
    "crop50": cropped(0.50),
    "one-side20": one_side(0.20),
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
    "mirror-crop10": in_turn(_mirror, cropped(0.10)),
    "phone-crop20": in_turn(_phone, cropped(0.20)),
    "meme-messenger-twice": in_turn(_meme, messenger_twice),
}
