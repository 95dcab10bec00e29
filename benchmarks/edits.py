"""The edit suite: what happens to pictures as they are passed around, 59 edits in three tiers.

Each edit takes an upright RGB picture and a seeded random generator, from which it draws its
parameters inside stated bounds, so that two seeds give two suites of the same kind.
"""

import zlib
from random import Random

from edit_parts import NamedEdit
from heavy_edits import HEAVY
from light_edits import LIGHT
from medium_edits import MEDIUM
from PIL import Image

TIERS = ("light", "medium", "heavy")
EDITS = tuple(
    NamedEdit(name, tier, edit)
    for tier, edits in zip(TIERS, (LIGHT, MEDIUM, HEAVY), strict=True)
    for name, edit in edits.items()
)
"""All 59 edits: 19 light, 13 medium, 27 heavy."""


def edited(photo: Image.Image, number: int, edit: NamedEdit, seed: int) -> Image.Image:
    """Return one edited copy of photo ``number``; the same seed always gives the same."""
    return edit.apply(photo, Random(zlib.crc32(f"{seed} {number} {edit.name}".encode())))
