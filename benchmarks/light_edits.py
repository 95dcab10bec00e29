"""Light edits: the whole picture is still there, in place."""

from collections.abc import Callable
from random import Random

import numpy as np
from edit_parts import Edit, fitted, messenger, recompressed, scaled
from PIL import Image, ImageEnhance, ImageFilter, ImageOps


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


def messenger_twice(picture: Image.Image, random: Random) -> Image.Image:
    """Return what is left of a photo that was passed on twice."""
    return messenger(messenger(picture, random), random)


def _sticker(picture: Image.Image, random: Random) -> Image.Image:
    return recompressed(fitted(picture, 512), "WEBP", quality=random.randint(70, 85))


LIGHT: dict[str, Edit] = {
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
    "messenger-twice": messenger_twice,
    "sticker": _sticker,
}
