"""One service for the tests that leave no trace which others would see."""

from collections.abc import Iterator

import pytest

from .house import House, house


@pytest.fixture(scope="session")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made
