"""Feeds that others give out, read record by record: a bad one is named, the rest goes on.

Told apart by their first characters: StopNCII's pages (JSON), NCMEC's entries (XML), our own
records (JSONL), CSV of ``tx dataset`` or our own, and the lines of a ``local_file`` exchange
(facts, interop A, B, E). Words that are new to us never cost a record.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

from hashreg.exchange import ncmec
from hashreg.exchange.pages import records_of
from hashreg.exchange.stopncii import GONE
from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.fingerprints import Fingerprint, Media, hashes_from_json, too_plain
from hashreg.model.hashes import FILE_VIEW, Algorithm, HashItem, hash_item
from hashreg.model.messages import N_
from hashreg.model.reports import MAX_LINE, MOST_LINES_WITHOUT_SHAPE
from hashreg.model.strictjson import Fields, parse

T = TypeVar("T")
MOST_NAME = 512
_QUALITY = re.compile(r"[0-9]{1,3}")
_Row = Mapping[str, str]
SIGNALS: Mapping[str, tuple[Algorithm, str, Media]] = {
    "pdq": (Algorithm.PDQ, "whole", "image"),
    "ImagePDQ": (Algorithm.PDQ, "whole", "image"),
    "video_md5": (Algorithm.MD5, FILE_VIEW, "video"),
    "VideoMD5": (Algorithm.MD5, FILE_VIEW, "video"),
    "video_sha256": (Algorithm.SHA256, FILE_VIEW, "video"),
    "md5": (Algorithm.MD5, FILE_VIEW, "image"),
    "sha256": (Algorithm.SHA256, FILE_VIEW, "image"),
}
"""Types of signals in all these feeds that are hashes of ours; every other type is passed over."""
_BARE = {64: "pdq", 32: "md5"}
"""What a line is of that names no type, by its length."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: ``name`` is the source's, ``fingerprint`` None where it was taken back."""

    name: str = field(repr=False)
    fingerprint: Fingerprint | None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that could not be read, named by where it stands."""

    place: str
    error: HashregError


@dataclass(frozen=True, slots=True)
class Other:
    """A record of a kind that is nothing of ours, such as an address."""


Read = Entry | Damaged | Other


def read_feed(content: bytes) -> Iterator[Read]:
    """Yield the records of a feed, in its order."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        yield from _xml(start)
    elif start.startswith((b"{", b"[")) and b'"hashRecords"' in content:
        yield from _pages(content)
    elif start.startswith(b"{"):
        yield from _lines(content, _json_line)
    elif (columns := _columns(start)) is not None:
        yield from _csv(start, columns)
    else:
        yield from _shaped(_lines(content, _plain_line))


def entry(name: str, signal_type: str, value: str, *, gone: bool = False) -> Read:
    """Return a record of one hash; raises InvalidHash."""
    if not signal_type.strip():
        raise InvalidInput(N_("This record does not say of which type it is."))
    known = SIGNALS.get(signal_type)
    if known is None:
        return Other()
    algorithm, view, media = known
    item = HashItem(algorithm, view, value.strip().lower(), None)
    return _entry(name, Fingerprint((item,), None, media), gone=gone)


def _entry(name: str, fingerprint: Fingerprint, *, gone: bool) -> Entry:
    if not 0 < len(name) <= MOST_NAME:
        raise InvalidInput(
            N_("A record needs a name of 1 to {most} characters."), field="record", most=MOST_NAME
        )
    if gone:
        return Entry(name, None)
    kept = fingerprint.comparable()
    if not kept.hashes:
        raise too_plain(fingerprint)
    return Entry(name, kept)


def _guarded(place: str, work: Callable[[], T]) -> T | Damaged:
    try:
        return work()
    except HashregError as error:
        return Damaged(place, error)


def _lines(content: bytes, read: Callable[[bytes], Read]) -> Iterator[Read]:
    for number, line in _numbered(content):
        yield _guarded(f"line {number}", partial(_line, read, line))


