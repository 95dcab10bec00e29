"""What is printed of a fingerprint by accident holds no hash and no pixel."""

import pytest

from hashreg.hashing import fingerprint
from hashreg.model.errors import HashregError, UnreadableFile
from hashreg.model.fingerprints import Fingerprint

from .files_in_memory import png
from .golden import SAMPLES
from .textures import texture


@pytest.fixture(scope="module")
def made() -> Fingerprint:
    return fingerprint(SAMPLES / "originals" / "astronaut.jpg", views="query")


def test_no_text_of_a_fingerprint_or_its_items_shows_a_hash(made: Fingerprint) -> None:
    texts = [f"{it!r} {it!s} {it}" for it in (made, made.hashes, *made.hashes)]
    shown = [item.view for item in made.hashes for text in texts if item.hash[:12] in text]
    assert len(made.hashes) >= 11
    assert shown == []


def test_the_text_still_says_what_it_is(made: Fingerprint) -> None:
    assert "view='mirror'" in repr(made)
    assert "quality=100" in repr(made)


def test_an_error_about_a_picture_shows_neither_its_bytes_nor_its_name() -> None:
    content = png(texture(1, 60, 60, 3), 8, 2)[:900]
    with pytest.raises(UnreadableFile) as caught:
        fingerprint(content)
    said = f"{caught.value} {caught.value!r} {caught.value.as_json()}"
    assert isinstance(caught.value, HashregError)
    assert "IDAT" not in said
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
