"""The edit suite: what every edit keeps to, and that the page has words for it."""

import pytest
from edit_parts import NamedEdit
from edit_words import WORDS_OF
from edits import EDITS, edited
from scenes import scene

PHOTO = scene(1, 160, 120)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_seed_always_gives_the_same_copy(edit: NamedEdit) -> None:
    one, two = (edited(PHOTO, 3, edit, 5) for _ in range(2))
    assert one.mode == "RGB"
    assert (one.size, one.tobytes()) == (two.size, two.tobytes())
    assert one.tobytes() != PHOTO.tobytes()


def test_every_edit_has_words() -> None:
    assert list(WORDS_OF) == [edit.name for edit in EDITS]
