"""Leaving at once, and what is left of the visit: nothing."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, expect

from support.serving import Served

from .visiting import THREE, Visitor, started, visitor


class Harmless(BaseHTTPRequestHandler):
    """A page as anybody might have it open."""

    def do_GET(self) -> None:
        body = f"<!doctype html><title>{self.path}</title><h1>{self.path}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def harmless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Harmless)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def guest(browser: Browser, registry: Served, harmless: str) -> Iterator[Visitor]:
    """Somebody who came from one page, and whose way out leads to another."""
    with visitor(browser) as who:
        who.context.route(
            "https://www.wikipedia.org/",
            lambda route: route.fulfill(
                status=200, content_type="text/html", body="<title>weather</title><h1>weather</h1>"
            ),
        )
        who.page.goto(f"{harmless}/before")
        who.page.goto(registry.url)
        yield who


def left(who: Visitor) -> None:
    """See that the page is gone, and that "back" doesn't lead to it."""
    expect(who.page.get_by_role("heading", name="weather")).to_be_visible()
    who.page.go_back()
    expect(who.page.get_by_role("heading", name="/before")).to_be_visible()


def test_the_button_leaves_the_page_and_its_place_in_the_history(guest: Visitor) -> None:
    guest.press("Leave quickly")
    left(guest)


def test_it_works_in_the_middle_of_everything_and_asks_nothing(guest: Visitor) -> None:
    guest.page.on("dialog", lambda dialog: pytest.fail(f"it asked: {dialog.type}"))
    guest.make_case(THREE[:1])
    guest.press("Leave quickly")
    left(guest)


def test_three_times_escape_leaves_as_well(guest: Visitor) -> None:
    guest.begin(THREE[:1])
    for _ in range(3):
        guest.page.keyboard.press("Escape")
    left(guest)


def test_the_button_is_in_view_wherever_one_has_scrolled(person: Visitor) -> None:
    person.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(person.page.get_by_role("button", name="Leave quickly")).to_be_in_viewport()


def test_the_operators_way_out_is_taken(
    browser: Browser, saved_page: Path, tmp_path: Path, harmless: str
) -> None:
    text = saved_page.read_text(encoding="utf-8")
    assert '"leaveTo":null' in text
    changed = tmp_path / "page.html"
    changed.write_text(text.replace('"leaveTo":null', f'"leaveTo":"{harmless}/news"'))
    with visitor(browser) as who:
        who.page.goto(changed.as_uri())
        who.press("Leave quickly")
        expect(who.page.get_by_role("heading", name="/news")).to_be_visible()


def test_nothing_is_stored(person: Visitor) -> None:
    person.register(THREE[:1])
    assert set(person.kept().values()) == {0}


def test_who_comes_back_finds_an_empty_page(guest: Visitor, harmless: str) -> None:
    guest.page.on("dialog", lambda dialog: dialog.accept())
    number, _ = guest.make_case(THREE[:1])
    guest.page.goto(f"{harmless}/after")
    guest.page.go_back()
    guest.expect_heading("Help stop copies of your intimate pictures from spreading")
    assert number not in guest.page.content()


def test_a_page_that_the_browser_keeps_in_memory_is_empty_too(
    browser: Browser, registry: Served, harmless: str
) -> None:
    keeping = started(browser.browser_type, keeps_pages=True)
    with closing(keeping), visitor(keeping) as who:
        who.page.goto(registry.url)
        who.press("I have a case number already")
        who.page.get_by_label("Case number").fill("7777-7777-7777")
        who.page.evaluate(f"window.location.href = {f'{harmless}/after'!r}")
        expect(who.page.get_by_role("heading", name="/after")).to_be_visible()
        who.page.evaluate("setTimeout(() => history.back())")
        who.expect_heading("Help stop copies of your intimate pictures from spreading")


def test_closing_by_mistake_is_asked_about_only_while_something_would_be_lost(
    guest: Visitor, harmless: str
) -> None:
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    guest.page.on("dialog", accept)
    guest.page.goto(f"{harmless}/a")
    assert asked == []
    guest.page.go_back()
    guest.make_case(THREE[:1])
    guest.page.goto(f"{harmless}/b")
    assert asked == ["beforeunload"]


def test_the_title_tells_nobody_what_it_is_about(person: Visitor) -> None:
    person.make_case(THREE[:1])
    assert person.page.title() == "hashreg"
    assert person.page.url.rstrip("/") == person.page.url.split("?")[0].split("#")[0].rstrip("/")
