"""The extension for threatexchange: its key goes nowhere else, and a page is whole or none."""

from typing import Any

import pytest

from hashreg.model.feeds import page_digest
from support.odd_server import OddServer, Raw, Reply, odd_server, told

pytest.importorskip("threatexchange")
from hashreg.exchange import tx

KEY = "hashreg_aaaaaaaa_" + "k" * 43
RECORD = {"record": "0f" * 16, "deleted": False, "media": "image", "hashes": []}


def page(cursor: str, *, more: bool = False, restart: bool = False) -> dict[str, Any]:
    records = [RECORD | {"record": f"{cursor:0>32}"}]
    digest = page_digest(records)
    whole = {"records": records, "cursor": cursor, "more": more, "restart": restart}
    return whole | {"digest": digest}


def fetched(
    server: OddServer, checkpoint: tx.HashregCheckpoint | None = None
) -> list[tuple[int, tx.HashregCheckpoint]]:
    exchange = tx.HashregExchange(server.address, KEY)
    return [(len(it.updates), it.checkpoint) for it in exchange.fetch_iter([], checkpoint)]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tx, "FIRST_PAUSE", 0)


@pytest.mark.parametrize("since", ["", "1-0f0f0f0f"])
def test_a_restart_drops_all_even_in_the_middle_of_the_first_fetch(since: str) -> None:
    pages = [told(page("2", more=True)), told(page("3", restart=True))]
    before = tx.HashregCheckpoint(since, 7) if since else None
    with odd_server() as server:
        server.answers(*pages)
        (first, last) = fetched(server, before)
    assert first[0] == 1
    assert last[0] == 0
    assert last[1].is_stale()


def test_a_clock_that_was_set_back_does_not_stop_it() -> None:
    ahead = tx.HashregCheckpoint("1", 1 << 40)
    with odd_server() as server:
        server.answers(told(page("2")))
        ((_, checkpoint),) = fetched(server, ahead)
    assert checkpoint.get_progress_timestamp() >= ahead.get_progress_timestamp()
    assert not checkpoint.is_stale()


def test_a_key_does_not_follow_to_another_address() -> None:
    with odd_server() as other, odd_server() as server:
        other.answers(told(page("1")))
        server.answers(Reply(302, b"", {"Location": f"{other.address}/v1/feed"}))
        with pytest.raises(tx.FeedError):
            fetched(server)
        assert other.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b""),
        Reply(200, b"[]"),
        Reply(200, b"{" * 100_000),
        Reply(200, b"\xff"),
        told(page("1") | {"digest": "0" * 64}),
        told(page("1") | {"records": []}),
        told(page("1") | {"more": 1}),
        told(page("1") | {"cursor": None}),
        Reply(403, b"{}"),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"),
        Raw(),
    ],
    ids=str,
)
def test_what_is_no_whole_page_is_no_page(answer: Reply | Raw) -> None:
    with odd_server() as server:
        server.answers(answer)
        with pytest.raises(tx.FeedError) as caught:
            fetched(server)
    assert KEY not in repr(caught.value)


def test_a_busy_registry_is_asked_again() -> None:
    with odd_server() as server:
        server.answers(Reply(503), Reply(429), told(page("1")))
        assert len(fetched(server)) == 1
        assert {it.headers["Authorization"] for it in server.asked} == {f"Bearer {KEY}"}


@pytest.mark.parametrize("url", ["", "ftp://a", "http://registry.example", "registry.example"])
def test_nothing_is_sent_without_encryption(url: str) -> None:
    with pytest.raises(tx.FeedError):
        tx.HashregExchange(url, KEY)


def test_no_key_and_no_hash_is_in_a_repr() -> None:
    record = tx.HashregRecord("a", {"pdq": "0f" * 32})
    assert "0f" not in repr(record)
    assert KEY not in repr(tx.HashregKey(KEY))
