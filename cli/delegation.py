"""What a victim does to let a helper act for their case, or let them act no more."""

from functools import partial
from pathlib import Path

import click

from hashreg.cli.case import ask_code, hand_in
from hashreg.cli.common import PATHS, Command, json_name, json_option, now, print_json, say, shown
from hashreg.cli.remote import (
    check_only_written,
    chosen,
    place_options,
    public_server,
    say_only_written,
)
from hashreg.model.cases import CaseNumber, parse_case_number
from hashreg.model.messages import N_, tr
from hashreg.model.names import HelperName, parse_name
from hashreg.model.submissions import Document, Kind

_WRITTEN = {
    Kind.DELEGATION: N_(
        "The file {file} lets {helper} see where case {case} stands, add pictures to it and "
        "withdraw it. Give it to your helper or registry; end it at any time with: hashreg "
        "undelegate"
    ),
    Kind.REVOCATION: N_(
        "The file {file} ends what {helper} may do for case {case}. Give it to your registry: it "
        "counts from when they take it in."
    ),
}


def _arguments(command: Command) -> Command:
    """Add what both commands take."""
    for add in (
        click.argument("case"),
        click.argument("helper"),
        click.option("-o", "--output", type=PATHS, metavar="FILE", help=tr("Write this file.")),
        place_options,
        json_option,
    )[::-1]:
        command = add(command)
    return command


def _command(name: str, kind: Kind, text: str) -> click.Command:
    """Return the command that signs documents of a kind."""
    return click.command(name, help=text)(_arguments(partial(_sign, kind)))


def _sign(
    kind: Kind,
    case: str,
    helper: str,
    output: Path | None,
    server: str | None,
    registry: Path | None,
    *,
    as_json: bool,
) -> int:
    """Sign a document and write it, or hand it in where no file is asked for."""
    from hashreg.client.documents import check_writable, write_new

    check_only_written(output)
    number, name = parse_case_number(case), HelperName(parse_name(helper, "helper"))
    if output is None:
        address = chosen(server, registry)
        if address is not None:
            public_server(address).close()  # what is wrong with it is said before the code is asked
        return hand_in(address, registry, _signed(kind, number, name), as_json)
    check_writable(output)
    document = _signed(kind, number, name)
    write_new(output, document.to_bytes())
    _say_written(document, output, as_json=as_json)
    say_only_written(output, server, registry, as_json=as_json)
    return 0


def _signed(kind: Kind, number: CaseNumber, helper: HelperName) -> Document:
    from hashreg.client.documents import signed_delegation

    return signed_delegation(kind, number, ask_code(), now().date(), helper)


def _say_written(document: Document, output: Path, *, as_json: bool) -> None:
    kind, number, helper = document.kind, document.case, document.helper
    if as_json:
        print_json({"case": number, "helper": helper, kind.value: json_name(output)})
        return
    say(tr(_WRITTEN[kind], file=shown(output), helper=helper, case=number))


delegate = _command(
    "delegate",
    Kind.DELEGATION,
    tr(
        "Let a helper, such as a support centre, see where a case stands, add pictures to it and "
        "withdraw it: at a registry at once, or with -o as a signed file. HELPER is the name that "
        "the registry knows them by. Asks for the recovery code, which the helper never needs."
    ),
)
undelegate = _command(
    "undelegate",
    Kind.REVOCATION,
    tr(
        "End what a helper may do for a case: at a registry at once, or with -o as a signed file. "
        "Asks for the recovery code."
    ),
)
