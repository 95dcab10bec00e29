"""Whether an error gives away what was sent: no piece of it may stand in anything it says."""

import traceback
from collections.abc import Iterator

from hashreg.model.errors import HashregError
from hashreg.model.messages import use_language

PIECE = 8


def echoes(error: HashregError, sent: str) -> bool:
    """Tell whether any 8 characters of ``sent`` in a row stand in what the error says."""
    said = "\n".join(_said(error)).lower()
    pieces = {sent[start : start + PIECE] for start in range(max(1, len(sent) - PIECE + 1))}
    return any(piece.lower() in said for piece in pieces if piece)


def _said(error: HashregError) -> Iterator[str]:
    """Yield everything that a log, a terminal or an answer could show of the error."""
    for language in ("ko", "en"):
        use_language(language)
        yield str(error)
        yield repr(error.as_json())
        yield "".join(traceback.format_exception_only(error))
    yield repr(error)
    yield repr(error.args)
    yield repr(error.values)
    yield repr(error.field)
