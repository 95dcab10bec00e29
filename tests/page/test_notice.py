"""The page writes the requests that `hashreg notice` writes, and nothing of them leaves it."""

import datetime as dt
from itertools import product

import pytest
from playwright.sync_api import Browser, expect

from hashreg.client.notices import LANGUAGE, Form, Notice, written
from hashreg.model.cases import new_case_number
from support.serving import Served

from .visiting import PHONE, Visitor, visitor

PLACES = ("https://examplegram.example/p/1?x=<b>", "t.me/방/{name}")
NAME, CONTACT = "Kim <i>Minji</i> 김민지", "minji@mail.example"
LABELS = {
    Form.PLAIN: "None, for any platform",
    Form.KOREA: "That of Korea",
    Form.US: "That of the United States (TAKE IT DOWN Act)",
}
TONGUES = {"ko": "한국어", "en": "English"}


def fill(who: Visitor, label: str, text: str) -> None:
    who.page.get_by_label(who.says(label), exact=True).fill(text)


def write(who: Visitor, told: Notice, form: Form, tongue: str | None = None) -> str:
    """Type a request in and return what the page makes of it."""
    who.page.get_by_label(who.says(LABELS[form]), exact=True).check()
    if tongue:
        who.page.get_by_label(TONGUES[tongue], exact=True).check()
    fill(who, "The platform (if you know its name)", told.recipient)
    places = "\n".join(told.places)
    fill(who, "Where it is: web addresses, each on a line of its own", f"\n {places} \n\n")
    fake = who.page.get_by_label(who.says("It was made or changed to look so (a deepfake)."))
    fake.set_checked(told.is_fake)
    fill(who, "Your name, which signs the request", told.name)
    fill(who, "An e-mail address or phone number to reach you", told.contact)
    fill(who, "Whom it shows, if you ask for somebody else", told.in_name_of)
    fill(who, "Case number, if the pictures are registered", told.case or "")
    who.press("Write the request")
    who.expect_heading("The request is written")
    return who.page.get_by_role("textbox").input_value()


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_it_writes_what_the_program_writes(
    browser: Browser, registry: Served, form: Form, language: str
) -> None:
    with visitor(browser, language) as who:
        who.arrive(registry.url)
        who.press("Write a removal request")
        today = dt.date.fromisoformat(who.page.evaluate("new Date().toLocaleDateString('sv')"))
        for fake, other, tongue in product((False, True), ("", "Lee"), (None, "ko", "en")):
            case = new_case_number() if fake else None
            to = "Examplegram" if other else ""
            told = Notice(PLACES, NAME, CONTACT, today, to, other, case, fake)
            expected = tongue or LANGUAGE.get(form, language)
            if tongue is None:
                who.page.reload()
                who.press("Write a removal request")
            assert write(who, told, form, tongue) == written(told, form, expected)
            who.press("Change it")
        assert not who.faults


def test_nothing_that_is_typed_leaves_the_page(browser: Browser, registry: Served) -> None:
    with visitor(browser) as who:
        who.arrive(registry.url)
        before = len(who.asked())
        who.press("Write a removal request")
        told = Notice(PLACES, NAME, CONTACT, dt.date(2026, 1, 1))
        write(who, told, Form.US)
        with who.page.expect_download() as saved:
            who.press("Save as a file")
        assert CONTACT in saved.value.path().read_text(encoding="utf-8")
        assert [it.url for it in who.asked()[before:]] == []
        assert who.page.evaluate("localStorage.length + sessionStorage.length") == 0
        who.press("Back to the start")
        who.press("Write a removal request")
        name = who.page.get_by_label(who.says("Your name, which signs the request"))
        expect(name).to_have_value("")


def test_it_is_written_with_the_network_cut(browser: Browser, saved_page: object) -> None:
    with visitor(browser) as who:
        who.arrive(f"file://{saved_page}")
        who.press("Write a removal request")
        told = Notice(PLACES, NAME, CONTACT, dt.date(2026, 1, 1))
        assert CONTACT in write(who, told, Form.PLAIN)


def test_what_is_missing_is_said_at_its_field(person: Visitor) -> None:
    person.press("Write a removal request")
    places = person.page.get_by_label("Where it is: web addresses, each on a line of its own")
    name = person.page.get_by_label("Your name, which signs the request")
    contact = person.page.get_by_label("An e-mail address or phone number to reach you")
    for field, text in ((places, "a.example/1"), (name, "Kim"), (contact, "010")):
        person.press("Write the request")
        expect(person.page.get_by_role("alert")).to_be_visible()
        expect(field).to_be_focused()
        field.fill(text)
    fill(person, "Case number, if the pictures are registered", "1234")
    person.press("Write the request")
    expect(person.page.get_by_role("alert")).to_be_visible()
    fill(person, "Case number, if the pictures are registered", "")
    person.press("Write the request")
    person.expect_heading("The request is written")


def test_the_case_number_that_was_typed_is_there(browser: Browser, registry: Served) -> None:
    with visitor(browser, size=PHONE) as who:
        who.arrive(registry.url)
        number = new_case_number()
        who.open_case(number, "y")
        who.press("Write a removal request")
        field = who.page.get_by_label("Case number, if the pictures are registered")
        expect(field).to_have_value(number)
