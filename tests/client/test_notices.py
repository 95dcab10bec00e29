"""A removal request says all that a law asks for, on one line each, and shows nothing in a repr."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.client.notices import MOST_PLACES, Form, Notice, written
from hashreg.model.cases import new_case_number
from hashreg.model.errors import InvalidInput

DAY = dt.date(2026, 5, 4)
PLACES = ("https://a.example/watch?v=1", "https://b.example/2")
NOTICE = Notice(PLACES, "Kim Minji", "minji@mail.example", DAY)
FORMS = pytest.mark.parametrize("form", Form)
LANGUAGES = pytest.mark.parametrize("language", ["ko", "en"])
CONSENT = {"en": "without my consent", "ko": "제 동의 없이"}
FAITH = {"en": "in good faith", "ko": "선의로"}


@FORMS
@LANGUAGES
def test_it_has_every_part_of_a_valid_request(form: Form, language: str) -> None:
    number = new_case_number()
    text = written(replace(NOTICE, recipient="Examplegram", case=number), form, language)
    told = (*PLACES, NOTICE.name, NOTICE.contact, "Examplegram", "2026-05-04", number)
    assert all(it in text for it in told)
    assert CONSENT[language] in text
    assert FAITH[language] in text
    assert text.rstrip().endswith(NOTICE.name)  # who signs


@FORMS
def test_each_form_names_its_law_and_its_time(form: Form) -> None:
    said = {language: written(NOTICE, form, language) for language in ("ko", "en")}
    laws = {Form.US: ("TAKE IT DOWN",) * 2, Form.KOREA: ("제22조의5", "article 22-5")}
    times = {Form.KOREA: ("지체 없이", "without delay")}
    for language, place in (("ko", 0), ("en", 1)):
        assert laws.get(form, ("",) * 2)[place] in said[language]
        assert times.get(form, ("48",) * 2)[place] in said[language]
    assert ("Act" in said["en"]) is (form is not Form.PLAIN)


@LANGUAGES
def test_who_is_shown_and_whether_it_is_a_fake_is_told(language: str) -> None:
    texts = {
        written(replace(NOTICE, in_name_of=name, is_fake=fake), Form.PLAIN, language)
        for name in ("", "Park Jiwoo")
        for fake in (True, False)
    }
    assert len(texts) == 4
    assert sum("Park Jiwoo" in it for it in texts) == 2
    assert sum(("deepfake" if language == "en" else "딥페이크") in it for it in texts) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"places": ()}, "at"),
        ({"places": PLACES * MOST_PLACES}, "at"),
        ({"places": ("",)}, "at"),
        ({"name": "  "}, "name"),
        ({"contact": ""}, "contact"),
        ({"name": "a\nb"}, "name"),
        ({"contact": "\x1b[2J"}, "contact"),
        ({"recipient": "a\u202eb"}, "to"),
        ({"in_name_of": "x" * 3000}, "for"),
    ],
)
def test_what_is_missing_or_can_not_stand_on_a_line_is_named(
    changed: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(NOTICE, **changed)  # type: ignore[arg-type]
    assert caught.value.field == field
    typed = [it for it in changed.values() if isinstance(it, str) and it.strip()]
    assert not any(it in str(caught.value) for it in typed)


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=50))
def test_what_is_typed_stands_there_as_it_was_typed(typed: str) -> None:
    text = written(replace(NOTICE, name=typed, contact=typed), Form.PLAIN, "en")
    assert text.count(typed) >= 2


def test_nothing_of_the_person_is_in_a_repr() -> None:
    shown = repr(replace(NOTICE, in_name_of="Park Jiwoo", recipient="Examplegram"))
    assert not any(it in shown for it in (*PLACES, "Kim", "minji", "Park", "Examplegram"))
