"""Platforms' reports: JSONL or CSV in, one content item after the other out.

Three shapes are read, told apart by themselves: JSONL with ``{"content_id", "hashes": [...]}``,
JSONL as `hashreg hash --json` prints it, and rows (CSV with a header, or flat JSONL) of
``content_id,algorithm,view,hash,quality``, where neighbouring rows of one id belong together.
A bad line gets its own error, named by its number, and the others go on.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Literal, NewType

from hashreg.model.errors import HashregError, InvalidHash, InvalidInput, InvalidReport
from hashreg.model.fingerprints import (
    MAX_HASHES,
    Fingerprint,
    fingerprint_from_fields,
    hashes_from_json,
    merged,
    tokens_of,
)
from hashreg.model.hashes import Algorithm, HashItem, hash_item
from hashreg.model.messages import N_, tr
from hashreg.model.strictjson import Fields, parse

ContentId = NewType("ContentId", str)
"""A platform's own name of a content item: 1 to 512 characters."""

ContentIdFrom = Literal["sha256", "name"]
MAX_CONTENT_ID = 512
MAX_LINE = 256 * 1024
MOST_LINES_WITHOUT_SHAPE = 10
"""So many lines that are neither JSON nor a header are named; then the whole input is given up."""
MAX_TOLD = 200
"""Characters of another program's error text that are repeated."""
COLUMNS = ("content_id", "algorithm", "view", "hash", "quality")
_TOO_LONG = N_("This line is too long.")
_QUALITY = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Report:
    """The hashes of one content item that a platform asks about.

    ``line`` is the last line of input that speaks of it, where it was read from lines.
    """

    content_id: ContentId
    fingerprint: Fingerprint
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read, or that names a file which could not be hashed."""

    line: int
    error: HashregError
    content_id: ContentId | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of flat input: one hash of one content item."""

    line: int
    content_id: ContentId
    item: HashItem


def read_reports(
    lines: Iterable[bytes], content_id_from: ContentIdFrom = "sha256"
) -> Iterator[Report | BadLine]:
    """Read a report line by line; bad lines come out as BadLine, in their place."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    yield from _joined(_entries(numbered, content_id_from))


def content_id(text: object) -> ContentId:
    """Check a platform's content id; raises InvalidReport."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_CONTENT_ID:
        raise InvalidReport(
            N_("A content id must be text of 1 to {most} characters."),
            field="content_id",
            most=MAX_CONTENT_ID,
        )
    return ContentId(text)


def report_from_fields(fields: Fields) -> Report:
    """Read one content item: ``content_id``, ``hashes``, ``tokens``, ``quality``.

    Raises InvalidInput.
    """
    name = content_id(fields.raw("content_id"))
    hashes = hashes_from_json(fields) if "hashes" in fields else ()
    quality = fields.whole_number("quality", 0, 100) if fields.has("quality") else None
    if not hashes and not fields.has("tokens"):
        raise InvalidReport(
            N_("This content item has neither hashes nor tokens, so there is nothing to compare."),
            field="hashes",
        )
    return Report(name, Fingerprint(hashes, quality, tokens=tokens_of(fields)))


def _entries(
    lines: Iterator[tuple[int, bytes]], content_id_from: ContentIdFrom
) -> Iterator[Report | BadLine | _Row]:
    """Read on in the shape that the first line has which is JSON or a header."""
    refused = 0
    for number, line in lines:
        if line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
            yield from _jsonl(chain([(number, line)], lines), content_id_from)
        elif names := _header(line):
            yield from _csv(lines, names)
        else:
            error = InvalidReport(
                N_(
                    "The first line must name the columns {columns}, with commas, in UTF-8; or "
                    "send JSON, one object a line."
                ),
                columns=",".join(COLUMNS),
            )
            yield BadLine(number, error)
            refused += 1
            if refused >= MOST_LINES_WITHOUT_SHAPE:
                return


def _jsonl(
    lines: Iterable[tuple[int, bytes]], content_id_from: ContentIdFrom
) -> Iterator[Report | BadLine | _Row]:
    for number, line in lines:
        yield _guarded(number, partial(_json_line, number, line, content_id_from))


