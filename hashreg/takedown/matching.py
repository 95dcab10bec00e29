"""Writing down that a content item matches a case."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Iterable

from hashreg.model.matches import Explanation, FoundMatch, Ticket
from hashreg.model.records import CaseId, EventKind, MatchState, StoredMatch, StoredReport
from hashreg.takedown.store import Store

TICKET_BYTES = 16


def record_matches(
    store: Store,
    report: StoredReport,
    found: Iterable[tuple[CaseId, Explanation]],
    now: dt.datetime,
) -> list[FoundMatch]:
    """Keep the matches of a report, one for each case; a known one keeps its ticket.

    A better explanation takes the place of the one before. Call it inside ``store.write``.
    """
    known = {match.case_id: match for match in store.matches.of_report(report.report_id)}
    result = []
    for case_id, explanation in found:
        match = known.get(case_id)
        if match is None:
            match = _new_match(case_id, report, explanation, now)
            store.matches.put(match)
            store.events.append(
                EventKind.MATCH_FOUND,
                match.ticket,
                actor=report.platform,
                at=now,
                detail=explanation.tier.value,
            )
        elif explanation.rank < match.explanation.rank:
            store.matches.put(dataclasses.replace(match, explanation=explanation))
        result.append(FoundMatch(explanation, match.ticket))
    return result


def _new_match(
    case_id: CaseId, report: StoredReport, explanation: Explanation, now: dt.datetime
) -> StoredMatch:
    return StoredMatch(
        Ticket(secrets.token_hex(TICKET_BYTES)),
        case_id,
        report.report_id,
        report.platform,
        report.content_id,
        explanation,
        MatchState.OPEN,
        now,
    )
