"""The queue: what a person has to look at, and what they decide."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hashreg.model.errors import InvalidInput
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.records import MatchState, StoredMatch, StoredVerdict
from hashreg.model.verdicts import Decision
from hashreg.takedown.people import active_moderator
from hashreg.takedown.store import Store
from hashreg.takedown.verdicts import found_match, give_verdict

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
            "removed_at": match.removed_at.isoformat(timespec="seconds")
            if match.removed_at
            else None,
        }


def parse_ticket(text: str) -> Ticket:
    """Return a typed ticket; raises InvalidInput."""
    plain = text.strip().lower()
    if not _TICKET.fullmatch(plain):
        raise InvalidInput(
            N_("A ticket has 32 hex digits, as it was given out with the match."), field="ticket"
        )
    return Ticket(plain)


def queue(store: Store, state: MatchState | None = MatchState.OPEN) -> list[QueueEntry]:
    """Return the matches in a state (None: all), surest first."""
    with store.read():
        return [_entry(store, match) for match in list(store.matches.queue(state))]


def queue_page(
    store: Store, state: MatchState | None, after: Ticket | None, limit: int
) -> tuple[list[QueueEntry], Ticket | None]:
    """Return at most ``limit`` of the matches in a state (None: all), and the next cursor.

    The surest come first, then the oldest. The cursor is the last ticket returned, None where
    nothing follows; given as ``after``, the list goes on behind that match's place, whatever became
    of it meanwhile. Raises NotFound for an ``after`` that is not there.
    """
    with store.read():
        last = found_match(store, after) if after else None
        found = store.matches.queue_page(state, last, limit + 1)
        shown = found[:limit]
        following = shown[-1].ticket if len(found) > limit else None
        return [_entry(store, match) for match in shown], following


def show(store: Store, ticket: Ticket) -> QueueEntry:
    """Return one match; raises NotFound."""
    with store.read():
        return _entry(store, found_match(store, ticket))


def decide(
    store: Store, ticket: Ticket, decision: Decision, moderator: str, now: dt.datetime
) -> QueueEntry:
    """Write down what a moderator decided, as ``give_verdict`` says; raises NotFound or Refused."""
    with store.write():
        actor = active_moderator(store, moderator)
        give_verdict(store, found_match(store, ticket), decision, actor, now)
        return _entry(store, found_match(store, ticket))


def _entry(store: Store, match: StoredMatch) -> QueueEntry:
    return QueueEntry(match, store.matches.verdicts(match.ticket))
