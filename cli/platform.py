"""What a platform does: report the hashes of its content."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import click

from hashreg.cli.common import (
    index_of,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    registry_option,
    say,
    shown,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.words import TIER_WORDS
from hashreg.model.messages import tr
from hashreg.model.reports import MAX_LINE, BadLine, ContentIdFrom, Report, read_reports
from hashreg.takedown.report import RETENTION, ReportResult
from hashreg.takedown.report import report as report_to

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
@click.option("--platform", required=True, help=tr("The platform's name."))
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
    type=click.IntRange(1, 3650),
    default=RETENTION.days,
    show_default=True,
    help=tr("How long the reports are kept, to be found by later registrations."),
)
@registry_option
@json_option
def report(
    file: BinaryIO,
    platform: str,
    content_id_from: str,
    keep_days: int,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Match and keep reports, some hundred at a time; a bad line is named and the rest goes on."""
    store = open_registry(registry)
    index = index_of(store)
    report_to(store, index, platform, [], now())  # may it report at all?
    index.keep(store)
    found = troubled = 0
    entries = read_reports(_lines(file), cast("ContentIdFrom", content_id_from))
    for batch in _batches(entries):
        reports = [entry for entry in batch if isinstance(entry, Report)]
        results = iter(
            report_to(store, index, platform, reports, now(), dt.timedelta(days=keep_days))
        )
        for entry in batch:
            told = next(results) if isinstance(entry, Report) else entry
            found += isinstance(told, ReportResult) and told.tier is not None
            troubled += told.error is not None
            _print(told, as_json)
    return EXIT_FOUND if found else EXIT_TROUBLE if troubled else 0


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


def _print(told: ReportResult | BadLine, as_json: bool) -> None:
    if as_json:
        print_json(_bad_line(told) if isinstance(told, BadLine) else told.as_json())
    elif isinstance(told, BadLine):
        note(tr("line {line}: {error}", line=told.line, error=shown(str(told.error))))
    else:
        answer = tr("none")
        if told.tier:
            answer = "  ".join(
                [tr(TIER_WORDS[told.tier]), *(it.ticket or "" for it in told.matches)]
            )
        elif told.error:
            answer = tr("unchecked") + f". {told.error}"
        say(f"{shown(told.content_id)}: {answer}")


def _bad_line(bad: BadLine) -> dict[str, object]:
    error = bad.error
    return {
        "content_id": bad.content_id,
        "tier": None,
        "tickets": [],
        "align": [],
        "error": error.as_json() | {"field": error.field, "line": bad.line},
    }
