"""Who may report, decide, run the registry, look at what happened, or help; and their keys."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import click

from hashreg.cli.common import (
    json_option,
    note,
    now,
    open_registry,
    print_json,
    private_option,
    registry_option,
    say,
)
from hashreg.model.deadlines import DEADLINES, deadline_of
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_, tr
from hashreg.model.parcels import Contact
from hashreg.model.people import KeyRecord, Role, allowed, in_order
from hashreg.model.retention import MOST_DAYS
from hashreg.takedown.orders import unsettled
from hashreg.takedown.people import add_person, new_key, people_of, revoke_key, revoke_person

Command = Callable[..., int]


@click.group(help=tr("Who may report."))
def platform() -> None:
    """Platforms."""


@click.group(help=tr("Who may decide."))
def moderator() -> None:
    """Moderators."""


@click.group(help=tr("Who may run the service."))
def operator() -> None:
    """Operators."""


@click.group(help=tr("Who may look at events and statistics."))
def auditor() -> None:
    """Auditors."""


@click.group(help=tr("Who may act for victims that asked them to."))
def helper() -> None:
    """Helpers."""


def _key_options(role: Role) -> Callable[[Command], Command]:
    """Return what adds ``--scope``, ``--days`` and, for platforms, ``--sandbox``."""

    def add(command: Command) -> Command:
        scope = click.option(
            "--scope",
            "scopes",
            multiple=True,
            type=click.Choice([str(it) for it in in_order(allowed(role))]),
            help=tr(
                "What the key is good for; can be given again. [default: all of the role but feed]"
            ),
        )
        days = click.option(
            "--days",
            type=click.IntRange(1, MOST_DAYS),
            help=tr("Days until the key expires. [default: it doesn't]"),
        )
        sandbox = click.option(
            "--sandbox", is_flag=True, help=tr("The key is for trying things out.")
        )
        command = scope(days(command))
        return sandbox(command) if role is Role.PLATFORM else command

    return add


def _make_giving(group: click.Group, role: Role, name: str) -> None:
    """Give a group its ``add`` or its ``key``."""
    give, about, words = _GIVING[name]

    @group.command(name, help=about)
    @click.argument("name")
    @_key_options(role)
    @registry_option
    @json_option
    def command(
        name: str,
        scopes: tuple[str, ...],
        days: int | None,
        registry: Path | None,
        as_json: bool,
        sandbox: bool = False,
    ) -> int:
        store, chosen = open_registry(registry), scopes or None
        key = give(store, role, name, now(), scopes=chosen, sandbox=sandbox, days=days)
        if as_json:
            print_json({role: name, "key": key})
        else:
            say(tr(words, name=name, key=key))
        return 0


def _make_listing(group: click.Group, role: Role) -> None:
    """Give a group its ``list``."""

    @group.command("list", help=tr("List all, revoked ones too, and their keys' beginnings."))
    @registry_option
    @json_option
    def list_command(registry: Path | None, as_json: bool) -> int:
        for it in people_of(open_registry(registry), role):
            if as_json:
                shown = it.as_json()
                print_json({role: shown.pop("name")} | shown)
                continue
            standing = tr("revoked") if it.person.revoked_at else tr("active")
            say(f"{it.person.name}  {standing}")
            for key in it.keys:
                say(_key_line(key))
        return 0


def _make_revoking(group: click.Group, role: Role) -> None:
    """Give a group its ``revoke``."""

    @group.command(help=tr("End what one may do, or with --key what one key opens."))
    @click.argument("name")
    @click.option(
        "--key", "prefix", help=tr("The beginning of the key, 8 characters, as `list` shows it.")
    )
    @registry_option
    @json_option
    def revoke(name: str, prefix: str | None, registry: Path | None, as_json: bool) -> int:
        store = open_registry(registry)
        if prefix is None:
            revoked = revoke_person(store, role, name, now())
            told: dict[str, object] = {role: name, "revoked": True}
            words = tr("{name} was revoked.", name=name)
            if role is Role.PLATFORM and (left := unsettled(store, revoked.person.name, now())):
                note(tr(ORDERS_LEFT, count=left))
        else:
            prefix = "" if prefix == _NO_PREFIX else prefix
            revoke_key(store, role, name, prefix, now())
            told = {role: name, "prefix": prefix, "revoked": True}
            words = tr("One key of {name} was revoked.", name=name)
        if as_json:
            print_json(told)
        else:
            say(words)
        return 0


ORDERS_LEFT = N_(
    "Orders to this platform that are not done: {count}. It is sent nothing more, so see to them "
    "by other means: hashreg takedown list"
)


def _key_line(key: KeyRecord) -> str:
    parts = [key.prefix or _NO_PREFIX, _standing(key), ",".join(in_order(key.scopes))]
    if key.sandbox:
        parts.append(tr("for trying out"))
    if key.expires_at is not None and key.is_live(now()):
        parts.append(tr("until {day}", day=key.expires_at.date()))
    return "  " + "  ".join(parts)


def _standing(key: KeyRecord) -> str:
    if key.revoked_at is not None:
        return tr("revoked")
    return tr("active") if key.is_live(now()) else tr("expired")


@platform.command(
    help=tr(
        "Say how a platform gets its orders, and by which law they are due. Without options it "
        "shows how that is now."
    )
)
@click.argument("name")
@click.option(
    "--webhook",
    metavar="URL",
    help=tr("Send orders to this address; prints the secret they are signed with this once."),
)
@click.option("--no-webhook", is_flag=True, help=tr("Send none: the platform fetches its orders."))
@click.option(
    "--jurisdiction",
    type=click.Choice(list(DEADLINES)),
    help=tr("The law that says how soon content must be gone."),
)
@private_option
@registry_option
@json_option
def orders(
    name: str,
    webhook: str | None,
    no_webhook: bool,
    jurisdiction: str | None,
    private_webhooks: bool,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Show or change how a platform is reached."""
    from hashreg.takedown.contacts import contact_of, set_contact

    if webhook is not None and no_webhook:
        raise InvalidInput(
            N_("--webhook and --no-webhook were both given. Leave one of them out."),
            field="webhook",
        )
    store, target = open_registry(registry), "" if no_webhook else webhook
    if target is None and jurisdiction is None:
        contact = contact_of(store, name)
    else:
        contact = set_contact(
            store,
            name,
            now(),
            jurisdiction=jurisdiction,
            webhook=target,
            private=private_webhooks,
        )
    _print_contact(contact, as_json, new=bool(target))
    return 0


