"""Content that came back while it was not compared, because its picture was held or not told of."""

import datetime as dt

from hashreg.matching import Matcher
from hashreg.model.records import PlatformName, StoredFingerprint
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

    ``platform``: of this one only. Call it inside ``store.write`` when the picture is matched
    again.
    """
    matcher = Matcher.of([picture.fingerprint])
    for match in store.matches.of_fingerprint(picture.fingerprint_id):
        if platform not in (None, match.platform) or not was_seen_since(store, match):
            continue
        report = store.reports.find(match.platform, match.content_id)
        if report is not None and matcher.find(report.fingerprint):
            follow_report(store, [match.ticket], actor, now)
