"""Names of people and platforms: one rule and one spelling, on the device and in the registry."""

import re
import unicodedata
from typing import NewType

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_

HelperName = NewType("HelperName", str)
"""A helper's name, as the registry knows it."""

_NAME = re.compile(r"\w[\w .@+-]{0,63}")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their class that show nothing: Hangul fillers."""


def canonical_name(text: str) -> str:
    """Return the one spelling of a name: composed letters, no space around it."""
    return unicodedata.normalize("NFC", text).strip()


def is_name(text: str) -> bool:
    """Tell whether a text is a name that can be used, in its one spelling, all of it to be seen."""
    seen = not any(c in _FILLERS or unicodedata.category(c) == "Cf" for c in text)
    return bool(_NAME.fullmatch(text)) and seen and text == canonical_name(text)


def alike(text: str) -> str:
    """Return what names have in common that a person may take for one another: case and width."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def parse_name(text: str, field: str = "name") -> str:
    """Return a typed name in its one spelling; raises InvalidInput naming the field."""
    name = canonical_name(text)
    if not is_name(name):
        raise InvalidInput(
            N_(
                "A name has 1 to 64 letters, digits, spaces or . @ + - _ and starts with a letter "
                "or digit."
            ),
            field=field,
        )
    return name