def _numbered(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold anything, one at a time."""
    for number, line in enumerate(io.BytesIO(content), 1):
        if line.strip():
            yield number, line.strip()


def _shaped(lines: Iterable[Read]) -> Iterator[Read]:
    """Give up where no line at the beginning is one: that is no feed."""
    good = False
    for number, it in enumerate(lines, 1):
        good = good or not isinstance(it, Damaged)
        yield it
        if not good and number == MOST_LINES_WITHOUT_SHAPE:
            return


def _line(read: Callable[[bytes], Read], line: bytes) -> Read:
    return read(_bounded(line))


def _bounded(line: bytes) -> bytes:
    if len(line) > MAX_LINE:
        raise InvalidInput(N_("This line is too long."))
    return line


def _json_line(line: bytes) -> Read:
    """Read one record of our own feed."""
    fields = Fields(parse(line), "")
    if "record" not in fields and ("cursor" in fields or "restart" in fields):
        return Other()  # where the feed goes on, or that it begins anew
    name = fields.text("record")
    if fields.has("deleted") and fields.flag("deleted"):
        return _entry(name, Fingerprint(()), gone=True)
    media = fields.one_of("media", ("image", "video")) if fields.has("media") else "image"
    quality = fields.whole_number("quality", 0, 100) if fields.has("quality") else None
    made = Fingerprint(hashes_from_json(fields), quality, cast("Media", media))
    return _entry(name, made, gone=False)


def _plain_line(line: bytes) -> Read:
    """Read a line of a ``local_file`` exchange: a type and a signal, or a signal alone."""
    try:
        words = line.decode("ascii").split()
    except UnicodeDecodeError:
        raise InvalidInput(N_("This line is no signal: it holds other letters.")) from None
    if len(words) == 1 and len(words[0]) in _BARE:
        words.insert(0, _BARE[len(words[0])])
    if len(words) != 2:  # noqa: PLR2004  (type and signal)
        raise InvalidInput(N_("This line is no signal: a type, a blank and a hash, or a hash."))
    return _named_by_itself(*words)


def _named_by_itself(signal_type: str, value: str, *, gone: bool = False) -> Read:
    """Return a record that has no other name than its hash."""
    return entry(f"{signal_type} {value.strip().lower()}", signal_type, value, gone=gone)


def _columns(content: bytes) -> list[str] | None:
    head = content[:MAX_LINE].partition(b"\n")[0].decode("ascii", "replace").strip()
    names = [it.strip() for it in head.split(",")]
    return names if {"signal_type", "signal_str"} <= set(names) or "algorithm" in names else None


def _csv(content: bytes, columns: Sequence[str]) -> Iterator[Read]:
    """Read CSV: of ``tx dataset`` one record a line, of our own one hash a line.

    Each line is read by itself, so that a stray quote costs one.
    """
    gathered: dict[str, list[_Row]] = {}
    first: dict[str, int] = {}
    for number, line in _numbered(content):
        if number == 1:
            continue
        row = _guarded(f"line {number}", partial(_row, columns, line))
        if isinstance(row, Damaged):
            yield row
        elif "signal_type" in columns:
            named = partial(_named_by_itself, row["signal_type"], row["signal_str"])
            yield _guarded(f"line {number}", named)
        else:
            gathered.setdefault(row.get("record", ""), []).append(row)
            first.setdefault(row.get("record", ""), number)
    for name, its in gathered.items():
        yield _guarded(f"line {first[name]}", partial(_csv_record, name, its))


def _row(columns: Sequence[str], line: bytes) -> _Row:
    """Return a line's fields by their columns."""
    try:
        (fields,) = csv.reader([_bounded(line).decode()], strict=True)
    except (csv.Error, ValueError):
        raise InvalidInput(
            N_("This line is no row of CSV in UTF-8. It may be cut off, or have a stray quote.")
        ) from None
    if len(fields) != len(columns):
        raise InvalidInput(
            N_("This line has {found} columns; the first one has {expected}."),
            found=len(fields),
            expected=len(columns),
        )
    return dict(zip(columns, fields, strict=True))


def _csv_record(name: str, rows: Iterable[_Row]) -> Read:
    items, media = [], "image"
    for row in rows:
        if row.get("deleted", "").lower() == "true":
            return _entry(name, Fingerprint(()), gone=True)
        media = row.get("media") or media
        text = row.get("quality", "")
        quality = int(text) if _QUALITY.fullmatch(text) else text or None
        kind, view, value = row["algorithm"], row.get("view"), row.get("hash")
        items.append(hash_item(kind, view, value, quality))
    video = media == "video"
    return _entry(name, Fingerprint(tuple(items), None, "video" if video else "image"), gone=False)


def _pages(content: bytes) -> Iterator[Read]:
    """Read pages of StopNCII, one document or one a line; a page that is cut off is named."""
    for place, told in records_of(content, "hashRecords"):
        if isinstance(told, HashregError):
            yield Damaged(place, told)
        else:
            yield _guarded(place, partial(_hash_record, told, place))


def _hash_record(told: object, place: str) -> Read:
    fields = Fields(told, place)
    gone = fields.has("hashStatus") and fields.text("hashStatus") in GONE
    return _named_by_itself(fields.text("signalType"), fields.text("hashValue"), gone=gone)


def _xml(content: bytes) -> Iterator[Read]:
    for place, told in ncmec.entries(content):
        if isinstance(told, HashregError):
            yield Damaged(place, told)
        else:
            yield _guarded(place, partial(_ncmec_entry, told))


def _ncmec_entry(told: ncmec.Told) -> Read:
    items = [
        HashItem(Algorithm(kind), "whole" if kind == Algorithm.PDQ else FILE_VIEW, value, None)
        for kind, value in told.hashes.items()
    ]
    if not items and not told.gone:
        return Other()
    return _entry(told.name, Fingerprint(tuple(items), None, told.media), gone=told.gone)
