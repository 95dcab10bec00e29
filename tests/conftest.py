"""Watches over the whole run: no hash may stand in anything that is logged or said in an error."""

import logging
from collections.abc import Iterator

import pytest

from hashreg.model.errors import HashregError
from hashreg.model.messages import use_language
from support import secrecy


class _Remembering(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        secrecy.remember(self.format(record))


def pytest_configure() -> None:
    """Hear every log record and every text of our own errors."""
    logging.getLogger().addHandler(_Remembering(logging.DEBUG))
    make = HashregError.__init__

    def hear(self: HashregError, text: str, **values: object) -> None:
        make(self, text, **values)  # type: ignore[arg-type]
        secrecy.remember(f"{self} {self!r} {self.field} {self.args}")

    HashregError.__init__ = hear  # type: ignore[method-assign]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Hear what failed tests print."""
    if report.failed:
        secrecy.remember(report.longreprtext)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the test that looks through everything said come last."""
    items.sort(key=lambda item: "test_nothing_said_holds_a_hash" in item.nodeid)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Start and leave every test in English."""
    use_language("en")
    yield
    use_language("en")
