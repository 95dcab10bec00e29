"""The event table as evidence: signing its head, and verifying it against heads from before."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hashreg.model.heads import Head
from hashreg.model.submissions import PublicKeyHex
from hashreg.takedown.signatures import is_signed
from hashreg.takedown.store import Store


class Finding(StrEnum):
    """What is wrong with an event table."""

    CHANGED = "changed"
    CUT_OFF = "cut_off"
    FORKED = "forked"
    FOREIGN = "foreign"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Audit:
    """What verifying found: nothing, or the first thing that is wrong and at which entry."""

    entries: int
    heads: int
    finding: Finding | None = None
    sequence: int | None = None
    ticket: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg audit verify --json` prints."""
        return {
            "entries": self.entries,
            "heads": self.heads,
            "finding": self.finding.value if self.finding else None,
            "sequence": self.sequence,
            "ticket": self.ticket,
        }


def signed_head(store: Store, now: dt.datetime) -> Head:
    """Return the newest entry's head, signed by the registry. It is read again before that."""
    with store.read():
        sequence = store.events.last_sequence()
        chain = store.events.chain(sequence)
        return store.sign_head(
            Head(sequence, (chain or b"").hex() or "0" * 64, now.isoformat(timespec="seconds"))
        )


def verify(store: Store, heads: Sequence[Head] = ()) -> Audit:
    """Verify the chain, that it goes on from these heads, and that it tells of the verdicts."""
    with store.read():
        last = store.events.last_sequence()
        broken = store.events.first_broken()
        if broken is not None:
            return Audit(last, len(heads), Finding.CHANGED, broken)
        ours = store.sign_head(Head(0, "0" * 64, "")).public_key
        for head in heads:
            finding = _against(store, head, last, ours)
            if finding:
                return Audit(last, len(heads), finding, head.sequence)
        unsaid = store.events.first_unsaid_verdict()
        if unsaid is not None:
            return Audit(last, len(heads), Finding.VERDICT, ticket=unsaid)
    return Audit(last, len(heads))


def _against(store: Store, head: Head, last: int, ours: PublicKeyHex | None) -> Finding | None:
    """Return what is wrong with the table by a head from before, or None."""
    if not ours or not head.signature or head.public_key != ours:
        return Finding.FOREIGN
    if not is_signed(ours, head.signature, head.signed_bytes()):
        return Finding.FOREIGN
    if head.sequence > last:
        return Finding.CUT_OFF
    chain = store.events.chain(head.sequence)
    known = "0" * 64 if head.sequence == 0 else chain.hex() if chain else ""
    return None if known == head.chain else Finding.FORKED
