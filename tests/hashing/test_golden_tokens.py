"""Our tokens are the committed ones, but for a stated share that rounding may change."""

from pathlib import Path

import pytest

from hashreg.model.tokens import TokenKind

from .golden import Texture
from .golden_tokens import (
    TEXTURES,
    VECTORS,
    Vector,
    committed,
    missing,
    of_photo,
    of_texture,
    photo_names,
)

ROUNDING, DECODING = 0.03, 0.1
"""Shares of a picture's tokens that may differ: another NumPy or processor rounds otherwise and
flips a bit or moves a blob to the next cell; another JPEG or WebP decoder gives other pixels."""

COMMITTED = committed()


def assert_alike(ours: Vector, expected: Vector, allowance: float) -> None:
    for kind in TokenKind:
        one, other = ours.of(kind), expected.of(kind)
        allowed = 1 + allowance * len(other)
        assert abs(len(one) - len(other)) <= allowed, kind
        assert missing(one, other) <= allowed, kind
        assert missing(other, one) <= allowed, kind
        assert (one.data[:2] == other.data[:2]) is True, kind


def test_every_sample_photo_and_texture_has_its_tokens() -> None:
    assert set(COMMITTED) == {*photo_names(), *map(str, TEXTURES)}
    for it in COMMITTED.values():
        assert it.registered.kind is TokenKind.REGISTERED
        assert it.asked.kind is TokenKind.ASKED
    assert VECTORS.stat().st_size < 100_000


@pytest.mark.parametrize("made", TEXTURES, ids=str)
def test_textures_have_the_committed_tokens(made: Texture) -> None:
    assert_alike(of_texture(made), COMMITTED[str(made)], ROUNDING)


@pytest.mark.parametrize("name", photo_names())
def test_sample_photos_have_the_committed_tokens(name: str) -> None:
    allowance = ROUNDING if Path(name).suffix == ".png" else DECODING
    assert_alike(of_photo(name), COMMITTED[name], allowance)


def test_another_picture_has_other_tokens() -> None:
    one, other = (COMMITTED[name] for name in photo_names()[:2])
    assert missing(one.asked, other.asked) >= len(other.asked) - 2
    assert missing(one.registered, other.registered) == len(other.registered)
