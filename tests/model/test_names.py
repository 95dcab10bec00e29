"""Names have one rule and one spelling, on the device and in the registry."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidInput
from hashreg.model.names import is_name, parse_name
from model.strategies import helper_names, patient


@pytest.mark.parametrize("name", ["a", "김 선생", "help-line_2@example.org", "x" * 64, "1366"])
def test_names_that_people_have_are_names(name: str) -> None:
    assert is_name(name)
    assert parse_name(f"  {unicodedata.normalize('NFD', name)}\n") == name


@pytest.mark.parametrize(
    "name", ["", " ", "-a", "x" * 65, "a\nb", "a\x1b[2J", "a\u202eb", "a\0", "a/b", "a:b"]
)
def test_names_that_could_do_harm_are_none(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(InvalidInput) as caught:
        parse_name(name, "helper")
    assert caught.value.field == "helper"


@given(helper_names | st.text(max_size=70))
@patient
def test_what_is_parsed_is_a_name_and_stays_the_same(text: str) -> None:
    try:
        name = parse_name(text)
    except InvalidInput:
        assert not is_name(text)
        return
    assert is_name(name)
    assert parse_name(name) == name
