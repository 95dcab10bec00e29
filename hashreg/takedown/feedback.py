"""What a platform says of hashes that it holds: each is a report, and a verdict on it."""

import datetime as dt
from collections.abc import Sequence

from hashreg.exchange.stopncii import Feedback
from hashreg.model.errors import HashregError, NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.records import EventKind, PlatformName
from hashreg.model.reports import ContentId, Report
from hashreg.model.verdicts import Verdict
from hashreg.takedown.feed import canaries, cases_with, note_canaries
from hashreg.takedown.following import settle
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import active_platform
from hashreg.takedown.report import Compared, keep
from hashreg.takedown.store import Store
from hashreg.takedown.tickets import decide_as_platform, removed

_CONTENT = "feed {record}"
"""The name of the content that such a report is of: the platform told of none."""
_NOT_HELD = N_("This hash is not in the feed, or not any more, so nothing can be said of it.")


def take_feedback(
    store: Store, index: RegistryIndex, platform: str, said: Sequence[Feedback], now: dt.datetime
) -> list[HashregError | None]:
    """Write down what a platform says; return, in order, what could not be taken.

    ``Blocked`` is a verdict and says that the content is gone; ``NotBlocked`` and
    ``PendingReview`` are verdicts; of the rest there is an event and no more. Raises NotFound or
    Refused for a platform that may not say anything.
    """
    with store.write():
        name = active_platform(store, platform)
        index.refresh(store)
        secret = canaries(store)
        return [
            _noted(store, secret[it.item.hash], name, now)
            if it.item.hash in secret
            else _taken(store, index, name, it, now)
            for it in said
        ]


def _noted(
    store: Store, whose: PlatformName, platform: PlatformName, now: dt.datetime
) -> HashregError | None:
    """Write a canary down; it must not show that it is one."""
    note_canaries(store, [whose], f"{Role.PLATFORM}:{platform}", now)
    return None


def _taken(
    store: Store, index: RegistryIndex, platform: PlatformName, it: Feedback, now: dt.datetime
) -> HashregError | None:
    asked = Fingerprint((it.item,))
    (hits,) = cases_with(store, index, [asked])
    if not hits:
        return NotFound(_NOT_HELD, field="hashValue")
    store.events.append(EventKind.FEED_FEEDBACK, platform, actor=platform, at=now, detail=it.value)
    if it.decision is None:
        return None
    record = store.feeds.record_id(platform, hits[0].fingerprint_id)
    report = Report(ContentId(_CONTENT.format(record=record)), asked)
    compared = Compared([report], Tier.MATCH, index.version, [hits], None)
    _, (kept,) = keep(store, index, platform, compared, now, follows=False)
    for match in kept.matches:
        if match.ticket is not None:
            decide_as_platform(store, match.ticket, it.decision, platform, now)
            if it.decision.verdict is Verdict.BLOCKED:
                removed(store, match.ticket, platform, now, now)
                settle(store, match.ticket, platform, now)  # it names nothing to look for again
    return None
