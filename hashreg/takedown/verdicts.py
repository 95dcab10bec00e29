"""Writing a verdict down: one set of rules for moderators and platforms."""

import dataclasses
import datetime as dt

from hashreg.model.cases import CaseState
from hashreg.model.errors import NotFound, Refused
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.records import EventKind, MatchState, StoredMatch, StoredVerdict
from hashreg.model.verdicts import Decision, Verdict
from hashreg.takedown.channels import weigh
from hashreg.takedown.following import follow_verdict
from hashreg.takedown.holds import admit_confirmed, dispute
from hashreg.takedown.store import Store


def found_match(store: Store, ticket: Ticket) -> StoredMatch:
    """Return the match of a ticket; raises NotFound."""
    match = store.matches.find(ticket)
    if match is None:
        raise unknown_ticket()
    return match


def unknown_ticket() -> NotFound:
    """Return what is said of a ticket that is not there, or not for the one who asks."""
    return NotFound(N_("No match has this ticket in this registry."), field="ticket")


def give_verdict(
    store: Store, match: StoredMatch, decision: Decision, actor: str, now: dt.datetime
) -> None:
    """Write down what somebody decided; raises Refused. Call it inside ``store.write``.

    A later decision takes the place of an earlier one and both stay on record; the same one
    twice is written once. ``pending_review`` leaves (or puts back) the match in the queue,
    ``blocked`` ends a quarantine and orders the content away; anything else calls that off, and the
    second independent ``not_blocked`` disputes the picture.
    """
    if match.state is MatchState.CLOSED or _is_withdrawn(store, match):
        raise Refused(
            N_(
                "This match is closed: its picture was withdrawn, or refused by a person, so "
                "nothing is to be decided."
            ),
            field="ticket",
        )
    before = store.matches.verdicts(match.ticket)
    same = before and (before[-1].decision, before[-1].actor) == (decision, actor)
    if same and match.state is _state_after(decision):
        return
    _write(store, match, StoredVerdict(decision, actor, now))
    follow_verdict(store, match, decision.verdict, actor, now)
    weigh(store, match.case_id)
    if decision.verdict is Verdict.BLOCKED:
        admit_confirmed(store, match.fingerprint_id, actor, now)
    elif decision.verdict is Verdict.NOT_BLOCKED:
        dispute(store, match.fingerprint_id, now)


def _write(store: Store, match: StoredMatch, verdict: StoredVerdict) -> None:
    state = _state_after(verdict.decision)
    store.matches.add_verdict(match.ticket, verdict)
    store.matches.put(dataclasses.replace(match, state=state))
    store.events.append(
        EventKind.VERDICT,
        match.ticket,
        actor=verdict.actor,
        at=verdict.decided_at,
        detail=verdict.decision.words,
    )


def _state_after(decision: Decision) -> MatchState:
    pending = decision.verdict is Verdict.PENDING_REVIEW
    return MatchState.OPEN if pending else MatchState.DECIDED


def _is_withdrawn(store: Store, match: StoredMatch) -> bool:
    return store.cases.get(match.case_id).state is CaseState.WITHDRAWN
