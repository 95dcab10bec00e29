"""What a platform may hold that was granted it, and what comes from others' feeds."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

import click

from hashreg.cli.common import (
    PATHS,
    index_of,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    registry_option,
    say,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.remote import chosen, keyed_server, place_options
from hashreg.exchange.partners import Damaged, Entry, Other, read_feed
from hashreg.model.errors import InvalidInput, Refused
from hashreg.model.feeds import FeedPage, FeedRecord
from hashreg.model.hashes import Algorithm
from hashreg.model.messages import N_, tr
from hashreg.model.people import Role, Scope
from hashreg.takedown.store import Store

MOST_FILE = 1 << 27
"""Bytes of a feed's file, all of which is read; 100,000 records have about 20 MB."""
COLUMNS = ("record", "deleted", "media", "algorithm", "view", "hash", "quality")
_LOCAL_FILE = {
    (Algorithm.PDQ, "image"): "pdq",
    (Algorithm.MD5, "video"): "video_md5",
    (Algorithm.SHA256, "video"): "video_sha256",
}


@click.group(
    invoke_without_command=True,
    help=tr(
        "Print what a platform may hold that was granted the feed (a key with --scope feed), and "
        "what it must drop. Asked again with --since, it tells what came after, and takes note "
        "that what came before was kept."
    ),
)
@click.option("--platform", help=tr("The platform, where the registry is on this machine."))
@click.option(
    "--since", default="", metavar="CURSOR", help=tr("Go on behind this place; printed at the end.")
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "local_file"]),
    default="jsonl",
    show_default=True,
    help=tr("How records are written; local_file is the one of threatexchange's files."),
)
@place_options
@json_option
@click.pass_context
def feed(
    context: click.Context,
    platform: str | None,
    since: str,
    form: str,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Print records, one a line, and the place to go on from."""
    if context.invoked_subcommand is not None:
        return 0
    form = "jsonl" if as_json else form
    if since and form == "local_file":
        raise InvalidInput(GONE_UNSAID, field="since")
    address = chosen(server, registry)
    pages = _here(registry, platform, since) if address is None else _at_server(address, since)
    cursor = since
    if form == "csv":
        click.echo(",".join(COLUMNS))
    for page in pages:
        if page.restart:
            if form == "csv":
                raise Refused(BEGIN_ANEW, field="since")
            note(tr(RESTART))
            print_json({"restart": True})
        for record in page.records:
            _WRITERS[form](record)
        cursor = page.cursor
    if form == "jsonl":
        print_json({"cursor": cursor})
    if form != "local_file":
        note(tr("Once this is kept, the next time: --since {cursor}", cursor=cursor))
    return 0


RESTART = N_(
    "The place to go on from is of another registry, or of one that was put back from a backup. "
    "This begins anew: drop everything that was held before."
)
BEGIN_ANEW = N_(
    "The place to go on from is of another registry, or of one that was put back from a backup. "
    "Drop everything that was held before, and ask again without --since."
)
OURS = N_(
    "This list came out of this registry: it holds what only {platform} was given. Taken in, what "
    "victims withdraw would go on being matched. Nothing was taken in."
)
GONE_UNSAID = N_(
    "The form local_file can't say what must be dropped. Use jsonl or csv with --since, or leave "
    "--since out and put the new file in the place of the old one."
)


@feed.command(
    "import",
    help=tr(
        "Take another's feed in: StopNCII's pages, NCMEC's XML, CSV of `tx dataset`, the lines of "
        "a local_file, or what `hashreg feed` prints. Damaged records are named and the others go "
        "on; the same file again changes nothing. What came so is matched as all hashes are, and "
        "is not passed on."
    ),
)
@click.argument("file", type=PATHS)
@click.option("--source", required=True, metavar="NAME", help=tr("Whose feed it is."))
@registry_option
@json_option
def import_command(file: Path, source: str, registry: Path | None, as_json: bool) -> int:
    """Take records in, some thousand at a time, and count what became of them."""
    from hashreg.takedown.partners import take_in_feed

    content, store = _content(file), open_registry(registry)
    if ours := _leaked_from(store, content):
        raise Refused(OURS, field="file", platform=ours[0])
    damaged = other = 0

    def entries() -> Iterator[Entry]:
        nonlocal damaged, other
        for it in read_feed(content):
            if isinstance(it, Entry):
                yield it
            elif isinstance(it, Damaged):
                damaged += 1
                _say_damaged(it, as_json)
            else:
                other += isinstance(it, Other)

    told = take_in_feed(store, source, entries(), now())
    index_of(store).keep(store)
    counts = told.as_json() | {"other": other, "damaged": damaged}
    if as_json:
        print_json({"source": source} | counts)
    else:
        for name, count in counts.items():
            say(f"{tr(_COUNTS[name])}: {count}")
    return EXIT_TROUBLE if damaged else 0


@feed.command(
    help=tr(
        "Forget a feed that was taken in: everything of it is withdrawn, and its platforms are "
        "told. Taken in again, it is as if for the first time."
    )
)
@click.option("--source", required=True, metavar="NAME", help=tr("Whose feed it is."))
@registry_option
@json_option
def forget(source: str, registry: Path | None, as_json: bool) -> int:
    """Withdraw what came from a source, some thousand records at a time."""
    from hashreg.takedown.partners import forget_feed

    store = open_registry(registry)
    told = forget_feed(store, source, now())
    index_of(store).keep(store)
    if as_json:
        print_json({"source": source, "withdrawn": told})
    else:
        say(tr("Withdrawn: {count}", count=told))
    return 0


@feed.command(
    help=tr(
        "Say which platform a list of hashes comes from that turned up somewhere: each has a "
        "record that no other was given."
    )
)
@click.argument("file", type=PATHS)
@registry_option
@json_option
def canary(file: Path, registry: Path | None, as_json: bool) -> int:
    """Look for the canaries of all platforms in any file."""
    content, store = _content(file), open_registry(registry)
    found = _leaked_from(store, content)
    for platform in found:
        if as_json:
            print_json({"platform": platform})
        else:
            say(tr("This list holds what only {platform} was given.", platform=platform))
    if not found and not as_json:
        say(tr("No platform's canary is in this list."))
    return EXIT_FOUND if found else 0


def _leaked_from(store: Store, content: bytes) -> list[str]:
    """Return the platforms whose canaries are in a file."""
    from hashreg.takedown.feed import canaries

    with store.read():
        whose = canaries(store)
    lower = content.lower() if whose else b""
    return sorted({platform for hash_, platform in whose.items() if hash_.encode() in lower})


def _here(registry: Path | None, platform: str | None, since: str) -> Iterator[FeedPage]:
    """Yield the pages of a registry on this machine; raises Refused without a grant."""
    from hashreg.takedown.feed import Asked, fetch

    if platform is None:
        raise InvalidInput(N_("Say whose feed it is, with --platform NAME."), field="platform")
    store, page, more = open_registry(registry), "", True
    _check_granted(store, platform)
    while more:
        got = fetch(store, platform, Asked(since, page), now())
        page, more = got.cursor, got.more
        yield got


def _check_granted(store: Store, platform: str) -> None:
    with store.read():
        keys = store.keys.of_person(Role.PLATFORM, platform)
    if not any(it.is_live(now()) and Scope.FEED in it.scopes for it in keys):
        raise Refused(
            N_(
                "{platform} was not granted the feed. To grant it, give it a key with: hashreg "
                "platform key {platform} --scope feed"
            ),
            field="platform",
            platform=platform,
        )


def _at_server(address: str, since: str) -> Iterator[FeedPage]:
    from hashreg.client.feed import pages

    with keyed_server(address) as server:
        yield from pages(server, since)


def _content(file: Path) -> bytes:
    try:
        with cast("BinaryIO", click.open_file(str(file), "rb")) as opened:
            content = opened.read(MOST_FILE + 1)
    except OSError:
        raise InvalidInput(
            N_("This file can't be read. Check its name and permissions."), field="file"
        ) from None
    if len(content) > MOST_FILE:
        raise InvalidInput(N_("This file is larger than a feed is. Split it."), field="file")
    return content


def _say_damaged(it: Damaged, as_json: bool) -> None:
    if as_json:
        print_json({"place": it.place, "error": it.error.as_json()})
    else:
        note(f"{it.place}: {it.error}")


def _write_csv(record: FeedRecord) -> None:
    rows: list[tuple[object, ...]] = [
        (it.algorithm, it.view, it.hash, "" if it.quality is None else it.quality)
        for it in record.hashes
    ] or [("", "", "", "")]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in rows:
        writer.writerow((record.record, str(record.is_gone).lower(), record.media or "", *row))
    click.echo(written.getvalue(), nl=False)


def _write_local_file(record: FeedRecord) -> None:
    for item in record.hashes:
        if signal := _LOCAL_FILE.get((item.algorithm, record.media or "")):
            click.echo(f"{signal} {item.hash}")


_WRITERS: Mapping[str, Callable[[FeedRecord], None]] = {
    "jsonl": lambda record: print_json(record.as_json()),
    "csv": _write_csv,
    "local_file": _write_local_file,
}
_COUNTS = {
    "added": N_("Added"),
    "changed": N_("Changed"),
    "withdrawn": N_("Withdrawn by their source"),
    "unchanged": N_("As before"),
    "held": N_("Held until a person has looked"),
    "matches": N_("Matches with reports"),
    "other": N_("Of kinds that are not compared here"),
    "damaged": N_("Damaged"),
}
