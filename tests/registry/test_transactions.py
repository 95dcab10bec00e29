"""Contract of every store: consistent views, and writes that happen as a whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hashreg.model.people import Role
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
        store.people.add(Role.PLATFORM, "examplegram", NOW)
        raise error


def test_a_reader_keeps_one_view_while_another_writes(store: Store, other: Store) -> None:
    with other.write():
        append(other, "before")
    with store.read():
        assert subjects(store) == ["before"]
        with other.write():
            append(other, "meanwhile")
            other.people.add(Role.PLATFORM, "examplegram", NOW)
        assert subjects(store) == ["before"]
        assert store.people.find(Role.PLATFORM, "examplegram") is None
    with store.read():
        assert subjects(store) == ["before", "meanwhile"]
        assert store.people.find(Role.PLATFORM, "examplegram") is not None


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
            assert it.people.all(Role.PLATFORM) == []


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


def test_what_is_done_inside_of_a_write_joins_it(store: Store, other: Store) -> None:
    with store.write():
        append(store, "outer")
        with store.write():
            append(store, "inner")
            with store.read():
                assert subjects(store) == ["outer", "inner"]
        with other.read():
            assert subjects(other) == []
        append(store, "after")
    with other.read():
        assert subjects(other) == ["outer", "inner", "after"]


def write_inside_of(store: Store, error: type[BaseException]) -> None:
    with store.write():
        append(store, "inner")
        raise error


def write_twice_and_break(store: Store, error: type[BaseException]) -> None:
    with store.write():
        with store.write():
            append(store, "done")
        write_inside_of(store, error)


@pytest.mark.parametrize("error", [Broken, KeyboardInterrupt])
def test_an_error_that_leaves_the_outer_write_undoes_the_inner_ones_too(
    store: Store, other: Store, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        write_twice_and_break(store, error)
    for it in (store, other):
        with it.read():
            assert subjects(it) == []


def test_an_inner_write_that_fails_and_is_caught_is_undone_by_itself(
    store: Store, other: Store
) -> None:
    with store.write():
        append(store, "before")
        with pytest.raises(Broken):
            write_inside_of(store, Broken)
        with store.write():
            append(store, "after")
    with other.read():
        assert subjects(other) == ["before", "after"]


def test_a_read_inside_of_a_read_sees_the_same(store: Store, other: Store) -> None:
    with store.read():
        assert subjects(store) == []
        with other.write():
            append(other, "meanwhile")
        with store.read():
            assert subjects(store) == []
        assert subjects(store) == []
    with store.read():
        assert subjects(store) == ["meanwhile"]


def test_a_write_inside_of_a_read_is_a_mistake(store: Store, other: Store) -> None:
    """It might wait for ever for a writer, or overwrite what it has not seen."""
    with store.read(), pytest.raises(RuntimeError, match="inside of a read"), store.write():
        append(store, "never")
    with other.write():
        append(other, "first")
    with store.write():
        append(store, "second")
        assert subjects(store) == ["first", "second"]


def test_a_store_can_be_handed_from_thread_to_thread(store: Store) -> None:
    def work(name: str) -> list[str]:
        with store.write():
            append(store, name)
        with store.read():
            return subjects(store)

    for count, name in enumerate("ab", 1):
        with ThreadPoolExecutor(1) as another:
            assert len(another.submit(work, name).result()) == count
    assert work("c") == ["a", "b", "c"]
