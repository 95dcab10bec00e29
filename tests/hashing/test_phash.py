"""The second signal is ImageHash's pHash of the upright picture at full size."""

import io

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import COPY_SIDE
from hashreg.hashing.phash import phash
from hashreg.model.hashes import Algorithm, HashItem

from .distances import distance, whole
from .golden import SAMPLES, canonical_rgb, photo_names

REDUCED_BITS = 2
"""A picture whose long side is at least twice 512 px is hashed from its area-reduced copy."""


@pytest.mark.parametrize("name", photo_names())
def test_a_photo_that_is_not_reduced_has_imagehash_s_bits(name: str) -> None:
    pixels = canonical_rgb(name)
    assert max(pixels.shape) < 2 * COPY_SIDE
    ours = whole(fingerprint(SAMPLES / name, views="whole"), Algorithm.PHASH)
    assert distance(ours, phash_of(pixels)) == 0


@pytest.mark.parametrize("name", photo_names()[:10])
def test_a_photo_that_is_reduced_is_within_its_allowance(name: str) -> None:
    large = enlarged(canonical_rgb(name))
    ours = whole(fingerprint(as_bmp(large), views="whole"), Algorithm.PHASH)
    assert distance(ours, phash_of(large)) <= REDUCED_BITS


@given(
    side=st.integers(16, 80),
    other_side=st.integers(16, 80),
    mode=st.sampled_from(["L", "RGB"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_without_scipy_it_is_imagehash_s(side: int, other_side: int, mode: str, seed: int) -> None:
    """Noise, since in pictures with a symmetry both round zeros to either side of the median."""
    shape = (side, other_side, 3)[: 2 if mode == "L" else 3]
    noise = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    picture = Image.fromarray(noise)
    assert phash(picture) == str(imagehash.phash(picture))


def phash_of(pixels: NDArray[np.uint8]) -> HashItem:
    return HashItem(
        Algorithm.PHASH, "whole", str(imagehash.phash(Image.fromarray(pixels))), quality=None
    )


def enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the photo with a long side of 2,500 pixels, shrunk by 4 before it is hashed."""
    image = Image.fromarray(pixels)
    scale = 2_500 / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))


def as_bmp(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "BMP")
    return file.getvalue()
