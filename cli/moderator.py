"""What a moderator does: check uploads, look at the queue, decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    registry_option,
    say,
    shown,
    workers_option,
)
from hashreg.cli.main import EXIT_FOUND, EXIT_TROUBLE
from hashreg.cli.words import SIGNAL_WORDS, TIER_WORDS, VERDICT_WORDS
from hashreg.model.errors import InvalidInput
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Explanation, FoundMatch, ShapeOnly
from hashreg.model.messages import N_, tr
from hashreg.model.records import MatchState
from hashreg.model.reports import ContentId, Report
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from hashreg.takedown.report import report as report_to
from hashreg.takedown.review import QueueEntry, parse_ticket, queue
from hashreg.takedown.review import decide as decide_match
from hashreg.takedown.review import show as show_match
from hashreg.takedown.store import Store

if TYPE_CHECKING:
    from hashreg.client.check import CheckedFile


@dataclass(frozen=True, slots=True)
class LocalLookup:
    """A look-up in a registry on this machine; with a platform's name it is kept as reports."""

    store: Store
    index: RegistryIndex
    platform: str | None

    def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
        """Return the matches of each fingerprint."""
        if self.platform is None:
            return look_up(self.store, self.index, fingerprints)
        reports = [Report(_content_id(fingerprint), fingerprint) for fingerprint in fingerprints]
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
@registry_option
@json_option
def check(
    paths: tuple[Path, ...],
    as_report: bool,
    platform: str | None,
    workers: int | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Give each file its verdict, and explain each match."""
    from hashreg.client.check import FileVerdict, check_files
    from hashreg.hashing.files import files_under

    if as_report != (platform is not None):
        raise InvalidInput(N_("--report and --platform NAME go together."), field="platform")
    store = open_registry(registry)
    index = index_of(store)
    lookup = LocalLookup(store, index, platform)
    lookup.lookup([])  # a registry or platform that isn't there is said before the hashing
    index.keep(store)
    files = list(files_under(paths))
    verdicts = []
    if not files:
        note(tr("There are no files in that folder."))
    answers = check_files(files, lookup, workers=workers)
    for checked in progress(answers, len(files), tr("Checking"), printing=True):
        verdicts.append(checked.verdict)
        if as_json:
            print_json(checked.as_json(json_name(checked.path)))
        else:
            _say_checked(checked)
    if {FileVerdict.MATCH, FileVerdict.REVIEW} & set(verdicts):
        return EXIT_FOUND
    troubled = {FileVerdict.UNCHECKED, FileVerdict.UNREADABLE} & set(verdicts)
    return EXIT_TROUBLE if troubled else 0


@click.group(help=tr("Look at the queue and decide."))
def review() -> None:
    """The queue."""


@review.command("list", help=tr("List the matches that wait for a person, surest first."))
@click.option("--all", "everything", is_flag=True, help=tr("List decided and closed ones, too."))
@registry_option
@json_option
def list_command(everything: bool, registry: Path | None, as_json: bool) -> int:
    """Print the queue."""
    entries = queue(open_registry(registry), None if everything else MatchState.OPEN)
    for entry in entries:
        if as_json:
            print_json(entry.as_json())
        else:
            _say_entry(entry)
    if not entries and not as_json:
        say(tr("Nothing waits for a decision."))
    return 0


@review.command(help=tr("Show one match and its decisions."))
@click.argument("ticket")
@registry_option
@json_option
def show(ticket: str, registry: Path | None, as_json: bool) -> int:
    """Print one match."""
    entry = show_match(open_registry(registry), parse_ticket(ticket))
    if as_json:
        print_json(entry.as_json())
    else:
        _say_entry(entry)
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
@click.option("--as", "moderator", required=True, help=tr("The moderator who decides."))
@registry_option
@json_option
def decide(
    ticket: str,
    verdict: str,
    reason: str | None,
    moderator: str,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Write a decision down."""
    decision = Decision(Verdict(verdict), Reason(reason) if reason else None)
    store = open_registry(registry)
    entry = decide_match(store, parse_ticket(ticket), decision, moderator, now())
    if as_json:
        print_json(entry.as_json())
    else:
        say(tr("Written down: {verdict}, by {name}.", verdict=verdict, name=shown(moderator)))
    return 0


def _content_id(fingerprint: Fingerprint) -> ContentId:
    digest = fingerprint.get(Algorithm.SHA256, "file")
    if digest is None:
        raise InvalidInput(N_("A file without SHA-256 can't be reported."), field="hashes")
    return ContentId(digest.hash)


def _say_checked(checked: "CheckedFile") -> None:
    verdict = tr(VERDICT_WORDS[checked.verdict.value])
    if checked.error:
        note(f"{shown(checked.path)}: {verdict}. {checked.error}")
        return
    say(f"{shown(checked.path)}: {verdict}")
    for match in checked.matches:
        ticket = f"  {match.ticket}" if match.ticket else ""
        say(f"    {_explained(match.explanation)}{ticket}")


def _say_entry(entry: QueueEntry) -> None:
    match = entry.match
    say(f"{match.ticket}  {shown(match.platform)}  {shown(match.content_id)}")
    say(f"    {_explained(match.explanation)}")
    for verdict in entry.verdicts:
        decision = verdict.decision
        reason = f" ({decision.reason})" if decision.reason else ""
        say(f"    {decision.verdict}{reason}  {shown(verdict.actor)}  {verdict.decided_at:%F %R}")


def _explained(explanation: Explanation) -> str:
    """Say in one line why two pictures match."""
    if explanation.algorithm in (Algorithm.SHA256, Algorithm.MD5):
        return tr("match: the same file, byte for byte")
    if explanation.algorithm is ShapeOnly.TOKENS:
        return tr("{tier}: found by shape alone", tier=tr(TIER_WORDS[explanation.tier])) + _shape(
            explanation
        )
    words = tr(
        "{tier}: {algorithm} distance {distance}, {query_view} of the upload to {view} of the "
        "registered picture; views that agree: {agreeing}; {signal}",
        tier=tr(TIER_WORDS[explanation.tier]),
        algorithm=explanation.algorithm.value,
        distance=explanation.distance,
        query_view=explanation.query_view,
        view=explanation.view,
        agreeing=explanation.agreeing_views,
        signal=tr(SIGNAL_WORDS[explanation.second_signal]),
    )
    suspicion = "; " + tr("SUSPICIOUS, perhaps forged") if explanation.suspicious else ""
    return words + _shape(explanation) + suspicion


def _shape(explanation: Explanation) -> str:
    """Say how the registered picture lies in the upload, where that is known."""
    shape = explanation.shape
    if shape is None:
        return ""
    said = tr(
        "by shape: {points} points agree, turned {degrees} degrees, {percent} % of the picture",
        points=shape.points,
        degrees=shape.turned,
        percent=round(100 * shape.share),
    )
    return f"; {said}" + (", " + tr("mirrored") if shape.mirrored else "")
