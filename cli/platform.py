"""What a platform does: report the hashes of its content, here or at a server."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from hashreg.cli.common import (
    index_of,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    say,
    shown,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.remote import chosen, keyed_server, place_options
from hashreg.cli.words import TIER_WORDS
from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.matches import Tier
from hashreg.model.messages import N_, tr
from hashreg.model.reports import MAX_LINE, BadLine, ContentIdFrom, Report, read_reports
from hashreg.model.retention import MOST_DAYS, REPORTS_KEPT
from hashreg.takedown.report import report as report_to

if TYPE_CHECKING:
    from hashreg.client.answers import ErrorJson, ReportedJson

Ask = Callable[[Sequence[Report]], Sequence["ReportedJson"]]
"""Whoever matches and keeps reports: a registry here, or a server."""
AT_ONCE = 500
"""Content items matched and kept in one transaction."""


@click.command(
    help=tr(
        "Report hashes of a platform's content, from a FILE or standard input (-): JSONL, CSV with "
        "the columns content_id,algorithm,view,hash,quality, or the output of `hashreg hash "
        "--views query --json`. Prints for each content item a match or none."
    )
)
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--platform", help=tr("The platform's name; at a server it is the one whose key is given.")
)
@click.option(
    "--content-id",
    "content_id_from",
    type=click.Choice(["sha256", "name"]),
    default="sha256",
    show_default=True,
    help=tr("What names a file that `hashreg hash` printed: its SHA-256 or its file name."),
)
@click.option(
    "--keep-days",
    type=click.IntRange(1, MOST_DAYS),
    default=REPORTS_KEPT.days,
    show_default=True,
    help=tr("How long the reports are kept, to be found by later registrations."),
)
@click.option(
    "--skip",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help=tr("Pass over the first N lines, which were answered before."),
)
@place_options
@json_option
def report(
    file: BinaryIO,
    platform: str | None,
    content_id_from: str,
    keep_days: int,
    skip: int,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Match and keep reports, some hundred at a time; a bad line is named and the rest goes on."""
    found = troubled = 0
    entries = read_reports(_lines(file), cast("ContentIdFrom", content_id_from))
    unanswered = (entry for entry in entries if (entry.line or 0) > skip)
    address = chosen(server, registry)
    asking = (
        _here(registry, platform, keep_days)
        if address is None
        else _at_server(address, file, keep_days)
    )
    with asking as ask, _counting(skip) as answered:
        for batch in _batches(unanswered):
            results = iter(ask([entry for entry in batch if isinstance(entry, Report)]))
            for entry in batch:
                told = next(results) if isinstance(entry, Report) else _bad_line(entry)
                found += told["tier"] is not None
                troubled += told["error"] is not None
                _print(told, entry, as_json)
                answered.line = entry.line or 0
    return EXIT_FOUND if found else EXIT_TROUBLE if troubled else 0


@contextmanager
def _here(registry: Path | None, platform: str | None, keep_days: int) -> Iterator[Ask]:
    """Give a registry on this machine; one that isn't there, or may not be asked, is said."""
    if platform is None:
        raise InvalidInput(N_("Say whose content it is, with --platform NAME."), field="platform")
    store = open_registry(registry)
    index = index_of(store)
    report_to(store, index, platform, [], now())
    index.keep(store)
    keep = dt.timedelta(days=keep_days)

    def ask(reports: Sequence[Report]) -> Sequence["ReportedJson"]:
        results = report_to(store, index, platform, reports, now(), keep)
        return [cast("ReportedJson", it.as_json()) for it in results]

    yield ask


@contextmanager
def _at_server(address: str, file: BinaryIO, keep_days: int) -> Iterator[Ask]:
    """Give a server; one that isn't there, or may not be asked, is said."""
    from hashreg.client import remote

    with keyed_server(address, file) as server:
        remote.may_report(server)
        yield lambda reports: remote.report(server, reports, keep_days)


@dataclass
class _Answered:
    """The last line of input that was answered."""

    line: int


@contextmanager
def _counting(skip: int) -> Iterator[_Answered]:
    """Count the lines that were answered, and where it breaks off say how to go on."""
    answered = _Answered(skip)
    try:
        yield answered
    except (HashregError, KeyboardInterrupt):
        if answered.line:
            note(
                tr(
                    "Answered lines of input: {lines}. To go on behind them, run the same command "
                    "again with: --skip {lines}",
                    lines=answered.line,
                )
            )
        raise


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of one that is too long its beginning, so that memory stays bounded."""
    while line := file.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE + 1)
        yield line


def _batches(entries: Iterator[Report | BadLine]) -> Iterator[Sequence[Report | BadLine]]:
    while batch := list(islice(entries, AT_ONCE)):
        yield batch


def _print(told: "ReportedJson", entry: Report | BadLine, as_json: bool) -> None:
    error = told["error"]
    if as_json:
        print_json(told)
    elif isinstance(entry, BadLine):
        note(tr("line {line}: {error}", line=entry.line, error=shown(str(entry.error))))
    else:
        answer = tr("none")
        if told["tier"]:
            answer = "  ".join([tr(TIER_WORDS[Tier(told["tier"])]), *told["tickets"]])
        elif error:
            answer = tr("unchecked") + f". {shown(error['message'])}"
        say(f"{shown(entry.content_id)}: {answer}")


def _bad_line(bad: BadLine) -> "ReportedJson":
    error = bad.error
    told = error.as_json() | {"field": error.field, "line": bad.line}
    return {
        "content_id": bad.content_id,
        "tier": None,
        "tickets": [],
        "align": [],
        "error": cast("ErrorJson", told),
    }
