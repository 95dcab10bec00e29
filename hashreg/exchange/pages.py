"""The records of JSON pages, one after the other, also of a page that is cut off."""

import json
import re
from collections.abc import Iterator

from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.messages import N_

_SPACE = re.compile(r"[\s,]*")
_CUT_OFF = N_(
    "The page ends in the middle of a record, or is no JSON from here on. What comes before was "
    "read. Fetch it again."
)


def records_of(content: bytes, name: str) -> Iterator[tuple[str, object | HashregError]]:
    """Yield the records of every list of this name, each with its place.

    Where one can't be read the rest of its page can't either; that is the last of the page.
    """
    text = content.decode("utf-8", "replace")
    begins = re.compile(rf'"{re.escape(name)}"\s*:\s*\[')
    decoder, number, at = json.JSONDecoder(), 0, 0
    while found := begins.search(text, at):
        at = _after_space(text, found.end())
        while text[at : at + 1] != "]":
            number += 1
            try:
                record, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                yield f"record {number}", InvalidInput(_CUT_OFF)
                break
            yield f"record {number}", record
            at = _after_space(text, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
