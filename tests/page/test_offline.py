"""The page works with the network cut from before the first picture on, and as a saved file."""

import json
from pathlib import Path

from playwright.sync_api import Browser, expect

from support.program import SAMPLES, hashreg
from support.serving import Served

from .visiting import PATIENCE_MS, THREE, Visitor, visitor

COPY = SAMPLES / "edited" / "astronaut-caption.jpg"


def finds_copy(registry: Served) -> bool:
    done = registry.run("check", COPY, "--json", code=1)
    return bool(done.lines[0]["verdict"] == "match")


SAVE = {True: "Save as a file", False: "Don't send now: save as a file"}
"""What the saved copy of the page and the served one call it."""


def make_file(who: Visitor, folder: Path, *, saved: bool = False) -> Path:
    who.make_case(THREE[:1])
    path = who.saved(SAVE[saved], folder)
    who.expect_heading("The file is saved")
    return path


def test_a_case_is_made_without_network_and_taken_in_by_hand(
    browser: Browser, tmp_path: Path
) -> None:
    with Served(tmp_path) as registry, visitor(browser) as who:
        who.page.goto(registry.url)
        who.context.set_offline(True)
        path = make_file(who, tmp_path)
        assert registry.run("intake", path, "--json").lines[0]["outcome"] == "taken_in"
        assert finds_copy(registry)


def test_the_saved_page_does_it_all_from_a_stick(
    browser: Browser, saved_page: Path, tmp_path: Path
) -> None:
    with Served(tmp_path) as registry, visitor(browser) as who:
        who.context.set_offline(True)
        who.page.goto(saved_page.as_uri())
        path = make_file(who, tmp_path, saved=True)
        number = json.loads(path.read_bytes())["case"]
        assert registry.run("intake", path, "--json").lines[0]["outcome"] == "taken_in"
        assert finds_copy(registry)
        assert {it.url for it in who.asked()} == {saved_page.as_uri()}
        assert number in path.name


def test_the_saved_page_adds_and_withdraws_by_file(
    browser: Browser, saved_page: Path, tmp_path: Path
) -> None:
    with Served(tmp_path) as registry, visitor(browser) as who:
        who.page.goto(saved_page.as_uri())
        number, code = who.make_case(THREE[:1])
        registry.run("intake", who.saved("Save as a file", tmp_path))
        who.press("Close and go to the start")
        who.open_case(number, code)
        expect(who.page.get_by_role("button", name="Check progress")).to_have_count(0)
        who.press("Add pictures")
        who.choose(THREE[1:2])
        who.press("Continue")
        added = registry.run("intake", who.saved("Save as a file", tmp_path), "--json")
        assert added.lines[0]["outcome"] == "added"
        who.press("Close and go to the start")
        who.open_case(number, code)
        who.press("Withdraw")
        who.press("Yes, withdraw it")
        who.expect_heading("Withdraw case {number}", number=number)
        gone = registry.run("intake", who.saved("Save as a file", tmp_path), "--json")
        assert gone.lines[0]["outcome"] == "withdrawn"


def test_the_served_page_gives_the_copy_that_the_program_writes(
    person: Visitor, registry: Served, tmp_path: Path
) -> None:
    key = registry.run("key", "show").text.strip()
    assert hashreg("page", "-o", "written.html", "--seal-to", key, cwd=tmp_path).code == 0
    person.page.get_by_text("Use this page without internet").click()
    with person.page.expect_download() as begun:
        person.page.get_by_role("link", name="Save this page").click()
    begun.value.save_as(tmp_path / "copy.html")
    assert begun.value.suggested_filename == "hashreg.html"
    assert (tmp_path / "copy.html").read_bytes() == (tmp_path / "written.html").read_bytes()


def test_a_page_that_is_kept_opens_when_the_registry_is_gone(
    browser: Browser, tmp_path: Path
) -> None:
    with visitor(browser) as who:
        with Served(tmp_path) as registry:
            who.page.goto(registry.url)
            who.page.get_by_text("Use this page without internet").click()
            who.press("Keep it in this browser")
            who.expect_text("The page is kept in this browser and opens without internet.")
        who.page.reload()
        path = make_file(who, tmp_path)
        assert path.stat().st_size > 0
        who.press("Close and go to the start")
        who.page.get_by_text("Use this page without internet").click()
        who.press("Remove it from this browser")
        offered = who.page.get_by_role("button", name="Keep it in this browser")
        expect(offered).to_be_visible(timeout=PATIENCE_MS)
        assert who.page.evaluate("caches.keys()") == []


def test_nothing_is_kept_unless_it_is_asked_for(person: Visitor) -> None:
    person.register(THREE[:1])
    assert person.page.evaluate("navigator.serviceWorker.controller") is None
    assert set(person.kept().values()) == {0}
