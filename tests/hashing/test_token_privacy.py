"""Registered tokens hold small patches only, nothing of the frame, and little of text."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from hashreg.hashing import fingerprint
from hashreg.hashing import tokens as hashing_tokens
from hashreg.hashing.keypoints import find_keypoints, scale_space
from hashreg.hashing.patches import upright_patches
from hashreg.hashing.tokens import asked_tokens, registered_tokens, resized, stop_list
from hashreg.matching import Matcher, tokens
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.model.tokens import MOST_SIGMA, MOST_TOKENS, SIZE_STEP, TokenKind
from support.program import ROOT

from .files_in_memory import png
from .golden import SAMPLES
from .textures import texture

PHOTOS = sorted((SAMPLES / "originals").iterdir())
CAP = 3.2 / 256
LINES = (
    "the quick brown fox jumps over the lazy dog and runs away from here",
    "press any key to go on or wait until the clock strikes nine tonight",
    "sphinx of black quartz judge my vow before the bridge falls down",
)


def blob(sigma: float, side: int = 256) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return one bright blob in the middle, a little longer than wide: it has a direction."""
    away = np.arange(side) - side / 2 + 0.3
    bell = np.exp(-((away[:, None] / 1.1) ** 2 + away[None, :] ** 2) / (2 * sigma**2))
    return (40 + 200 * bell).astype(np.float32)


def written(text: str, size: int = 22) -> bytes:
    """Return a page of text, dark on light."""
    page = Image.new("L", (700, 500), 245)
    draw = ImageDraw.Draw(page)
    words = text.split()
    for line in range(14):
        turned = words[line % len(words) :] + words[: line % len(words)]
        draw.text((20, 20 + 33 * line), " ".join(turned), 20, font_size=size)
    return png(np.asarray(page)[:, :, None], 8, 0)


def count(it: Fingerprint) -> int:
    return len(it.tokens) if it.tokens is not None else 0


def test_a_blob_is_registered_up_to_the_cap_and_no_larger_one() -> None:
    """The patch is 12 sigmas wide: at the cap 15 % of the long side."""
    seen = {True: 0, False: 0}
    for sigma in np.arange(1.2, 9, 0.1):
        plane = blob(float(sigma))
        point = find_keypoints(scale_space(plane, 1), 1)
        if len(point):
            small = bool(point.sigma[0] <= CAP * 256)
            assert len(registered_tokens(plane)) == small
            seen[small] += 1
        else:
            assert len(registered_tokens(plane)) == 0
    assert min(seen.values()) >= 1


@pytest.mark.parametrize("path", PHOTOS, ids=lambda it: it.name)
def test_no_registered_token_of_a_photo_is_of_a_patch_beyond_the_cap(path: Path) -> None:
    made = fingerprint(path, views="register").tokens
    assert made is not None
    assert made.kind is TokenKind.REGISTERED
    assert 20 <= len(made) <= MOST_TOKENS[TokenKind.REGISTERED]
    _, places = tokens.registered(made)
    least = np.exp(tokens.unpacked(places).log_size - SIZE_STEP / 2)
    assert least.max() <= CAP


@pytest.mark.parametrize("seed", range(6))
def test_blobs_near_the_frame_are_left_out_three_sigmas_deep(seed: int) -> None:
    plane = texture(seed, 256, 200, 1)[:, :, 0].astype(np.float32)
    points = find_keypoints(scale_space(resized(plane, 256)), 400)
    nearest = np.minimum.reduce([points.x, points.y, 199 - points.x, 255 - points.y])
    assert len(points) > 50
    assert (nearest >= 3 * points.sigma).all()
    at = tokens.asked(asked_tokens(plane)).geometry
    nearest = np.minimum.reduce([at.x, at.y, 200 / 256 - at.x, 1 - at.y])
    assert len(nearest) > 100
    assert (nearest >= 2.9 * np.exp(at.log_size)).all()  # the size is rounded to 2.4 %


def test_two_photos_in_one_frame_share_no_token_of_it() -> None:
    """A frame is no reason that two pictures match."""
    found = []
    for name in ("astronaut.jpg", "officer.jpg"):
        framed = Image.new("RGB", (640, 640), "navy")
        draw = ImageDraw.Draw(framed)
        draw.rectangle((6, 6, 633, 633), outline="gold", width=4)
        framed.paste(
            Image.open(SAMPLES / "originals" / name).convert("RGB").resize((560, 560)), (40, 40)
        )
        found.append(fingerprint(png(np.asarray(framed), 8, 2), views="query"))
        found.append(fingerprint(png(np.asarray(framed), 8, 2), views="register"))
    asked, _, _, other = found
    assert Matcher.of([other]).proposals(asked, flipped=True) == []


def test_a_page_of_one_word_again_and_again_has_far_fewer_tokens_than_a_photo() -> None:
    """What repeats in a picture is left out; pages of ordinary text keep as many as a photo."""
    photos = [count(fingerprint(path, views="register")) for path in PHOTOS]
    page = count(fingerprint(written("minimum " * 8), views="register"))
    assert sorted(photos)[1] == 47
    assert page <= 10


def test_what_the_stop_list_holds_or_is_near_to_is_not_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plane = texture(4, 256, 256, 1)[:, :, 0].astype(np.float32)
    space = scale_space(plane, 1)
    signs = upright_patches(space, find_keypoints(space, 150), peaks_from=None).signs
    left = {}
    for bits in (0, 10, 11):
        near = signs.copy()
        near[:, :bits] ^= True
        listed = np.packbits(near, axis=1).view(np.uint64)[:, 0]
        monkeypatch.setattr(hashing_tokens, "stop_list", lambda listed=listed: listed)
        left[bits] = len(registered_tokens(plane))
    assert left[0] == left[10] == 0
    assert left[11] >= 20


@pytest.mark.parametrize("size", [16, 22, 30])
def test_two_pages_of_text_are_no_match(size: int) -> None:
    pages = [written(text, size) for text in LINES]
    matcher = Matcher.of(fingerprint(page, views="register") for page in pages)
    hits = [matcher.find(fingerprint(page, views="query")) for page in pages]
    others = [hit for n, found in enumerate(hits) for hit in found if hit.id != n]
    assert [hit for hit in others if hit.tier is Tier.MATCH] == []
    assert [own for n, own in enumerate(hits) if n not in {hit.id for hit in own}] == []


def test_a_fingerprint_made_for_asking_says_nothing_of_the_small_picture_it_keeps() -> None:
    made = fingerprint(PHOTOS[0], views="query")
    assert made.aligner is not None
    assert "aligner" not in repr(made)
    assert set(made.as_json()) == {"media", "recipe", "quality", "hashes", "tokens"}
    assert made.tokens is not None
    assert made.tokens.kind is TokenKind.ASKED


@pytest.mark.parametrize("views", ["whole", "register", "query"])
def test_tokens_can_be_left_out(views: str) -> None:
    made = fingerprint(PHOTOS[0], views=views, tokens=False)  # type: ignore[arg-type]
    assert made.tokens is None
    assert made.aligner is None
    with_tokens = fingerprint(PHOTOS[0], views=views)  # type: ignore[arg-type]
    assert (made.hashes == with_tokens.hashes) is True
    assert (with_tokens.tokens is None) is (views == "whole")


def test_the_stop_list_is_whole_and_installed_with_the_package() -> None:
    listed = stop_list()
    assert len(listed) == len(set(listed.tolist())) > 1000
    assert '"hashreg.hashing" = ["*.bin"]' in (ROOT / "pyproject.toml").read_text()
    assert math.isclose(CAP, MOST_SIGMA)
