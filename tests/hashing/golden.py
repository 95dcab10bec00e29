"""The committed PDQ vectors, ``tests/golden/pdq.json``, and how pdqhash makes them.

Nothing here uses hashreg's decoding or orientations: the vectors come from Pillow's own
transposition, NumPy's turns and pdqhash.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hashreg.hashing.pdq import Pdq

from .textures import texture

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_images"
VECTORS = ROOT / "tests" / "golden" / "pdq.json"
PHOTO_FOLDERS = ("originals", "unrelated", "edited")

Vectors = dict[str, Pdq]
"""PDQ of one picture by the name of the view."""


@dataclass(frozen=True, slots=True)
class Texture:
    """A generated picture: ``texture(seed, height, width, channels)``."""

    seed: int
    height: int
    width: int
    channels: int = 3

    def __str__(self) -> str:
        return f"{self.height}x{self.width}x{self.channels}"

    def pixels(self) -> NDArray[np.uint8]:
        return texture(self.seed, self.height, self.width, self.channels)


TEXTURES = (
    Texture(1, 5, 61),
    Texture(2, 200, 5),
    Texture(3, 63, 64),
    Texture(4, 64, 63),
    Texture(5, 64, 64),
    Texture(6, 65, 127),
    Texture(7, 127, 128),
    Texture(8, 128, 128),
    Texture(9, 129, 65),
    Texture(10, 129, 129),
    Texture(11, 37, 1001),
    Texture(12, 1001, 37),
    Texture(13, 333, 517),
    Texture(14, 517, 333),
    Texture(15, 1203, 1801),
    Texture(16, 257, 255, channels=1),
)
"""Odd sizes, landscape and portrait, around every place where the rules change."""


def photo_names() -> list[str]:
    """Return every sample photo as ``folder/name``."""
    return [
        f"{folder}/{path.name}"
        for folder in PHOTO_FOLDERS
        for path in sorted((SAMPLES / folder).iterdir())
    ]


def canonical_rgb(name: str) -> NDArray[np.uint8]:
    """Return a sample photo's upright pixels as Pillow has them, shape (h, w, 3)."""
    with Image.open(SAMPLES / name) as stored:
        return np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))


def turned(pixels: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield the eight views: turned clockwise, after mirroring left-right where it says so."""
    for prefix, picture in (("", pixels), ("mirror", pixels[:, ::-1])):
        for quarters in range(4):
            turn = f"rot{90 * quarters}" if quarters else ""
            name = "-".join(filter(None, (prefix, turn))) or "whole"
            yield name, np.ascontiguousarray(np.rot90(picture, -quarters))


def by_pdqhash(pixels: NDArray[np.uint8]) -> Vectors:
    """Return what pdqhash says of the eight views; needs the extra ``oracle``."""
    import pdqhash  # noqa: PLC0415  (only here is it needed)

    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    vectors = {}
    for view, picture in turned(rgb):
        bits, quality = pdqhash.compute(picture)
        vectors[view] = Pdq(np.packbits(bits).tobytes().hex(), int(quality))
    return vectors


def committed() -> dict[str, Vectors]:
    """Return the committed vectors by the name of the photo or texture."""
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    return {
        name: {view: Pdq(*pair) for view, pair in views.items()}
        for name, views in data["vectors"].items()
    }


def as_json(vectors: dict[str, Vectors], made_with: str) -> str:
    """Return the content of the file that ``committed`` reads."""
    readable = {
        name: {view: [it.hash, it.quality] for view, it in views.items()}
        for name, views in vectors.items()
    }
    return json.dumps({"made_with": made_with, "vectors": readable}, indent=1) + "\n"
