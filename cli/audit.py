"""The event table as evidence: its head, and whether it is whole."""

from contextlib import closing
from pathlib import Path

import click

from hashreg.cli.common import (
    PATHS,
    json_option,
    now,
    open_registry,
    print_json,
    registry_option,
    say,
)
from hashreg.cli.main import EXIT_FOUND
from hashreg.model.errors import InvalidDocument
from hashreg.model.heads import MOST_BYTES, Head, parse_head
from hashreg.model.messages import N_, tr
from hashreg.takedown.audit import Finding, signed_head
from hashreg.takedown.audit import verify as verify_events

FINDINGS = {
    Finding.CHANGED: N_("Entry {sequence} was changed, taken out or put in afterwards."),
    Finding.CUT_OFF: N_(
        "The table ends before entry {sequence}, which a head from before names: entries were cut "
        "off, or an older copy of the registry was put in its place."
    ),
    Finding.FORKED: N_(
        "Entry {sequence} is another one than a head from before names: the table was written anew."
    ),
    Finding.VERDICT: N_(
        "The verdict on ticket {ticket} is not the one that the list of events tells of: it was "
        "changed, taken out or put in afterwards."
    ),
    Finding.FOREIGN: N_(
        "A head (of entry {sequence}) was not signed by this registry, or it was changed."
    ),
}


heads_option = click.option(
    "--head",
    "heads",
    type=PATHS,
    multiple=True,
    metavar="FILE",
    help=tr("A head that was kept, as `hashreg audit head` printed it; can be given again."),
)


@click.group(help=tr("Whether the list of events is whole."))
def audit() -> None:
    """The event table."""


@audit.command(
    help=tr(
        "Print the signed head of the list of events. Whoever keeps it notices later if anything "
        "before it was changed: give it to somebody outside, every day."
    )
)
@registry_option
def head(registry: Path | None) -> int:
    """Print the newest head, as JSON in any case."""
    with closing(open_registry(registry)) as store:
        click.echo(signed_head(store, now()).to_bytes(), nl=False)
    return 0


@audit.command(
    help=tr(
        "Verify the list of events from its beginning, and that it goes on from heads that were "
        "kept before. Exit code 1 where something is wrong."
    )
)
@heads_option
@registry_option
@json_option
def verify(heads: tuple[Path, ...], registry: Path | None, as_json: bool) -> int:
    """Verify the chain of events."""
    kept = [read_head(path) for path in heads]
    with closing(open_registry(registry)) as store:
        found = verify_events(store, kept)
    if as_json:
        print_json(found.as_json())
    elif found.finding:
        say(tr(FINDINGS[found.finding], sequence=found.sequence, ticket=found.ticket))
    else:
        say(
            tr(
                "The list of events is whole: {entries} entries, {heads} heads from before.",
                entries=found.entries,
                heads=found.heads,
            )
        )
    return EXIT_FOUND if found.finding else 0


def read_head(path: Path) -> Head:
    """Return a head that was kept in a file; raises InvalidDocument."""
    try:
        with path.open("rb") as file:
            return parse_head(file.read(MOST_BYTES))
    except OSError:
        raise InvalidDocument(
            N_("This file can't be read. Check its name and permissions.")
        ) from None
