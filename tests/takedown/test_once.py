"""A request that is sent again does nothing twice."""

import datetime as dt
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model.errors import InvalidInput, Refused
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.once import Answer, once
from hashreg.takedown.people import add_person
from support.cases import DAY, NOW
from support.sqlite import files_of, state_of

ANN, BEN = "platform/ann", "platform/ben"


class Doing:
    """Something that answers with how often it was done, and writes it down."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.times = 0

    def __call__(self) -> Answer:
        self.times += 1
        add_person(self.store, Role.PLATFORM, f"done {self.times}", NOW)
        return {"done": self.times, "한": ["글", None, 1.5]}

    def answered(self, number: int) -> Answer:
        return {"done": number, "한": ["글", None, 1.5]}


@pytest.fixture
def do(store: SqliteStore) -> Doing:
    return Doing(store)


def test_the_same_again_gets_the_same_and_is_not_done(store: SqliteStore, do: Doing) -> None:
    for _ in range(3):
        assert once(store, ANN, "1", b"body", NOW, do) == do.answered(1)
    assert do.times == 1


def test_without_a_key_it_is_done_each_time(store: SqliteStore, do: Doing) -> None:
    for number in (1, 2):
        assert once(store, ANN, None, b"body", NOW, do) == do.answered(number)


def test_another_key_or_another_actor_is_another_request(store: SqliteStore, do: Doing) -> None:
    for number, (actor, key) in enumerate([(ANN, "1"), (ANN, "2"), (BEN, "1")], 1):
        assert once(store, actor, key, b"body", NOW, do) == do.answered(number)


def test_one_key_for_two_requests_is_refused(store: SqliteStore, path: Path, do: Doing) -> None:
    once(store, ANN, "1", b"body", NOW, do)
    before = state_of(path)
    for other in (b"", b"Body", b"body "):
        with pytest.raises(Refused) as caught:
            once(store, ANN, "1", other, NOW, do)
        assert caught.value.field == "Idempotency-Key"
    assert do.times == 1
    assert state_of(path) == before


@pytest.mark.parametrize(
    ("later", "times"),
    [(DAY - dt.timedelta(microseconds=1), 1), (DAY, 2), (-400 * DAY, 1)],
    ids=["just before", "a day later", "clock set back"],
)
def test_an_answer_is_kept_for_a_day(
    store: SqliteStore, do: Doing, later: dt.timedelta, times: int
) -> None:
    once(store, ANN, "1", b"body", NOW, do)
    assert once(store, ANN, "1", b"body", NOW + later, do) == do.answered(times)


def test_after_a_day_the_key_is_free_for_another_request(store: SqliteStore, do: Doing) -> None:
    once(store, ANN, "1", b"body", NOW, do)
    for _ in range(2):
        assert once(store, ANN, "1", b"other", NOW + DAY, do) == do.answered(2)


def test_what_failed_left_nothing_and_can_be_tried_again(
    store: SqliteStore, path: Path, do: Doing
) -> None:
    def fail() -> Answer:
        do()
        raise Refused("")

    before = state_of(path)
    for key in ("1", None):
        with pytest.raises(Refused):
            once(store, ANN, key, b"body", NOW, fail)
        assert state_of(path) == before
    do.times = 0
    assert once(store, ANN, "1", b"body", NOW, do) == do.answered(1)


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "\n", "a\n", "\x7f", "é", "김", "x" * 129, "\udcff"]
)
def test_keys_that_are_none_are_refused(
    store: SqliteStore, path: Path, do: Doing, key: str
) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        once(store, ANN, key, b"body", NOW, do)
    assert caught.value.field == "Idempotency-Key"
    assert do.times == 0
    assert state_of(path) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128))
def test_every_visible_ascii_text_is_a_key(store: SqliteStore, key: str) -> None:
    answer = once(store, ANN, key, b"", NOW, lambda: {"a": 1})
    assert answer == once(store, ANN, key, b"", NOW, dict) == {"a": 1}


def test_a_first_answer_is_what_a_second_will_be(store: SqliteStore) -> None:
    """Both have gone through JSON, so that nobody can tell which they got."""
    first = once(store, ANN, "1", b"", NOW, lambda: {"pair": (1, 2), "role": Role.PLATFORM})
    assert first == {"pair": [1, 2], "role": "platform"}
    assert once(store, ANN, "1", b"", NOW, dict) == first
    assert json.dumps(first) == json.dumps(once(store, ANN, "1", b"", NOW, dict))


def test_the_request_is_not_kept(store: SqliteStore, path: Path, do: Doing) -> None:
    once(store, ANN, "1", b"a request with a hash in it", NOW, do)
    content = b"".join(file.read_bytes() for file in files_of(path))
    assert b"with a hash" not in content


def test_two_that_ask_at_once_get_one_answer(store: SqliteStore, path: Path) -> None:
    done: list[str] = []
    answers: dict[str, Answer] = {}

    def ask(name: str) -> None:
        with closing(SqliteStore.open(path)) as own:
            answers[name] = once(own, ANN, "1", b"body", NOW, doing(name))

    def doing(name: str) -> Callable[[], Answer]:
        def do() -> Answer:
            done.append(name)
            return {"by": name}

        return do

    threads = [Thread(target=ask, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert answers == {name: {"by": done[0]} for name in "abcd"}