def _print_contact(contact: Contact, as_json: bool, *, new: bool) -> None:
    """Print how a platform is reached; the secret only where it is new."""
    from hashreg.exchange.targets import shown_secret

    deadline, webhook = deadline_of(contact.jurisdiction), contact.webhook
    hours = deadline.time // dt.timedelta(hours=1)
    secret = shown_secret(webhook) if webhook and new else None
    if as_json:
        print_json(
            {
                "platform": contact.platform,
                "jurisdiction": contact.jurisdiction,
                "hours": hours,
                "webhook": webhook.url if webhook else None,
                "secret": secret,
            }
        )
        return
    say(
        tr(
            "Time to remove content: {hours} hours ({source})",
            hours=hours,
            source=tr(deadline.source),
        )
    )
    place = tr("Orders are sent to: {url}", url=webhook.url) if webhook else tr(FETCHED)
    say(place)
    if secret:
        say(tr("They are signed with this secret, shown only this once: {secret}", secret=secret))


FETCHED = N_("Orders are not sent: the platform fetches them from the service.")
_NO_PREFIX = "-"
"""How the list shows, and ``--key`` names, a key that is older than prefixes."""
_GIVING = {
    "add": (
        add_person,
        tr("Add one, and print its key this once."),
        N_("{name} was added. Its key, shown only this once: {key}"),
    ),
    "key": (
        new_key,
        tr("Give one a second key to change over to, and print it this once."),
        N_("{name} has a new key, shown only this once: {key}"),
    ),
}
_GROUPS = {
    Role.PLATFORM: platform,
    Role.MODERATOR: moderator,
    Role.OPERATOR: operator,
    Role.AUDITOR: auditor,
    Role.HELPER: helper,
}
for _role, _group in _GROUPS.items():
    _make_giving(_group, _role, "add")
    _make_giving(_group, _role, "key")
    _make_listing(_group, _role)
    _make_revoking(_group, _role)
