"""A registry in a file, an index, and keys that are derived quickly."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from support.cases import NOW


@pytest.fixture(autouse=True, scope="package")
def _quick_keys() -> Iterator[None]:
    """Any number of rounds gives a key; the journeys use the real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "ROUNDS", 1)
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A registry with the platforms examplegram and bada, and the moderators kim and lee."""
    with closing(SqliteStore.create(path)) as store:
        for name in ("examplegram", "bada"):
            add_person(store, Role.PLATFORM, name, NOW)
        for name in ("kim", "lee"):
            add_person(store, Role.MODERATOR, name, NOW)
        yield store


@pytest.fixture
def index() -> RegistryIndex:
    return RegistryIndex()
