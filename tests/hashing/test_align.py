"""An upload is hashed in a registered picture's frame, and nonsense is answered with nothing."""

import base64
import math
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from hashreg.hashing import fingerprint
from hashreg.hashing.align import MOST_SIDE, UPLOAD_SIDE, LumaAligner
from hashreg.hashing.views import REGISTERED
from hashreg.model.errors import InvalidInput
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.tokens import Transform

from .distances import distance
from .golden import SAMPLES
from .textures import texture

WHOLE: Transform = (1, 0, 0, 0, 1, 0)
"""A square upload that shows the whole registered picture."""
VIEWS = {"whole", *(f"window:{name}" for name in REGISTERED)}
INF, NAN = math.inf, math.nan


def aligner(height: int = 320, width: int = 320) -> LumaAligner:
    return LumaAligner.of(texture(3, height, width, 1)[:, :, 0].astype(np.float32))


def of_photo(path: Path) -> LumaAligner:
    with Image.open(path) as photo:
        upright = ImageOps.exif_transpose(photo).convert("L")
        return LumaAligner.of(np.asarray(upright, np.float32))


def nearest(found: Iterable[HashItem], others: Iterable[HashItem]) -> dict[str, int]:
    """Return, for each view of both sides, how far its nearest two hashes are apart."""
    registered, bits = list(others), dict[str, int]()
    for item in found:
        for other in registered:
            if (other.algorithm, other.view) == (Algorithm.PDQ, item.view):
                away = distance(item, other)
                bits[item.view] = min(away, bits.get(item.view, away))
    return bits


def shown(transform: Transform, it: LumaAligner | None = None) -> set[str]:
    return {item.view for item in (it or aligner()).aligned(transform)}


@pytest.mark.parametrize("name", ["astronaut.jpg", "rotated-phone.jpg", "cat.png"])
def test_the_windows_of_the_original_itself_are_those_that_are_registered(name: str) -> None:
    path = SAMPLES / "originals" / name
    it = of_photo(path)
    height, width = it.luma.shape
    side = max(height, width)
    found = it.aligned((width / side, 0, 0, 0, height / side, 0))
    registered = fingerprint(path, views="register")
    bits = nearest(found, registered.hashes)
    assert set(bits) == VIEWS
    assert max(bits.values()) <= 31
    assert np.median(list(bits.values())) <= 16


def test_only_windows_that_the_upload_shows_are_hashed() -> None:
    assert shown(WHOLE) == VIEWS
    assert shown((2, 0, -0.5, 0, 2, -0.5)) == {"window:centre-50"}
    left_fifth_missing = (1.25, 0, -0.25, 0, 1, 0)
    assert shown(left_fifth_missing) >= {"window:cut-left-20", "window:centre-50"}
    assert "whole" not in shown(left_fifth_missing)
    assert shown((1, 0, 2, 0, 1, 0)) == set()


def test_a_mirrored_or_turned_lie_is_hashed_upright() -> None:
    plain = texture(3, 320, 320, 1)[:, :, 0].astype(np.float32)
    straight = LumaAligner.of(plain).aligned(WHOLE)
    lies: dict[str, tuple[Transform, LumaAligner]] = {
        "mirrored": ((-1, 0, 1, 0, 1, 0), LumaAligner.of(np.ascontiguousarray(plain[:, ::-1]))),
        "turned": ((0, -1, 1, 1, 0, 0), LumaAligner.of(np.ascontiguousarray(np.rot90(plain, -1)))),
    }
    for transform, it in lies.values():
        bits = nearest(it.aligned(transform), straight)
        assert set(bits) == VIEWS
        assert max(bits.values()) <= 4


NONSENSE: dict[str, Transform] = {
    "zero": (0, 0, 0, 0, 0, 0),
    "all NaN": (NAN, NAN, NAN, NAN, NAN, NAN),
    "a shift of NaN": (1, 0, NAN, 0, 1, 0),
    "infinite": (INF, 0, 0, 0, INF, 0),
    "an infinite shift": (1, 0, INF, 0, 1, -INF),
    "infinite against infinite": (INF, -INF, 0, 0, 1, 0),
    "huge": (1e6, 0, 0, 0, 1e6, 0),
    "beyond all numbers": (1e308, 1e308, 1e308, 1e308, 1e308, 1e308),
    "just too large": (101, 0, -50, 0, 101, -50),
    "large": (60, 0, -30, 0, 60, -30),
    "a shift beyond all numbers": (1, 0, 1e308, 0, 1, -1e308),
    "tiny": (1e-9, 0, 0.5, 0, 1e-9, 0.5),
    "the least number": (5e-324, 0, 0.5, 0, 5e-324, 0.5),
    "a line": (1, 0, 0, 0, 0, 0.5),
    "another line": (0.5, 0.5, 0, 0.5, 0.5, 0),
    "far away": (1, 0, 1e9, 0, 1, 1e9),
}


@pytest.mark.parametrize("transform", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_answered_with_nothing_at_once(transform: Transform) -> None:
    start = time.process_time()
    assert shown(transform) == set()
    assert time.process_time() - start < 5


@given(st.tuples(*(st.floats(width=64) for _ in range(6))))
@settings(max_examples=60, deadline=None)
def test_no_six_numbers_make_it_fail(transform: Transform) -> None:
    assert shown(transform) <= VIEWS


@pytest.mark.parametrize("size", [(1, 1), (1, 320), (320, 1), (2, 2), (7, 300)])
def test_tiny_and_thin_uploads_can_be_aligned(size: tuple[int, int]) -> None:
    it = aligner(*size)
    height, width = it.luma.shape
    assert max(height, width) == UPLOAD_SIDE
    for transform in (WHOLE, (width / 320, 0, 0, 0, height / 320, 0), (30, 0, -15, 0, 30, -15)):
        assert shown(transform, it) <= VIEWS


def test_a_picture_comes_back_from_a_workers_json_as_it_was() -> None:
    for size in ((320, 240), (10, 320), (900, 1200)):
        it = aligner(*size)
        again = LumaAligner.from_json(it.as_json())
        assert again.luma.shape == it.luma.shape
        assert np.array_equal(again.luma, it.luma) is True


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        {},
        {"width": 2},
        {"data": "AAAA"},
        {"width": 0, "data": "AAAA"},
        {"width": -3, "data": "AAAA"},
        {"width": 2, "data": "AAAA"},
        {"width": 3, "data": ""},
        {"width": 3, "data": "AAA"},
        {"width": 3, "data": "*AAA"},
        {"width": 3, "data": "\u00e9AAA"},
        {"width": MOST_SIDE + 1, "data": base64.b64encode(bytes(MOST_SIDE + 1)).decode()},
        {"width": 1, "data": base64.b64encode(bytes(MOST_SIDE + 1)).decode()},
        {"width": True, "data": "AAAA"},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_picture_is_refused(value: object) -> None:
    with pytest.raises((InvalidInput, ValueError)):
        LumaAligner.from_json(value)


def test_no_text_of_it_shows_a_pixel() -> None:
    it = aligner()
    assert repr(it) == str(it) == "LumaAligner()"
