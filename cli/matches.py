"""Matches in words, for the person who has to look at them."""

import datetime as dt
from typing import TYPE_CHECKING

from hashreg.cli.common import in_local_time, note, say, shown
from hashreg.cli.words import SIGNAL_WORDS, TIER_WORDS, VERDICT_WORDS
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Explanation, ShapeOnly, explanation_from_json
from hashreg.model.messages import tr

if TYPE_CHECKING:
    from hashreg.client.answers import EntryJson
    from hashreg.client.check import CheckedFile


def say_checked(checked: "CheckedFile") -> None:
    """Say a file's verdict, and explain each match."""
    verdict = tr(VERDICT_WORDS[checked.verdict.value])
    if checked.error:
        note(f"{shown(checked.path)}: {verdict}. {checked.error}")
        return
    say(f"{shown(checked.path)}: {verdict}")
    for match in checked.matches:
        ticket = f"  {match.ticket}" if match.ticket else ""
        say(f"    {_explained(match.explanation)}{ticket}")


def say_entry(entry: "EntryJson") -> None:
    """Say one match of the queue, and what was decided of it."""
    say(f"{entry['ticket']}  {shown(entry['platform'])}  {shown(entry['content_id'])}")
    say(f"    {_explained(explanation_from_json(entry, ''))}")
    for verdict in entry["verdicts"]:
        reason = f" ({verdict['reason']})" if verdict.get("reason") else ""
        decided_at = dt.datetime.fromisoformat(verdict["decided_at"])
        say(
            f"    {verdict['verdict']}{reason}  {shown(verdict['as'])}  {in_local_time(decided_at)}"
        )
    if entry["removed_at"]:
        removed_at = dt.datetime.fromisoformat(entry["removed_at"])
        say("    " + tr("removed by the platform") + f"  {in_local_time(removed_at)}")


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
