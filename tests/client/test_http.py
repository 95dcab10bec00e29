"""A call is tried again with the same key, goes nowhere else, and takes in only so much."""

import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashreg.client.http import MOST_BYTES, MOST_SECONDS, Server
from hashreg.client.patience import ATTEMPTS, LONGEST_SECONDS, Patience
from hashreg.model.errors import BadAnswer, ServerRefused, ServerUnavailable
from hashreg.model.messages import use_language
from support.certificate import certificate_in
from support.odd_server import OddServer, Raw, Reply, odd_server, refusal, told

BUSY = refusal(503, "registry_unavailable")


@pytest.fixture
def server(odd: OddServer, patience: Patience) -> Iterator[Server]:
    with Server(odd.address, "hashreg_key", patience=patience) as it:
        yield it


def keys(odd: OddServer) -> set[str]:
    return {it.headers["Idempotency-Key"] for it in odd.asked}


def test_a_call_is_tried_again_with_the_same_key_and_body(odd: OddServer, server: Server) -> None:
    odd.answers(BUSY, Raw(), Reply(502), Reply(504), told({"answer": 1}))
    assert server.post("/v1/reports", {"items": [1]}) == {"answer": 1}
    assert len(odd.asked) == 5
    assert len(keys(odd)) == 1
    assert {it.body for it in odd.asked} == {b'{"items": [1]}'}


def test_every_call_has_a_key_of_its_own(odd: OddServer, server: Server) -> None:
    odd.answers(told({}))
    for _ in range(3):
        server.post("/v1/reports", {})
    assert len(keys(odd)) == 3
    assert all(len(key) >= 32 and key.isascii() and key.isprintable() for key in keys(odd))


def test_a_server_is_asked_five_times_and_then_given_up(
    odd: OddServer, server: Server, pauses: list[float]
) -> None:
    odd.answers(BUSY)
    with pytest.raises(ServerRefused) as refused:
        server.post("/v1/reports", {})
    assert refused.value.code == "registry_unavailable"
    assert len(odd.asked) == ATTEMPTS == 5
    assert pauses == [0.5, 1, 2, 4]
    odd.answers(Raw())
    with pytest.raises(ServerUnavailable):
        server.get("/v1/queue")
    assert len(odd.asked) == ATTEMPTS


def test_a_busy_server_says_how_long_to_wait_and_can_not_say_too_long(
    odd: OddServer, server: Server, pauses: list[float]
) -> None:
    wishes = ("7", "86400", "9" * 400, "soon")
    odd.answers(*(refusal(429, "too_many_requests", Retry_After=it) for it in wishes), told({}))
    server.get("/v1/queue")
    assert pauses == [7.5, LONGEST_SECONDS, LONGEST_SECONDS, 4]


def test_pauses_double_and_chance_shortens_them_to_half_at_most() -> None:
    slept: list[float] = []
    for chance in (0.0, 1.0):
        patience = Patience(sleep=slept.append, chance=lambda it=chance: it)  # type: ignore[misc]
        for failures in range(1, 12):
            patience.wait(failures, None)
    shortest, longest = slept[:11], slept[11:]
    assert longest == [min(0.5 * 2**it, LONGEST_SECONDS) for it in range(11)]
    assert shortest[:7] == [it / 2 for it in longest[:7]]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 500])
def test_an_error_that_waiting_does_not_mend_is_told_at_once(
    status: int, odd: OddServer, server: Server, pauses: list[float]
) -> None:
    odd.answers(refusal(status, "forbidden", "This key may not do that."))
    with pytest.raises(ServerRefused, match=r"This key may not do that\.") as refused:
        server.post("/v1/check", {})
    assert refused.value.as_json()["code"] == "forbidden"
    assert refused.value.values == {"message": "This key may not do that."}
    assert (len(odd.asked), pauses) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere(status: int, odd: OddServer, server: Server) -> None:
    with odd_server() as elsewhere:
        odd.answers(Reply(status, b"", {"Location": elsewhere.address + "/v1/check"}))
        with pytest.raises(BadAnswer):
            server.post("/v1/check", {})
        assert (len(odd.asked), elsewhere.asked) == (1, [])


def test_an_endless_answer_is_given_up_while_it_comes(odd: OddServer, server: Server) -> None:
    sent: list[int] = []
    hung_up = threading.Event()

    def endless() -> Iterator[bytes]:
        try:
            for number in itertools.count(1):
                sent.append(number)
                yield b" " * (1 << 20)
        finally:
            hung_up.set()

    odd.answers_by(lambda _: Reply(body=endless()))
    with pytest.raises(BadAnswer, match="64 MB"):
        server.get("/v1/queue")
    assert hung_up.wait(30)
    assert MOST_BYTES >> 20 <= len(sent) < (MOST_BYTES >> 20) + 32


def test_an_answer_that_drips_for_ever_is_given_up(odd: OddServer) -> None:
    odd.answers(Reply(body=b"{}"))
    clock = itertools.count(0, MOST_SECONDS + 1)
    with (
        Server(odd.address, patience=Patience(clock=lambda: next(clock))) as server,
        pytest.raises(BadAnswer, match="come to an end"),
    ):
        server.get("/v1/queue")


def test_an_answer_that_unpacks_to_something_else_is_refused(
    odd: OddServer, server: Server
) -> None:
    odd.answers(Reply(headers={"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswer):
        server.get("/v1/queue")
    assert odd.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_call_says_who_asks_and_in_which_language(odd: OddServer, server: Server) -> None:
    odd.answers(told({}))
    server.get("/v1/queue", state="open")
    use_language("ko")
    server.post("/v1/check", {})
    said = [(it.path, it.headers["Accept-Language"]) for it in odd.asked]
    assert said == [("/v1/queue?state=open", "en"), ("/v1/check", "ko")]
    assert {it.headers["Authorization"] for it in odd.asked} == {"Bearer hashreg_key"}
    with Server(odd.address) as stranger:
        stranger.get("/status")
    assert "Authorization" not in odd.asked[-1].headers


def test_what_is_asked_of_this_machine_goes_through_no_proxy(
    odd: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd.answers(told({}))
    with odd_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        with Server(odd.address) as server:
            server.post("/v1/check", {})
        assert (len(odd.asked), proxy.asked) == (1, [])


def test_a_server_that_is_not_there_is_said_so(patience: Patience, pauses: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Server(address, patience=patience) as server, pytest.raises(ServerUnavailable):
            server.get("/status")
    assert len(pauses) == ATTEMPTS - 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody vouches for, and its key."""
    return certificate_in(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def sealed(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    seal = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    seal.load_cert_chain(certificate)
    with odd_server(seal) as server:
        server.answers(told({"answer": 1}))
        yield server


def test_a_server_that_can_not_prove_who_it_is_gets_nothing(
    sealed: OddServer, patience: Patience, pauses: list[float]
) -> None:
    with (
        Server(sealed.address, "hashreg_key", patience=patience) as server,
        pytest.raises(ServerUnavailable, match="certificate"),
    ):
        server.post("/v1/check", {})
    assert (sealed.asked, pauses) == ([], [])


def test_a_server_with_a_certificate_that_the_device_trusts_is_asked(
    sealed: OddServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server(sealed.address, "hashreg_key") as server:
        assert server.post("/v1/check", {}) == {"answer": 1}
