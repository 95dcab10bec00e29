"""Photos for measuring that anyone can have: those that come with packages, and scenes."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SAMPLES = Path(__file__).parents[1] / "sample_images"
SCENES = 12
"""Generated scenes on each side: among the asked pictures and among the others."""

PACKAGED = {
    "skimage": (
        "data/coins.png",
        "data/hubble_deep_field.jpg",
        "data/ihc.png",
        "data/moon.png",
        "data/motorcycle_left.png",
        "data/page.png",
        "data/retina.jpg",
        "data/text.png",
    ),
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
}
"""Photos in the wheels of scikit-image and scikit-learn (the `bench` extra); nothing is downloaded.
Left out: what the sample pictures have already, drawings, and textures that fill the whole picture.

They are opened where pip put them, to be measured on, and never copied into the project:
scikit-image's docstrings call its own public domain, CC0 or without known restrictions, but name
no terms for `moon` and `page`; the two of scikit-learn are CC BY 2.0 (danielbuechele, vultilion).
"""


def upright(path: Path) -> Image.Image:
    """Return a photo upright, RGB."""
    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def sample_photos() -> Iterator[Image.Image]:
    """Yield the ten sample photos of the project."""
    for folder in ("originals", "unrelated"):
        for path in sorted((SAMPLES / folder).iterdir()):
            yield upright(path)


def packaged(package: str, name: str) -> Path:
    """Return a file of an installed package without importing it; raises FileNotFoundError."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise FileNotFoundError(f"{package} is not installed; run: pip install -e '.[bench]'")
    return Path(places[0]) / name


def packaged_photos() -> Iterator[Image.Image]:
    """Yield the photos that scikit-image and scikit-learn carry; raises FileNotFoundError."""
    for package, names in PACKAGED.items():
        for name in names:
            yield upright(packaged(package, name))


def free_photos(seed: int) -> list[Image.Image]:
    """Return the free photos to ask, with scenes among them; raises FileNotFoundError."""
    return [*sample_photos(), *packaged_photos(), *scenes(seed)]


def scenes(seed: int, first: int = 0) -> list[Image.Image]:
    """Return ``SCENES`` generated pictures, from number ``first`` of this seed on."""
    return [scene(seed * 1000 + first + number) for number in range(SCENES)]


def load(folders: Sequence[Path], half: str) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return the photos to ask and the others: by the number's parity, as files are sorted."""
    files = sorted(path for folder in folders for path in folder.iterdir() if path.is_file())
    chosen: list[Image.Image] = []
    others: list[Image.Image] = []
    for number, path in enumerate(files):
        wanted = half == "all" or (number % 2 == 1) == (half == "odd")
        (chosen if wanted else others).append(upright(path))
    return chosen, others


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
