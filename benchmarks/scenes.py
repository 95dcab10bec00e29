"""Photos for measuring that anyone can have: those that test dependencies carry, and scenes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SAMPLES = Path(__file__).parents[1] / "sample_images"
SCENES = 24


def free_photos(seed: int) -> Iterator[Image.Image]:
    """Yield the sample photos and generated scenes, upright, RGB."""
    for folder in ("originals", "unrelated"):
        for path in sorted((SAMPLES / folder).iterdir()):
            yield ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    for number in range(SCENES):
        yield scene(seed * 1000 + number)


def scene(seed: int, width: int = 960, height: int = 720) -> Image.Image:
    """Return a generated picture: soft light, many shapes of all sizes, fine texture."""
    random = np.random.default_rng(seed)
    light = random.normal(128, 60, (6, 8, 3)).clip(0, 255).astype(np.uint8)
    picture = np.asarray(
        Image.fromarray(light).resize((width, height), Image.Resampling.BICUBIC), np.float32
    ).copy()
    rows, columns = np.mgrid[:height, :width]
    for _ in range(60):
        x, y = random.uniform(0, width), random.uniform(0, height)
        a, b = random.uniform(10, width / 5, 2)
        turn = random.uniform(0, np.pi)
        u = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
        v = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
        inside = (u / a) ** 2 + (v / b) ** 2 < 1
        picture[inside] = 0.3 * picture[inside] + 0.7 * random.uniform(0, 255, 3)
    picture += random.normal(0, 6, (height, width, 1))
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))
