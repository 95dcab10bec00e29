"""Handing signed files to a server, those that were made offline or could not be sent before."""

from pathlib import Path

import click

from hashreg.cli.case import in_words
from hashreg.cli.common import (
    PATHS,
    json_name,
    json_option,
    note,
    print_json,
    read_document,
    say,
    shown,
)
from hashreg.cli.main import EXIT_TROUBLE
from hashreg.cli.remote import public_server, server_option
from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.messages import N_, tr


@click.command(
    help=tr(
        "Hand signed files (submissions, additions, withdrawals, delegations) to a server. A file "
        "handed over twice changes nothing."
    )
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATHS)
@server_option
@json_option
def submit(files: tuple[Path, ...], server: str | None, as_json: bool) -> int:
    """Hand files over in the order given; a bad one is named and the others go on."""
    from hashreg.client import remote

    if server is None:
        raise InvalidInput(
            N_("Say which server: --server URL, or the environment variable HASHREG_SERVER."),
            field="server",
        )
    refused = 0
    with public_server(server) as place:
        for path in files:
            try:
                taken = remote.submit(place, read_document(path))
            except HashregError as error:
                refused += 1
                _say_refused(path, error, as_json)
                continue
            if as_json:
                print_json({"file": json_name(path), **taken, "error": None})
            else:
                say(in_words(taken))
    return EXIT_TROUBLE if refused else 0


def _say_refused(path: Path, error: HashregError, as_json: bool) -> None:
    if as_json:
        print_json({"file": json_name(path), "error": error.as_json()})
    else:
        note(f"{shown(path)}: {error}")
