"""What a moderator does: check uploads, look at the queue, decide; here or at a server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from hashreg.cli.common import (
    index_of,
    json_name,
    json_option,
    note,
    now,
    open_registry,
    paths_argument,
    print_json,
    progress,
    say,
    shown,
    workers_option,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.matches import say_checked, say_entry
from hashreg.cli.remote import chosen, keyed_server, place_options
from hashreg.model.errors import InvalidInput
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import FoundMatch
from hashreg.model.messages import N_, tr
from hashreg.model.names import canonical_name
from hashreg.model.records import MatchState
from hashreg.model.reports import Report
from hashreg.model.verdicts import Decision, Reason, Verdict

if TYPE_CHECKING:
    from hashreg.client.answers import EntryJson
    from hashreg.client.check import Lookup
    from hashreg.takedown.live import RegistryIndex
    from hashreg.takedown.store import Store


@dataclass(frozen=True, slots=True)
class LocalLookup:
    """A look-up in a registry on this machine; with a platform's name it is kept as reports."""

    store: "Store"
    index: "RegistryIndex"
    platform: str | None

    def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
        """Return the matches of each fingerprint."""
        from hashreg.client.items import content_id_of
        from hashreg.takedown.lookup import look_up
        from hashreg.takedown.report import report as report_to

        if self.platform is None:
            return look_up(self.store, self.index, fingerprints)
        reports = [Report(content_id_of(fingerprint), fingerprint) for fingerprint in fingerprints]
        results = report_to(self.store, self.index, self.platform, reports, now())
        return [list(result.matches) for result in results]


@click.command(
    help=tr(
        "Hash uploads on this machine and look them up. Keeps nothing, unless --report asks for "
        "it. Exits with 1 where something was found, else with 2 where a file is unchecked."
    )
)
@paths_argument
@click.option("--report", "as_report", is_flag=True, help=tr("Keep what was asked as reports."))
@click.option("--platform", help=tr("The platform's name, with --report."))
@workers_option
@place_options
@json_option
def check(
    paths: tuple[Path, ...],
    as_report: bool,
    platform: str | None,
    workers: int | None,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Give each file its verdict, and explain each match."""
    from hashreg.client.check import FileVerdict, check_files
    from hashreg.hashing.files import files_under

    if as_report != (platform is not None):
        raise InvalidInput(N_("--report and --platform NAME go together."), field="platform")
    with _lookup(chosen(server, registry), registry, platform) as lookup:
        files = list(files_under(paths))
        verdicts = set()
        if not files:
            note(tr("There are no files in that folder."))
        answers = check_files(files, lookup, workers=workers)
        for checked in progress(answers, len(files), tr("Checking"), printing=True):
            verdicts.add(checked.verdict)
            if as_json:
                print_json(checked.as_json(json_name(checked.path)))
            else:
                say_checked(checked)
    if {FileVerdict.MATCH, FileVerdict.REVIEW} & verdicts:
        return EXIT_FOUND
    return EXIT_TROUBLE if {FileVerdict.UNCHECKED, FileVerdict.UNREADABLE} & verdicts else 0


@contextmanager
def _lookup(address: str | None, registry: Path | None, platform: str | None) -> Iterator["Lookup"]:
    """Give whoever is asked; one that isn't there, or may not be asked, is said at once."""
    if address is None:
        store = open_registry(registry)
        index = index_of(store)
        local = LocalLookup(store, index, platform)
        local.lookup([])
        index.keep(store)
        yield local
    else:
        from hashreg.client.lookup import RemoteLookup

        with keyed_server(address) as server:
            remote = RemoteLookup(server, platform)
            remote.lookup([])
            yield remote


@click.group(help=tr("Look at the queue and decide."))
def review() -> None:
    """The queue."""


@review.command("list", help=tr("List the matches that wait for a person, surest first."))
@click.option("--all", "everything", is_flag=True, help=tr("List decided and closed ones, too."))
@place_options
@json_option
def list_command(everything: bool, server: str | None, registry: Path | None, as_json: bool) -> int:
    """Print the queue."""
    entries = _queue(chosen(server, registry), registry, everything=everything)
    for entry in entries:
        if as_json:
            print_json(entry)
        else:
            say_entry(entry)
    if not entries and not as_json:
        say(tr("Nothing waits for a decision."))
    return 0


@review.command(help=tr("Show one match and its decisions."))
@click.argument("ticket")
@place_options
@json_option
def show(ticket: str, server: str | None, registry: Path | None, as_json: bool) -> int:
    """Print one match."""
    entry = _show(chosen(server, registry), registry, ticket)
    if as_json:
        print_json(entry)
    else:
        say_entry(entry)
    return 0


@review.command(
    help=tr(
        "Decide a match after looking at the content: blocked (--reason non_consensual), "
        "not_blocked (with its reason), or pending_review."
    )
)
@click.argument("ticket")
@click.argument("verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--reason", type=click.Choice([reason.value for reason in Reason]), help=tr("Why."))
@click.option(
    "--as",
    "moderator",
    help=tr("The moderator who decides; at a server it is the one whose key is given."),
)
@place_options
@json_option
def decide(
    ticket: str,
    verdict: str,
    reason: str | None,
    moderator: str | None,
    server: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Write a decision down."""
    decision = Decision(Verdict(verdict), Reason(reason) if reason else None)
    entry = _decide(chosen(server, registry), registry, ticket, decision, moderator)
    if as_json:
        print_json(entry)
    else:
        name = entry["verdicts"][-1]["as"]
        say(tr("Written down: {verdict}, by {name}.", verdict=verdict, name=shown(name)))
    _say_who(entry, moderator)
    return 0


def _say_who(entry: "EntryJson", moderator: str | None) -> None:
    """Say it where a server wrote down another name than the one that was typed."""
    name = entry["verdicts"][-1]["as"]
    if moderator is not None and name != canonical_name(moderator):
        note(
            tr(
                "It was written down as decided by {name}, whose key was given, and not by "
                "{typed}: at a server the key says who decides. If it was the wrong key, decide "
                "again with the right one.",
                name=shown(name),
                typed=shown(moderator),
            )
        )


def _queue(
    address: str | None, registry: Path | None, *, everything: bool
) -> Sequence["EntryJson"]:
    if address is None:
        from hashreg.takedown.review import queue

        entries = queue(open_registry(registry), None if everything else MatchState.OPEN)
        return [cast("EntryJson", entry.as_json()) for entry in entries]
    from hashreg.client import remote

    with keyed_server(address) as server:
        return remote.queue(server, everything=everything)


def _show(address: str | None, registry: Path | None, typed: str) -> "EntryJson":
    from hashreg.takedown.review import parse_ticket, show

    ticket = parse_ticket(typed)
    if address is None:
        return cast("EntryJson", show(open_registry(registry), ticket).as_json())
    from hashreg.client import remote

    with keyed_server(address) as server:
        return remote.show(server, ticket)


def _decide(
    address: str | None,
    registry: Path | None,
    typed: str,
    decision: Decision,
    moderator: str | None,
) -> "EntryJson":
    from hashreg.takedown.review import decide, parse_ticket

    ticket = parse_ticket(typed)
    if address is None:
        if moderator is None:
            raise InvalidInput(N_("Say who decides, with --as NAME."), field="as")
        store = open_registry(registry)
        return cast("EntryJson", decide(store, ticket, decision, moderator, now()).as_json())
    from hashreg.client import remote

    with keyed_server(address) as server:
        return remote.decide(server, ticket, decision)
