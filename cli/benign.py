"""What an operator does about harmless pictures that are widely shared: list them."""

from pathlib import Path

import click

from hashreg.cli.common import (
    in_local_time,
    json_name,
    json_option,
    note,
    now,
    open_registry,
    paths_argument,
    print_json,
    progress,
    registry_option,
    say,
    shown,
    workers_option,
)
from hashreg.cli.main import EXIT_TROUBLE
from hashreg.cli.words import NOT_CLEANED
from hashreg.model.errors import HashregError, UnreadableFile
from hashreg.model.fingerprints import Fingerprint, too_plain
from hashreg.model.messages import tr
from hashreg.takedown.benign import add_benign, list_benign, remove_benign


@click.group(help=tr("Widely shared harmless pictures; what collides with them is held."))
def benign() -> None:
    """The list."""


@benign.command(
    help=tr(
        "Add harmless pictures: memes, logos, news photos. They are hashed on this machine and "
        "only the hashes are kept. Registered pictures that collide are held for a person."
    )
)
@paths_argument
@click.option("--note", "text", default="", help=tr("What they are, for whoever decides."))
@workers_option
@registry_option
@json_option
def add(
    paths: tuple[Path, ...], text: str, workers: int | None, registry: Path | None, as_json: bool
) -> int:
    """Hash pictures and keep the hashes; a bad file is named and the rest goes on."""
    from hashreg.hashing.files import files_under
    from hashreg.hashing.workers import hash_files

    store = open_registry(registry)
    files = list(files_under(paths))
    if not files:
        note(tr("There are no files in that folder."))
    failed = 0
    hashing = hash_files(files, "register", workers=workers)
    for hashed in progress(hashing, len(files), tr("Hashing"), printing=True):
        try:
            added = add_benign(store, _usable(hashed.result), text, now())
        except HashregError as error:
            failed += 1
            if as_json:
                empty = {"benign": None, "held": 0}
                print_json({"file": json_name(hashed.path)} | empty | {"error": error.as_json()})
            else:
                note(f"{shown(hashed.path)}: {error}")
            continue
        name = added.picture.benign_id.hex()
        if as_json:
            line = {"file": json_name(hashed.path), "benign": name, "held": added.held}
            print_json(line | {"error": None})
        else:
            say(tr("{file}: added as {name}", file=shown(hashed.path), name=name))
            if added.held:
                say(tr("  Registered pictures that are held now: {count}", count=added.held))
    return EXIT_TROUBLE if failed else 0


@benign.command("list", help=tr("List the harmless pictures."))
@registry_option
@json_option
def list_command(registry: Path | None, as_json: bool) -> int:
    """Print the list; never a hash."""
    for picture in list_benign(open_registry(registry)):
        name, added_at = picture.benign_id.hex(), picture.added_at
        if as_json:
            when = added_at.isoformat(timespec="seconds")
            print_json({"benign": name, "note": picture.note, "added_at": when})
        else:
            say(f"{name}  {in_local_time(added_at)}  {shown(picture.note) or '-'}")
    return 0


@benign.command(help=tr("Take a harmless picture off the list; what is held stays held."))
@click.argument("name")
@registry_option
@json_option
def remove(name: str, registry: Path | None, as_json: bool) -> int:
    """Take one off the list."""
    cleaned = remove_benign(open_registry(registry), name, now())
    if as_json:
        print_json({"benign": name.strip().lower(), "removed": True, "cleaned": cleaned})
    else:
        say(tr("{name} was taken off the list.", name=shown(name)))
        if not cleaned:
            note(tr(NOT_CLEANED))
    return 0


def _usable(result: Fingerprint | UnreadableFile) -> Fingerprint:
    """Return a fingerprint that can be compared; raises HashregError."""
    if isinstance(result, UnreadableFile):
        raise result
    if not result.is_comparable:
        raise too_plain(result)
    return result
