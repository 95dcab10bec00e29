"""Nobody can ask without end, and who must wait is told how long."""

from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.client import keys
from hashreg.model.errors import TooManyRequests
from hashreg.server import app, limits
from hashreg.server.limits import Few, Limit, Rate
from support.cases import Victim, picture, seeded

from .here import here


class Clock:
    """A clock that is turned by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limit(a_second: float, at_once: float) -> tuple[Limit, Clock]:
    clock = Clock()
    return Limit(Rate(a_second, at_once), clock), clock


def seconds_to_wait(limit: Limit, asker: str = "a") -> int:
    with pytest.raises(TooManyRequests) as caught:
        limit.spend(asker)
    seconds = caught.value.values["seconds"]
    assert isinstance(seconds, int)
    return seconds


def test_so_many_at_once_and_then_one_a_second() -> None:
    limited, clock = limit(1, 5)
    for _ in range(5):
        limited.spend("a")
    assert seconds_to_wait(limited) == 1
    clock.now += 1
    limited.spend("a")
    assert seconds_to_wait(limited) == 1


def test_each_asker_has_a_bucket_of_their_own() -> None:
    limited, _ = limit(1, 1)
    limited.spend("a")
    limited.spend("b")
    seconds_to_wait(limited, "a")
    seconds_to_wait(limited, "b")


def test_a_rest_fills_the_bucket_and_no_more() -> None:
    limited, clock = limit(1, 3)
    limited.spend("a", 3)
    clock.now += 1_000_000
    for _ in range(3):
        limited.spend("a")
    seconds_to_wait(limited)


def test_a_large_call_is_taken_once_and_paid_for_afterwards() -> None:
    limited, clock = limit(10, 100)
    limited.spend("a", 600)
    assert seconds_to_wait(limited) == 51
    clock.now += 50
    assert seconds_to_wait(limited) == 1
    clock.now += 1
    limited.spend("a")


def test_asking_in_vain_costs_nothing() -> None:
    limited, clock = limit(1, 1)
    limited.spend("a")
    for _ in range(100):
        seconds_to_wait(limited)
    clock.now += 1
    limited.spend("a")


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limited, clock = limit(1, 1)
    limited.spend("a")
    clock.now -= 500
    seconds_to_wait(limited)


@given(
    st.floats(0.01, 1e6),
    st.floats(1, 1e6),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.001, 1e6)), max_size=30),
)
def test_who_waits_as_told_is_answered(
    a_second: float, at_once: float, asked: list[tuple[float, float]]
) -> None:
    limited, clock = limit(a_second, at_once)
    for rest, amount in asked:
        clock.now += rest
        try:
            limited.spend("a", amount)
        except TooManyRequests as error:
            clock.now += int(str(error.values["seconds"]))
            limited.spend("a", amount)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=50))
def test_nobody_gets_more_than_the_rate_and_one_call(asked: list[tuple[int, int]]) -> None:
    limited, clock = limit(2, 10)
    began, got = clock.now, 0
    for rest, amount in asked:
        clock.now += rest
        try:
            limited.spend("a", amount)
        except TooManyRequests:
            continue
        got += amount
        assert got < 10 + 2 * (clock.now - began) + amount


def test_no_more_askers_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ASKERS", 3)
    limited, _ = limit(1, 1)
    for asker in "abcde":
        limited.spend(asker)
    assert list(limited._left) == ["c", "d", "e"]
    seconds_to_wait(limited, "e")


def test_the_answer_says_when_to_go_on(tmp_path: Path) -> None:
    with here(tmp_path) as service:
        with service.client("10.1.1.1", key=False) as client:
            answers = [client.post("/v1/challenge", json={}) for _ in range(70)]
            assert client.get("/status").status_code == 200
        assert [it.status_code for it in answers[:60]] == [200] * 60
        refused = answers[-1]
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["error"]["code"] == "too_many_requests"
        with service.client("10.1.1.2", key=False) as client:
            assert client.post("/v1/challenge", json={}).status_code == 200


def test_wrong_keys_are_slowed_down_by_address_and_good_ones_are_not(tmp_path: Path) -> None:
    with here(tmp_path) as service:
        with service.client("10.1.1.3", key=False) as client:
            answers = [client.get("/v1/tickets").status_code for _ in range(22)]
        assert answers[:20] == [401] * 20
        assert answers[-1] == 429
        with service.client("10.1.1.3") as client:
            assert client.get("/v1/tickets").status_code == 200


def test_an_asker_has_a_few_large_bodies_under_way_and_no_more() -> None:
    few = Few()
    with ExitStack() as under_way:
        for _ in range(limits.MOST_LARGE):
            under_way.enter_context(few.one_of("a"))
        with pytest.raises(TooManyRequests), few.one_of("a"):
            pass
        with few.one_of("b"):
            pass
    with few.one_of("a"):
        pass
    with pytest.raises(ValueError, match="broken"), few.one_of("a"):
        raise ValueError("broken")
    assert not few._under_way


def test_one_address_hands_in_so_many_pictures_and_is_told_when_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "PICTURES", Rate(0.01, 2))
    monkeypatch.setattr(keys, "ROUNDS", 1)
    pictures = [picture(seeded(number)) for number in range(3)]
    with here(tmp_path) as service:

        def hand_in(address: str) -> httpx.Response:
            with service.client(address, key=False) as client:
                sent = Victim().submission(*pictures).to_bytes()
                return client.post("/v1/submissions", content=sent)

        assert hand_in("10.0.0.1").status_code == 200
        refused = hand_in("10.0.0.1")
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
        assert hand_in("10.0.0.2").status_code == 200
