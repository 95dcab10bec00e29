"""All end points: one row each, from which routes, rights and the OpenAPI document are made."""

from hashreg.model.matches import Tier
from hashreg.model.people import Scope
from hashreg.model.retention import MOST_DAYS, REPORTS_KEPT
from hashreg.server import (
    aligning,
    figures,
    health,
    lookups,
    moderation,
    office,
    orders,
    people,
    shapes,
    standing,
    streams,
    tickets,
    victims,
)
from hashreg.server.dialects import DIALECTS
from hashreg.server.endpoints import LIMIT, MOST_BYTES, Endpoint, Schema, choice

_TICKET: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_CASE: Schema = {"type": "string", "pattern": "^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$"}


_STREAM_QUERY: dict[str, Schema] = {
    "tier": choice(Tier.REVIEW.value, tuple(it.value for it in Tier)),
    "align": choice("true", ("true", "false")),
}
_KEPT: dict[str, Schema] = {
    "keep_days": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_DAYS,
        "default": REPORTS_KEPT.days,
    }
}
_STATES: dict[str, Schema] = {"state": choice("open", tickets.STATES)}

_LOOKUP, _REPORT, _CHECK = (frozenset({it}) for it in (Scope.LOOKUP, Scope.REPORT, Scope.CHECK))
_TICKETS, _QUEUE, _CASES = (frozenset({it}) for it in (Scope.TICKETS, Scope.QUEUE, Scope.CASES))
_PEOPLE, _EVENTS = frozenset({Scope.PEOPLE}), frozenset({Scope.EVENTS})
_STATISTICS, _DELEGATED = frozenset({Scope.STATISTICS}), frozenset({Scope.DELEGATED})

PUBLIC = (
    Endpoint("GET", "/status", health.status, "Whether the service is well", shapes.Status),
    Endpoint("GET", "/status/live", health.live, "Whether the process answers", shapes.Status),
    Endpoint(
        "POST",
        "/v1/challenge",
        victims.challenge,
        "A nonce to sign, for asking where a case stands",
        shapes.Challenge,
        takes=shapes.Nothing,
    ),
    Endpoint(
        "POST",
        "/v1/submissions",
        victims.submissions,
        "Hand a signed document in: the file as hashreg writes it",
        shapes.TakenIn,
        takes=shapes.DocumentFile,
        document=True,
        most=MOST_BYTES,
    ),
    Endpoint(
        "POST",
        "/v1/status",
        victims.status,
        "Where a case stands, for whoever holds its recovery code",
        standing.CaseStanding,
        takes=shapes.Question,
    ),
    Endpoint(
        "GET",
        "/v1/takedown-statistics",
        figures.told,
        "How platforms deal with their orders; small counts are masked",
        office.PublicFigures,
    ),
)

PLATFORMS = (
    Endpoint(
        "POST",
        "/v1/lookup",
        lookups.lookup,
        "Look content up; nothing is kept",
        shapes.Results,
        _LOOKUP,
        shapes.Lookup,
        _STREAM_QUERY,
        streams=streams.lookup,
        most=MOST_BYTES,
    ),
    Endpoint(
        "POST",
        "/v1/reports",
        lookups.reports,
        "Report content: looked up, and kept so that later registrations find it",
        shapes.Results,
        _REPORT,
        shapes.Reports,
        _STREAM_QUERY | _KEPT,
        streams=streams.reports,
        once=True,
        most=MOST_BYTES,
    ),
    Endpoint(
        "POST",
        "/v1/align",
        aligning.align,
        "Answer a proposed alignment with hashes of what the device sees there",
        shapes.Aligned,
        _LOOKUP | _REPORT | _CHECK,
        shapes.Align,
        most=MOST_BYTES,
    ),
    Endpoint(
        "GET",
        "/v1/tickets",
        tickets.listed,
        "The platform's own tickets, oldest first",
        shapes.Tickets,
        _TICKETS,
        query={**_STATES, "after": _TICKET, "limit": LIMIT},
    ),
    Endpoint(
        "GET",
        "/v1/tickets/{ticket:str}",
        tickets.one,
        "One of the platform's own tickets",
        shapes.TicketOf,
        _TICKETS,
    ),
    Endpoint(
        "POST",
        "/v1/tickets/{ticket:str}/verdict",
        tickets.verdict,
        "What somebody who saw the content decided",
        shapes.Decided,
        _TICKETS | _QUEUE,
        shapes.Decide,
        once=True,
    ),
    Endpoint(
        "POST",
        "/v1/tickets/{ticket:str}/removal",
        tickets.removal,
        "The content is gone",
        shapes.TicketOf,
        _TICKETS,
        shapes.Removal,
        once=True,
    ),
    Endpoint(
        "GET",
        "/v1/orders",
        orders.fetched,
        "The platform's own orders, oldest first",
        shapes.Orders,
        _TICKETS,
        query={"state": choice("live", orders.STATES), "after": _TICKET, "limit": LIMIT},
    ),
    Endpoint(
        "POST",
        "/v1/orders/{order:str}/acknowledge",
        orders.acknowledged,
        "The platform knows of the order",
        shapes.OrderOf,
        _TICKETS | _QUEUE,
        shapes.Nothing,
        once=True,
    ),
    Endpoint(
        "POST",
        "/v1/orders/{order:str}/recheck",
        orders.rechecked,
        "Whether removed content is there again",
        shapes.OrderOf,
        _TICKETS | _QUEUE,
        shapes.Recheck,
        once=True,
    ),
)

