"""The page hashes a picture to what Python hashes it to, bit for bit, in real browsers.

Tokens, too. What is not exact is listed, with the reason; all of it is the browser's decoder. Not
in the list because nothing can be promised of them: in Chromium 156 AVIF with transparency (its
opacity is taken for a video's range of levels) and animated AVIF (its colours are).
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from hashreg.hashing.decode import MAX_MEGAPIXELS, decode, upright
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import MIN_QUALITY, PERCEPTUAL
from support.program import SAMPLES

from .browsers import PROGRAMS, Answer, hashed_by, reads_truly
from .vectors import (
    VECTORS,
    Refusal,
    by_python,
    committed,
    distance,
    missing_tokens,
    picture,
)

pytestmark = pytest.mark.timeout(900)  # one start of a browser hashes all files: minutes, on some
COMMITTED = committed()
SAMPLE_FILES = {
    f"{path.parent.name}/{path.name}": path
    for path in sorted(SAMPLES.glob("*/*"))
    if path.suffix in (".jpg", ".png", ".webp")
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """How far a picture's hashes may be off: bits of a hash, points of quality, share of tokens."""

    bits: int = 0
    quality: int = 0
    tokens: float = 0


EXACT = Allowance()
OTHER_DECODER = Allowance(bits=2, quality=1, tokens=0.1)
"""Builds of Pillow carry different JPEG, WebP and AVIF decoders; pixels differ by a step or two."""

FIREFOX_DECODES_OTHERWISE = ("png-palette-alpha.png",)
"""Firefox 153 multiplies a palette's colours by their opacity rounding up: some are a level off."""


def allowance_of(browser: str, name: str) -> Allowance:
    is_other = browser == "firefox" and name in FIREFOX_DECODES_OTHERWISE
    return OTHER_DECODER if is_other else EXACT


@dataclass(frozen=True, slots=True)
class Said:
    """A browser's answers about all files, by name."""

    browser: str
    answers: dict[str, Answer]


@pytest.fixture(scope="session", params=PROGRAMS)
def said(request: pytest.FixtureRequest) -> Said:
    """Hash every file in one start of a browser."""
    files = {name: picture(name) for name in COMMITTED} | SAMPLE_FILES
    answers = hashed_by(request.param, [path.read_bytes() for path in files.values()])
    return Said(request.param, dict(zip(files, answers, strict=True)))


def assert_alike(ours: Fingerprint, expected: Fingerprint, allowed: Allowance) -> None:
    """Compare two fingerprints; no message shows a hash."""
    ours_by_view = {(it.algorithm, it.view): it for it in ours.hashes}
    assert list(ours_by_view) == [(it.algorithm, it.view) for it in expected.hashes]
    assert (ours.media, ours.recipe) == (expected.media, expected.recipe)
    assert abs((ours.quality or 0) - (expected.quality or 0)) <= allowed.quality
    for other in expected.hashes:
        item = ours_by_view[other.algorithm, other.view]
        bits = allowed.bits if item.algorithm in PERCEPTUAL else 0
        assert distance(item, other) <= bits, (item.algorithm, item.view)
        assert (item.quality is None) == (other.quality is None)
        assert abs((item.quality or 0) - (other.quality or 0)) <= allowed.quality, item.view
    assert_same_tokens(ours, expected, allowed.tokens)


def assert_same_tokens(ours: Fingerprint, expected: Fingerprint, share: float) -> None:
    assert (ours.tokens is None) == (expected.tokens is None)
    if ours.tokens is None or expected.tokens is None:
        return
    assert (ours.tokens.data[:2] == expected.tokens.data[:2]) is True, "the shape"
    allowed = share * len(expected.tokens)
    assert missing_tokens(ours.tokens, expected.tokens) <= allowed
    assert missing_tokens(expected.tokens, ours.tokens) <= allowed
    if not share:
        assert (ours.tokens == expected.tokens) is True, "their order"


@pytest.mark.parametrize("name", COMMITTED)
def test_python_still_says_what_is_committed(name: str) -> None:
    answer, expected = by_python(picture(name).read_bytes()), COMMITTED[name]
    if isinstance(answer, Refusal) or isinstance(expected, Refusal):
        assert answer == expected
    else:
        lossless = Path(name).suffix in (".png", ".gif", ".bmp")
        assert_alike(answer, expected, EXACT if lossless else OTHER_DECODER)


def test_every_committed_file_has_an_answer_and_all_of_them_are_small() -> None:
    files = list(picture("").iterdir())
    assert {path.name for path in files} == set(COMMITTED)
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert VECTORS.stat().st_size < 250_000


@pytest.mark.parametrize("name", COMMITTED)
def test_a_browser_says_what_is_committed(said: Said, name: str) -> None:
    assert_same_answer(said, name, COMMITTED[name])


@pytest.mark.parametrize("name", SAMPLE_FILES)
def test_a_browser_says_what_python_says_of_a_sample(said: Said, name: str) -> None:
    assert_same_answer(said, name, by_python(SAMPLE_FILES[name].read_bytes()))


def assert_same_answer(said: Said, name: str, expected: Fingerprint | Refusal) -> None:
    answer = said.answers[name]
    if isinstance(expected, Refusal):
        assert answer.problem == expected.code
    else:
        assert answer.problem is None
        assert answer.fingerprint is not None
        assert_alike(answer.fingerprint, expected, allowance_of(said.browser, name))


def test_a_refusal_says_the_numbers_that_its_sentence_needs(said: Said) -> None:
    assert said.answers["bomb.png"].values == {"limit": MAX_MEGAPIXELS}
    blank = {"quality": 0, "least": MIN_QUALITY}
    assert said.answers["blank.png"].values == blank


@pytest.mark.parametrize("name", ["jpg-exif-6.jpg", "webp-exif-5.webp", "png-grey.png"])
def test_a_thumbnail_is_the_upright_picture_and_a_blur(said: Said, name: str) -> None:
    thumbnail = said.answers[name].thumbnail
    assert thumbnail is not None
    opened = decode(picture(name).read_bytes())
    copy = upright(opened.reduced(), opened.orientation).convert("RGBA")
    assert max(thumbnail.width, thumbnail.height) == 24
    size = thumbnail.width, thumbnail.height
    expected = copy.resize(size, Image.Resampling.BOX)
    pairs = zip(thumbnail.pixels, expected.tobytes(), strict=True)
    off = [abs(one - other) for one, other in pairs]
    assert sum(off) < 3 * len(off)


@pytest.mark.parametrize("browser", PROGRAMS)
def test_a_browser_as_it_comes_is_trusted(browser: str) -> None:
    assert reads_truly(browser)


def test_a_browser_that_scrambles_what_is_read_from_pictures_is_not_trusted() -> None:
    assert not reads_truly("firefox", 'user_pref("privacy.resistFingerprinting", true);')
