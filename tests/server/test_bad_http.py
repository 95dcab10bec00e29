"""Callers that speak HTTP badly, slowly, or with a purpose; the service answers on."""

import json
import time
from collections.abc import Iterator

import pytest

from hashreg.server.endpoints import MOST_BYTES
from hashreg.server.run import HEADER_SECONDS

from .house import NOWHERE, House
from .raw import Told, answer, asked, connected, head, is_closed, send

CANARY = "can4ry0f5h0u1dn0tb3t01d"
EMPTY = b'{"items":[]}'
JSON = {"Content_Type": "application/json"}


@pytest.fixture(autouse=True)
def _still_well(at: House) -> Iterator[None]:
    """Look after each test whether the service answers, and what it wrote down."""
    before = len(at.service.log.read_text())
    yield
    assert at.is_well()
    said = at.service.log.read_text()[before:]
    assert CANARY not in said
    assert '"level": "error"' not in said


def lookup(house: House, content: bytes, **headers: str) -> bytes:
    sent = {"Content_Length": str(len(content)), **JSON, **headers}
    return head(house, "POST /v1/lookup HTTP/1.1", "platform", **sent) + content


def refused(told: Told, status: int, code: str) -> None:
    assert told.status == status
    assert told.error["code"] == code
    assert CANARY.encode() not in told.body


@pytest.fixture(scope="session", autouse=True)
def _dawdler(at: House) -> Iterator[None]:
    """Begin a request before all other tests here and never end its headers: it is cut off."""
    with connected(at.service.url) as opened:
        opened.settimeout(HEADER_SECONDS + 10)
        send(opened, f"GET /status HTTP/1.1\r\nX-{CANARY}: ".encode())
        yield
        assert is_closed(opened)


def test_a_body_that_says_it_is_too_large_is_not_read(at: House) -> None:
    sent = head(
        at, "POST /v1/lookup HTTP/1.1", "platform", Content_Length=str(MOST_BYTES + 1), **JSON
    )
    told = asked(at, sent)
    refused(told, 413, "too_large")
    assert told.headers["connection"] == "close"


@pytest.mark.parametrize("size", ["18446744073709551615", "99999999999999999999999", "-1", "1e3"])
def test_an_odd_length_is_turned_away(at: House, size: str) -> None:
    told = asked(at, head(at, "POST /v1/lookup HTTP/1.1", "platform", Content_Length=size, **JSON))
    assert told.status in {0, 400, 413}


def test_a_length_with_many_zeros_is_a_length(at: House) -> None:
    told = asked(at, lookup(at, EMPTY, Content_Length="0" * 5000 + str(len(EMPTY))))
    assert told.status in {0, 200, 400, 413}


def test_a_chunked_body_without_end_is_cut_off(at: House) -> None:
    begun = head(at, "POST /v1/lookup HTTP/1.1", "platform", Transfer_Encoding="chunked", **JSON)
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with connected(at.service.url) as opened:
        send(opened, begun)
        for _ in range(MOST_BYTES // 65536 + 2):
            send(opened, chunk)
        refused(answer(opened)[0], 413, "too_large")
        assert is_closed(opened)


def test_a_body_of_8_mb_is_taken_to_the_byte(at: House) -> None:
    told = asked(at, lookup(at, EMPTY.ljust(MOST_BYTES)))
    assert told.status == 200
    refused(asked(at, lookup(at, EMPTY.ljust(MOST_BYTES + 1))), 413, "too_large")


def test_a_body_that_stops_and_leaves_is_forgotten(at: House) -> None:
    for sent in (
        lookup(at, EMPTY, Content_Length="5000"),
        head(at, "POST /v1/reports HTTP/1.1", "platform", Transfer_Encoding="chunked", **JSON)
        + b"5\r\n{",
    ):
        with connected(at.service.url) as opened:
            send(opened, sent)


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\n{}\r\n", b"f" * 100 + b"\r\n"])
def test_bad_chunks_are_turned_away(at: House, chunk: bytes) -> None:
    begun = head(at, "POST /v1/lookup HTTP/1.1", "platform", Transfer_Encoding="chunked", **JSON)
    with connected(at.service.url) as opened:
        send(opened, begun + chunk + b"\r\n" * 10)
        assert answer(opened)[0].status in {0, 400, 408}


SMUGGLED = f"GET /v1/tickets/{CANARY} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


@pytest.mark.parametrize(
    "lengths",
    [
        {"Content_Length": "4", "Transfer_Encoding": "chunked"},
        {"Transfer_Encoding": "chunked", "Content_Length": "4"},
        {"Transfer_Encoding": "xchunked", "Content_Length": "4"},
        {"Transfer_Encoding": "identity, chunked", "Content_Length": "4"},
        {"Content_Length": "4", "content_length": "40"},
        {"Content_Length": "4, 40"},
        {"Content_Length": "+4"},
        {"Content_Length ": "4"},
    ],
    ids=str,
)
def test_a_request_can_not_be_smuggled(at: House, lengths: dict[str, str]) -> None:
    with connected(at.service.url) as opened:
        opened.settimeout(2)
        begun = head(at, "POST /v1/lookup HTTP/1.1", "platform", **JSON, **lengths)
        send(opened, begun + b"0\r\n\r\n" + SMUGGLED)
        first, rest = answer(opened)
        assert first.status in {0, 400}
        assert CANARY.encode() not in first.body
        assert not rest


ODD_REQUESTS = {
    "no HTTP": b"hello\r\n\r\n",
    "binary": bytes(range(256)) * 4,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in the path": b"GET /v1/\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in a header": b"GET /status HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    "a header without a name": b"GET /status HTTP/1.1\r\n: a\r\n\r\n",
    "a folded header": b"GET /status HTTP/1.1\r\nHost: a\r\nX: a\r\n  b\r\n\r\n",
    "no space": b"GET/statusHTTP/1.1\r\n\r\n",
    "an unknown method": b"HACK /status HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("name", ODD_REQUESTS)
def test_what_is_no_request_is_turned_away(at: House, name: str) -> None:
    told = asked(at, ODD_REQUESTS[name])
    assert told.status in {0, 400, 404, 405} or (told.status == 200 and "folded" in name)


def test_a_very_long_header_is_not_read_to_its_end(at: House) -> None:
    with connected(at.service.url) as opened:
        send(opened, b"GET /status HTTP/1.1\r\nHost: a\r\nX: ")
        for _ in range(400):
            send(opened, CANARY.encode() * 100)
        assert answer(opened)[0].status == 0


def test_a_very_long_address_is_not_read_to_its_end(at: House) -> None:
    with connected(at.service.url) as opened:
        send(opened, b"GET /")
        for _ in range(400):
            send(opened, CANARY.encode() * 100)
        assert answer(opened)[0].status == 0


def test_headers_without_end_are_not_read_for_ever(at: House) -> None:
    with connected(at.service.url) as opened:
        send(opened, b"GET /status HTTP/1.1\r\n")
        for number in range(20_000):
            send(opened, f"X-{number}: {CANARY}\r\n".encode())
        assert answer(opened)[0].status == 0


def test_some_thousand_headers_are_read(at: House) -> None:
    told = asked(at, head(at, "GET /status HTTP/1.1", **{f"X_{n}": "a" for n in range(2000)}))
    assert told.status == 200


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("HEAD /status HTTP/1.1", 405),
        ("TRACE /status HTTP/1.1", 405),
        ("DELETE /v1/lookup HTTP/1.1", 405),
        ("PROPFIND /v1/lookup HTTP/1.1", 405),
        ("GET /v1/nothing HTTP/1.1", 404),
        ("GET /schema HTTP/1.1", 404),
        ("GET http://elsewhere/status HTTP/1.1", 200),
        ("GET /status?%00=%ff&a&&=;#x HTTP/1.1", 200),
    ],
)
def test_methods_and_addresses_that_are_not_served(at: House, line: str, status: int) -> None:
    with connected(at.service.url) as opened:
        opened.settimeout(5)
        send(opened, head(at, line, X_Odd=CANARY, Connection="close"))
        if line.startswith("HEAD"):
            assert opened.recv(100).startswith(b"HTTP/1.1 405")
            return
        told = answer(opened)[0]
    assert told.status == status
    if status >= 400:
        assert told.error["code"] in {"not_found", "method_not_allowed"}
    assert CANARY.encode() not in told.body