MODERATORS = (
    Endpoint(
        "POST",
        "/v1/check",
        lookups.check,
        "Check uploads, with an explanation of each match",
        shapes.CheckResults,
        _CHECK,
        shapes.Check,
        _STREAM_QUERY,
        streams=streams.check,
        once=True,
        most=MOST_BYTES,
    ),
    Endpoint(
        "GET",
        "/v1/queue",
        moderation.listed,
        "Matches that wait for a person, surest first",
        shapes.Queue,
        _QUEUE,
        query={**_STATES, "after": _TICKET, "limit": {**LIMIT, "maximum": 10_000}},
    ),
    Endpoint(
        "GET",
        "/v1/queue/{ticket:str}",
        moderation.one,
        "One match and its decisions",
        shapes.QueueMatch,
        _QUEUE,
    ),
    Endpoint(
        "GET",
        "/v1/takedowns",
        orders.followed,
        "Orders to all platforms, oldest first",
        shapes.Orders,
        _QUEUE,
        query={
            "state": choice("unsettled", orders.STATES_OF_ALL),
            "escalated": choice("false", ("true", "false")),
            "after": _TICKET,
            "limit": {**LIMIT, "maximum": 10_000, "default": 1000},
        },
    ),
    Endpoint(
        "POST",
        "/v1/orders/{order:str}/deliver",
        orders.handed_over,
        "A moderator brought the order to its platform by other means",
        shapes.OrderOf,
        _QUEUE,
        shapes.Nothing,
        once=True,
    ),
    Endpoint(
        "GET",
        "/v1/held",
        moderation.held_pictures,
        "Registered pictures that wait for a person",
        shapes.HeldPictures,
        _QUEUE,
        query={"state": choice("held", moderation.HELD_STATES)},
    ),
    Endpoint(
        "POST",
        "/v1/held/{picture:str}",
        moderation.decide_held,
        "Admit or refuse a held picture",
        shapes.HeldPicture,
        _QUEUE,
        shapes.DecideHeld,
        once=True,
    ),
    Endpoint(
        "GET",
        "/v1/cases",
        moderation.listed_cases,
        "Cases by number",
        standing.Cases,
        _CASES,
        query={
            "state": choice("all", moderation.CASE_STATES),
            "after": _CASE,
            "limit": LIMIT,
        },
    ),
    Endpoint(
        "GET",
        "/v1/cases/{case:str}",
        moderation.one_case,
        "Where a case stands",
        standing.CaseStanding,
        _CASES,
    ),
)

OPERATORS = (
    Endpoint(
        "GET",
        "/v1/people/{role:str}",
        people.listed,
        "Everybody of a role",
        office.People,
        _PEOPLE,
    ),
    Endpoint(
        "POST",
        "/v1/people/{role:str}",
        people.add,
        "Add somebody; the key is shown this once",
        office.GivenKey,
        _PEOPLE,
        office.NewPerson,
        status=201,
    ),
    Endpoint(
        "POST",
        "/v1/people/{role:str}/{name:str}/keys",
        people.add_key,
        "A second key, for rotation; shown this once",
        office.GivenKey,
        _PEOPLE,
        office.NewKey,
        status=201,
    ),
    Endpoint(
        "POST",
        "/v1/people/{role:str}/{name:str}/revoke",
        people.revoke,
        "End what somebody may do, or one of their keys",
        office.PersonOf,
        _PEOPLE,
        office.Revoke,
    ),
    Endpoint(
        "GET",
        "/v1/statistics",
        moderation.counts,
        "Counts; nothing in them points to a person",
        office.Statistics,
        _STATISTICS,
    ),
    Endpoint(
        "GET",
        "/v1/events",
        moderation.what_happened,
        "What happened, in order",
        office.Events,
        _EVENTS,
        query={"after": {"type": "integer", "minimum": 0, "default": 0}, "limit": LIMIT},
    ),
)

HELPERS = (
    Endpoint(
        "POST",
        "/v1/delegated/status",
        victims.delegated_status,
        "Where a case stands whose victim named this helper",
        standing.CaseStanding,
        _DELEGATED,
        shapes.OneCase,
    ),
    Endpoint(
        "POST",
        "/v1/delegated/pictures",
        victims.delegated_pictures,
        "Add pictures to such a case",
        shapes.TakenIn,
        _DELEGATED,
        shapes.Pictures,
        most=MOST_BYTES,
    ),
    Endpoint(
        "POST",
        "/v1/delegated/withdrawal",
        victims.delegated_withdrawal,
        "Withdraw such a case",
        shapes.TakenIn,
        _DELEGATED,
        shapes.OneCase,
    ),
)

ENDPOINTS = (*PUBLIC, *PLATFORMS, *DIALECTS, *MODERATORS, *OPERATORS, *HELPERS)
