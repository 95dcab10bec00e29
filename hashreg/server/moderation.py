"""What moderators look at: the queue, held pictures, cases."""

from hashreg.model.cases import CaseState, parse_case_number
from hashreg.model.records import PictureState
from hashreg.server.call import Call
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.server.tickets import STATES, state_of
from hashreg.takedown.holds import admit, held, parse_picture, refuse
from hashreg.takedown.listing import cases, events
from hashreg.takedown.review import parse_ticket, queue_page, show
from hashreg.takedown.statistics import statistics
from hashreg.takedown.status import case_status
from hashreg.takedown.store import Store

HELD_STATES = (*(state.value for state in PictureState), "all")
CASE_STATES = (*(state.value for state in CaseState), "all")


async def listed(call: Call) -> Answer:
    """Return the queue, surest first."""
    state = state_of(call.query_choice("state", "open", STATES))
    after, limit = call.query("after", ""), call.query_number("limit", 1000, 1, 10_000)
    last = parse_ticket(after) if after else None
    page, following = await call.desk.read(lambda store: queue_page(store, state, last, limit))
    return {"matches": [entry.as_json() for entry in page], "next": following}


async def one(call: Call) -> Answer:
    """Return one match and its decisions."""
    ticket = parse_ticket(call.path("ticket"))
    return (await call.desk.read(lambda store: show(store, ticket))).as_json()


async def held_pictures(call: Call) -> Answer:
    """Return the pictures that were held, oldest first."""
    state = call.query_choice("state", PictureState.HELD.value, HELD_STATES)
    wanted = None if state == "all" else PictureState(state)
    return {
        "pictures": [it.as_json() for it in await call.desk.read(lambda store: held(store, wanted))]
    }


async def decide_held(call: Call) -> Answer:
    """Admit or refuse a held picture."""
    picture = parse_picture(call.path("picture"))
    decision = call.fields.one_of("decision", ("admit", "refuse"))
    decide = admit if decision == "admit" else refuse

    def work(store: Store) -> Answer:
        return decide(store, picture, call.asker.name, now()).as_json()

    return await call.write_once(work)


async def listed_cases(call: Call) -> Answer:
    """Return cases by number."""
    state = call.query_choice("state", "all", CASE_STATES)
    wanted = None if state == "all" else CaseState(state)
    after, limit = call.query("after", ""), call.query_number("limit", 100, 1, 1000)
    number = parse_case_number(after) if after else None
    found, following = await call.desk.read(lambda store: cases(store, wanted, number, limit))
    return {"cases": found, "next": following}


async def one_case(call: Call) -> Answer:
    """Return where a case stands."""
    number = parse_case_number(call.path("case"))
    return (await call.desk.read(lambda store: case_status(store, number))).as_json()


async def counts(call: Call) -> Answer:
    """Return the registry's counts."""
    return await call.desk.read(lambda store: statistics(store, now()))


async def what_happened(call: Call) -> Answer:
    """Return the event table, without what links the hashes of a case."""
    after = call.query_number("after", 0, 0, 1 << 60)
    limit = call.query_number("limit", 100, 1, 1000)
    found, following = await call.desk.read(lambda store: events(store, after, limit))
    return {"events": found, "next": following}
