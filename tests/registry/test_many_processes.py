"""Several processes write to one registry: each gets its turn."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from support.cases import NOW
from support.writing import append_events, running, wait_for_lines, write_once


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "registry.db"
    SqliteStore.create(path).close()
    return path


def test_two_writers_both_succeed_and_share_one_sequence(registry: Path, tmp_path: Path) -> None:
    kept, count = tmp_path / "kept", 25
    with ExitStack() as stack:
        writers = [
            stack.enter_context(running(append_events, registry, kept, name, count))
            for name in "ab"
        ]
        for writer in writers:
            writer.join(60)
        assert [writer.exitcode for writer in writers] == [0, 0]
    told = dict(line.split() for line in kept.read_text().splitlines())
    with closing(SqliteStore.open(registry)) as store, store.read():
        events = {str(event.sequence): event.subject for event in store.events.after(0)}
    assert events == told
    assert len(told) == 2 * count
    for name in "ab":
        in_order = [int(sequence) for sequence, subject in told.items() if subject[0] == name]
        assert in_order == sorted(in_order)


def test_a_second_writer_waits_until_the_first_is_done(registry: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    with closing(SqliteStore.open(registry)) as store, ExitStack() as stack:
        with store.write():
            second = stack.enter_context(running(write_once, registry, kept))
            store.events.append(EventKind.VERDICT, "first", actor="kim", at=NOW)
            wait_for_lines(kept, 1)
            second.join(0.2)  # a writer that doesn't wait would be done or have failed by then
            assert second.is_alive()
            assert kept.read_text() == "asking\n"
        second.join(60)
        assert second.exitcode == 0
        with store.read():
            assert [event.subject for event in store.events.after(0)] == ["first", "second"]
