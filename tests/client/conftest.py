"""A server that misbehaves as it is told, and a patience that never really waits."""

from collections.abc import Iterator

import pytest

from hashreg.client.patience import Patience
from support.odd_server import OddServer, odd_server


@pytest.fixture(scope="session")
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    """What a client would have waited, in seconds."""
    return []


@pytest.fixture
def patience(pauses: list[float]) -> Patience:
    return Patience(sleep=pauses.append, clock=lambda: 0.0, chance=lambda: 1.0)
