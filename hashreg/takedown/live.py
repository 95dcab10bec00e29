"""The registered hashes in memory, kept up to date by the registry's event table."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from hashreg.matching import Hit, Matcher
from hashreg.matching.saved import Saved, load, save
from hashreg.model.cases import MATCHED_STATES
from hashreg.model.errors import RegistryUnavailable, UnusableIndex
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Explanation, Tier
from hashreg.model.records import (
    CaseId,
    EventKind,
    FingerprintId,
    PictureState,
    StoredFingerprint,
)
from hashreg.takedown.pictures import Pictures
from hashreg.takedown.store import Store


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A case that a fingerprint matches: its best picture, and why."""

    case_id: CaseId
    fingerprint_id: FingerprintId
    explanation: Explanation


KIND = "registry"
KEPT_FROM = 500
"""Pictures that come or go before the index is written again: to replay so many takes 0.1 s."""
SLOW_FROM = 5000
"""Pictures from which on loading is slow: a second, 200 us a picture."""
_FOLLOWED = (EventKind.FINGERPRINT_ADDED, EventKind.FINGERPRINT_REMOVED)


class RegistryIndex:
    """What is registered and matched now; ``sequence`` is the last event that it knows of.

    ``version`` changes when what is matched changes.

    It loads every picture once, or opens what was kept of itself in a folder, and replays the rest.
    Threads may search while one of them refreshes or keeps it.
    """

    def __init__(
        self, folder: Path | None = None, *, slow: Callable[[], None] = lambda: None
    ) -> None:
        """Make an index that knows nothing yet.

        ``folder`` is where it is kept between commands; ``slow`` is called when a person will have
        to wait, since a large registry is loaded.
        """
        self.sequence = -1
        self.version = 0
        self._folder, self._slow = folder, slow
        self.matcher = Matcher()
        self._pictures = Pictures()
        self._event = ""
        self._unkept = 0
        self._changing = RLock()

    def refresh(self, store: Store) -> None:
        """Take in what has happened since. Call it inside ``store.read`` or ``store.write``."""
        with self._changing:
            newest = store.events.last_sequence()
            if newest <= self.sequence:  # another thread may have seen more than this view shows
                return
            if self.sequence < 0 and not self.open(store):
                self._load(store)
            else:
                self._replay(store)
            self.sequence, self._event = newest, store.events.mark(newest)

    def warm(self) -> None:
        """Make ready for many searches; a service does so before it loads the registry."""
        self.matcher.warm()

    def find_many(
        self, fingerprints: Sequence[Fingerprint], *, tier: Tier = Tier.REVIEW
    ) -> list[list[CaseHit]]:
        """Return, for each fingerprint, the cases that it matches, each with its best hit.

        ``tier`` is the lowest that is looked for.
        """
        found = self.matcher.find_many(fingerprints, tier=tier)
        return [self.best_of_each_case(hits) for hits in found]

    def keep(self, store: Store, *, least: int = KEPT_FROM) -> bool:
        """Write the index to its folder, if ``least`` pictures came or went since it was kept.

        It takes the writer's turn, so that what is kept is the newest state and one at a time keeps
        it. False where it can't be written; nothing is lost then: the next command replays more, or
        loads all.
        """
        if self._folder is None or self.sequence < 0 or self._unkept < least:
            return True
        self.matcher.merge()
        try:
            with store.write(), self._changing:
                self.refresh(store)
                save(self._folder, KIND, self._parts(), store.index_cipher)
        except (OSError, RegistryUnavailable):
            return False
        self._unkept = 0
        return True

    def _parts(self) -> Saved:
        parts = {
            "matcher": self.matcher.parts(),
            "pictures": self._pictures.parts(),
            "registry": Saved({"sequence": self.sequence, "event": self._event}),
        }
        return Saved.nested(parts)

    def best_of_each_case(self, hits: Iterable[Hit]) -> list[CaseHit]:
        """Return the cases of the matcher's hits, which come best first."""
        best: dict[CaseId, CaseHit] = {}
        for hit in hits:
            picture = self._pictures.get(hit.id)
            if picture is not None:  # None: it was withdrawn meanwhile
                case_id, fingerprint_id = picture
                best.setdefault(case_id, CaseHit(case_id, fingerprint_id, hit))
        return list(best.values())

    def picture(self, number: int) -> FingerprintId | None:
        """Return the picture that a matcher's number stands for, None where it is gone."""
        found = self._pictures.get(number)
        return found[1] if found else None

    def open(self, store: Store) -> bool:
        """Open what was kept; False where nothing can be used. Call it inside ``store.read``."""
        if self._folder is None:
            return False
        try:
            kept = load(self._folder, KIND, store.index_cipher)
        except UnusableIndex:
            return False
        whose = kept.part("registry").meta
        if store.events.mark(whose["sequence"]) != whose["event"]:
            return False  # of another registry, or of a state that a backup has taken back
        self.matcher = Matcher.of_parts(kept.part("matcher"))
        self._pictures = Pictures.of_parts(kept.part("pictures"))
        self.sequence = whose["sequence"]
        return True

    def _load(self, store: Store) -> None:
        matched = {case.case_id for case in store.cases.all() if case.state in MATCHED_STATES}
        self._add(it for it in self._loading(store) if it.case_id in matched)

    def _loading(self, store: Store) -> Iterator[StoredFingerprint]:
        for number, it in enumerate(store.cases.fingerprints()):
            if number == SLOW_FROM:
                self._slow()
            yield it

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
        known = self._pictures.remove(removed)
        if known:
            self.matcher.remove(known)
            self._unkept += len(known)
            self.version += 1
        found = [store.cases.fingerprint(fingerprint_id) for fingerprint_id in added]
        self._add(it for it in found if it is not None)

    def _add(self, found: Iterable[StoredFingerprint]) -> None:
        stored = [it for it in found if it.state is PictureState.ACTIVE]
        numbers = self.matcher.add(it.fingerprint for it in stored)
        self._pictures.add(numbers, [(it.case_id, it.fingerprint_id) for it in stored])
        self._unkept += len(stored)
        self.version += bool(stored)


def forget_removed(store: Store) -> bool:
    """Overwrite what was deleted in the registry and in what is kept of its index.

    False where it must be tried again.
    """
    folder, kept = store.index_folder, True
    if folder is not None and folder.exists():
        index = RegistryIndex(folder)
        with store.read():
            usable = index.open(store)
        renewed = _renew_key(store)
        if not (renewed and usable and index.keep(store, least=0)):
            shutil.rmtree(folder, ignore_errors=True)  # it can be made anew
            kept = renewed and not folder.exists()
    return store.forget_deleted() and kept


def _renew_key(store: Store) -> bool:
    """Make copies of the old files of the index unreadable; False where the disk is full."""
    try:
        with store.write():
            store.renew_index_key()
    except RegistryUnavailable:
        return False
    return True
