"""The queue: what a person has to look at, and what they decide."""

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hashreg.model.cases import CaseState
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.records import EventKind, MatchState, StoredMatch, StoredVerdict
from hashreg.model.verdicts import Decision, Verdict
from hashreg.takedown.holds import admit_confirmed
from hashreg.takedown.people import active_moderator
from hashreg.takedown.store import Store

_TICKET = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A match as a moderator sees it: no hash, no case."""

    match: StoredMatch
    verdicts: Sequence[StoredVerdict]

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg review list --json` and ``show`` print."""
        match = self.match
        return {
            "ticket": match.ticket,
            "platform": match.platform,
            "content_id": match.content_id,
            "state": match.state.value,
            "found_at": match.found_at.isoformat(timespec="seconds"),
            **match.explanation.as_json(),
            "verdicts": [
                {
                    "verdict": verdict.decision.verdict.value,
                    "reason": verdict.decision.reason.value if verdict.decision.reason else None,
                    "as": verdict.actor,
                    "decided_at": verdict.decided_at.isoformat(timespec="seconds"),
                }
                for verdict in self.verdicts
            ],
        }


def parse_ticket(text: str) -> Ticket:
    """Return a typed ticket; raises InvalidInput."""
    plain = text.strip().lower()
    if not _TICKET.fullmatch(plain):
        raise InvalidInput(
            N_("A ticket has 32 hex digits, as `hashreg review list` shows it."), field="ticket"
        )
    return Ticket(plain)


def queue(store: Store, state: MatchState | None = MatchState.OPEN) -> list[QueueEntry]:
    """Return the matches in a state (None: all), surest first."""
    with store.read():
        return [_entry(store, match) for match in list(store.matches.queue(state))]


def show(store: Store, ticket: Ticket) -> QueueEntry:
    """Return one match; raises NotFound."""
    with store.read():
        return _entry(store, _found(store, ticket))


def decide(
    store: Store, ticket: Ticket, decision: Decision, moderator: str, now: dt.datetime
) -> QueueEntry:
    """Write down what a moderator decided; raises NotFound or Refused.

    A later decision takes the place of an earlier one and both stay on record; the same one
    twice is written once. ``pending_review`` leaves (or puts back) the match in the queue.
    """
    with store.write():
        actor = active_moderator(store, moderator)
        match = _found(store, ticket)
        if match.state is MatchState.CLOSED or _is_withdrawn(store, match):
            raise Refused(
                N_(
                    "This match is closed: its picture was withdrawn, or refused by a person, so "
                    "nothing is to be decided."
                ),
                field="ticket",
            )
        before = store.matches.verdicts(ticket)
        if not before or before[-1].decision != decision or before[-1].actor != actor:
            _write(store, match, StoredVerdict(decision, actor, now))
            if decision.verdict is Verdict.BLOCKED:
                admit_confirmed(store, match.fingerprint_id, actor, now)
        return _entry(store, _found(store, ticket))


def _write(store: Store, match: StoredMatch, verdict: StoredVerdict) -> None:
    pending = verdict.decision.verdict is Verdict.PENDING_REVIEW
    state = MatchState.OPEN if pending else MatchState.DECIDED
    store.matches.add_verdict(match.ticket, verdict)
    store.matches.put(dataclasses.replace(match, state=state))
    store.events.append(
        EventKind.VERDICT,
        match.ticket,
        actor=verdict.actor,
        at=verdict.decided_at,
        detail=verdict.decision.verdict.value,
    )


def _is_withdrawn(store: Store, match: StoredMatch) -> bool:
    return store.cases.get(match.case_id).state is CaseState.WITHDRAWN


def _found(store: Store, ticket: Ticket) -> StoredMatch:
    match = store.matches.find(ticket)
    if match is None:
        raise NotFound(N_("No match has this ticket in this registry."), field="ticket")
    return match


def _entry(store: Store, match: StoredMatch) -> QueueEntry:
    return QueueEntry(match, store.matches.verdicts(match.ticket))
