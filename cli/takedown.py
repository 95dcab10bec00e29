"""What follows a verdict: orders to platforms, delivered, acknowledged, and checked again."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from hashreg.cli.common import (
    in_local_time,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    private_option,
    say,
    shown,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.order_words import ESCALATION_WORDS, KIND_WORDS, STATE_WORDS, TROUBLE_WORDS
from hashreg.cli.remote import chosen, keyed_server, place_options
from hashreg.client import orders as remote
from hashreg.client.orders import OrderJson
from hashreg.model.errors import InvalidInput, MissingExtra
from hashreg.model.messages import N_, tr
from hashreg.model.orders import (
    LIVE,
    Escalation,
    OrderId,
    OrderKind,
    OrderState,
    Trouble,
    parse_order,
)
from hashreg.model.parcels import Heard, Parcel
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.delivery import note as note_heard
from hashreg.takedown.delivery import parcels
from hashreg.takedown.following import escalate, note_clock
from hashreg.takedown.orders import (
    OrderEntry,
    acknowledge,
    hand_over,
    listed,
    recheck,
)

if TYPE_CHECKING:
    from hashreg.client.http import Server

Command = Callable[..., int]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is written down, by whom, and how it is printed; no address: here."""

    address: str | None
    registry: Path | None
    moderator: str | None
    as_json: bool


@click.group(help=tr("Orders to platforms, followed until they are done."))
def takedown() -> None:
    """Orders."""


@takedown.command("list", help=tr("List orders, the most urgent first."))
@click.option("--all", "everything", is_flag=True, help=tr("List those that have ended, too."))
@click.option(
    "--escalated", is_flag=True, help=tr("Only those that a person has to see to; 1 if any.")
)
@place_options
@json_option
def list_command(
    everything: bool, escalated: bool, server: str | None, registry: Path | None, as_json: bool
) -> int:
    """Print orders; never a hash or a case."""
    found = _orders(chosen(server, registry), registry, ended=everything, escalated=escalated)
    found.sort(key=lambda it: (it["escalated"] is None, it["due_at"], it["order"]))
    for entry in found:
        _print(entry, as_json)
    if not found and not as_json:
        say(tr("There are no orders."))
    return EXIT_FOUND if escalated and found else 0


def _mine(command: Command) -> Command:
    """Add the order, and the moderator who acts for its platform."""
    by = click.option(
        "--as",
        "moderator",
        help=tr("The moderator who says so; at a server it is the one whose key is given."),
    )
    return click.argument("order")(by(place_options(json_option(command))))


