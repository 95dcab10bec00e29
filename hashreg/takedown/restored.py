"""A registry that was put back from a backup: whether it is whole, and what was withdrawn since."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hashreg.model.errors import Refused
from hashreg.model.heads import Head
from hashreg.model.messages import N_
from hashreg.takedown.audit import Audit, verify
from hashreg.takedown.casework import withdraw_case
from hashreg.takedown.feed import begin_anew
from hashreg.takedown.people import OPERATOR
from hashreg.takedown.store import Store


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; ``withdrawn`` counts the cases that did not, since they were withdrawn."""

    audit: Audit
    pictures: int
    withdrawn: int


def take_back(store: Store, heads: Sequence[Head], now: dt.datetime) -> Restored:
    """Check all of a registry and withdraw again what was withdrawn after the backup.

    Raises Refused where its list of events isn't whole or doesn't go on from these heads, and
    RegistryUnavailable where a key is missing or something was changed.
    """
    with store.read():
        store.check_files()
    audit = verify(store, heads)
    if audit.finding:
        raise Refused(
            N_(
                "The list of events of this backup is not whole, or not the one that a head tells "
                "of (entry {sequence}). Nothing was restored; take another backup."
            ),
            field="source",
            sequence=audit.sequence or audit.ticket,
        )
    with store.write():
        begin_anew(store)
        lost = store.cases.lost()
        for case in lost:
            withdraw_case(store, case, case.public_key, OPERATOR, now)
    with store.read():
        pictures = sum(1 for _ in store.cases.fingerprints())  # each of which is opened
        sum(1 for _ in store.reports.kept(now))
        sum(1 for _ in store.matches.queue(None))
    return Restored(audit, pictures, len(lost))
