"""What a victim, or a helper beside them, does with pictures on their own device."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from hashreg.cli.case import ask_code, in_words, seal, seal_option
from hashreg.cli.common import (
    PATHS,
    json_name,
    json_option,
    note,
    now,
    paths_argument,
    print_json,
    progress,
    say,
    shown,
    tokens_option,
    workers_option,
)
from hashreg.cli.main import EXIT_TROUBLE
from hashreg.cli.remote import public_server, server_option
from hashreg.model.cases import (
    CaseNumber,
    RecoveryCode,
    new_case_number,
    new_recovery_code,
    parse_case_number,
)
from hashreg.model.errors import HashregError, Refused
from hashreg.model.fingerprints import Fingerprint, Views, fingerprint_line, too_plain
from hashreg.model.messages import N_, tr
from hashreg.model.submissions import Document, Kind

if TYPE_CHECKING:
    from hashreg.client.http import Server
    from hashreg.hashing.workers import HashedFile


@click.command(
    "hash",
    help=tr("Print the hashes of pictures, or of all files in folders. Stores and sends nothing."),
)
@paths_argument
@click.option(
    "--views",
    type=click.Choice(["whole", "query", "register"]),
    default="whole",
    show_default=True,
    help=tr(
        "What is hashed: the picture as it is, what an upload is asked with, or what a case holds."
    ),
)
@tokens_option
@workers_option
@json_option
def hash_command(
    paths: tuple[Path, ...], views: str, no_tokens: bool, workers: int | None, as_json: bool
) -> int:
    """Print fingerprints."""
    failed = 0
    for hashed in _hashed(
        paths, cast("Views", views), workers, tokens=not no_tokens, printing=True
    ):
        line = fingerprint_line(json_name(hashed.path), hashed.result)
        failed += line["error"] is not None
        if as_json:
            print_json(line)
        elif isinstance(hashed.result, Fingerprint) and hashed.result.is_comparable:
            _say_hashes(hashed.path, hashed.result)
        else:
            note(_problem(hashed))
    return EXIT_TROUBLE if failed else 0


@click.command(
    help=tr(
        "Hash pictures on this device and write a submission file with the hashes only. With "
        "--server the file is handed over at once."
    )
)
@paths_argument
@click.option(
    "-o",
    "--output",
    type=PATHS,
    metavar="FILE",
    help=tr("Where to write the file. [default: the case number, ending in .hashreg]"),
)
@click.option(
    "--add-to", metavar="CASE", help=tr("Add the pictures to this case instead of a new one.")
)
@seal_option
@server_option
@tokens_option
@workers_option
@json_option
def register(
    paths: tuple[Path, ...],
    output: Path | None,
    add_to: str | None,
    seal_to: str | None,
    server: str | None,
    no_tokens: bool,
    workers: int | None,
    as_json: bool,
) -> int:
    """Make a case, or an addition to one, offline; then hand it over where a server is named."""
    from hashreg.client.documents import check_writable, signed_document, write_new

    case = parse_case_number(add_to) if add_to else new_case_number()
    code = ask_code() if add_to else new_recovery_code()
    kind = Kind.ADDITION if add_to else Kind.SUBMISSION
    target = output or Path(f"{case}{'-addition' if add_to else ''}.hashreg")
    check_writable(target)
    seal(b"", seal_to)  # what is wrong with the key is said before an hour of hashing is lost
    asked = public_server(server) if server else None
    hashed = list(_hashed(paths, "register", workers, tokens=not no_tokens, printing=False))
    items = [it.result for it in hashed if _usable(it)]
    if not items:
        _note_problems(hashed)
        raise Refused(N_("No picture could be used, so no file was written."))
    pictures = [it for it in items if isinstance(it, Fingerprint)]
    document = signed_document(kind, case, code, now().date(), pictures)
    write_new(target, seal(document.to_bytes(), seal_to))
    try:
        if as_json:
            print_json(_registered(case, None if add_to else code, target, hashed))
        else:
            _note_problems(hashed)
            say(tr("{used} of {all} files were hashed.", used=len(pictures), all=len(hashed)))
            _say_receipt(case, None if add_to else code, len(pictures), target, asked)
        sys.stdout.flush()
    except OSError as error:  # nobody has seen the recovery code: such a case must not be sent
        target.unlink(missing_ok=True)
        raise Refused(
            N_("The receipt could not be shown, so the file was deleted again. Nothing is lost.")
        ) from error
    if asked:
        _hand_over(asked, document, target, as_json)
    return EXIT_TROUBLE if len(pictures) < len(hashed) else 0


def _hashed(
    paths: tuple[Path, ...],
    views: Views,
    workers: int | None,
    *,
    tokens: bool,
    printing: bool,
) -> Iterator["HashedFile"]:
    """Hash files and everything in folders, in order, with a bar."""
    from hashreg.hashing.files import files_under
    from hashreg.hashing.workers import hash_files

    files = list(files_under(paths))
    if not files:
        note(tr("There are no files in that folder."))
    hashing = hash_files(files, views, workers=workers, tokens=tokens)
    return progress(hashing, len(files), tr("Hashing"), printing=printing)


def _usable(hashed: "HashedFile") -> bool:
    return isinstance(hashed.result, Fingerprint) and hashed.result.is_comparable


def _error(hashed: "HashedFile") -> HashregError | None:
    result = hashed.result
    if isinstance(result, Fingerprint):
        return None if result.is_comparable else too_plain(result)
    return result


def _problem(hashed: "HashedFile") -> str:
    return f"{shown(hashed.path)}: {_error(hashed)}"


def _say_hashes(path: Path, fingerprint: Fingerprint) -> None:
    say(tr("{file}  (quality {quality})", file=shown(path), quality=fingerprint.quality))
    for item in fingerprint.hashes:
        say(f"  {item.algorithm:6} {item.view:13} {item.hash}")


def _note_problems(hashed: list["HashedFile"]) -> None:
    for it in hashed:
        if not _usable(it):
            note(_problem(it))


def _registered(
    case: CaseNumber, code: RecoveryCode | None, target: Path, hashed: list["HashedFile"]
) -> dict[str, object]:
    items = []
    for it in hashed:
        error = _error(it)
        count = len(it.result.hashes) if isinstance(it.result, Fingerprint) and not error else 0
        items.append(
            {
                "file": json_name(it.path),
                "hashes": count,
                "error": error.as_json() if error else None,
            }
        )
    return {
        "case": case,
        "recovery_code": code,
        "submission": json_name(target),
        "items": items,
    }


def _say_receipt(
    case: CaseNumber,
    code: RecoveryCode | None,
    pictures: int,
    target: Path,
    server: "Server | None",
) -> None:
    from hashreg.client.receipt import addition_receipt, receipt

    address = server.address if server else None
    if code is None:
        say(addition_receipt(case, pictures, shown(target), address))
    else:
        say()
        say(receipt(case, code, pictures, shown(target), address))


def _hand_over(server: "Server", document: Document, target: Path, as_json: bool) -> None:
    """Submit a file that is written, after its receipt was shown; the file stays."""
    from hashreg.client.remote import submit

    try:
        with server:
            taken = submit(server, document)
    except HashregError:
        note(
            tr(
                "It was not handed over, but nothing is lost: the file {file} is whole and stays "
                "valid. Try again later with: hashreg submit {file}. Or give it to your help line, "
                "in any way you like.",
                file=shown(target),
            )
        )
        raise
    tell = note if as_json else say  # with --json, standard output is what it is without a server
    tell("")
    tell(in_words(taken))
