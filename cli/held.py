"""What a moderator does about pictures that wait for a person before they are matched."""

from collections.abc import Callable
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
from hashreg.cli.words import HOLD_WORDS, PICTURE_WORDS, VOTE_WORDS
from hashreg.model.messages import tr
from hashreg.model.records import PictureState
from hashreg.takedown.holds import HeldPicture, parse_picture
from hashreg.takedown.holds import admit as admit_picture
from hashreg.takedown.holds import held as held_pictures
from hashreg.takedown.holds import refuse as refuse_picture

Command = Callable[..., int]


@click.group(help=tr("Registered pictures that wait for a person before they are matched."))
def held() -> None:
    """Held pictures."""


@held.command("list", help=tr("List what is held, and why."))
@click.option("--all", "everything", is_flag=True, help=tr("List decided ones, too."))
@registry_option
@json_option
def list_command(everything: bool, registry: Path | None, as_json: bool) -> int:
    """Print the held pictures, oldest first; never a hash."""
    pictures = held_pictures(open_registry(registry), None if everything else PictureState.HELD)
    for picture in pictures:
        _print(picture, as_json)
    if not pictures and not as_json:
        say(tr("Nothing is held."))
    return 0


def _decision(command: Command) -> Command:
    """Add what both decisions take."""
    by = click.option("--as", "moderator", required=True, help=tr("The moderator who decides."))
    return click.argument("picture")(by(registry_option(json_option(command))))


@held.command(
    help=tr(
        "Let a held picture be matched, with what was reported meanwhile. A disputed one waits "
        "until two moderators say the same."
    )
)
@_decision
def admit(picture: str, moderator: str, registry: Path | None, as_json: bool) -> int:
    """Admit a picture."""
    store = open_registry(registry)
    _print(admit_picture(store, parse_picture(picture), moderator, now()), as_json)
    return 0


@held.command(
    help=tr(
        "Refuse a held picture; the case's other pictures are not touched. A disputed one waits "
        "until two moderators say the same."
    )
)
@_decision
def refuse(picture: str, moderator: str, registry: Path | None, as_json: bool) -> int:
    """Refuse a picture."""
    store = open_registry(registry)
    _print(refuse_picture(store, parse_picture(picture), moderator, now()), as_json)
    return 0


def _print(picture: HeldPicture, as_json: bool) -> None:
    if as_json:
        print_json(picture.as_json())
        return
    hold = picture.hold
    state = tr(PICTURE_WORDS[hold.state])
    say(f"{hold.fingerprint_id.hex()}  {picture.case}  {state}")
    why = tr(HOLD_WORDS[hold.reason], note=shown(hold.detail) or "-", hits=picture.hits)
    say(f"    {why}")
    for vote in picture.votes:
        say(f"    {vote.moderator}: {tr(VOTE_WORDS[vote.state])}")
