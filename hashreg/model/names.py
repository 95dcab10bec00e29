"""Names of people and platforms: one rule and one spelling, on the device and in the registry."""

import re
import unicodedata
from typing import NewType

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_

HelperName = NewType("HelperName", str)
"""A helper's name, as the registry knows it."""

_NAME = re.compile(r"\w[\w .@+-]{0,63}")


def canonical_name(text: str) -> str:
    """Return the one spelling of a name: composed letters, no space around it."""
    return unicodedata.normalize("NFC", text).strip()


def is_name(text: str) -> bool:
    """Tell whether a text is a name that can be used, in its one spelling."""
    return bool(_NAME.fullmatch(text)) and text == canonical_name(text)


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
