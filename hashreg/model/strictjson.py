"""Reading JSON that strangers wrote: every surprise is an error that names its place.

Nothing here ever puts a value that was sent into an error text; it may be a hash.
"""

import json
from collections.abc import Iterable
from typing import NoReturn, cast

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_

MAX_DEPTH_TEXT = N_("This is not valid JSON: it is nested too deeply.")


class Fields:
    """One JSON object, taken apart field by field; ``where`` is its place, for error texts."""

    __slots__ = ("_data", "_error", "_where")

    def __init__(self, data: object, where: str, error: type[InvalidInput] = InvalidInput) -> None:
        self._error = error
        self._where = where
        if not isinstance(data, dict):
            self._fail(N_("{place} must be an object in braces."), self._shown)
        self._data: dict[str, object] = data

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self._data.get(name) is not None

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def only(self, names: Iterable[str]) -> None:
        """Refuse every field that is not in ``names``: it could carry what must not travel."""
        if not self._data.keys() <= (names if isinstance(names, frozenset) else set(names)):
            self._fail(
                N_("{place} has a field that does not belong there. The file was edited."),
                self._shown,
            )

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self._data.get(name)
        if not isinstance(value, str):
            self._fail(N_("{place} must be text."), self.place(name))
        return value

    def whole_number(self, name: str, least: int, most: int) -> int:
        """Return a field that must be a whole number in ``least`` to ``most``."""
        value = self._data.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._fail(
                N_("{place} must be a whole number from {least} to {most}."),
                self.place(name),
                least=least,
                most=most,
            )
        return value

    def number(self, name: str, least: float, most: float) -> float:
        """Return a field that must be a number in ``least`` to ``most``."""
        value = self._data.get(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least <= cast("float", value) <= most:  # NaN is in no range
            self._fail(
                N_("{place} must be a number from {least} to {most}."),
                self.place(name),
                least=least,
                most=most,
            )
        return float(cast("float", value))

    def flag(self, name: str) -> bool:
        """Return a field that must be true or false."""
        value = self._data.get(name)
        if not isinstance(value, bool):
            self._fail(N_("{place} must be true or false."), self.place(name))
        return value

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """Return a field that must be one of the words that are known."""
        known, value = tuple(known), self._data.get(name)
        if not isinstance(value, str) or value not in known:
            words = ", ".join(known)
            self._fail(N_("{place} must be one of: {known}."), self.place(name), known=words)
        return value

    def items(self, name: str, most: int) -> list[object]:
        """Return a field that must be a list of at most ``most`` entries."""
        value = self._data.get(name)
        if not isinstance(value, list) or len(value) > most:
            self._fail(
                N_("{place} must be a list of at most {most} entries."), self.place(name), most=most
            )
        return value

    def raw(self, name: str) -> object:
        """Return a field as it came, or None."""
        return self._data.get(name)

    def place(self, name: str) -> str:
        """Return the full name of a field, such as ``items[3].quality``."""
        return f"{self._where}.{name}" if self._where else name

    @property
    def _shown(self) -> str:
        return self._where or "JSON"

    def _fail(self, text: str, place: str, **values: object) -> NoReturn:
        raise self._error(text, field=place, place=place, **values)


def parse(text: str | bytes, error: type[InvalidInput] = InvalidInput) -> object:
    """Parse JSON; duplicate keys, NaN, bad encoding and deep nesting raise ``error``."""
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise error(MAX_DEPTH_TEXT) from None
    except (ValueError, UnicodeDecodeError):
        raise error(N_("This is not valid JSON. It may be cut off or edited by hand.")) from None


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _no_constant(_: str) -> object:
    raise ValueError("not a JSON number")
