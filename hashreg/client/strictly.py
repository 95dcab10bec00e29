"""Checks of what a server answers, beside those that reading JSON makes anyway."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator

from hashreg.client.told import bad_answer
from hashreg.model.cases import CaseNumber
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields

MOST = 1_000_000
"""Of anything that is counted or listed."""
_WORD = re.compile(r"[a-z][a-z_]{0,39}")


def check_case(fields: Fields, case: CaseNumber) -> None:
    """Raise InvalidInput where an answer speaks of another case."""
    if fields.text("case") != case:
        raise InvalidInput(N_("it speaks of another case"))


def check_moment(fields: Fields, name: str) -> None:
    """Raise InvalidInput where a field is no time with its zone."""
    try:
        moment = dt.datetime.fromisoformat(fields.text(name))
    except ValueError:
        raise not_ours(fields.place(name)) from None
    if moment.tzinfo is None:
        raise not_ours(fields.place(name))


def check_length(fields: Fields, name: str, most: int) -> None:
    """Raise InvalidInput where a text is empty or too long."""
    if not 0 < len(fields.text(name)) <= most:
        raise not_ours(fields.place(name))


def check_word(text: str, place: str) -> None:
    """Raise InvalidInput for what is no word of ours."""
    if not _WORD.fullmatch(text):
        raise not_ours(place)


def not_ours(place: str) -> InvalidInput:
    """Return the error of a part that is not as it should be."""
    return InvalidInput(N_("{place} is not as hashreg writes it"), field=place, place=place)


@contextlib.contextmanager
def strictly() -> Iterator[None]:
    """Turn whatever is wrong with an answer into BadAnswer."""
    try:
        yield
    except InvalidInput as error:
        raise bad_answer(error.text, **error.values) from None
