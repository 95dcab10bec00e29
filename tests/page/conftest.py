"""One browser and one served registry for all tests of the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.serving import Served

from .visiting import Visitor, started, visitor


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder; its driver's event loop must not outlast it."""
    with sync_playwright() as playwright:
        browser = started(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("registry")) as served:
        yield served


@pytest.fixture
def person(browser: Browser, registry: Served) -> Iterator[Visitor]:
    """Somebody in English at the registry's page."""
    with visitor(browser) as who:
        who.arrive(registry.url)
        yield who


@pytest.fixture
def page(person: Visitor) -> Page:
    return person.page


@pytest.fixture(scope="session")
def saved_page(registry: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file, as `hashreg page` writes it."""
    path = tmp_path_factory.mktemp("stick") / "hashreg.html"
    assert registry.folder.exists()
    from support.program import hashreg  # noqa: PLC0415

    assert hashreg("page", "-o", path, cwd=registry.folder).code == 0
    return path
