"""A platform reports content: matched now, and kept so that later registrations find it."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hashreg.matching.tokens import capped
from hashreg.model.errors import HashregError
from hashreg.model.fingerprints import MAX_HASHES, Fingerprint, too_plain
from hashreg.model.hashes import PERCEPTUAL
from hashreg.model.matches import FoundMatch, Tier
from hashreg.model.records import EventKind, PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId, Report
from hashreg.takedown.holds import quarantine
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.matching import record_matches
from hashreg.takedown.people import active_platform
from hashreg.takedown.store import Store

RETENTION = dt.timedelta(days=90)
"""How long a report is kept unless the operator says otherwise."""


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What a platform is told of one content item: a tier and tickets, never a hash or a case.

    ``error`` says why an item could not be compared; its digests were, all the same.
    """

    content_id: ContentId
    matches: Sequence[FoundMatch]
    error: HashregError | None

    @property
    def tier(self) -> Tier | None:
        """The tier of the best match, or None."""
        return self.matches[0].explanation.tier if self.matches else None

    def as_json(self) -> dict[str, object]:
        """Return the item's result, in the shape of the HTTP answer."""
        return {
            "content_id": self.content_id,
            "tier": self.tier.value if self.tier else None,
            "tickets": [match.ticket for match in self.matches],
            "align": [],
            "error": self.error.as_json() if self.error else None,
        }


def report(
    store: Store,
    index: RegistryIndex,
    platform: str,
    reports: Sequence[Report],
    now: dt.datetime,
    retention: dt.timedelta = RETENTION,
) -> list[ReportResult]:
    """Match and keep reports, all of them or, where an error is raised, none.

    Raises NotFound or Refused for a platform that may not report.
    """
    with store.read():
        active_platform(store, platform)
        index.refresh(store)
    asked = [it.fingerprint for it in reports]
    sequence, found = index.sequence, index.find_many(asked)
    with store.write():
        name = active_platform(store, platform)
        index.refresh(store)
        if index.sequence != sequence:  # somebody registered or withdrew meanwhile
            found = index.find_many(asked)
        results = [
            _keep(store, name, it, hits, now, now + retention)
            for it, hits in zip(reports, found, strict=True)
        ]
        quarantine(store, {hit.fingerprint_id for hits in found for hit in hits}, now)
        return results


def _keep(
    store: Store,
    platform: PlatformName,
    it: Report,
    hits: Sequence[CaseHit],
    now: dt.datetime,
    expires_at: dt.datetime,
) -> ReportResult:
    known = store.reports.find(platform, it.content_id)
    kept = _storable(it.fingerprint)
    stored = StoredReport(
        known.report_id if known else ReportId(secrets.token_bytes(16)),
        platform,
        it.content_id,
        _joined(known.fingerprint, kept) if known else kept,
        expires_at,
    )
    store.reports.put(stored, now)
    store.events.append(EventKind.REPORT_KEPT, stored.report_id.hex(), actor=platform, at=now)
    matches = record_matches(store, stored, hits, now)
    return ReportResult(it.content_id, matches, _why_unchecked(it.fingerprint))


def _storable(asked: Fingerprint) -> Fingerprint:
    """Return what may be kept: asked tokens say too much of a picture, capped ones may stay."""
    return asked if asked.tokens is None else replace(asked, tokens=capped(asked.tokens))


def _joined(known: Fingerprint, new: Fingerprint) -> Fingerprint:
    """Return what both reports say of a content item; the newest hashes, where there are many."""
    newer = {(item.algorithm, item.view) for item in new.hashes}
    older = [item for item in known.hashes if (item.algorithm, item.view) not in newer]
    hashes = (*older, *new.hashes)[-MAX_HASHES:]
    quality = known.quality if new.quality is None else new.quality
    return Fingerprint(hashes, quality, new.media, new.recipe, new.tokens or known.tokens)


def _why_unchecked(fingerprint: Fingerprint) -> HashregError | None:
    """Say that hashes came and none was distinctive enough; digests alone are no fault."""
    perceptual = any(item.algorithm in PERCEPTUAL for item in fingerprint.hashes)
    plain_picture = fingerprint.quality is not None and not fingerprint.is_comparable
    if (perceptual and not fingerprint.is_comparable) or plain_picture:
        return too_plain(fingerprint)
    return None
