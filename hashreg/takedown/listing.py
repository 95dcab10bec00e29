"""Lists of cases and of events, page by page."""

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.takedown.store import Store


def cases(
    store: Store, state: CaseState | None, after: CaseNumber | None, limit: int
) -> tuple[list[dict[str, object]], CaseNumber | None]:
    """Return at most ``limit`` cases in a state (None: all), and the cursor for the next page.

    They go by number. Numbers are random, so that the order says nothing. The cursor is the last
    number returned, None where nothing follows; given as ``after``, the list goes on behind it,
    whether that case is there or not.
    """
    with store.read():
        found = store.cases.page(state, after, limit + 1)
    shown = found[:limit]
    entries: list[dict[str, object]] = [
        {
            "case": case.number,
            "state": case.state.value,
            "received_at": case.received_at.isoformat(timespec="seconds"),
        }
        for case in shown
    ]
    return entries, shown[-1].number if len(found) > limit else None


def events(store: Store, after: int, limit: int) -> tuple[list[dict[str, object]], int | None]:
    """Return at most ``limit`` events after a sequence number, and the cursor for the next page.

    Subjects are left out: a picture's and its case's random names next to each other would link
    the hashes of a case, and so would a ticket's. The cursor is the last number returned, None
    where nothing follows.
    """
    with store.read():
        found = list(store.events.after(after, most=limit + 1))
    shown = found[:limit]
    entries: list[dict[str, object]] = [
        {
            "sequence": event.sequence,
            "at": event.at.isoformat(timespec="seconds"),
            "kind": event.kind.value,
            "actor": event.actor,
            "detail": event.detail,
        }
        for event in shown
    ]
    return entries, shown[-1].sequence if len(found) > limit else None
