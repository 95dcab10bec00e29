"""Whatever a platform's server does, each message gets one answer in bounded time, and no more."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hashreg.exchange import webhooks
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.orders import MessageKey, OrderId, Trouble
from hashreg.model.parcels import Heard, Parcel, Webhook
from hashreg.model.records import PlatformName
from support.certificate import certificate_in
from support.odd_server import odd_server
from support.receiver import Receiver, acknowledges, receiver, takes_in

SECRET = b"k" * 32


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "SECONDS", 0.4)


def parcel(url: str, key: str = "k-1", platform: str = "examplegram") -> Parcel:
    body = b'{"key": "%s"}' % key.encode()
    return Parcel(OrderId(key), MessageKey(key), PlatformName(platform), Webhook(url, SECRET), body)


def sent(*parcels: Parcel, private: bool = True) -> list[tuple[Parcel, Heard]]:
    every: list[tuple[Parcel, Heard]] = []

    async def noted(heard: Sequence[tuple[Parcel, Heard]]) -> None:
        every.extend(heard)

    asyncio.run(webhooks.deliver(parcels, time.time, noted, private=private))
    return every


def heard(*parcels: Parcel, private: bool = True) -> list[Heard]:
    return [it for _, it in sent(*parcels, private=private)]


def test_a_message_that_is_answered_by_its_key_is_acknowledged(target: Receiver) -> None:
    assert heard(parcel(target.url)) == [Heard(reached=True, acknowledged=True)]
    (taken,) = target.taken
    assert taken.key == taken.headers["idempotency-key"] == "k-1"
    assert taken.headers["content-type"] == "application/json"
    assert abs(int(taken.headers["webhook-timestamp"]) - time.time()) < 60


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"ok": true}', b'{"acknowledged": "k-2"}'])
def test_a_message_that_is_taken_in_and_not_answered_is_only_delivered(
    target: Receiver, body: bytes
) -> None:
    target.answer = lambda _: (200, body)
    assert heard(parcel(target.url)) == [Heard(reached=True)]


@pytest.mark.parametrize(
    "body",
    [
        b"OK",
        b"<html>",
        b"\xff\xfe",
        b"[1]",
        b'{"acknowledged": 1}',
        b'{"acknowledged": "k-1", "present": "yes"}',
        b'{"acknowledged": "k-1"',
        b" " * (webhooks.MOST_ANSWER + 1),
        b"{" * 10_000,
    ],
)
def test_rubbish_acknowledges_nothing_and_is_seen(target: Receiver, body: bytes) -> None:
    target.answer = lambda _: (200, body)
    assert heard(parcel(target.url)) == [Heard(reached=True, trouble=Trouble.UNREADABLE)]


@pytest.mark.parametrize("present", [False, True])
def test_an_answer_may_say_whether_content_is_there(target: Receiver, present: bool) -> None:
    text = b'{"acknowledged": "k-1", "present": %s}' % str(present).lower().encode()
    target.answer = lambda _: (200, text)
    assert heard(parcel(target.url)) == [Heard(reached=True, acknowledged=True, present=present)]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirection_is_followed(target: Receiver, status: int) -> None:
    target.location, target.answer = target.url, lambda _: (status, b"")
    assert heard(parcel(target.url)) == [Heard(reached=False, trouble=Trouble.REDIRECTED)]
    assert len(target.taken) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_an_error_is_no_delivery(target: Receiver, status: int) -> None:
    target.answer = lambda it: (status, acknowledges(it)[1])
    assert heard(parcel(target.url)) == [Heard(reached=False, trouble=Trouble.REFUSED)]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_nothing_is_sent_into_the_registrys_own_network(target: Receiver, name: str) -> None:
    """Whatever the name says, it is the address that counts."""
    url = target.url.replace("127.0.0.1", name).replace("http:", "https:")
    answers = heard(parcel(url), private=False)
    assert answers == [Heard(reached=False, trouble=Trouble.FORBIDDEN_ADDRESS)]
    assert not target.taken


def test_an_order_goes_out_unencrypted_into_the_own_network_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the address was set while that was allowed."""
    asked = []
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lambda *it, **_: asked.append(it))
    answers = heard(parcel("http://platform.example/"), private=False)
    assert answers == [Heard(reached=False, trouble=Trouble.FORBIDDEN_ADDRESS)]
    assert not asked


