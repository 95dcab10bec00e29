"""Tickets: what platforms and moderators answer to a match."""

import datetime as dt

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.records import MatchState, PlatformName
from hashreg.model.strictjson import Fields
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.server.call import Call
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.takedown.review import decide, parse_ticket
from hashreg.takedown.store import Store
from hashreg.takedown.tickets import decide_as_platform, removed, ticket_of, tickets_of

STATES = (*(state.value for state in MatchState), "all")


async def listed(call: Call) -> Answer:
    """Return the platform's own tickets, oldest first."""
    state = _state(call)
    after = call.query("after", "")
    limit = call.query_number("limit", 100, 1, 1000)
    found, following = await call.desk.read(
        lambda store: tickets_of(
            store, _platform(call), state, parse_ticket(after) if after else None, limit
        )
    )
    return {"tickets": [it.as_json() for it in found], "next": following}


async def one(call: Call) -> Answer:
    """Return one of the platform's own tickets."""
    ticket = parse_ticket(call.path("ticket"))
    found = await call.desk.read(lambda store: ticket_of(store, _platform(call), ticket))
    return found.as_json()


async def verdict(call: Call) -> Answer:
    """Write down what somebody who saw the content decided."""
    ticket, decision, who = parse_ticket(call.path("ticket")), _decision(call.fields), call.asker

    def work(store: Store) -> Answer:
        if who.role is Role.MODERATOR:
            return decide(store, ticket, decision, who.name, now()).as_json()
        return decide_as_platform(store, ticket, decision, _platform(call), now()).as_json()

    return await call.write_once(work)


async def removal(call: Call) -> Answer:
    """Write down that the content is gone."""
    ticket, at = parse_ticket(call.path("ticket")), _moment(call.fields)

    def work(store: Store) -> Answer:
        return removed(store, ticket, _platform(call), at, now()).as_json()

    return await call.write_once(work)


def state_of(text: str) -> MatchState | None:
    """Return a state of the query, None for all."""
    return None if text == "all" else MatchState(text)


def _state(call: Call) -> MatchState | None:
    return state_of(call.query_choice("state", "open", STATES))


def _platform(call: Call) -> PlatformName:
    return PlatformName(call.asker.name)


def _decision(fields: Fields) -> Decision:
    verdict = Verdict(fields.one_of("verdict", Verdict))
    reason = Reason(fields.one_of("reason", Reason)) if fields.has("reason") else None
    return Decision(verdict, reason)


def _moment(fields: Fields) -> dt.datetime | None:
    if not fields.has("removed_at"):
        return None
    try:
        told = dt.datetime.fromisoformat(fields.text("removed_at"))
        moment = told.astimezone(dt.UTC) if told.tzinfo else None
    except (ValueError, OverflowError):  # the first and last days of the calendar have no UTC
        moment = None
    if moment is None:
        raise InvalidInput(
            N_("{place} must be a time with its zone, such as 2026-11-23T08:00:00+09:00."),
            field="removed_at",
            place="removed_at",
        )
    return moment