@takedown.command(
    help=tr(
        "Send what is to go out now to the platforms that have a webhook, and say which orders a "
        "person has to see to. With an ORDER: write down that --as NAME brought it to the platform "
        "by other means, such as mail. A server sends by itself, so at a server ORDER is needed."
    )
)
@click.argument("order", required=False)
@click.option(
    "--as",
    "moderator",
    help=tr(
        "The moderator who brought the ORDER to its platform; at a server it is the one whose key "
        "is given."
    ),
)
@private_option
@place_options
@json_option
def deliver(
    order: str | None,
    moderator: str | None,
    private_webhooks: bool,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Deliver orders; exits with 2 where one could not be delivered."""
    address = chosen(server, registry)
    if order is not None:
        _write_down(
            _Place(address, registry, moderator, as_json),
            order,
            lambda store, name, who: hand_over(store, name, who, now()),
            remote.hand_over,
        )
        return 0
    if moderator is not None:
        raise InvalidInput(N_("ORDER and --as NAME go together."), field="as")
    if address is not None:
        raise InvalidInput(
            N_(
                "A server sends by itself what is due. Name the ORDER that was brought to its "
                "platform by other means, or give the registry with --registry."
            ),
            field="order",
        )
    store = open_registry(registry)
    sent = _send(store, private=private_webhooks)
    with store.write():
        escalate(store, now())
        waiting, _ = listed(store, now=now(), escalated=True)
        set_back = note_clock(store, now())
    if set_back:
        note(tr(SET_BACK))
    for parcel, heard in sent:
        _print_sent(parcel, heard, as_json)
    if not sent and not as_json:
        say(tr("Nothing is to be sent now."))
    if waiting:
        note(tr(FOR_A_PERSON, count=len(waiting)))
    return 0 if all(heard.reached for _, heard in sent) else EXIT_TROUBLE


@takedown.command("acknowledge", help=tr("Write down that a platform knows of an order."))
@_mine
def acknowledge_command(
    order: str, moderator: str | None, server: str | None, registry: Path | None, as_json: bool
) -> int:
    """Acknowledge an order for its platform."""
    _write_down(
        _Place(chosen(server, registry), registry, moderator, as_json),
        order,
        lambda store, name, who: acknowledge(store, name, now(), moderator=who),
        remote.acknowledge,
    )
    return 0


@takedown.command(
    "recheck",
    help=tr(
        "Write down that content is gone (a removal, where its platform has said nothing), or that "
        "it is present."
    ),
)
@click.argument("found", type=click.Choice(["gone", "present"]))
@_mine
def recheck_command(
    found: str,
    order: str,
    moderator: str | None,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Note a re-check; content that is there again is ordered away once more."""
    present = found == "present"
    _write_down(
        _Place(chosen(server, registry), registry, moderator, as_json),
        order,
        lambda store, name, who: recheck(store, name, now(), present=present, moderator=who),
        lambda there, name: remote.recheck(there, name, present=present),
    )
    return 0


def _orders(
    address: str | None, registry: Path | None, *, ended: bool, escalated: bool
) -> list[OrderJson]:
    """Return the orders of a registry here or at a server."""
    if address is None:
        store = open_registry(registry)
        entries, _ = listed(store, now=now(), ended=ended, escalated=escalated)
        return [cast("OrderJson", it.as_json()) for it in entries]
    with keyed_server(address) as server:
        return remote.orders(server, ended=ended, escalated=escalated)


def _write_down(
    place: _Place,
    typed: str,
    here: Callable[[SqliteStore, OrderId, str], OrderEntry],
    there: Callable[["Server", OrderId], OrderJson],
) -> None:
    """Write something about an order down, in a registry here or at a server, and print it."""
    order = parse_order(typed)
    if place.address is None:
        if place.moderator is None:
            raise InvalidInput(N_("Say who says so, with --as NAME."), field="as")
        entry = here(open_registry(place.registry), order, place.moderator)
        _print(cast("OrderJson", entry.as_json()), place.as_json)
        return
    with keyed_server(place.address) as server:
        _print(there(server, order), place.as_json)
    if place.moderator is not None:
        note(tr("It was written down under the name whose key was given, not under --as."))


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


def _print(order: OrderJson, as_json: bool) -> None:
    if as_json:
        print_json(order)
        return
    kind, state = OrderKind(order["kind"]), OrderState(order["state"])
    content = f"  {shown(order['content_id'])}" if order["content_id"] else ""
    say(f"{order['order']}  {shown(order['platform'])}{content}")
    coming, times = "", order["reappeared"]
    if order["check_at"]:
        coming = tr("next check {moment}", moment=_local(order["check_at"]))
    elif state in LIVE:
        coming = tr("due {moment}", moment=_local(order["due_at"]))
    again = tr("times it came back: {count}", count=times) if times else ""
    words = (tr(KIND_WORDS[kind]), tr(STATE_WORDS[state]), coming, again)
    say("    " + "; ".join(it for it in words if it))
    if order["trouble"]:
        tries = tr("attempts that failed: {count}", count=order["tries"])
        say(f"    {tr(TROUBLE_WORDS[Trouble(order['trouble'])])}; {tries}")
    if order["escalated"]:
        why = tr(ESCALATION_WORDS[Escalation(order["escalated"])])
        say("    " + tr("For a person: {why}", why=why))


def _local(moment: str) -> str:
    return in_local_time(dt.datetime.fromisoformat(moment))


SET_BACK = N_(
    "The clock was set back: what happened before has a later time than now. What was due is sent "
    "all the same; look whether the clock is right."
)
FOR_A_PERSON = N_(
    "Orders that a person has to see to: {count}. See them with: hashreg takedown list --escalated"
)
NEEDS_SERVER = N_(
    "Sending orders needs a part of hashreg that is not installed. Install it with: {command}"
)
