"""Bulk look-ups and reports in JSON Lines: answered line by line, while they are sent."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar.types import HTTPRequestEvent, Message

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Role
from hashreg.model.records import PlatformName
from hashreg.model.reports import MAX_LINE, ContentId
from hashreg.registry.sqlite import SqliteStore
from hashreg.server import streams
from hashreg.server.app import make_app
from hashreg.takedown.people import add_person
from support.cases import NOW, copy_of, picture, seeded
from support.sent import JSONL, ask, item, lines, submit, told
from support.serving import Served, served
from support.streaming import Streaming, streaming

KNOWN, MANY = 100, 3000
"""Registered pictures, few of whose copies each are reported: many at once are held."""
BAD_LINES: dict[str, bytes] = {
    "no json": b'{"content_id": "cut off',
    "no object": b"[1, 2]",
    "no name": b'{"hashes": []}',
    "no hash": b'{"content_id": "odd", "hashes": [{"algorithm": "pdq", "view": "whole"}]}',
    "not UTF-8": b'{"content_id": "\xff"}',
    "deep": b"[" * 5000,
    "huge": b'{"content_id": "' + b"a" * 300_000 + b'"}',
}


@pytest.fixture(scope="module")
def known() -> list[Fingerprint]:
    rng = seeded(1)
    return [picture(rng) for _ in range(KNOWN)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, known: list[Fingerprint]) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch, served(tmp_path_factory.mktemp("streams")) as it:
        patch.setattr(keys, "ROUNDS", 1)
        submit(it, *known)
        yield it


@pytest.fixture(scope="module")
def uploads(known: list[Fingerprint]) -> list[dict[str, Any]]:
    """Return many content items, every tenth of which is a copy of a known picture."""
    rng = seeded(2)
    return [
        item(f"upload {n}", picture(rng) if n % 10 else copy_of(known[n % KNOWN], rng, 20 + n % 25))
        for n in range(MANY)
    ]


def next_name(call: Streaming) -> object:
    """Return what the next line of the answer is about."""
    row = call.read()
    assert row is not None
    return row["content_id"]


def answered(service: Served, path: str, content: bytes, **headers: str) -> list[dict[str, Any]]:
    """Send a stream while its answer is read."""
    with streaming(service, path, service.keys["platform"], **headers) as call:

        def send() -> None:
            for at in range(0, len(content), 60_001):  # lines are cut anywhere
                call.send_bytes(content[at : at + 60_001])
            call.finish()

        with ThreadPoolExecutor(1) as sender:
            sending = sender.submit(send)
            rows = call.rest()
            sending.result()
        assert call.response.status == 200
        assert call.response.headers["Content-Type"].startswith(JSONL)
    return rows


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/reports"])
def test_every_line_is_answered_in_order_and_bad_ones_are_named(
    service: Served, uploads: list[dict[str, Any]], path: str
) -> None:
    sent = lines(uploads).splitlines(keepends=True)
    bad = dict(zip(range(100, MANY, MANY // len(BAD_LINES)), BAD_LINES.values(), strict=False))
    assert len(bad) == len(BAD_LINES)
    for at, line in bad.items():
        sent[at] = line + b"\n"
    rows = answered(service, path, b"\n".join(sent[:50]) + b"".join(sent[50:]))
    assert len(rows) == MANY
    for at, row in enumerate(rows):
        number = 2 * at + 1 if at < 49 else at + 50  # the first fifty have blank lines in between
        if at in bad:
            assert row["content_id"] == ("odd" if b'"odd"' in bad[at] else None)
            assert (row["tier"], row["tickets"]) == (None, [])
            assert row["error"]["line"] == number
            assert row["error"]["message"]
        else:
            assert (row["content_id"], row["error"]) == (f"upload {at}", None)
            assert row["tier"] or at % 10, at
            assert bool(row["tickets"]) == bool(row["tier"] and path == "/v1/reports")


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/reports"])
def test_a_stream_and_a_call_say_the_same(
    service: Served, uploads: list[dict[str, Any]], path: str
) -> None:
    with service.client("platform") as client:
        whole = ask(client, path, *uploads[:1200])
        narrow = ask(client, path, *uploads[:1200], tier="match")
    assert answered(service, path, lines(uploads[:1200])) == whole
    if path == "/v1/lookup":
        assert answered(service, f"{path}?tier=match", lines(uploads[:1200])) == narrow
        assert {row["tier"] for row in narrow} == {"match", None}
        assert {row["tier"] for row in whole} == {"match", "review", None}


def test_a_moderators_stream_explains(service: Served, uploads: list[dict[str, Any]]) -> None:
    with service.client("moderator", **{"Content-Type": JSONL}) as client:
        response = client.post("/v1/check", content=lines(uploads[:20]))
    with service.client("moderator") as client:
        asked = ask(client, "/v1/check", *uploads[:20])
    rows = [json.loads(line) for line in response.iter_lines()]
    assert rows == asked
    assert rows[0]["matches"][0]["algorithm"] == "pdq"


def test_the_answer_begins_before_the_question_ends(
    service: Served, uploads: list[dict[str, Any]]
) -> None:
    with streaming(service, "/v1/lookup", service.keys["platform"]) as call:
        for upload in uploads[:3]:
            call.send(upload)
            assert next_name(call) == upload["content_id"]
        call.send_bytes(lines(uploads[3:4])[:50])
        call.send_bytes(lines(uploads[3:4])[50:-1])
        call.finish()
        assert next_name(call) == "upload 3"
        assert call.read() is None


def test_an_empty_stream_is_answered_with_nothing(service: Served) -> None:
    assert answered(service, "/v1/lookup", b"\n \n") == []


def test_a_line_that_is_too_long_is_named_and_the_next_is_read(
    service: Served, uploads: list[dict[str, Any]]
) -> None:
    content = b"x" * (3 * MAX_LINE) + b"\n" + lines(uploads[:1]) + b"y" * (3 * MAX_LINE)
    long, good, last = answered(service, "/v1/lookup", content)
    assert (long["error"]["line"], last["error"]["line"]) == (1, 3)
    assert long["error"]["code"] == last["error"]["code"] == "invalid_report"
    assert (good["content_id"], good["error"]) == ("upload 0", None)


def test_errors_of_a_stream_are_told_in_the_language_asked_for(service: Served) -> None:
    (row,) = answered(service, "/v1/lookup", b"{", **{"Accept-Language": "ko"})
    assert any("가" <= letter <= "힣" for letter in row["error"]["message"])


@pytest.mark.parametrize("query", ["tier=sure", "align=perhaps", "keep_days=0", "keep_days=x"])
def test_a_wrong_option_is_said_before_anything_is_read(service: Served, query: str) -> None:
    with service.client("platform", **{"Content-Type": JSONL}) as client:
        error = told(client.post(f"/v1/reports?{query}", content=b""), 400)["error"]
    assert error["field"] == query.partition("=")[0]


def test_a_stream_may_not_be_sent_where_a_call_is_wanted(service: Served) -> None:
    with service.client("platform", **{"Content-Type": JSONL}) as client:
        error = told(client.post("/v1/align", content=b"{}\n"), 415)["error"]
    assert error["code"] == "unsupported_media_type"


def test_a_key_that_is_revoked_ends_its_stream_and_what_was_answered_is_kept(
    service: Served, uploads: list[dict[str, Any]]
) -> None:
    key = service.run("platform", "add", "leaving", "--json").lines[0]["key"]
    service.keys["leaving"] = key
    service.wait_for("leaving")
    with streaming(service, "/v1/reports", key) as call:
        call.send(*uploads[:10])
        assert [next_name(call) for _ in range(10)] == [it["content_id"] for it in uploads[:10]]
        service.run("platform", "revoke", "leaving")
        kept = 10
        row: dict[str, Any] = {}
        for upload in uploads[10:1000]:
            call.send(upload)
            row = call.read() or {}
            if "content_id" not in row:
                break
            kept += 1
        assert row.keys() == {"error"}
        # The registry itself refuses a platform that was revoked before the service has seen it.
        assert row["error"]["code"] in {"unauthorized", "refused"}
        assert call.read() is None
    assert kept < 100
    with closing(SqliteStore.open(service.registry)) as store, store.read():
        for at, upload in enumerate(uploads[: kept + 1]):
            name = ContentId(upload["content_id"])
            report = store.reports.find(PlatformName("leaving"), name)
            assert (report is not None) == (at < kept)


def test_a_sender_that_hangs_up_does_no_harm(
    service: Served, uploads: list[dict[str, Any]]
) -> None:
    for path in ("/v1/lookup", "/v1/reports"):
        with streaming(service, path, service.keys["platform"]) as call:
            call.send_bytes(lines(uploads[:700])[:-20])
    assert len(answered(service, "/v1/lookup", lines(uploads[:10]))) == 10
    assert '"fault"' not in service.log.read_text()


def test_a_sender_that_falls_silent_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploads: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(streams, "IDLE_SECONDS", 0.3)
    registry, sandbox = tmp_path / "registry.db", tmp_path / "sandbox.db"
    SqliteStore.create(sandbox).close()
    with closing(SqliteStore.create(registry)) as store:
        key = add_person(store, Role.PLATFORM, "examplegram", NOW)
    rows = asyncio.run(_silent(registry, sandbox, str(key), lines(uploads[:3])))
    assert [row.get("content_id") for row in rows] == ["upload 0", "upload 1", "upload 2", None]
    assert rows[-1]["error"]["code"] == "too_slow"


async def _silent(registry: Path, sandbox: Path, key: str, content: bytes) -> list[Any]:
    """Send a piece of a stream and then nothing; return the rows of the answer."""
    app = make_app(lambda: SqliteStore.open(registry), lambda: SqliteStore.open(sandbox))
    pieces: list[HTTPRequestEvent] = [{"type": "http.request", "body": content, "more_body": True}]
    sent: list[Message] = []

    async def receive() -> HTTPRequestEvent:
        if not pieces:
            await asyncio.Event().wait()
        return pieces.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"authorization": f"Bearer {key}", "content-type": JSONL}
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/lookup",
        "raw_path": b"/v1/lookup",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    async with app.lifespan(), asyncio.timeout(30):
        await app(scope, receive, send)
    body = b"".join(it["body"] for it in sent if it["type"] == "http.response.body")
    return [json.loads(line) for line in body.splitlines()]
