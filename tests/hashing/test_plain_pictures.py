"""A picture with nothing to tell it from others has no perceptual hash, only its digests.

All blanks have one hash: one registered blank would match every blank there is.
"""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.model.fingerprints import Views, fingerprint_line
from hashreg.model.hashes import MIN_QUALITY, PERCEPTUAL, Algorithm
from hashreg.model.orientation import VIEWS

from .files_in_memory import saved
from .golden import SAMPLES
from .textures import texture

HEIGHT, WIDTH = 301, 403


def filled(level: int) -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH), level, np.uint8)


def with_a_dot() -> NDArray[np.uint8]:
    picture = filled(255)
    picture[40:44, 60:64] = 0
    return picture


def noisy_dark() -> NDArray[np.uint8]:
    """Return what a camera takes with its lens covered."""
    return texture(1, HEIGHT, WIDTH, 1)[..., 0] // 32


def gradient(axis: int) -> NDArray[np.uint8]:
    ramp = np.linspace(0, 255, (HEIGHT, WIDTH)[axis])
    return np.broadcast_to(ramp[:, None] if axis == 0 else ramp, (HEIGHT, WIDTH)).astype(np.uint8)


def slanted() -> NDArray[np.uint8]:
    return (gradient(0) // 2 + gradient(1) // 2).astype(np.uint8)


PLAIN = {
    "black": filled(0),
    "grey": filled(128),
    "white": filled(255),
    "white with a dot": with_a_dot(),
    "covered lens": noisy_dark(),
    "gradient down": gradient(0),
    "gradient across": gradient(1),
    "gradient aslant": slanted(),
    "a column of pixels": texture(2, 4, WIDTH, 1)[..., 0],
}


@pytest.mark.parametrize("views", ["whole", "register", "query"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_picture_has_digests_only(name: str, views: Views) -> None:
    content = saved(Image.fromarray(PLAIN[name]), "PNG")
    made = fingerprint(content, views=views)
    assert not made.is_comparable
    assert {item.algorithm for item in made.hashes}.isdisjoint(PERCEPTUAL)
    assert {(item.algorithm, item.view) for item in made.hashes} == {
        (Algorithm.SHA256, "file"),
        (Algorithm.MD5, "file"),
    }
    assert made.quality is not None
    assert made.quality < MIN_QUALITY


@pytest.mark.parametrize("name", ["black", "gradient across"])
@pytest.mark.parametrize("format_name", ["JPEG", "WEBP", "AVIF"])
def test_compression_does_not_make_a_plain_picture_comparable(name: str, format_name: str) -> None:
    content = saved(Image.fromarray(PLAIN[name]).convert("RGB"), format_name)
    assert not fingerprint(content, views="query").is_comparable


def test_a_picture_that_is_wholly_transparent_is_blank() -> None:
    pixels = texture(3, HEIGHT, WIDTH, 4)
    pixels[..., 3] = 0
    assert not fingerprint(saved(Image.fromarray(pixels), "PNG"), views="query").is_comparable


def test_the_blank_sample_is_not_comparable_and_its_line_says_why() -> None:
    made = fingerprint(SAMPLES / "odd" / "blank.png", views="whole")
    assert not made.is_comparable
    error = fingerprint_line("blank.png", made)["error"]
    assert isinstance(error, dict)
    assert error["code"] == "too_plain"


def test_a_textured_picture_is_comparable_in_every_orientation() -> None:
    content = saved(Image.fromarray(texture(4, HEIGHT, WIDTH, 3)), "PNG")
    made = fingerprint(content, views="query")
    views = {item.view for item in made.hashes if item.algorithm is Algorithm.PDQ}
    assert made.is_comparable
    assert views >= set(VIEWS)
    assert made.get(Algorithm.PHASH, "whole") is not None


def test_the_digests_are_those_of_the_file() -> None:
    path = SAMPLES / "originals" / "cat.png"
    content = path.read_bytes()
    for made in (fingerprint(path), fingerprint(str(path)), fingerprint(content)):
        by_algorithm = {item.algorithm: item.digest for item in made.hashes}
        right = by_algorithm[Algorithm.SHA256] == hashlib.sha256(content).digest()
        assert right, "SHA-256 differs"
        right = by_algorithm[Algorithm.MD5] == hashlib.md5(content, usedforsecurity=False).digest()
        assert right, "MD5 differs"
