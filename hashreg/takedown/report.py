"""A platform reports content: matched now, and kept so that later registrations find it."""

import datetime as dt
import secrets
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from hashreg.matching.tokens import capped
from hashreg.model.errors import HashregError, NotFound
from hashreg.model.fingerprints import MAX_HASHES, Fingerprint, too_plain
from hashreg.model.hashes import PERCEPTUAL
from hashreg.model.matches import FoundMatch, Tier
from hashreg.model.messages import N_
from hashreg.model.records import EventKind, FingerprintId, PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId, Report
from hashreg.model.retention import REPORTS_KEPT
from hashreg.takedown.alignment import Question, ask
from hashreg.takedown.following import follow_report
from hashreg.takedown.holds import quarantine
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.matching import record_matches
from hashreg.takedown.people import active_platform
from hashreg.takedown.store import Store

RETENTION = REPORTS_KEPT
"""How long a report is kept unless the operator says otherwise."""


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What a platform is told of one content item: a tier and tickets, never a hash or a case.

    ``error`` says why an item could not be compared; its digests were, all the same. ``withheld``:
    something more was found, of which the platform isn't told.
    """

    content_id: ContentId
    matches: Sequence[FoundMatch]
    error: HashregError | None
    withheld: bool = False

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
    compared = compare(index, reports)
    with store.write():
        return keep(store, index, platform, compared, now, retention)[1]


@dataclass(frozen=True, slots=True)
class Compared:
    """Reports and what they match; ``version`` is that of the index when they were compared.

    ``questions`` are there where the devices that have the pictures can look (``aligning``).
    """

    reports: Sequence[Report]
    tier: Tier
    version: int
    found: Sequence[Sequence[CaseHit]]
    questions: Sequence[Question] | None


Judge = Callable[[Compared], Sequence[Container[FingerprintId]]]


def compare(
    index: RegistryIndex,
    reports: Sequence[Report],
    tier: Tier = Tier.REVIEW,
    *,
    aligning: bool = False,
) -> Compared:
    """Compare reports with what is registered, before the writer's turn.

    What nobody has looked at yet is judged by its tokens alone, so that nothing is lost when nobody
    does.
    """
    version, asked = index.version, [it.fingerprint for it in reports]
    if not aligning:
        return Compared(reports, tier, version, index.find_many(asked, tier=tier), None)
    questions = ask(index, asked, tier)
    return Compared(reports, tier, version, [it.cases_unseen() for it in questions], questions)


def keep(
    store: Store,
    index: RegistryIndex,
    platform: str,
    compared: Compared,
    now: dt.datetime,
    retention: dt.timedelta = RETENTION,
    judge: Judge | None = None,
    *,
    actor: str | None = None,
    follows: bool = True,
) -> tuple[Compared, list[ReportResult]]:
    """Keep reports and their matches. Call it inside ``store.write``.

    ``actor`` is who sends them in the platform's name; ``judge`` says, for each report, of which
    pictures nothing is told. ``follows``: content that was removed and is reported again is there
    again. Returns what they match now: they are
    compared anew where somebody registered or withdrew meanwhile. Raises NotFound or Refused for a
    platform that may not report.
    """
    name = active_platform(store, platform)
    index.refresh(store)
    if index.version != compared.version:
        aligning = compared.questions is not None
        compared = compare(index, compared.reports, compared.tier, aligning=aligning)
    by = actor or name
    withheld = judge(compared) if judge else [frozenset[FingerprintId]()] * len(compared.reports)
    results = [
        _keep(store, name, by, it, hits, now, now + retention, hidden, follows=follows)
        for it, hits, hidden in zip(compared.reports, compared.found, withheld, strict=True)
    ]
    pictures = {hit.fingerprint_id for hits in compared.found for hit in hits}
    quarantine(store, pictures, now)
    return compared, results


def _keep(
    store: Store,
    platform: PlatformName,
    actor: str,
    it: Report,
    hits: Sequence[CaseHit],
    now: dt.datetime,
    expires_at: dt.datetime,
    withheld: Container[FingerprintId],
    *,
    follows: bool,
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
    seen = None if known is None or follows else store.reports.received_at(known.report_id)
    store.reports.put(stored, seen or now)
    store.events.append(EventKind.REPORT_KEPT, stored.report_id.hex(), actor=actor, at=now)
    matches = record_matches(store, stored, hits, now, withheld)
    if known and follows:
        follow_report(store, [it.ticket for it in matches if it.ticket], actor, now)
    hidden = any(hit.fingerprint_id in withheld for hit in hits)
    return ReportResult(it.content_id, matches, why_unchecked(it.fingerprint), hidden)


def keep_looked_at(
    store: Store,
    platform: str,
    name: ContentId,
    question: Question,
    now: dt.datetime,
    withheld: Container[FingerprintId] = (),
) -> list[FoundMatch]:
    """Keep what a device saw in a content item that was reported before; return its matches.

    Nothing is told of the pictures that are ``withheld``.
    Call it inside ``store.write``. Raises NotFound where the report is kept no more.
    """
    stored = store.reports.find(active_platform(store, platform), name)
    if stored is None:
        raise NotFound(
            N_("This content item is not kept any more. Report it again."), field="handle"
        )
    hits = question.cases_unseen()
    matches = record_matches(store, stored, hits, now, withheld)
    follow_report(store, [it.ticket for it in matches if it.ticket], platform, now)
    quarantine(store, {hit.fingerprint_id for hit in hits}, now)
    return matches


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


def why_unchecked(fingerprint: Fingerprint) -> HashregError | None:
    """Say that hashes came and none was distinctive enough; digests alone are no fault."""
    if fingerprint.is_comparable:
        return None
    perceptual = any(item.algorithm in PERCEPTUAL for item in fingerprint.hashes)
    if perceptual or fingerprint.quality is not None:
        return too_plain(fingerprint)
    return None
