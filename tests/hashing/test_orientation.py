"""The eight ways a picture can lie: a closed table that agrees with Pillow and with NumPy."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import upright
from hashreg.hashing.pdq import pdq, pdq_views
from hashreg.model.hashes import PERCEPTUAL, Algorithm
from hashreg.model.orientation import EXIF, UPRIGHT, VIEWS, Orientation

from .distances import distance
from .files_in_memory import saved
from .golden import turned
from .textures import texture

SMALL = texture(1, 5, 7, 1)[..., 0]


def moved(pixels: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """Return the pixels turned, by Pillow."""
    return np.asarray(upright(Image.fromarray(pixels), orientation))


def test_the_views_are_eight_different_orientations() -> None:
    assert len(set(VIEWS.values())) == len(VIEWS) == 8
    assert len(set(EXIF.values())) == len(EXIF) == 8
    assert VIEWS["whole"] == EXIF[1] == UPRIGHT


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_what_its_name_says(view: str) -> None:
    assert np.array_equal(moved(SMALL, VIEWS[view]), dict(turned(SMALL))[view])


@pytest.mark.parametrize("value", EXIF)
def test_exif_values_are_what_pillow_makes_of_them(value: int) -> None:
    image = Image.fromarray(SMALL)
    image.getexif()[ExifTags.Base.Orientation] = value
    assert np.array_equal(moved(SMALL, EXIF[value]), np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.parametrize(("first", "second"), list(itertools.product(VIEWS, VIEWS)))
def test_one_orientation_after_the_other_is_one_orientation(first: str, second: str) -> None:
    both = VIEWS[first].then(VIEWS[second])
    assert both in VIEWS.values()
    in_steps = moved(moved(SMALL, VIEWS[first]), VIEWS[second])
    assert np.array_equal(moved(SMALL, both), in_steps)


def test_a_view_alone_is_the_view_among_others() -> None:
    picture = texture(2, 120, 90, 3)
    together = pdq_views(picture, VIEWS)
    for view, orientation in VIEWS.items():
        assert distance(pdq(picture, orientation), together[view]) == 0, view


def test_the_views_of_a_rotated_file_are_those_of_the_upright_one() -> None:
    pixels = texture(3, 181, 260, 3)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = Image.fromarray(pixels).transpose(Image.Transpose.ROTATE_90)
    ours = fingerprint(saved(stored, "PNG", exif=exif), views="query")
    plain = fingerprint(saved(Image.fromarray(pixels), "PNG"), views="query")
    assert [(item.algorithm, item.view) for item in ours.hashes] == [
        (item.algorithm, item.view) for item in plain.hashes
    ]
    for one, other in zip(ours.hashes, plain.hashes, strict=True):
        if one.algorithm in PERCEPTUAL:
            assert distance(one, other) == 0, one.view


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_a_picture_is_the_whole_of_the_turned_picture(view: str) -> None:
    pixels = texture(4, 150, 211, 3)
    item = fingerprint(saved(Image.fromarray(pixels), "PNG"), views="query").get(
        Algorithm.PDQ, view
    )
    looks = fingerprint(saved(Image.fromarray(dict(turned(pixels))[view]), "PNG"), views="whole")
    whole = looks.get(Algorithm.PDQ, "whole")
    assert item is not None
    assert whole is not None
    assert distance(item, whole) == 0
