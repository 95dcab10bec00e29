"""Load on a server: questions prepared as bytes, over connections that stay open.

Closed: each connection asks again once it is answered. Steady: questions arrive at a fixed rate,
whatever the server does, and wait from the moment they arrive.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from service_process import Server

CONNECTIONS_AT_MOST = 64
OK = b"HTTP/1.1 200"


@dataclass(frozen=True, slots=True)
class Question:
    """A request as bytes, and the tiers that its items must get."""

    request: bytes = field(repr=False)
    tiers: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: items answered, seconds, CPU seconds of the server, and waiting times."""

    items: int
    seconds: float
    cpu_seconds: float
    waited: Sequence[float]

    def as_json(self) -> dict[str, float]:
        """Return rates and, in milliseconds, how long questions waited."""
        half, most = np.percentile(self.waited, (50, 99))
        return {
            "items_a_second": round(self.items / self.seconds),
            "cpu_us_an_item": round(1e6 * self.cpu_seconds / self.items, 1),
            "p50_ms": round(1e3 * float(half), 2),
            "p99_ms": round(1e3 * float(most), 2),
        }


def question(items: Sequence[tuple[dict[str, Any], str | None]], tier: str, key: str) -> Question:
    """Return the question of items, each with the tier that it must get."""
    body = {"items": [item for item, _ in items]} | ({"tier": tier} if tier == "match" else {})
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return Question(head.encode() + content, [tier for _, tier in items])


class Connection(asyncio.Protocol):
    """One connection that is asked one question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._end = 0
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take in a part of an answer."""
        self._came += data
        if not self._end and (head := self._came.find(b"\r\n\r\n") + 4) >= 4:
            length = bytes(self._came[:head]).lower().partition(b"content-length:")[2]
            self._end = head + int(length.partition(b"\r\n")[0])
        if self._end and len(self._came) >= self._end and self._answer is not None:
            self._answer.set_result(bytes(self._came))
            self._came, self._end = bytearray(), 0

    def connection_lost(self, _: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up"))

    def close(self) -> None:
        """End it."""
        assert self._transport is not None  # noqa: S101
        self._transport.close()

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """Return the answer, head and all."""
        assert self._transport is not None  # noqa: S101
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer


async def _connected(server: Server, count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(Connection, server.host, server.port) for _ in range(count)
    ]
    return [it for _, it in made]


def closed(server: Server, questions: Sequence[Question], connections: int, seconds: float) -> Load:
    """Ask over so many connections for so long, each its next question once it is answered."""
    return asyncio.run(_closed(server, questions, connections, seconds))


async def _closed(
    server: Server, questions: Sequence[Question], count: int, seconds: float
) -> Load:
    connections = await _connected(server, count)
    answers: list[tuple[Question, bytes, float]] = []
    cpu, begun = server.cpu_seconds, time.perf_counter()
    source = _until(questions, begun + seconds)

    async def ask(connection: Connection) -> None:
        for it in source:
            asked = time.perf_counter()
            answer = await connection.ask(it.request)
            answers.append((it, answer, time.perf_counter() - asked))

    await asyncio.gather(*map(ask, connections))
    return _measured(server, answers, connections, cpu, begun)


def _until(questions: Sequence[Question], end: float) -> Iterator[Question]:
    while True:
        for it in questions:
            if time.perf_counter() >= end:
                return
            yield it


def steady(server: Server, questions: Sequence[Question], rate: float) -> Load:
    """Ask all questions, so many a second, each as soon as it arrives if a connection is free."""
    return asyncio.run(_steady(server, questions, rate))


async def _steady(server: Server, questions: Sequence[Question], rate: float) -> Load:
    connections = await _connected(server, CONNECTIONS_AT_MOST)
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for connection in connections:
        free.put_nowait(connection)
    answers: list[tuple[Question, bytes, float]] = []
    cpu, begun = server.cpu_seconds, time.perf_counter()

    async def ask(it: Question, due: float) -> None:
        connection = await free.get()
        answers.append((it, await connection.ask(it.request), time.perf_counter() - due))
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as asking:
        for number, it in enumerate(questions):
            due = begun + number / rate
            while time.perf_counter() < due:
                await asyncio.sleep(0)  # timers are a millisecond too coarse
            asking.create_task(ask(it, due))
    return _measured(server, answers, connections, cpu, begun)


def _measured(
    server: Server,
    answers: Sequence[tuple[Question, bytes, float]],
    connections: Sequence[Connection],
    cpu: float,
    begun: float,
) -> Load:
    seconds, used = time.perf_counter() - begun, server.cpu_seconds - cpu
    for connection in connections:
        connection.close()
    for asked, answer, _ in answers:
        _verify(asked, answer)
    items = sum(len(asked.tiers) for asked, _, _ in answers)
    return Load(items, seconds, used, [waited for _, _, waited in answers])


def _verify(asked: Question, answer: bytes) -> None:
    """Raise ValueError where an answer is not the one that is known to be right."""
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head.startswith(OK):
        raise ValueError(f"the server answered {head[:40]!r}")
    results = json.loads(content)["results"]
    if [it["tier"] for it in results] != list(asked.tiers) or any(it["error"] for it in results):
        raise ValueError("a look-up was answered wrongly")
