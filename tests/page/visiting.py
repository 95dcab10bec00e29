"""A person at the victims' page, in a real browser, and everything that the browser sends."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Request,
    ViewportSize,
    expect,
)

from hashreg.model.messages import translated
from support.program import SAMPLES

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
DESKTOP, PHONE = (1280, 900), (360, 640)
THREE = tuple(SAMPLES / "originals" / it for it in ("astronaut.jpg", "cat.png", "canyon.webp"))


def started(chromium: BrowserType, *, keeps_pages: bool = False) -> Browser:
    """Start Chromium; the test is skipped where there is none, but not in CI.

    ``keeps_pages``: as people's browsers keep pages in memory for "back", which the driver doesn't
    follow.
    """
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has to install chromium")
        pytest.skip("there is no /usr/bin/chromium")
    without = ["--disable-back-forward-cache"] if keeps_pages else []
    return chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), ignore_default_args=without)


@dataclass
class Sent:
    """One request of the browser: all of it that leaves the device."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def everything(self) -> bytes:
        return b"\n".join((self.url.encode(), json.dumps(self.headers).encode(), self.body))


class Visitor:
    """Somebody with the page open. Says what they do in the words that they see."""

    def __init__(self, context: BrowserContext, language: str = "en") -> None:
        self.context, self.language = context, language
        self.sent: list[Sent] = []
        self.faults: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", self._note)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(error.name or "error"))

    def _note(self, request: Request) -> None:
        body = request.post_data_buffer or b""
        self.sent.append(Sent(request.method, request.url, request.all_headers(), body))

    def arrive(self, address: str) -> None:
        """Open the page, and wait until it has tried out the browser."""
        with self.page.expect_worker() as trial:
            self.page.goto(address)
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while trial.value in self.page.workers:
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(20)

    def asked(self) -> list[Sent]:
        """Return the requests that left the browser: a worker's own text does not."""
        return [it for it in self.sent if not it.url.startswith("blob:")]

    def says(self, text: str, **values: object) -> str:
        """Return a sentence of the page in the visitor's language."""
        said = translated(text, self.language)
        return said.format(**values) if values else said

    def press(self, text: str, **values: object) -> None:
        self.page.get_by_role("button", name=self.says(text, **values), exact=True).click()

    def expect_heading(self, text: str, **values: object) -> None:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(self.says(text, **values), timeout=PATIENCE_MS)

    def expect_text(self, text: str, **values: object) -> None:
        found = self.page.get_by_text(self.says(text, **values), exact=True)
        expect(found.first).to_be_visible(timeout=PATIENCE_MS)

    def choose(self, files: Sequence[Path]) -> None:
        """Choose files, and wait until each is hashed or refused."""
        self.page.locator("#choose-files").set_input_files(list(files))
        expect(self.page.locator("#pictures li.waiting")).to_have_count(0, timeout=PATIENCE_MS)

    def begin(self, files: Sequence[Path] = THREE) -> None:
        """Choose pictures for a new case."""
        self.press("Start")
        self.choose(files)

    def numbers(self) -> tuple[str, str]:
        """Read the case number and the recovery code off the page."""
        number = self.page.locator("#case-number").inner_text()
        return number, self.page.locator("#recovery-code").inner_text()

    def make_case(self, files: Sequence[Path] = THREE) -> tuple[str, str]:
        """Make a case, up to the point where it can be sent or saved."""
        self.begin(files)
        self.press("Continue")
        self.expect_heading("Not sent yet. First write these two down")
        numbers = self.numbers()
        self.page.get_by_label(self.says("I have written down both")).check()
        return numbers

    def register(self, files: Sequence[Path] = THREE) -> tuple[str, str]:
        """Make a case and send it."""
        numbers = self.make_case(files)
        self.press("Send to the registry")
        self.expect_heading("Registered")
        return numbers

    def open_case(self, number: str, code: str) -> None:
        """Go to a case that is there already."""
        self.press("I have a case number already")
        self.page.get_by_label(self.says("Case number")).fill(number)
        self.page.get_by_label(self.says("Recovery code")).fill(code)

    def saved(self, button: str, folder: Path) -> Path:
        """Press a button that saves a file; return the file."""
        with self.page.expect_download() as begun:
            self.press(button)
        path = folder / begun.value.suggested_filename
        begun.value.save_as(path)
        return path

    def kept(self) -> dict[str, Any]:
        """Return what the page has stored in the browser."""
        stored: dict[str, Any] = self.page.evaluate(
            """async () => ({
              local: localStorage.length,
              session: sessionStorage.length,
              databases: (await indexedDB.databases()).length,
              caches: (await caches.keys()).length,
              cookies: document.cookie.length,
              used: (await navigator.storage.estimate()).usage,
            })"""
        )
        return stored


@contextlib.contextmanager
def visitor(
    browser: Browser,
    language: str = "en",
    size: tuple[int, int] = DESKTOP,
    *,
    bypass_csp: bool = False,
) -> Iterator[Visitor]:
    """Give somebody a fresh browser profile, in their language."""
    locale = {"ko": "ko-KR", "en": "en-GB"}[language]
    viewport = ViewportSize(width=size[0], height=size[1])
    context = browser.new_context(locale=locale, viewport=viewport, bypass_csp=bypass_csp)
    try:
        who = Visitor(context, language)
        yield who
        assert who.faults == []
    finally:
        context.close()
