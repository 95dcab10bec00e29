"""The catalogue of Korean sentences: what the source says, and how to bring the files up to date.

``python tests/locale/catalogue.py`` (or ``make locale``) adds new sentences to the .po file, drops
those that are no longer said, and compiles the .mo file that the program reads.
"""

import datetime as dt
import io
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "hashreg" / "locale" / "ko" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""A fixed date, so that the same sentences always give the same file."""
OURS = {"tr": None, "N_": None}
SOURCES = [("**.py", "python"), ("page/app/**.js", "javascript")]
CLICK = {
    "Aborted!",
    "Options",
    "Commands",
    "Positional arguments",
    "Got unexpected extra argument ({args})",
    "Missing command.",
    "default: {default}",
    "env var: {var}",
    "required",
    "Show this message and exit.",
    "Did you mean {possibility}?",
    "Error: {message}",
    "Try '{command} {option}' for help.",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "No such option {name!r}.",
    "No such command {name!r}.",
    "unknown error",
    "Could not open file {filename!r}: {message}",
    "Usage:",
    "Option {name!r} does not take a value.",
    "Option {name!r} requires an argument.",
    "Choose from:\n\t{choices}",
    "{value!r} is not {choice}.",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
}
"""Sentences of click that a person can meet; click asks gettext's default domain for them."""

Message = str | tuple[str, ...]


def our_sentences() -> set[Message]:
    """Return every sentence that our source marks with ``tr`` or ``N_``."""
    return {
        message
        for folder in ("hashreg", "cli")
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, SOURCES, keywords=OURS)
    }


def click_sentences() -> set[Message]:
    """Return the chosen sentences, with their plurals, as the installed click says them."""
    said = {message for _, _, message, _, _ in extract_from_dir(Path(click.__file__).parent)}
    return {message for message in said if _first(message) in CLICK}


def stored() -> Catalog:
    """Return the committed catalogue."""
    with PO.open("rb") as file:
        return read_po(file, locale="ko")


def compiled(catalogue: Catalog) -> bytes:
    """Return the content of the .mo file."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def update() -> None:
    """Bring both files up to date."""
    old = stored() if PO.exists() else Catalog(locale="ko")
    new = Catalog(
        locale="ko",
        domain="messages",
        project="hashreg",
        version="1",
        header_comment="# The Korean of hashreg. Apache-2.0.",
        creation_date=DATE,
        revision_date=DATE,
        fuzzy=False,
    )
    for message in sorted(our_sentences() | click_sentences(), key=_first):
        known = old.get(_first(message))
        new.add(message, known.string if known else None)
    with PO.open("wb") as file:
        write_po(file, new, width=100, no_location=True)
    MO.write_bytes(compiled(stored()))


def _first(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


if __name__ == "__main__":
    update()
