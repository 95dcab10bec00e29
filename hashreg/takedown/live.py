"""The registered hashes in memory, kept up to date by the registry's event table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hashreg.matching import Hit, Matcher
from hashreg.model.cases import MATCHED_STATES
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Explanation
from hashreg.model.records import (
    CaseId,
    EventKind,
    FingerprintId,
    PictureState,
    StoredFingerprint,
)
from hashreg.takedown.store import Store


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A case that a fingerprint matches: its best picture, and why."""

    case_id: CaseId
    fingerprint_id: FingerprintId
    explanation: Explanation


_FOLLOWED = (EventKind.FINGERPRINT_ADDED, EventKind.FINGERPRINT_REMOVED)


class RegistryIndex:
    """What is registered and matched now; ``sequence`` is the last event that it knows of."""

    def __init__(self) -> None:
        self.sequence = -1
        self._matcher = Matcher()
        self._stored: dict[int, tuple[CaseId, FingerprintId]] = {}
        self._numbers: dict[FingerprintId, int] = {}

    def refresh(self, store: Store) -> None:
        """Take in what has happened since. Call it inside ``store.read`` or ``store.write``."""
        newest = store.events.last_sequence()
        if newest == self.sequence:
            return
        if self.sequence < 0:
            self._load(store)
        else:
            self._replay(store)
        self.sequence = newest

    def find_many(self, fingerprints: Sequence[Fingerprint]) -> list[list[CaseHit]]:
        """Return, for each fingerprint, the cases that it matches, each with its best hit."""
        return [self._best_of_each_case(hits) for hits in self._matcher.find_many(fingerprints)]

    def _best_of_each_case(self, hits: Sequence[Hit]) -> list[CaseHit]:
        best: dict[CaseId, CaseHit] = {}
        for hit in hits:  # best first
            case_id, fingerprint_id = self._stored[hit.id]
            best.setdefault(case_id, CaseHit(case_id, fingerprint_id, hit))
        return list(best.values())

    def _load(self, store: Store) -> None:
        matched = {case.case_id for case in store.cases.all() if case.state in MATCHED_STATES}
        self._add(it for it in store.cases.fingerprints() if it.case_id in matched)

    def _replay(self, store: Store) -> None:
        added: dict[FingerprintId, None] = {}
        removed = []
        for event in store.events.after(self.sequence, _FOLLOWED):
            fingerprint_id = FingerprintId(bytes.fromhex(event.subject))
            if event.kind is EventKind.FINGERPRINT_ADDED:
                added[fingerprint_id] = None
            else:
                added.pop(fingerprint_id, None)
                removed.append(fingerprint_id)
        known = [self._numbers.pop(it) for it in removed if it in self._numbers]
        self._matcher.remove(known)
        for number in known:
            del self._stored[number]
        found = [store.cases.fingerprint(fingerprint_id) for fingerprint_id in added]
        self._add(it for it in found if it is not None)

    def _add(self, found: Iterable[StoredFingerprint]) -> None:
        stored = [it for it in found if it.state is PictureState.ACTIVE]
        numbers = self._matcher.add(it.fingerprint for it in stored)
        for number, it in zip(numbers, stored, strict=True):
            self._stored[number] = it.case_id, it.fingerprint_id
            self._numbers[it.fingerprint_id] = number
