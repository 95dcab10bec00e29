"""What follows a verdict: orders to platforms, delivered, acknowledged, and checked again."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from hashreg.cli.common import (
    in_local_time,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    private_option,
    registry_option,
    say,
    shown,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.order_words import ESCALATION_WORDS, KIND_WORDS, STATE_WORDS, TROUBLE_WORDS
from hashreg.model.errors import InvalidInput, MissingExtra
from hashreg.model.messages import N_, tr
from hashreg.model.orders import Heard, Parcel
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.delivery import note as note_heard
from hashreg.takedown.delivery import parcels
from hashreg.takedown.following import escalate, note_clock
from hashreg.takedown.orders import (
    OrderEntry,
    acknowledge,
    hand_over,
    listed,
    parse_order,
    recheck,
)

Command = Callable[..., int]


@click.group(help=tr("Orders to platforms, followed until they are done."))
def takedown() -> None:
    """Orders."""


@takedown.command("list", help=tr("List orders, the most urgent first."))
@click.option("--all", "everything", is_flag=True, help=tr("List those that have ended, too."))
@click.option(
    "--escalated", is_flag=True, help=tr("Only those that a person has to see to; 1 if any.")
)
@registry_option
@json_option
def list_command(everything: bool, escalated: bool, registry: Path | None, as_json: bool) -> int:
    """Print orders; never a hash or a case."""
    store = open_registry(registry)
    found = listed(store, now=now(), ended=everything, escalated=escalated)
    for entry in found:
        _print(entry, as_json)
    if not found and not as_json:
        say(tr("There are no orders."))
    return EXIT_FOUND if escalated and found else 0


def _mine(command: Command) -> Command:
    """Add the order, and the moderator who acts for its platform."""
    by = click.option("--as", "moderator", required=True, help=tr("The moderator who says so."))
    return click.argument("order")(by(registry_option(json_option(command))))


@takedown.command(
    help=tr(
        "Send what is to go out now to the platforms that have a webhook, and say which orders a "
        "person has to see to. With an ORDER: write down that --as NAME brought it to the platform "
        "by other means, such as mail."
    )
)
@click.argument("order", required=False)
@click.option("--as", "moderator", help=tr("The moderator who brought the ORDER to its platform."))
@private_option
@registry_option
@json_option
def deliver(
    order: str | None,
    moderator: str | None,
    private_webhooks: bool,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Deliver orders; exits with 2 where one could not be delivered."""
    if (order is None) != (moderator is None):
        raise InvalidInput(N_("ORDER and --as NAME go together."), field="as")
    store = open_registry(registry)
    if order is not None and moderator is not None:
        _print(hand_over(store, parse_order(order), moderator, now()), as_json)
        return 0
    sent = _send(store, private=private_webhooks)
    with store.write():
        escalate(store, now())
        set_back = note_clock(store, now())
    if set_back:
        note(tr(SET_BACK))
    for parcel, heard in sent:
        _print_sent(parcel, heard, as_json)
    if not sent and not as_json:
        say(tr("Nothing is to be sent now."))
    return 0 if all(heard.reached for _, heard in sent) else EXIT_TROUBLE


@takedown.command("acknowledge", help=tr("Write down that a platform knows of an order."))
@_mine
def acknowledge_command(order: str, moderator: str, registry: Path | None, as_json: bool) -> int:
    """Acknowledge an order for its platform."""
    store = open_registry(registry)
    _print(acknowledge(store, parse_order(order), now(), moderator=moderator), as_json)
    return 0


@takedown.command(
    "recheck", help=tr("Write down whether content that was removed is still gone, or is present.")
)
@click.argument("found", type=click.Choice(["gone", "present"]))
@_mine
def recheck_command(
    found: str, order: str, moderator: str, registry: Path | None, as_json: bool
) -> int:
    """Note a re-check; content that is there again is ordered away once more."""
    store, name = open_registry(registry), parse_order(order)
    entry = recheck(store, name, now(), present=found == "present", moderator=moderator)
    _print(entry, as_json)
    return 0


def _send(store: SqliteStore, *, private: bool) -> list[tuple[Parcel, Heard]]:
    """Send what is to go out, and return what came back."""
    try:
        from hashreg.exchange.webhooks import deliver as send
    except ModuleNotFoundError as error:
        raise MissingExtra(NEEDS_SERVER, command="pip install 'hashreg[server]'") from error
    sent: list[tuple[Parcel, Heard]] = []

    async def noted(heard: Sequence[tuple[Parcel, Heard]]) -> None:
        note_heard(store, heard, now())
        sent.extend(heard)

    asyncio.run(send(parcels(store, now()), time.time, noted, private=private))
    return sent


def _print_sent(parcel: Parcel, heard: Heard, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "order": parcel.order_id,
                "platform": parcel.platform,
                "key": parcel.key,
                "reached": heard.reached,
                "acknowledged": heard.acknowledged,
                "trouble": heard.trouble.value if heard.trouble else None,
            }
        )
        return
    words = tr("acknowledged") if heard.acknowledged else tr("delivered, not acknowledged yet")
    if not heard.reached:
        words = tr("not delivered; it is tried again")
    trouble = f": {tr(TROUBLE_WORDS[heard.trouble])}" if heard.trouble else ""
    say(f"{parcel.order_id}  {shown(parcel.platform)}  {words}{trouble}")


def _print(entry: OrderEntry, as_json: bool) -> None:
    order = entry.order
    if as_json:
        print_json(entry.as_json())
        return
    kind, state = tr(KIND_WORDS[order.kind]), tr(STATE_WORDS[order.state])
    content = f"  {shown(order.content_id)}" if order.content_id else ""
    say(f"{order.order_id}  {shown(order.platform)}{content}")
    if order.check_at:
        coming = tr("next check {moment}", moment=in_local_time(order.check_at))
    else:
        coming = tr("due {moment}", moment=in_local_time(order.due_at)) if order.is_live else ""
    again = tr("times it came back: {count}", count=order.reappeared) if order.reappeared else ""
    say("    " + "; ".join(it for it in (kind, state, coming, again) if it))
    if order.trouble:
        tries = tr("attempts that failed: {count}", count=order.tries)
        say(f"    {tr(TROUBLE_WORDS[order.trouble])}; {tries}")
    if order.escalated:
        say("    " + tr("For a person: {why}", why=tr(ESCALATION_WORDS[order.escalated])))


SET_BACK = N_(
    "The clock was set back: what happened before has a later time than now. What was due is sent "
    "all the same; look whether the clock is right."
)
NEEDS_SERVER = N_(
    "Sending orders needs a part of hashreg that is not installed. Install it with: {command}"
)
