"""What a victim does with a case that is there already: ask where it stands, and withdraw."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from hashreg.cli.common import (
    PATHS,
    json_name,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    read_secret,
    say,
    shown,
)
from hashreg.cli.remote import (
    check_only_written,
    chosen,
    place_options,
    public_server,
    say_only_written,
)
from hashreg.model.cases import (
    CaseNumber,
    CaseState,
    RecoveryCode,
    parse_case_number,
    parse_recovery_code,
)
from hashreg.model.messages import N_, tr
from hashreg.model.submissions import Document, Kind

if TYPE_CHECKING:
    from hashreg.client.answers import IntakeJson
    from hashreg.client.standing import StatusJson

CODE_VARIABLE = "HASHREG_RECOVERY_CODE"
OTHER_OUTCOME = N_("Case {case}: {outcome}")
"""What is said of an outcome that only a newer server knows."""


seal_option = click.option(
    "--seal-to",
    envvar="HASHREG_SEAL_TO",
    metavar="KEY",
    help=tr(
        "Seal the file for a registry, by its public key (age1...) or a file that holds it: nobody "
        "else can open it."
    ),
)


def seal(content: bytes, seal_to: str | None) -> bytes:
    """Return the content, sealed where a key was given; raises InvalidInput, MissingExtra."""
    if seal_to is None:
        return content
    from hashreg.client.sealing import sealed

    return sealed(content, seal_to)


def ask_code() -> RecoveryCode:
    """Return the recovery code; raises InvalidCode."""
    return parse_recovery_code(read_secret(CODE_VARIABLE, tr("Recovery code")))


@click.command(
    help=tr("Say where a case stands. A server asks for the recovery code, which stays here.")
)
@click.argument("case")
@place_options
@json_option
def status(case: str, server: str | None, registry: Path | None, as_json: bool) -> int:
    """Print a case's state and what was found of it."""
    found = _status(chosen(server, registry), registry, parse_case_number(case))
    if as_json:
        print_json(found)
    else:
        _say_status(found)
    return 0


def _status(address: str | None, registry: Path | None, case: CaseNumber) -> "StatusJson":
    if address is None:
        from hashreg.takedown.status import case_status

        return cast("StatusJson", case_status(open_registry(registry), case).as_json())
    from hashreg.client import remote

    with public_server(address) as server:
        return remote.case_status(server, case, ask_code())


def _say_status(found: "StatusJson") -> None:
    from hashreg.cli.timeline import say_timeline
    from hashreg.cli.words import STANDING_WORDS, STATE_WORDS

    state = tr(STATE_WORDS[CaseState(found["state"])])
    say(tr("Case {case}: {state}", case=found["case"], state=state))
    say(tr("Pictures registered: {count}", count=found["pictures"]))
    if found["held"]:
        say(tr("  Held until a person has looked: {count}", count=found["held"]))
    if found["refused"]:
        say(tr("  Refused by a person: {count}", count=found["refused"]))
    for standing, count in sorted(found["matches"].items()):
        say(f"{tr(STANDING_WORDS[standing]) if standing in STANDING_WORDS else standing}: {count}")
    say_timeline(found["platforms"])
    if told := found["withdrawal"]:
        say(tr(TOLD, **told) if told["platforms"] else tr(NOBODY_TOLD))


NOBODY_TOLD = N_("No platform had to be told of the withdrawal.")
TOLD = N_("Platforms that have confirmed your withdrawal: {acknowledged} of {platforms}")


@click.command(
    help=tr(
        "Withdraw a case: in a registry at once, or with -o as a signed file that works later and "
        "offline. Asks for the recovery code."
    )
)
@click.argument("case")
@click.option(
    "-o", "--output", type=PATHS, metavar="FILE", help=tr("Write the withdrawal to this file.")
)
@seal_option
@place_options
@json_option
def withdraw(
    case: str,
    output: Path | None,
    seal_to: str | None,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Sign a withdrawal, and write it, hand it over or take it in."""
    from hashreg.client.documents import check_writable, signed_document, write_new

    check_only_written(output)
    number = parse_case_number(case)
    address = chosen(server, registry) if output is None else None
    if output is not None:
        check_writable(output)
        seal(b"", seal_to)
    elif address is not None:
        public_server(address).close()  # what is wrong with it is said before the code is asked for
    document = signed_document(Kind.WITHDRAWAL, number, ask_code(), now().date())
    if output is None:
        return hand_in(address, registry, document, as_json)
    write_new(output, seal(document.to_bytes(), seal_to))
    if as_json:
        print_json({"case": number, "withdrawal": json_name(output)})
    else:
        say(
            tr(
                "The file {file} withdraws case {case}. Give it to your help line or registry: "
                "they will delete the hashes.",
                file=shown(output),
                case=number,
            )
        )
    say_only_written(output, server, registry, as_json=as_json)
    return 0


def hand_in(address: str | None, registry: Path | None, document: Document, as_json: bool) -> int:
    """Hand a signed file to a server, or take it in here, and say what became of it."""
    if address is None:
        return _take_in_here(registry, document, as_json)
    from hashreg.client import remote

    with public_server(address) as server:
        _print_taken_in(remote.submit(server, document), as_json)
    return 0


def _take_in_here(registry: Path | None, document: Document, as_json: bool) -> int:
    from hashreg.cli.words import NOT_CLEANED
    from hashreg.takedown.intake import take_in

    result = take_in(open_registry(registry), document, now())
    _print_taken_in(cast("IntakeJson", result.as_json()), as_json)
    if not result.cleaned:
        note(tr(NOT_CLEANED))
    return 0


def _print_taken_in(taken: "IntakeJson", as_json: bool) -> None:
    if as_json:
        print_json(taken)
    else:
        say(in_words(taken))


def in_words(taken: "IntakeJson") -> str:
    """Return what became of a document, in words."""
    from hashreg.cli.words import OUTCOME_WORDS, outcome_words

    known = {it.value: it for it in OUTCOME_WORDS}
    outcome = known.get(taken["outcome"])
    return tr(outcome_words(outcome, taken["held"]) if outcome else OTHER_OUTCOME, **taken)
