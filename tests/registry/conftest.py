"""Every store passes the same contract; a new backend joins by one more entry in ``BACKENDS``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

import pytest

from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.store import Store


class Backend(Protocol):
    """One empty registry, which any number of connections can open."""

    def connect(self) -> Store: ...


class SqliteBackend:
    """A registry in a file."""

    def __init__(self, folder: Path, until_the_end: ExitStack) -> None:
        self.path = folder / "registry.db"
        self._until_the_end = until_the_end
        SqliteStore.create(self.path).close()

    def connect(self) -> Store:
        return self._until_the_end.enter_context(closing(SqliteStore.open(self.path)))


BACKENDS: dict[str, Callable[[Path, ExitStack], Backend]] = {"sqlite": SqliteBackend}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    with ExitStack() as stack:
        yield BACKENDS[request.param](tmp_path, stack)


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.connect()


@pytest.fixture
def other(backend: Backend, store: Store) -> Store:
    """Another connection to the same registry."""
    return backend.connect()
