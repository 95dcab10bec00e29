"""A platform's own tickets: what was found in its content, and what it answers.

Another platform's ticket is told as an unknown one. Everything here raises NotFound or Refused for
a platform that may not report.
"""

import datetime as dt
from dataclasses import dataclass, replace

from hashreg.model.errors import InvalidInput
from hashreg.model.matches import Ticket
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.records import EventKind, MatchState, PlatformName, StoredMatch
from hashreg.model.verdicts import Decision, Verdict
from hashreg.takedown.following import follow_removal
from hashreg.takedown.people import active_platform
from hashreg.takedown.store import Store
from hashreg.takedown.verdicts import give_verdict, unknown_ticket

CLOCKS_DIFFER = dt.timedelta(minutes=5)
"""How far ahead a platform's clock may be."""


@dataclass(frozen=True, slots=True)
class PlatformTicket:
    """A match as the platform sees it whose content it is: no hash, no case, no explanation.

    ``verdict`` is the latest one, whoever gave it.
    """

    match: StoredMatch
    verdict: Verdict | None

    def as_json(self) -> dict[str, object]:
        """Return the object that ``GET /v1/tickets/{ticket}`` answers."""
        match = self.match
        return {
            "ticket": match.ticket,
            "content_id": match.content_id,
            "tier": match.explanation.tier.value,
            "state": match.state.value,
            "found_at": match.found_at.isoformat(timespec="seconds"),
            "verdict": self.verdict.value if self.verdict else None,
            "removed_at": match.removed_at.isoformat(timespec="seconds")
            if match.removed_at
            else None,
        }


def tickets_of(
    store: Store, platform: str, state: MatchState | None, after: Ticket | None, limit: int
) -> tuple[list[PlatformTicket], Ticket | None]:
    """Return at most ``limit`` of a platform's tickets in a state (None: all), and the next cursor.

    The oldest come first. The cursor is the last ticket returned, None where nothing follows; given
    as ``after``, the list goes on behind it. A ticket keeps its place, so none that was there when
    the paging began is skipped or comes twice. Raises NotFound for an ``after`` that isn't the
    platform's.
    """
    with store.read():
        name = active_platform(store, platform)
        last = _own(store, name, after) if after else None
        found = store.matches.of_platform(name, state, last, limit + 1)
        shown = found[:limit]
        following = shown[-1].ticket if len(found) > limit else None
        return [_shown(store, match) for match in shown], following


def ticket_of(store: Store, platform: str, ticket: Ticket) -> PlatformTicket:
    """Return one of a platform's tickets; raises NotFound."""
    with store.read():
        return _shown(store, _own(store, active_platform(store, platform), ticket))


def decide_as_platform(
    store: Store, ticket: Ticket, decision: Decision, platform: str, now: dt.datetime
) -> PlatformTicket:
    """Write down what a platform decided of its content, by the rules of a moderator's verdict.

    It is kept as ``platform:NAME``, which is no moderator's name: theirs hold no colon. Raises
    NotFound or Refused.
    """
    with store.write():
        name = active_platform(store, platform)
        match = _own(store, name, ticket)
        give_verdict(store, match, decision, f"{Role.PLATFORM}:{name}", now)
        return _shown(store, _own(store, name, ticket))


def removed(
    store: Store, ticket: Ticket, platform: str, at: dt.datetime | None, now: dt.datetime
) -> PlatformTicket:
    """Write down that the content is gone, since ``at`` (None: now); the first word counts.

    A closed ticket's content may be told removed, too. Raises NotFound, and InvalidInput for a time
    in the future or without its zone.
    """
    when = at or now
    _check_time(when, now)
    with store.write():
        name = active_platform(store, platform)
        match = _own(store, name, ticket)
        if match.removed_at is None:
            match = replace(match, removed_at=when)
            store.matches.put(match)
            store.events.append(EventKind.CONTENT_REMOVED, ticket, actor=name, at=now)
            follow_removal(store, ticket, when, name, now)
        return _shown(store, match)


def _check_time(when: dt.datetime, now: dt.datetime) -> None:
    if when.utcoffset() is None:
        raise InvalidInput(
            N_("The time needs its zone, as in 2026-12-31T12:00:00Z."), field="removed_at"
        )
    if when > now + CLOCKS_DIFFER:
        raise InvalidInput(
            N_(
                "The time of removal is in the future. Check the clock and the time zone of the "
                "system that sent it."
            ),
            field="removed_at",
        )


def _own(store: Store, platform: PlatformName, ticket: Ticket) -> StoredMatch:
    match = store.matches.find(ticket)
    if match is None or match.platform != platform or match.withheld:
        raise unknown_ticket()
    return match


def _shown(store: Store, match: StoredMatch) -> PlatformTicket:
    verdicts = store.matches.verdicts(match.ticket)
    return PlatformTicket(match, verdicts[-1].decision.verdict if verdicts else None)
