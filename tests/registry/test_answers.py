"""Contract of every store: answers kept for requests that are sent again."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model.records import StoredAnswer
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.store import Store
from support.cases import DAY, NOW


def answer(text: str, days: int = 1) -> StoredAnswer:
    return StoredAnswer(b"request", text.encode(), NOW + days * DAY)


def test_an_answer_is_one_actors_and_one_keys(store: Store, other: Store) -> None:
    with store.write():
        store.answers.put("platform/ann", "1", answer("first"))
        store.answers.put("platform/ann", "2", answer("second"))
        store.answers.put("platform/ben", "1", answer("another's"))
    for it in (store, other):
        with it.read():
            assert it.answers.find("platform/ann", "1") == answer("first")
            assert it.answers.find("platform/ann", "2") == answer("second")
            assert it.answers.find("platform/ben", "1") == answer("another's")
            assert it.answers.find("platform/ben", "2") is None
            assert it.answers.find("moderator/ann", "1") is None


def test_a_newer_answer_takes_the_place_of_an_older(store: Store) -> None:
    with store.write():
        store.answers.put("ann", "1", answer("old"))
        store.answers.put("ann", "1", answer("new", 2))
    with store.read():
        assert store.answers.find("ann", "1") == answer("new", 2)


def test_exactly_those_whose_time_is_over_are_deleted(store: Store) -> None:
    with store.write():
        for days in range(4):
            store.answers.put("ann", str(days), answer("", days))
    with store.write():
        assert store.answers.delete_expired(NOW + DAY) == 2
        assert store.answers.delete_expired(NOW + DAY) == 0
    with store.read():
        left = [days for days in range(4) if store.answers.find("ann", str(days))]
    assert left == [2, 3]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=99), st.binary(max_size=99))
def test_requests_have_one_digest_exactly_where_they_are_the_same(
    store: Store, other: Store, one: bytes, two: bytes
) -> None:
    with store.read(), other.read():
        alike = store.answers.digest(one) == other.answers.digest(two)
    assert alike == (one == two)


def test_another_registry_has_other_digests(store: Store, tmp_path: Path) -> None:
    """Who has the file of one can't tell what was asked of another."""
    elsewhere = SqliteStore.create(tmp_path / "elsewhere.db")
    with store.read(), elsewhere.read():
        alike = store.answers.digest(b"a") == elsewhere.answers.digest(b"a")
    elsewhere.close()
    assert not alike


def test_neither_request_nor_answer_is_shown() -> None:
    assert "secret" not in repr(StoredAnswer(b"secret", b"secret", NOW))
