"""Our PDQ is pdqhash's PDQ: the committed vectors, and pdqhash itself where it is installed."""

from pathlib import Path

import pytest

from hashreg.hashing import fingerprint
from hashreg.hashing.pdq import pdq_views
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.orientation import VIEWS

from .distances import distance
from .golden import (
    SAMPLES,
    TEXTURES,
    Texture,
    Vectors,
    by_pdqhash,
    canonical_rgb,
    committed,
    photo_names,
)

DECODER_BITS = 2
"""Builds of Pillow carry different JPEG and WebP decoders, whose pixels differ by a step or two."""

COMMITTED = committed()


def test_every_sample_photo_and_texture_has_its_vectors() -> None:
    assert set(COMMITTED) == {*photo_names(), *map(str, TEXTURES)}
    assert all(set(views) == set(VIEWS) for views in COMMITTED.values())


@pytest.mark.parametrize("made", TEXTURES, ids=str)
def test_textures_hash_as_committed_in_every_orientation(made: Texture) -> None:
    ours = pdq_views(made.pixels(), VIEWS)
    for view, expected in COMMITTED[str(made)].items():
        assert distance(ours[view], expected) == 0, view
        assert ours[view].quality == expected.quality, view


@pytest.mark.parametrize("name", photo_names())
def test_sample_photos_hash_as_committed_in_every_orientation(name: str) -> None:
    allowance = 0 if Path(name).suffix == ".png" else DECODER_BITS
    ours = fingerprint(SAMPLES / name, views="query")
    for view, expected in COMMITTED[name].items():
        item = _pdq_item(ours, view)
        assert distance(item, expected) <= allowance, view
        assert item.quality == expected.quality, view


@pytest.mark.parametrize("name", photo_names())
def test_sample_photos_hash_as_pdqhash_does_here_and_now(name: str) -> None:
    pytest.importorskip("pdqhash", reason="the extra oracle is not installed")
    ours = fingerprint(SAMPLES / name, views="query")
    for view, expected in by_pdqhash(canonical_rgb(name)).items():
        assert distance(_pdq_item(ours, view), expected) == 0, view


@pytest.mark.parametrize("made", TEXTURES, ids=str)
def test_pdqhash_gives_the_committed_vectors_of_textures(made: Texture) -> None:
    pytest.importorskip("pdqhash", reason="the extra oracle is not installed")
    _assert_same(by_pdqhash(made.pixels()), COMMITTED[str(made)])


def _assert_same(ones: Vectors, others: Vectors) -> None:
    for view, expected in others.items():
        assert distance(ones[view], expected) == 0, view
        assert ones[view].quality == expected.quality, view


def _pdq_item(ours: Fingerprint, view: str) -> HashItem:
    item = ours.get(Algorithm.PDQ, view)
    assert item is not None, view
    return item
