"""Bulk look-ups and reports: JSON Lines in, JSON Lines out, written while it is read.

Lines are answered some hundred at a time, or as soon as the sender pauses; what is kept is kept
before it is answered. The key is looked at again for each of these batches.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from hashreg.model.errors import HashregError, InvalidInput, InvalidReport, TooManyRequests
from hashreg.model.matches import Tier
from hashreg.model.messages import N_
from hashreg.model.reports import MAX_LINE
from hashreg.model.retention import MOST_DAYS, REPORTS_KEPT
from hashreg.model.strictjson import parse
from hashreg.server.answering import Entry, Found, How, Unread, find
from hashreg.server.call import JSONL, Call, bearer, chunks, no_key, too_slow
from hashreg.server.desk import now
from hashreg.server.endpoints import MEGABYTE, Answer
from hashreg.server.failures import broken_json, error_json
from hashreg.server.lookups import entry, shown
from hashreg.server.written import IDLE_SECONDS, Written, line

log = logging.getLogger("hashreg.server")
Line = tuple[int, bytes]
AT_ONCE = 500
"""Lines of one batch: kept in one transaction."""
MOST_GATHERED = 2 * MEGABYTE
"""Bytes of lines that are gathered to a batch."""
PAUSE = 0.1
"""Seconds without a new line after which what has come is answered."""


def lookup(call: Call) -> Written:
    """Look a stream of content items up; nothing is kept."""
    return _stream(call, _how(call))


def reports(call: Call) -> Written:
    """Look a stream of content items up and keep them as the platform's reports."""
    kept = dt.timedelta(days=call.query_number("keep_days", REPORTS_KEPT.days, 1, MOST_DAYS))
    return _stream(call, replace(_how(call), platform=call.asker.name, retention=kept))


def check(call: Call) -> Written:
    """Look a stream of uploads up for a moderator."""
    return _stream(call, replace(_how(call), explained=True))


def _how(call: Call) -> How:
    tier = Tier(call.query_choice("tier", Tier.REVIEW.value, tuple(Tier)))
    aligns = call.query_choice("align", "true", ("true", "false")) == "true"
    return How(call.asker, tier, aligns)


def _stream(call: Call, how: How) -> Written:
    return Written(_answers(call, how), JSONL)


async def _answers(call: Call, how: How) -> AsyncIterator[bytes]:
    try:
        async for batch in _batches(_lines(call)):
            _check_key(call)
            await _wait_for_turn(call, sum(len(line) for _, line in batch))
            entries = await call.desk.search(_entries, batch)
            found = await find(call.desk, how, entries)
            rows = [_row(it, how, call, at) for (at, _), it in zip(batch, found, strict=True)]
            yield b"".join(map(line, rows))
    except HashregError as error:
        yield line({"error": error_json(error)})
    except Exception:  # the answer has begun; its last line says that it broke off
        log.exception("fault", extra={"route": call.request.scope["path"]})
        yield line({"error": broken_json()})


def _check_key(call: Call) -> None:
    """Raise Unauthorized where the key is no longer good."""
    if call.door.keyring.who(bearer(call.request) or "", now()) is None:
        raise no_key()


async def _wait_for_turn(call: Call, size: int) -> None:
    """Wait until this key may send so many bytes more."""
    while True:
        try:
            call.spend(size)
        except TooManyRequests:
            await asyncio.sleep(PAUSE)
        else:
            return


def _row(it: Found, how: How, call: Call, line: int) -> Answer:
    row = shown(it, how, call.handles)
    if it.error is not None:
        row["error"] = {**error_json(it.error), "line": line}
    return row


def _entries(batch: Sequence[Line]) -> list[Entry]:
    return [_entry(line) for _, line in batch]


def _entry(line: bytes) -> Entry:
    try:
        if len(line) > MAX_LINE:
            raise InvalidReport(N_("This line is too long."))
        return entry(parse(line, InvalidReport), "")
    except InvalidInput as error:
        return Unread(error)


async def _lines(call: Call) -> AsyncIterator[list[Line]]:
    """Yield the lines of the stream as they arrive, blank ones left out; too long ones cut off."""
    rest, number = b"", 0
    async for chunk in chunks(call.request):
        *whole, rest = (rest + chunk).split(b"\n")
        yield [(number + at, line) for at, line in enumerate(whole, 1) if line.strip()]
        number += len(whole)
        rest = rest[: MAX_LINE + 1]
    if rest.strip():
        yield [(number + 1, rest)]


async def _batches(arriving: AsyncIterator[list[Line]]) -> AsyncIterator[Sequence[Line]]:
    """Gather lines to batches; raises TooSlow where the sender falls silent."""
    batch: list[Line] = []
    ended = False
    coming = asyncio.ensure_future(anext(arriving, None))
    try:
        while not ended:
            done, _ = await asyncio.wait([coming], timeout=PAUSE if batch else IDLE_SECONDS)
            if not done and not batch:
                raise too_slow()
            if done:
                lines = coming.result()
                ended = lines is None
                batch += lines or []
                if not ended:
                    coming = asyncio.ensure_future(anext(arriving, None))
            full = sum(len(line) for _, line in batch) >= MOST_GATHERED
            least = 1 if ended or full or not done else AT_ONCE
            while len(batch) >= least:
                yield batch[:AT_ONCE]
                batch = batch[AT_ONCE:]
    finally:
        coming.cancel()
