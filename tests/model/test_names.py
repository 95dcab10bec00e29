"""Names have one rule and one spelling, on the device and in the registry."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidInput
from hashreg.model.names import alike, is_name, parse_name
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


@pytest.mark.parametrize(
    "unseen",
    [*"\u00ad\u200b\u200c\u200d\u2060\ufeff\u202e\U000e0041", *"\u115f\u1160\u3164\uffa0"],
    ids=ascii,
)
@pytest.mark.parametrize("around", ["{}", "kim{}", "{}kim", "ki{}m", "김{}"])
def test_what_cannot_be_seen_is_in_no_name(unseen: str, around: str) -> None:
    name = around.format(unseen)
    assert not is_name(name)
    with pytest.raises(InvalidInput):
        parse_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim", "kim"),
        ("ｋｉｍ", "kim"),
        ("STRASSE", "straße"),
        ("한국", "\u1112\u1161\u11ab국"),
        ("ﬁ", "FI"),
        (" kim ", "kim"),
    ],
)
def test_names_that_differ_in_case_or_width_are_alike(one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize("other", ["kim1", "ki m", "김", "Kın"])
def test_other_names_are_not(other: str) -> None:
    assert alike(other) != alike("kim")


@given(helper_names)
@patient
def test_what_is_alike_is_alike_for_good(name: str) -> None:
    assert alike(alike(name)) == alike(name) == alike(name.upper().lower().upper())


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
