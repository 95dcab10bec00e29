"""Content that came back while it was not compared, because its picture was held or not told of."""

import datetime as dt

from hashreg.matching import Matcher
from hashreg.model.people import Role
from hashreg.model.records import PictureState, PlatformName, ProbingState, StoredFingerprint
from hashreg.takedown.following import follow_report, was_seen_since
from hashreg.takedown.store import Store


def follow_meanwhile(
    store: Store,
    picture: StoredFingerprint,
    actor: str,
    now: dt.datetime,
    platform: PlatformName | None = None,
) -> None:
    """Order content of a picture away again that was reported once more since it was removed.

    ``platform``: of this one only. Nothing happens while the picture is held, nor at platforms that
    are told nothing of it: it would tell them. Call it inside ``store.write`` when one of these
    ends.
    """
    if picture.state is not PictureState.ACTIVE:
        return
    locked, matcher = _locked_out(store, picture), Matcher.of([picture.fingerprint])
    for match in store.matches.of_case(picture.case_id):
        asked = platform in (None, match.platform) and match.platform not in locked
        if not asked or not was_seen_since(store, match):
            continue
        report = store.reports.find(match.platform, match.content_id)
        if report is not None and matcher.find(report.fingerprint):
            follow_report(store, [match.ticket], actor, now)


def _locked_out(store: Store, picture: StoredFingerprint) -> set[str]:
    """Return the platforms that are told nothing of a picture."""
    askers = [
        it.asker.partition(":")
        for it in store.probes.probings()
        if it.fingerprint_id == picture.fingerprint_id and it.state is ProbingState.LOCKED
    ]
    return {name for role, _, name in askers if role == Role.PLATFORM}