def test_what_cant_be_written_down_for_one_platform_is_for_the_others(target: Receiver) -> None:
    written = []

    async def noted(heard: Sequence[tuple[Parcel, Heard]]) -> None:
        if heard[0][0].platform == "a":
            raise RegistryUnavailable("full")
        await asyncio.sleep(0.05)
        written.append(heard[0][0].platform)

    its = [parcel(target.url, f"k-{name}", name) for name in "abc"]
    with pytest.raises(RegistryUnavailable):
        asyncio.run(webhooks.deliver(its, time.time, noted, private=True))
    assert sorted(written) == ["b", "c"]


def test_a_name_with_one_private_address_among_others_is_refused(
    target: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(target.url.split(":")[2].split("/")[0])
    places = [("93.184.215.14", port), ("127.0.0.1", port)]

    async def found(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", it) for it in places]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)
    answers = heard(parcel(f"https://platform.example:{port}/"), private=False)
    assert answers == [Heard(reached=False, trouble=Trouble.FORBIDDEN_ADDRESS)]
    assert not target.taken


def test_an_address_is_looked_up_once_and_used_as_it_was_found(
    target: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers otherwise the second time leads nowhere else."""
    port = int(target.url.split(":")[2].split("/")[0])
    asked = []

    async def found(_: object, host: object, *__: object, **___: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)
    assert heard(parcel(f"http://platform.example:{port}/"))[0].acknowledged
    assert asked.count("platform.example") == 1
    assert target.taken[0].headers["host"] == f"platform.example:{port}"


def test_a_platform_that_can_not_prove_who_it_is_gets_nothing(tmp_path: Path) -> None:
    seal = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    seal.load_cert_chain(certificate_in(tmp_path))
    with odd_server(seal) as server:
        answers = heard(parcel(f"{server.address}/orders"))
    assert answers == [Heard(reached=False, trouble=Trouble.UNTRUSTED)]
    assert server.asked == []


def test_a_name_that_leads_nowhere_is_unreachable() -> None:
    gone = [parcel("http://no-such-name.invalid/"), parcel("http://127.0.0.1:1/", platform="bada")]
    assert heard(*gone) == 2 * [Heard(reached=False, trouble=Trouble.UNREACHABLE)]


@contextlib.contextmanager
def slow_server(first: bytes, each: bytes) -> Iterator[str]:
    """Begin an answer, and go on byte after byte without an end."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                taken, _ = listening.accept()
                with taken:
                    taken.sendall(first)
                    while not stop.wait(0.05):
                        taken.sendall(each)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        stop.set()
    thread.join()


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("first", "each"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    ],
)
def test_a_slow_answer_ends(first: bytes, each: bytes) -> None:
    with slow_server(first, each) as url:
        began = time.monotonic()
        assert heard(parcel(url)) == [Heard(reached=False, trouble=Trouble.TIMEOUT)]
        assert time.monotonic() - began < 5


def test_what_is_no_http_is_unreachable() -> None:
    with slow_server(b"SSH-2.0-x\r\n\r\n", b"") as url:
        assert heard(parcel(url)) == [Heard(reached=False, trouble=Trouble.UNREACHABLE)]


def test_a_platform_that_cant_be_reached_is_not_asked_for_the_rest(target: Receiver) -> None:
    dead = [parcel("http://127.0.0.1:1/", f"d-{it}", "bada") for it in range(20)]
    live = [parcel(target.url, f"k-{it}") for it in range(20)]
    pairs = sent(*dead, *live)
    assert [it.key for it, _ in pairs if it.platform == "bada"] == ["d-0"]
    assert target.keys == [f"k-{it}" for it in range(20)]


def test_a_refused_message_holds_no_other_up(target: Receiver) -> None:
    target.answer = lambda it: (400, b"") if it.key == "k-0" else takes_in(it)
    assert [it.reached for it in heard(*(parcel(target.url, f"k-{it}") for it in range(3)))] == [
        False,
        True,
        True,
    ]


@pytest.mark.usefixtures("_impatient")
def test_a_slow_platform_gets_the_rest_the_next_time(target: Receiver) -> None:
    def slowly(_: object) -> tuple[int, bytes]:
        time.sleep(0.15)
        return 204, b""

    target.answer = slowly
    assert 2 <= len(heard(*(parcel(target.url, f"k-{it}") for it in range(50)))) < 20


def test_many_platforms_are_spoken_to_at_once() -> None:
    """Three that wait for each other are all answered."""
    meeting = threading.Barrier(3, timeout=30)

    def together(_: object) -> tuple[int, bytes]:
        meeting.wait()
        return 204, b""

    with receiver(together) as target:
        its = [parcel(target.url, f"k-{it}", f"platform {it}") for it in range(3)]
        assert [it.reached for it in heard(*its)] == [True] * 3