def test_options_tell_nothing_but_the_methods(at: House) -> None:
    told = asked(at, head(at, "OPTIONS /v1/lookup HTTP/1.1", Origin="https://elsewhere"))
    assert told.status in {204, 405}
    assert not any(name.startswith("access-control") for name in told.headers)


def test_http_1_0_is_answered_and_closed(at: House) -> None:
    with connected(at.service.url) as opened:
        send(opened, head(at, "GET /status HTTP/1.0"))
        told = answer(opened)[0]
        assert json.loads(told.body)["status"] == "ok"
        assert is_closed(opened)


def test_pipelined_questions_are_answered_in_order(at: House) -> None:
    with connected(at.service.url) as opened:
        items = [
            json.dumps({"items": [{"content_id": str(n), "hashes": NOWHERE}]}).encode()
            for n in range(20)
        ]
        send(opened, b"".join(lookup(at, body) for body in items))
        rest, ids = b"", []
        for _ in items:
            told, rest = answer(opened, rest)
            ids.append(json.loads(told.body)["results"][0]["content_id"])
        assert ids == [str(n) for n in range(20)]


def test_a_refused_question_does_not_spill_into_the_next(at: House) -> None:
    """The body of a question that was refused unread is never taken for a question."""
    inner = head(at, "GET /v1/tickets HTTP/1.1", "platform")
    sent = {"Content_Length": str(len(inner)), **JSON}
    with connected(at.service.url) as opened:
        send(opened, head(at, "POST /v1/lookup HTTP/1.1", **sent) + inner + lookup(at, EMPTY))
        first, rest = answer(opened)
        refused(first, 401, "unauthorized")
        second, rest = answer(opened, rest)
        assert (second.status, rest) == (200, b"")
        assert json.loads(second.body) == {"results": []}


def test_who_reads_slowly_holds_nobody_up(at: House) -> None:
    items = [
        {"content_id": CANARY * 20 + str(number), "hashes": NOWHERE} for number in range(9_000)
    ]
    content = json.dumps({"items": items}).encode()
    with connected(at.service.url) as opened:
        send(opened, lookup(at, content))
        began = time.monotonic()
        for _ in range(20):
            with at.client("platform") as client:
                assert client.post("/v1/lookup", json={"items": []}).status_code == 200
        assert time.monotonic() - began < 10
        told = answer(opened)[0]
        assert len(json.loads(told.body)["results"]) == len(items)


def test_a_caller_who_leaves_in_the_middle_of_lines_is_forgotten(at: House) -> None:
    begun = head(
        at,
        "POST /v1/lookup HTTP/1.1",
        "platform",
        Transfer_Encoding="chunked",
        Content_Type="application/x-ndjson",
    )
    with connected(at.service.url) as opened:
        send(opened, begun + b"15\r\n" + b'{"content_id": "ab"}\n' + b"\r\n")
        assert opened.recv(100).startswith(b"HTTP/1.1 200")
