"""What a moderator does about somebody who asks nearly the same again and again."""

from pathlib import Path

import click

from hashreg.cli.common import (
    json_option,
    now,
    open_registry,
    print_json,
    registry_option,
    say,
    shown,
)
from hashreg.cli.words import PROBING_WORDS
from hashreg.model.messages import N_, tr
from hashreg.takedown.budget import probings
from hashreg.takedown.budget import release as release_asker
from hashreg.takedown.holds import parse_picture

WHAT_IT_MEANS = N_(
    "Who is locked out gets no answer about that one picture: the questions may be an attempt to "
    "find its hash out. What they report is kept, and waits in the queue all the same."
)


@click.group(help=tr("Who has asked nearly the same again and again, and was locked out."))
def probing() -> None:
    """Locked askers."""


@probing.command(
    "list", help=tr("List who is locked out of which picture; --all also who was warned of.")
)
@click.option("--all", "everything", is_flag=True, help=tr("List warnings, too."))
@registry_option
@json_option
def list_command(everything: bool, registry: Path | None, as_json: bool) -> int:
    """Print them, the latest last; never a hash."""
    found = probings(open_registry(registry), everything=everything)
    for it in found:
        picture = it.fingerprint_id.hex()
        if as_json:
            print_json({"picture": picture, "asker": it.asker, "state": it.state.value})
        else:
            say(f"{picture}  {shown(it.asker)}  {tr(PROBING_WORDS[it.state])}")
    if not as_json:
        say(tr(WHAT_IT_MEANS) if found else tr("Nobody is locked out."))
    return 0


@probing.command(
    help=tr("Answer an asker about a picture again, after looking at what they sent and why.")
)
@click.argument("picture")
@click.option(
    "--asker", required=True, help=tr("Who is locked out, as the list shows: platform:NAME.")
)
@click.option("--as", "moderator", required=True, help=tr("The moderator who decides."))
@registry_option
@json_option
def release(picture: str, asker: str, moderator: str, registry: Path | None, as_json: bool) -> int:
    """Release an asker."""
    store = open_registry(registry)
    tickets = release_asker(store, asker, parse_picture(picture), moderator, now())
    if as_json:
        print_json({"picture": picture, "asker": asker, "tickets": tickets})
    else:
        say(tr("They are answered again. Tickets that they see now: {count}", count=tickets))
    return 0
