"""The registered hashes in memory, kept up to date by the registry's event table."""

from collections.abc import Sequence

from hashreg.matching import Hit, Matcher
from hashreg.model.cases import MATCHED_STATES
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Explanation
from hashreg.model.records import CaseId, EventKind, FingerprintId, StoredFingerprint
from hashreg.takedown.store import Store

_FOLLOWED = (EventKind.FINGERPRINT_ADDED, EventKind.FINGERPRINT_REMOVED)


class RegistryIndex:
    """What is registered and matched now; ``sequence`` is the last event that it knows of."""

    def __init__(self) -> None:
        self.sequence = -1
        self._matcher = Matcher()
        self._cases: dict[int, CaseId] = {}
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

    def find_many(
        self, fingerprints: Sequence[Fingerprint]
    ) -> list[list[tuple[CaseId, Explanation]]]:
        """Return, for each fingerprint, the cases that it matches, each with its best hit."""
        return [self._best_of_each_case(hits) for hits in self._matcher.find_many(fingerprints)]

    def _best_of_each_case(self, hits: Sequence[Hit]) -> list[tuple[CaseId, Explanation]]:
        best: dict[CaseId, Explanation] = {}
        for hit in hits:  # best first
            best.setdefault(self._cases[hit.id], hit)
        return list(best.items())

    def _load(self, store: Store) -> None:
        matched = {case.case_id for case in store.cases.all() if case.state in MATCHED_STATES}
        self._add([it for it in store.cases.fingerprints() if it.case_id in matched])

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
            del self._cases[number]
        found = [store.cases.fingerprint(fingerprint_id) for fingerprint_id in added]
        self._add([it for it in found if it is not None])

    def _add(self, stored: Sequence[StoredFingerprint]) -> None:
        numbers = self._matcher.add(it.fingerprint for it in stored)
        for number, it in zip(numbers, stored, strict=True):
            self._cases[number] = it.case_id
            self._numbers[it.fingerprint_id] = number