def _json_line(number: int, line: bytes, content_id_from: ContentIdFrom) -> Report | BadLine | _Row:
    if len(line) > MAX_LINE:
        raise InvalidReport(_TOO_LONG)
    fields = Fields(parse(line.removeprefix(b"\xef\xbb\xbf"), InvalidReport), "", InvalidReport)
    if fields.has("file") and not fields.has("content_id"):
        return _hashed_file(number, fields, content_id_from)
    name = content_id(fields.raw("content_id"))
    if "hashes" in fields or fields.has("tokens"):
        hashes = hashes_from_json(fields) if "hashes" in fields else ()
        return Report(name, Fingerprint(hashes, tokens=tokens_of(fields)), number)
    return _row(number, [fields.raw(column) for column in COLUMNS])


def _hashed_file(number: int, fields: Fields, content_id_from: ContentIdFrom) -> Report | BadLine:
    """Read a line of `hashreg hash --json`."""
    name = content_id(fields.text("file")) if content_id_from == "name" else None
    if fields.has("error"):
        return BadLine(number, _told_error(fields.raw("error")), name)
    fingerprint = fingerprint_from_fields(fields)
    digest = fingerprint.get(Algorithm.SHA256, "file")
    if name is None and digest is None:
        raise InvalidReport(
            N_("This line has no SHA-256 of the file, which would be its content id."),
            field="hashes",
        )
    return Report(name or ContentId(digest.hash if digest else ""), fingerprint, number)


def _told_error(error: object) -> HashregError:
    """Return the error that the hashing device met, in its own words."""
    message = error.get("message") if isinstance(error, dict) else None
    told = InvalidReport(
        N_("This file was not hashed: {message}"),
        message=message[:MAX_TOLD] if isinstance(message, str) else tr("no reason was given"),
    )
    told.code = "not_hashed"
    return told


def _header(line: bytes) -> list[str] | None:
    """Return the names of the columns, None where one that is needed is missing."""
    try:
        names = _cells(line.removeprefix(b"\xef\xbb\xbf"))
    except InvalidReport:
        return None
    return names if set(COLUMNS[:4]) <= set(names) else None


def _csv(lines: Iterable[tuple[int, bytes]], names: list[str]) -> Iterator[Report | BadLine | _Row]:
    for number, line in lines:
        yield _guarded(number, partial(_csv_line, number, line, names))


def _cells(line: bytes) -> list[str]:
    if len(line) > MAX_LINE:
        raise InvalidReport(_TOO_LONG)
    try:
        return next(csv.reader([line.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        raise InvalidReport(N_("This line is not valid CSV in UTF-8.")) from None


def _csv_line(number: int, line: bytes, names: list[str]) -> _Row:
    cells = _cells(line)
    if len(cells) != len(names):
        raise InvalidReport(
            N_("This line has {found} columns; the first line names {expected}."),
            found=len(cells),
            expected=len(names),
        )
    row = dict(zip(names, cells, strict=True))
    quality = row.get("quality", "").strip()
    if quality and not _QUALITY.fullmatch(quality):
        raise InvalidHash(
            N_("A quality must be a whole number from 0 to 100, or null."), field="quality"
        )
    values: list[object] = [row[column] for column in COLUMNS[:4]]
    return _row(number, [*values, int(quality) if quality else None])


def _row(number: int, values: list[object]) -> _Row:
    name, algorithm, view, value, quality = values
    return _Row(number, content_id(name), hash_item(algorithm, view, value, quality))


def _guarded(number: int, read: Callable[[], Report | BadLine | _Row]) -> Report | BadLine | _Row:
    try:
        return read()
    except InvalidInput as error:
        return BadLine(number, error)


def _joined(read: Iterable[Report | BadLine | _Row]) -> Iterator[Report | BadLine]:
    """Join neighbouring rows of one content id into one report."""
    rows: list[_Row] = []
    for entry in read:
        if rows and not _belongs(entry, rows):
            yield _report(rows)
            rows = []
        if isinstance(entry, _Row):
            rows.append(entry)
        else:
            yield entry
    if rows:
        yield _report(rows)


def _belongs(entry: Report | BadLine | _Row, rows: list[_Row]) -> bool:
    return (
        isinstance(entry, _Row)
        and entry.content_id == rows[0].content_id
        and len(rows) < MAX_HASHES
    )


def _report(rows: list[_Row]) -> Report:
    fingerprint = Fingerprint(merged(row.item for row in rows))
    return Report(rows[0].content_id, fingerprint, rows[-1].line)
