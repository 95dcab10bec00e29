"""What an operator may say on the victims' page: their help lines, their address, the way out.

A JSON file, every part of it optional::

    {"address": "https://registry.example",
     "leave_to": "https://www.example.org/",
     "seal_to": "age1…",
     "help_lines": [{"name": {"ko": "…", "en": "…"}, "where": {"ko": "…", "en": "…"},
                     "phone": "02-735-8994", "address": "https://d4u.stop.or.kr"}]}
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hashreg.model.errors import InvalidInput
from hashreg.model.help_lines import HELP_LINES
from hashreg.model.messages import LANGUAGES, N_, translated
from hashreg.model.strictjson import Fields, parse
from hashreg.page.recipient import recipient_bytes

MOST_BYTES = 100_000
MOST_HELP_LINES = 20
MOST_LETTERS = 200
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,30}")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s<>\"']*)?")


Words = dict[str, str]
"""A text by its language."""


@dataclass(frozen=True, slots=True)
class ShownHelp:
    """A help line in both languages."""

    name: Words
    where: Words
    phone: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What the page says of this registry."""

    help_lines: tuple[ShownHelp, ...]
    address: str | None = None
    """Where the registry is, for the receipt; the page itself asks the server it came from."""
    leave_to: str | None = None
    """Where the way out leads; by default to a page that anybody might have open."""
    seal_to: str | None = None
    """The registry's public key; files that the page saves are sealed for it."""


def default_settings() -> PageSettings:
    """Return what is shown where the operator says nothing."""
    return PageSettings(
        tuple(
            ShownHelp(_in_both(it.name), _in_both(it.where), it.phone, it.address)
            for it in HELP_LINES
        )
    )


def read_settings(path: Path) -> PageSettings:
    """Read an operator's file; raises InvalidInput naming the field."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError:
        raise InvalidInput(
            N_("The settings of the page can't be read. Check the file's name and permissions."),
            field="page",
        ) from None
    fields = Fields(parse(content), "")
    fields.only(("address", "leave_to", "seal_to", "help_lines"))
    lines = default_settings().help_lines
    if fields.has("help_lines"):
        lines = tuple(
            _help_line(Fields(it, f"help_lines[{number}]"))
            for number, it in enumerate(fields.items("help_lines", MOST_HELP_LINES))
        )
    seal_to = fields.text("seal_to") if fields.has("seal_to") else None
    if seal_to is not None:
        recipient_bytes(seal_to)  # what is wrong with it is said now
    return PageSettings(lines, _address(fields, "address"), _address(fields, "leave_to"), seal_to)


def _help_line(fields: Fields) -> ShownHelp:
    fields.only(("name", "where", "phone", "address"))
    phone = _matching(fields, "phone", _PHONE)
    return ShownHelp(
        _words(fields, "name"), _words(fields, "where"), phone, _address(fields, "address")
    )


def _words(fields: Fields, name: str) -> Words:
    inner = Fields(fields.raw(name), fields.place(name))
    inner.only(LANGUAGES)
    words = {language: inner.text(language) for language in LANGUAGES}
    if not all(0 < len(it) <= MOST_LETTERS and it.isprintable() for it in words.values()):
        raise InvalidInput(
            N_("{place} must have 1 to {most} letters in each language."),
            field=fields.place(name),
            place=fields.place(name),
            most=MOST_LETTERS,
        )
    return words


def _address(fields: Fields, name: str) -> str | None:
    return _matching(fields, name, _ADDRESS)


def _matching(fields: Fields, name: str, pattern: re.Pattern[str]) -> str | None:
    if not fields.has(name):
        return None
    value = fields.text(name)
    if len(value) > MOST_LETTERS or not pattern.fullmatch(value):
        raise InvalidInput(
            N_("{place} must be a web address that begins with https://, or a phone number."),
            field=fields.place(name),
            place=fields.place(name),
        )
    return value


def _in_both(text: str) -> Words:
    return {language: translated(text, language) for language in LANGUAGES}
