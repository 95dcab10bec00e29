"""Everything that the test suite says in logs and error texts, searched for hashes in the end.

A hash is a secret: it never stands in a log line, an error text, a ``repr`` or standard error.
``conftest`` feeds log records, the texts of our errors and failed tests' reports in here, the
program runner feeds standard error, and the last test of a run looks through it all.
"""

from collections.abc import Iterable

from support.needles import Needles

_said: list[bytes] = []


def remember(text: str | bytes) -> None:
    """Keep what was said."""
    _said.append(text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text)


def all_said() -> bytes:
    """Return everything that was said so far."""
    return b"\n".join(_said)


def leaks(digests: Iterable[bytes], said: bytes) -> int:
    """Return how many of these hashes stand in what was said, in any spelling."""
    return len(Needles(digests).found_in(said))
