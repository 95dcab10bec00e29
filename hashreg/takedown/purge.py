"""Forgetting what need not be kept, as ``model.retention`` says: reports and answers, cases."""

import datetime as dt
from dataclasses import asdict, dataclass

from hashreg.model.cases import CaseState
from hashreg.model.records import EventKind
from hashreg.model.retention import PROBES_KEPT
from hashreg.takedown.feed import forget_recalls
from hashreg.takedown.live import forget_removed
from hashreg.takedown.states import move
from hashreg.takedown.store import Store

_ACTOR = "purge"


@dataclass(frozen=True, slots=True)
class Purged:
    """How much was forgotten."""

    reports: int
    cases: int
    answers: int
    probes: int
    recalls: int
    cleaned: bool
    """False where what was deleted could not be overwritten yet, everywhere."""

    @property
    def anything(self) -> bool:
        """Whether there was anything to forget."""
        return bool(self.reports or self.cases or self.answers or self.probes or self.recalls)

    def as_json(self) -> dict[str, int | bool]:
        """Return the object that `hashreg purge --json` prints."""
        return asdict(self)


def purge(store: Store, now: dt.datetime, *, clean: bool = True) -> Purged:
    """Delete expired reports and answers, and erase withdrawn cases for good.

    ``clean`` overwrites at once what was deleted; a service does it a little later.
    """
    with store.write():
        expired = store.reports.delete_expired(now)
        for report_id in expired:
            store.events.append(EventKind.REPORT_EXPIRED, report_id.hex(), actor=_ACTOR, at=now)
        answers = store.answers.delete_expired(now)
        probes = store.probes.delete_before(now - PROBES_KEPT)
        recalls = forget_recalls(store, now)
        withdrawn = [case for case in store.cases.all() if case.state is CaseState.WITHDRAWN]
        for case in withdrawn:
            move(store, case, CaseState.ERASED, _ACTOR, now)
            store.cases.erase(case.case_id)
            store.matches.delete_of_case(case.case_id)
            store.orders.forget_case(case.case_id)
        store.orders.forget_ended_revocations()
    cleaned = clean and forget_removed(store)
    return Purged(len(expired), len(withdrawn), answers, probes, recalls, cleaned)
