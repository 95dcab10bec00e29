"""Contract of every store: consistent views, and writes that happen as a whole or not at all."""

import pytest

from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.store import Store
from support.cases import NOW


class Broken(Exception):
    """Something unforeseen in the middle of a use case."""


def conforms(store: SqliteStore) -> Store:
    """The type checker's proof that the SQLite store is a store."""
    return store


def append(store: Store, subject: str) -> None:
    store.events.append(EventKind.VERDICT, subject, actor="kim", at=NOW)


def subjects(store: Store) -> list[str]:
    return [event.subject for event in store.events.after(0)]


def write_and_break(store: Store, error: type[BaseException]) -> None:
    with store.write():
        append(store, "lost")
        store.people.add("platform", "examplegram", b"key", NOW)
        raise error


def test_a_reader_keeps_one_view_while_another_writes(store: Store, other: Store) -> None:
    with other.write():
        append(other, "before")
    with store.read():
        assert subjects(store) == ["before"]
        with other.write():
            append(other, "meanwhile")
            other.people.add("platform", "examplegram", b"key", NOW)
        assert subjects(store) == ["before"]
        assert store.people.find("platform", "examplegram") is None
    with store.read():
        assert subjects(store) == ["before", "meanwhile"]
        assert store.people.find("platform", "examplegram") is not None


def test_what_is_not_committed_is_seen_by_nobody_else(store: Store, other: Store) -> None:
    with store.write():
        append(store, "on the way")
        with other.read():
            assert subjects(other) == []
    with other.read():
        assert subjects(other) == ["on the way"]


@pytest.mark.parametrize("error", [Broken, KeyboardInterrupt])
def test_an_error_inside_a_write_undoes_all_of_it(
    store: Store, other: Store, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        write_and_break(store, error)
    for it in (store, other):
        with it.read():
            assert subjects(it) == []
            assert it.people.all("platform") == []


def test_a_store_works_on_after_an_error(store: Store, other: Store) -> None:
    with pytest.raises(Broken), store.write():
        raise Broken
    with pytest.raises(Broken), store.read():
        raise Broken
    for it in (store, other):
        with it.write():
            append(it, "later")
    with store.read():
        assert subjects(store) == ["later", "later"]


def test_a_reader_that_stops_early_holds_nobody_up(store: Store, other: Store) -> None:
    with store.write():
        for number in range(5):
            append(store, str(number))
    with store.read():
        assert next(store.events.after(0)).subject == "0"
    with other.write():
        append(other, "5")
    with store.read():
        assert subjects(store) == [str(number) for number in range(6)]
