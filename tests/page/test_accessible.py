"""Everybody can use it: WCAG 2.2 AA by axe in every view, keyboard only, small and enlarged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from support.program import SAMPLES
from support.serving import Served

from .visiting import DESKTOP, PHONE, THREE, Visitor, visitor

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
ENLARGED = (DESKTOP[0] // 2, DESKTOP[1] // 2)
"""What a page has to fit in on a desktop at 200 %."""
SMALLEST = (320, 568)
LEAST_TARGET = 24
"""CSS pixels of a target's sides: WCAG 2.2, 2.5.8."""

Step = Callable[[Visitor], None]


def opened(who: Visitor) -> None:
    for summary in who.page.locator("summary").all():
        summary.click()


def pictures(who: Visitor) -> None:
    who.begin([THREE[0], SAMPLES / "odd" / "blank.png"])


def numbers(who: Visitor) -> None:
    who.make_case(THREE[:1])


def done(who: Visitor) -> None:
    who.register(THREE[:1])


def standing(who: Visitor) -> None:
    number, code = who.register(THREE[:1])
    who.press("Close and go to the start")
    who.open_case(number, code)
    who.press("Check progress")
    who.expect_text("No copy has been found so far.")


def mistake(who: Visitor) -> None:
    who.open_case("x", "y")
    who.press("Check progress")
    expect(who.page.get_by_role("alert")).to_be_visible()


def asked(who: Visitor) -> None:
    number, code = who.register(THREE[:1])
    who.press("Close and go to the start")
    who.open_case(number, code)
    who.press("Withdraw")
    who.expect_heading("Withdraw this case?")


def file(who: Visitor) -> None:
    who.press("Submit a saved file")


def notice(who: Visitor) -> None:
    who.press("Write a removal request")
    who.press("Write the request")
    expect(who.page.get_by_role("alert")).to_be_visible()


def request(who: Visitor) -> None:
    notice(who)
    for label, text in (
        ("Where it is: web addresses, each on a line of its own", "a.example/" + "a" * 400),
        ("Your name, which signs the request", "Kim"),
        ("An e-mail address or phone number to reach you", "010"),
    ):
        who.page.get_by_label(who.says(label), exact=True).fill(text)
    who.press("Write the request")
    who.expect_heading("The request is written")


VIEWS: dict[str, Step] = {
    it.__name__: it
    for it in (
        *(opened, pictures, numbers, done, standing),
        *(mistake, asked, file, notice, request),
    )
}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{it['id']}: {node['target']}" for it in found for node in it["nodes"]]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def small_targets(page: Page) -> list[str]:
    """Return what is too small to be hit: buttons, boxes and summaries."""
    found: list[str] = page.evaluate(
        """least => [...document.querySelectorAll("button, input:not(.unseen), summary, a.button")]
          .filter(it => it.checkVisibility() && !it.classList.contains("unseen"))
          .filter(it => Math.min(it.offsetWidth, it.offsetHeight) < least
            && !/checkbox|radio/.test(it.type))
          .map(it => it.textContent)""",
        LEAST_TARGET,
    )
    return found


def test_axe_finds_what_is_wrong(person: Visitor) -> None:
    person.page.evaluate("document.getElementById('main').append(document.createElement('button'))")
    assert any(it.startswith("button-name") for it in violations(person.page))


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.slow)])
def test_every_view_passes_axe(
    browser: Browser, registry: Served, name: str, language: str
) -> None:
    with visitor(browser, language) as who:
        who.page.goto(registry.url)
        VIEWS[name](who)
        assert violations(who.page) == []


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("size", [PHONE, SMALLEST, ENLARGED], ids=["phone", "smallest", "enlarged"])
def test_every_view_fits_small_and_enlarged(
    browser: Browser, registry: Served, name: str, size: tuple[int, int]
) -> None:
    with visitor(browser, "ko", size) as who:
        who.page.goto(registry.url)
        VIEWS[name](who)
        assert sideways(who.page) == 0
        assert small_targets(who.page) == []


def press_until_focused(page: Page, name: str) -> None:
    """Press the tab key until something with this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
        )
        if here == name:
            return
    pytest.fail("the keyboard never came there")


def test_a_case_is_made_and_sent_with_the_keyboard_alone(person: Visitor) -> None:
    page = person.page
    press_until_focused(page, "Start")
    page.keyboard.press("Enter")
    person.expect_heading("Choose your pictures")
    press_until_focused(page, "Choose pictures")
    with page.expect_file_chooser() as chooser:
        page.evaluate("1")  # an answer: from now on the driver is told of choosers
        page.keyboard.press("Enter")
    chooser.value.set_files(list(THREE[:1]))
    person.expect_text("Pictures ready: {count}", count=1)
    press_until_focused(page, "Continue")
    page.keyboard.press("Enter")
    person.expect_heading("Not sent yet. First write these two down")
    press_until_focused(page, "I have written down both")
    page.keyboard.press("Space")
    press_until_focused(page, "Send to the registry")
    page.keyboard.press("Enter")
    person.expect_heading("Registered")


def test_each_view_begins_at_its_heading_for_who_listens(person: Visitor) -> None:
    person.begin(THREE[:1])
    person.press("Continue")
    person.expect_heading("Not sent yet. First write these two down")
    assert person.page.evaluate("document.activeElement.tagName") == "H1"


def test_progress_is_said_aloud(person: Visitor) -> None:
    person.begin(THREE[:2])
    expect(person.page.locator("#said")).to_have_text("Pictures ready: 2")


def test_after_leaving_a_picture_out_the_keyboard_stays_in_the_list(person: Visitor) -> None:
    person.begin(THREE[:2])
    person.page.get_by_role("button", name="Leave out astronaut.jpg").focus()
    person.page.keyboard.press("Enter")
    focused = person.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Leave out cat.png"


def test_the_language_follows_the_browser_and_can_be_changed(
    browser: Browser, saved_page: Path
) -> None:
    with visitor(browser, "ko") as who:
        who.page.goto(saved_page.as_uri())
        who.expect_heading("Help stop copies of your intimate pictures from spreading")
        assert who.page.locator("html").get_attribute("lang") == "ko"
        who.page.get_by_role("button", name="English").click()
        who.language = "en"
        who.expect_heading("Help stop copies of your intimate pictures from spreading")
        assert who.page.locator("html").get_attribute("lang") == "en"


def test_changing_the_language_loses_nothing(person: Visitor) -> None:
    number, code = person.make_case(THREE[:1])
    person.page.get_by_role("button", name="한국어").click()
    person.language = "ko"
    person.expect_heading("Not sent yet. First write these two down")
    assert person.numbers() == (number, code)
    person.press("Send to the registry")
    person.expect_heading("Registered")
