"""The registry's master key: changing it."""

from contextlib import closing
from pathlib import Path

import click

from hashreg.cli.common import json_option, open_registry, print_json, registry_option, say, shown
from hashreg.model.messages import tr


@click.group(help=tr("The key that the registry's hashes are encrypted under."))
def key() -> None:
    """The master key."""


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
