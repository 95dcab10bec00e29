"""What an operator does so that nothing is lost: copies, and putting one back."""

from contextlib import closing
from pathlib import Path

import click

from hashreg.cli.audit import heads_option, read_head
from hashreg.cli.common import (
    PATHS,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    registry_option,
    registry_path,
    say,
    shown,
)
from hashreg.model.messages import N_, tr
from hashreg.registry.backup import back_up, latest, restoring
from hashreg.takedown.audit import signed_head
from hashreg.takedown.restored import take_back

ABOUT_COPIES = N_(
    "The data keys in {folder} are the latest copy, in place of the one before: keep no older "
    "ones. What is withdrawn from now on stays readable there, for who also has the master key, "
    "until the next backup. The master key itself ({key}) is not in the backup: keep a copy of it "
    "elsewhere, or the backup is worth nothing."
)


@click.command(
    help=tr(
        "Copy the registry into a folder, while it is in use: the database, with a manifest, and "
        "the latest data keys. The master key is not copied."
    )
)
@click.argument("folder", type=PATHS)
@registry_option
@json_option
def backup(folder: Path, registry: Path | None, as_json: bool) -> int:
    """Make a backup."""
    with closing(open_registry(registry)) as store:
        made = back_up(store, folder, signed_head(store, now()), now())
        key = store.key_place
    if as_json:
        print_json(made.as_json())
        return 0
    say(tr("A backup was made: {path}", path=shown(folder / made.database)))
    say(tr(ABOUT_COPIES, folder=shown(folder), key=shown(Path(key))))
    return 0


@click.command(
    help=tr(
        "Put a backup back at the registry's place, where none may be: a folder's latest, or the "
        "one that is named. All of it is checked before; nothing is left where something is wrong."
    )
)
@click.argument("source", type=PATHS)
@heads_option
@registry_option
@json_option
def restore(source: Path, heads: tuple[Path, ...], registry: Path | None, as_json: bool) -> int:
    """Restore a backup."""
    place = registry_path(registry)
    kept = [read_head(path) for path in heads]
    folder, manifest = latest(source)
    with restoring(folder, manifest, place) as store:
        restored = take_back(store, [manifest.head, *kept], now())
    if as_json:
        print_json(
            {
                "registry": str(place),
                "made_at": manifest.as_json()["made_at"],
                "entries": restored.audit.entries,
                "pictures": restored.pictures,
                "withdrawn": restored.withdrawn,
            }
        )
        return 0
    say(
        tr(
            "The registry is at {path}, as it was at {time}: {pictures} pictures, {entries} "
            "events.",
            path=shown(place),
            time=manifest.as_json()["made_at"],
            pictures=restored.pictures,
            entries=restored.audit.entries,
        )
    )
    if restored.withdrawn:
        say(
            tr(
                "Cases that were withdrawn after the backup, and are withdrawn again: {count}",
                count=restored.withdrawn,
            )
        )
    note(
        tr(
            "What came in after the backup is not in it: take those files in again, withdrawals "
            "first, and ask the platforms to report again."
        )
    )
    return 0
