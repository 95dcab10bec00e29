"""Korean and English: one small function, ``tr``, that every room says its sentences through.

The English sentence is the message id; ``hashreg/locale`` holds the Korean catalogue.
The language belongs to the context (a command, later a request), not to the process.
"""

import gettext
import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("ko", "en")
DOMAIN = "messages"
LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
_KOREAN = re.compile(r"ko(?![a-z])", re.IGNORECASE)

_language: ContextVar[str] = ContextVar("hashreg_language", default="en")


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for "translate this later")
    """Mark ``text`` for the catalogue without translating it now."""
    return text


def tr(text: str, /, **values: object) -> str:
    """Return ``text`` in the context's language, its ``{names}`` filled from ``values``."""
    said = translated(text, _language.get())
    return said.format(**values) if values else said


def translated(text: str, language: str) -> str:
    """Return ``text`` in a language ("ko" or "en"), whatever the context speaks."""
    return _catalogue(language).gettext(text) if text else ""


def use_language(language: str) -> None:
    """Speak ``language`` ("ko" or "en") from now on in this context."""
    _language.set(language if language in LANGUAGES else "en")


def language() -> str:
    """Return the context's language, "ko" or "en"."""
    return _language.get()


def preferred_language(environ: Mapping[str, str]) -> str:
    """Return the language that a POSIX environment asks for; English where it asks for none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        value = environ.get(name, "")
        if value:
            return "ko" if _KOREAN.match(value) else "en"
    return "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_FOLDER, [language], fallback=True)
