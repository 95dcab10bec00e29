"""All ways in which an index can search, to be gone through by tests on few codes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from hashreg.matching import engines
from hashreg.matching.engines import Engine

WAYS: dict[str, tuple[Engine, bool, int]] = {
    "numpy scan": ("numpy", False, engines.JOIN_FROM),
    "numpy ring": ("numpy", True, engines.JOIN_FROM),
    "numba scan": ("numba", False, engines.JOIN_FROM),
    "numba ring": ("numba", True, engines.JOIN_FROM),
    "numba join": ("numba", True, 0),
}
"""Engine, whether tables are asked, and from how much on queries are joined."""


@contextmanager
def way(name: str, *, ring_from: int = 1) -> Iterator[Engine]:
    """Go this way only; tables are made from so many codes on."""
    engine, tables, join_from = WAYS[name]
    with ExitStack() as changed:
        first = ring_from if tables else 1 << 62
        changed.enter_context(patch.object(engines, "ring_from", lambda: first))
        costs = (0.0, 1.0) if tables else (1.0, 0.0)
        changed.enter_context(patch.object(engines, "costs_of", lambda *_: costs))
        changed.enter_context(patch.object(engines, "JOIN_FROM", join_from))
        yield engine
