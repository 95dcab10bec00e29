"""Who may report and who may decide."""

from pathlib import Path
from typing import Literal

import click

from hashreg.cli.common import json_option, now, open_registry, print_json, registry_option, say
from hashreg.model.messages import tr
from hashreg.model.records import Person
from hashreg.takedown.people import add_person, list_people, revoke_person

Role = Literal["platform", "moderator"]


@click.group(help=tr("Who may report."))
def platform() -> None:
    """Platforms."""


@click.group(help=tr("Who may decide."))
def moderator() -> None:
    """Moderators."""


def _make_commands(group: click.Group, role: Role) -> None:
    """Give a group its ``add``, ``list`` and ``revoke``."""

    @group.command(help=tr("Add one, and print its key this once."))
    @click.argument("name")
    @registry_option
    @json_option
    def add(name: str, registry: Path | None, as_json: bool) -> int:
        key = add_person(open_registry(registry), role, name, now())
        if as_json:
            print_json({role: name, "key": key})
        else:
            say(tr("{name} was added. Its key, shown only this once: {key}", name=name, key=key))
        return 0

    @group.command("list", help=tr("List all, revoked ones too."))
    @registry_option
    @json_option
    def list_command(registry: Path | None, as_json: bool) -> int:
        for person in list_people(open_registry(registry), role):
            if as_json:
                print_json(_person_json(role, person))
            else:
                standing = tr("revoked") if person.revoked_at else tr("active")
                say(f"{person.name}  {standing}")
        return 0

    @group.command(help=tr("End what one may do."))
    @click.argument("name")
    @registry_option
    @json_option
    def revoke(name: str, registry: Path | None, as_json: bool) -> int:
        revoke_person(open_registry(registry), role, name, now())
        if as_json:
            print_json({role: name, "revoked": True})
        else:
            say(tr("{name} was revoked.", name=name))
        return 0


def _person_json(role: Role, person: Person) -> dict[str, object]:
    revoked = person.revoked_at
    return {
        role: person.name,
        "added_at": person.added_at.isoformat(timespec="seconds"),
        "revoked_at": revoked.isoformat(timespec="seconds") if revoked else None,
    }


_make_commands(platform, "platform")
_make_commands(moderator, "moderator")
