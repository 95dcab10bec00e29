"""Writing down that content items match cases."""

import dataclasses
import datetime as dt
import secrets
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from itertools import islice

from hashreg.matching import Matcher
from hashreg.model.matches import FoundMatch, Ticket
from hashreg.model.records import (
    EventKind,
    FingerprintId,
    MatchState,
    StoredFingerprint,
    StoredMatch,
    StoredReport,
)
from hashreg.takedown.live import CaseHit
from hashreg.takedown.store import Store

TICKET_BYTES = 16
REPORTS_AT_ONCE = 1000


def record_matches(
    store: Store,
    report: StoredReport,
    found: Iterable[CaseHit],
    now: dt.datetime,
    withheld: Container[FingerprintId] = (),
) -> list[FoundMatch]:
    """Keep the matches of a report, one for each case; a known one keeps its ticket.

    Nothing is returned of the pictures that are ``withheld`` from the platform, and a new match of
    theirs is hidden from it; people find it in the queue.

    A better explanation takes the place of the one before, but what was decided stays with the
    picture that it was decided of. One that was closed because its picture was refused is opened
    again: another picture of the case is found, too. Call it inside ``store.write``.
    """
    known = {match.case_id: match for match in store.matches.of_report(report.report_id)}
    result = []
    for hit in found:
        match = known.get(hit.case_id)
        if match is None or match.state is MatchState.CLOSED:
            match = _reopened(match, hit) if match else _opened(hit, report, now)
            match = dataclasses.replace(match, withheld=hit.fingerprint_id in withheld)
            store.matches.put(match)
            store.events.append(
                EventKind.MATCH_FOUND,
                match.ticket,
                actor=report.platform,
                at=now,
                detail=hit.explanation.tier.value,
            )
        elif hit.fingerprint_id in withheld:
            continue
        elif hit.explanation.rank < match.explanation.rank:
            decided = bool(store.matches.verdicts(match.ticket))
            found_by = match.fingerprint_id if decided else hit.fingerprint_id
            store.matches.put(
                dataclasses.replace(match, explanation=hit.explanation, fingerprint_id=found_by)
            )
        if hit.fingerprint_id not in withheld:
            result.append(FoundMatch(hit.explanation, match.ticket))
    return result


def match_reports(
    store: Store,
    pictures: Sequence[StoredFingerprint],
    reports: Iterable[StoredReport],
    now: dt.datetime,
    *,
    most: int | None = None,
) -> Counter[FingerprintId]:
    """Compare reports with pictures of one case, and write the matches down.

    Each report is written for the best picture that has not ``most`` already (None: for the best).
    Returns how many were written of each picture. Call it inside ``store.write``.
    """
    written = Counter[FingerprintId]()
    if not pictures:
        return written
    matcher = Matcher.of(it.fingerprint for it in pictures)
    reports = iter(reports)
    found: list[tuple[StoredReport, CaseHit]] = []
    while batch := list(islice(reports, REPORTS_AT_ONCE)):
        hits = matcher.find_many([report.fingerprint for report in batch])
        for report, its in zip(batch, hits, strict=True):
            for it in its:  # best first
                picture = pictures[it.id]
                if most is None or written[picture.fingerprint_id] < most:
                    found.append((report, CaseHit(picture.case_id, picture.fingerprint_id, it)))
                    written[picture.fingerprint_id] += 1
                    break
    for report, hit in found:
        record_matches(store, report, [hit], now)
    return written


def _reopened(match: StoredMatch, hit: CaseHit) -> StoredMatch:
    """Return a closed match, open again in its old place among the platform's tickets."""
    return dataclasses.replace(
        match,
        fingerprint_id=hit.fingerprint_id,
        explanation=hit.explanation,
        state=MatchState.OPEN,
    )


def _opened(hit: CaseHit, report: StoredReport, now: dt.datetime) -> StoredMatch:
    return StoredMatch(
        Ticket(secrets.token_hex(TICKET_BYTES)),
        hit.case_id,
        hit.fingerprint_id,
        report.report_id,
        report.platform,
        report.content_id,
        hit.explanation,
        MatchState.OPEN,
        now,
    )
