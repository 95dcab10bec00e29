"""Writing down where cases and matches stand now, each step with its event."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from hashreg.model.cases import CaseState, advance
from hashreg.model.records import CaseRecord, EventKind, MatchState, StoredMatch
from hashreg.takedown.store import Store


def move(store: Store, case: CaseRecord, to: CaseState, actor: str, now: dt.datetime) -> None:
    """Write a case's next state down; raises Refused where the table of states has no such step."""
    store.cases.set_state(case.case_id, advance(case.state, to))
    store.events.append(
        EventKind.CASE_STATE, case.case_id.hex(), actor=actor, at=now, detail=to.value
    )


def close(
    store: Store, matches: Iterable[StoredMatch], actor: str, now: dt.datetime
) -> list[StoredMatch]:
    """Close matches, of which nothing is to be decided any more; return them."""
    closed = list(matches)
    for match in closed:
        store.matches.put(dataclasses.replace(match, state=MatchState.CLOSED))
        store.events.append(EventKind.MATCH_CLOSED, match.ticket, actor=actor, at=now)
    return closed
