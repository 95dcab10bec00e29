"""Slow callers are waited for, but not for ever."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

from hashreg.server import call, run

from .here import Here, here
from .raw import NOTHING, answer, connected, is_closed, send

BEGUN = b"POST /v1/lookup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
SHORT = 0.4


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with here(tmp_path_factory.mktemp("patience")) as service:
        yield service


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "HEADER_SECONDS", SHORT)
    monkeypatch.setattr(call, "BODY_SECONDS", SHORT)


def begun(service: Here, more: bytes) -> bytes:
    return BEGUN + f"Authorization: Bearer {service.key}\r\n".encode() + more + b"\r\n"


def drip(opened: socket.socket, content: bytes) -> float:
    """Send a byte now and then until the other side answers or closes; return how long it took."""
    began = time.monotonic()
    opened.settimeout(SHORT / 10)
    for byte in content:
        send(opened, bytes([byte]))
        try:
            if opened.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            continue
        except ConnectionResetError:
            break
    opened.settimeout(20)
    return time.monotonic() - began


def test_headers_that_drip_are_cut_off(service: Here) -> None:
    with connected(service.url) as opened:
        assert SHORT * 0.9 < drip(opened, BEGUN * 10) < 20 * SHORT
        assert answer(opened)[0] == NOTHING


def test_a_caller_who_says_nothing_is_cut_off(service: Here) -> None:
    with connected(service.url) as opened:
        assert is_closed(opened)


def test_the_second_question_has_to_arrive_in_time_too(service: Here) -> None:
    with connected(service.url) as opened:
        send(opened, b"GET /status HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer(opened)[0].status == 200
        send(opened, b"GET /sta")
        assert is_closed(opened)


@pytest.mark.parametrize("length", [b"Content-Length: 5000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_that_drips_is_told_so_and_cut_off(service: Here, length: bytes) -> None:
    body = b"{         " * 500 if b"Length" in length else b"1\r\n{\r\n" * 500
    with connected(service.url) as opened:
        send(opened, begun(service, length))
        drip(opened, body)
        told = answer(opened)[0]
        assert told.status == 408
        assert told.error["code"] == "too_slow"
        assert told.headers["connection"] == "close"
        assert is_closed(opened)


def test_a_body_that_stops_is_told_so(service: Here) -> None:
    with connected(service.url) as opened:
        send(opened, begun(service, b"Content-Length: 5000\r\n") + b"{")
        assert answer(opened)[0].status == 408


def test_who_is_quick_enough_is_answered(service: Here) -> None:
    body = b'{"items": []}'
    with connected(service.url) as opened:
        for piece in (
            BEGUN[:20],
            BEGUN[20:],
            begun(service, b"Content-Length: 13\r\n")[len(BEGUN) :],
        ):
            send(opened, piece)
            time.sleep(SHORT / 20)
        send(opened, body[:5])
        time.sleep(SHORT / 20)
        send(opened, body[5:])
        assert json.loads(answer(opened)[0].body) == {"results": []}


def test_others_are_answered_while_somebody_dawdles(service: Here) -> None:
    with connected(service.url) as opened:
        send(opened, begun(service, b"Content-Length: 5000\r\n") + b"{")
        with service.client() as client:
            for _ in range(20):
                assert client.get("/status").status_code == 200
        assert answer(opened)[0].status == 408
