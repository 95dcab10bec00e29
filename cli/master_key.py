"""The registry's master key: changing it."""

from contextlib import closing
from pathlib import Path

import click

from hashreg.cli.common import json_option, open_registry, print_json, registry_option, say, shown
from hashreg.model.messages import tr
from hashreg.takedown.sealed import public_key


@click.group(help=tr("The key that the registry's hashes are encrypted under."))
def key() -> None:
    """The master key."""


@key.command(
    help=tr(
        "Print the public key for which files are sealed (hashreg register --seal-to), so that "
        "only this registry can open them. It is no secret."
    )
)
@registry_option
@json_option
def show(registry: Path | None, as_json: bool) -> int:
    """Print the key, alone on its line, so that it can be kept in a file."""
    with closing(open_registry(registry)) as store:
        seal_to = public_key(store)
    if as_json:
        print_json({"seal_to": seal_to})
    else:
        say(seal_to)
    return 0


@key.command(
    help=tr(
        "Put a new master key in the place of the one that is used. Copies of the old key open "
        "nothing any more that is written from now on; make a new copy of the key file."
    )
)
@registry_option
@json_option
def rotate(registry: Path | None, as_json: bool) -> int:
    """Wrap the data keys by a new master key."""
    with closing(open_registry(registry)) as store:
        store.rotate_master_key()
        place = store.key_place
    if as_json:
        print_json({"key": place})
    else:
        there = shown(Path(place))
        say(tr("The new master key is at {place}. Copy it to a safe place now.", place=there))
    return 0
