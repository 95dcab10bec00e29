"""How often each asker may put nearly the same question about one registered picture.

273 yes-or-no answers recover a registered hash by flipping bits (facts, T5), so distinct questions
near a picture are counted for each asker, misses as well as hits. At ``policy.PROBES_WARNED`` it is
an event; from ``policy.PROBES_LOCKED`` on nothing of that picture is told to that asker until a
person has decided. What they report is kept and queued all the same, so that nobody is missed.

A picture is watched for an asker from the first hit on: who has no copy of it can't come near it.
Of a question only a keyed digest is kept.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from hashreg.matching import Watch, policy
from hashreg.model.errors import NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HashItem
from hashreg.model.messages import N_
from hashreg.model.people import Principal, Role
from hashreg.model.records import EventKind, FingerprintId, PlatformName, Probe, Probing
from hashreg.model.records import ProbingState as State
from hashreg.takedown.people import active_moderator
from hashreg.takedown.returned import follow_meanwhile
from hashreg.takedown.store import Store

MOST_WATCHED = 1000
"""Pictures whose questions are counted for one asker, the latest that they hit: so that counting
takes less time than looking up, and who would push one out has to hit a thousand others."""
_ACTOR = "policy"
_FOLLOWED = (
    EventKind.FINGERPRINT_REMOVED,
    EventKind.PROBING_LOCKED,
    EventKind.PROBING_RELEASED,
)
_EVENTS = {State.WARNED: EventKind.PROBING_WARNED, State.LOCKED: EventKind.PROBING_LOCKED}
Withheld = frozenset[FingerprintId]
NOTHING: Withheld = frozenset()


@dataclass(frozen=True, slots=True)
class Asking:
    """One question: what is asked, and the pictures that it hits.

    ``looked`` are the hashes that a device has sent of a proposed alignment.
    """

    asked: Fingerprint
    pictures: frozenset[FingerprintId]
    looked: tuple[HashItem, ...] = ()


@dataclass(slots=True)
class _Count:
    probes: set[bytes] = field(default_factory=set)
    state: State = State.OPEN


class Budgets:
    """Every asker's counts, in memory; what is new is kept by ``write_down``.

    Threads may judge side by side.
    """

    def __init__(self, digest: Callable[[Fingerprint, Sequence[HashItem]], bytes]) -> None:
        """``digest`` gives what is kept of a question, also while the store can't be read."""
        self._digest = digest
        self._counts: dict[tuple[str, FingerprintId], _Count] = {}
        self._watches: dict[str, Watch[FingerprintId]] = {}
        self._probes: list[Probe] = []
        self._crossed: list[Probing] = []
        self._sequence = 0
        self._lock = Lock()

    @classmethod
    def of(cls, store: Store) -> "Budgets":
        """Return what a registry knows of; call it inside ``store.read``."""
        budgets = cls(store.probes.digest)
        budgets._digest(Fingerprint(()), ())  # so that its key is in memory
        budgets._sequence = store.events.last_sequence()
        for it in store.probes.probings():
            budgets._count(it.asker, it.fingerprint_id).state = it.state
            budgets._watch(store, it.asker, it.fingerprint_id)
        for probe in store.probes.all():
            budgets._count(probe.asker, probe.fingerprint_id).probes.add(probe.digest)
        return budgets

    def is_idle(self, asker: str) -> bool:
        """Tell whether a question of this asker that hits nothing needs no judging."""
        return asker not in self._watches

    def knows(self, asker: str, questions: Sequence[Asking]) -> bool:
        """Tell whether all that is hit is watched already, so that no store is needed to judge."""
        with self._lock:
            watch = self._watches.get(asker)
            return watch is not None and all(
                it in watch for one in questions for it in one.pictures
            )

    @property
    def is_urgent(self) -> bool:
        """Whether something is to be kept before anybody is answered."""
        return bool(self._crossed)

    @property
    def is_new(self) -> bool:
        """Whether anything is to be kept."""
        return bool(self._crossed or self._probes)

    def judge(self, store: Store | None, asker: str, questions: Sequence[Asking]) -> list[Withheld]:
        """Count questions, in order; return the pictures of which each is told nothing.

        Call it inside ``store.read`` or ``store.write``; without a store (None: it can't be read
        now) only hits are counted of pictures that weren't watched before.
        """
        with self._lock:
            self._watch_all(store, asker, questions)
            watch = self._watches.get(asker)
            if watch is None:
                return [NOTHING] * len(questions)
            near = watch.near([it.asked for it in questions])
            return [
                self._spend(asker, it, it.pictures | close)
                for it, close in zip(questions, near, strict=True)
            ]

    def write_down(self, store: Store, now: dt.datetime) -> None:
        """Keep what is new; where that fails it is kept the next time."""
        with self._lock:  # but not while the writer's turn is waited for
            probes, crossed = self._probes, self._crossed
            self._probes, self._crossed = [], []
        try:
            with store.write():
                _keep(store, probes, crossed, now)
        except BaseException:
            with self._lock:
                self._probes, self._crossed = probes + self._probes, crossed + self._crossed
            raise

    def follow(self, store: Store) -> None:
        """Take in what became of pictures, what people decided, and who was locked out elsewhere.

        Call it inside ``store.read``.
        """
        newest = store.events.last_sequence()
        with self._lock:
            for event in store.events.after(self._sequence, _FOLLOWED):
                picture = FingerprintId(bytes.fromhex(event.subject))
                if event.kind is EventKind.PROBING_RELEASED:
                    self._counts.pop((event.detail, picture), None)
                elif event.kind is EventKind.PROBING_LOCKED:
                    self._count(event.detail, picture).state = State.LOCKED
                else:
                    for watch in self._watches.values():
                        watch.drop(picture)
            self._sequence = newest

    def _watch_all(self, store: Store | None, asker: str, questions: Sequence[Asking]) -> None:
        for picture in dict.fromkeys(it for one in questions for it in one.pictures):
            if store is not None:
                self._watch(store, asker, picture)
            else:
                self._watches.setdefault(asker, Watch(MOST_WATCHED))

    def _watch(self, store: Store, asker: str, picture: FingerprintId) -> None:
        watch = self._watches.setdefault(asker, Watch(MOST_WATCHED))
        if picture in watch:
            watch.see(picture)
        elif (stored := store.cases.fingerprint(picture)) is not None:
            watch.add(picture, stored.fingerprint)

    def _spend(self, asker: str, asking: Asking, pictures: Iterable[FingerprintId]) -> Withheld:
        """Count one question about these pictures; return those of which nothing is told."""
        withheld = set()
        digest = self._digest(asking.asked, asking.looked) if pictures else b""
        for picture in pictures:
            count = self._count(asker, picture)
            if count.state is State.LOCKED:
                withheld.add(picture)
                continue
            if digest in count.probes:
                continue
            count.probes.add(digest)
            self._probes.append(Probe(asker, picture, digest))
            if len(count.probes) == policy.PROBES_WARNED:
                self._cross(count, Probing(asker, picture, State.WARNED))
            elif len(count.probes) > policy.PROBES_LOCKED:
                self._cross(count, Probing(asker, picture, State.LOCKED))
                withheld.add(picture)
        return frozenset(withheld)

    def _cross(self, count: _Count, probing: Probing) -> None:
        count.state = probing.state
        self._crossed.append(probing)

    def _count(self, asker: str, picture: FingerprintId) -> _Count:
        return self._counts.setdefault((asker, picture), _Count())


def asker_of(who: Principal) -> str:
    """Return whose budget a key spends: its holder's, whichever of their keys it is."""
    return f"{who.role}:{who.name}"


def probings(store: Store, *, everything: bool = False) -> list[Probing]:
    """Return who was locked out of what (``everything``: also who was warned)."""
    with store.read():
        shown = (State.LOCKED, State.WARNED) if everything else (State.LOCKED,)
        return [it for it in store.probes.probings() if it.state in shown]


def release(
    store: Store, asker: str, picture: FingerprintId, moderator: str, now: dt.datetime
) -> int:
    """Let an asker be told of a picture again, from a count of zero; raises NotFound or Refused.

    Returns how many of their tickets are shown to them from now on.
    """
    with store.write():
        actor = active_moderator(store, moderator)
        if not store.probes.release(asker, picture):
            raise NotFound(
                N_("This asker was not locked out of this picture. See: hashreg probing list"),
                field="picture",
            )
        store.events.append(
            EventKind.PROBING_RELEASED, picture.hex(), actor=actor, at=now, detail=asker
        )
        role, _, name = asker.partition(":")
        if role != Role.PLATFORM:
            return 0
        stored = store.cases.fingerprint(picture)
        if stored is not None:
            follow_meanwhile(store, stored, actor, now, PlatformName(name))
        return store.matches.show_withheld(picture, PlatformName(name))


def _keep(
    store: Store, probes: Sequence[Probe], crossed: Sequence[Probing], now: dt.datetime
) -> None:
    """Keep counts of pictures that are still registered."""
    pictures = {it.fingerprint_id for it in probes} | {it.fingerprint_id for it in crossed}
    there = {it for it in pictures if store.cases.fingerprint(it) is not None}
    store.probes.add([it for it in probes if it.fingerprint_id in there], now)
    for it in crossed:
        if it.fingerprint_id in there:
            store.probes.put(it, now)
        store.events.append(
            _EVENTS[it.state], it.fingerprint_id.hex(), actor=_ACTOR, at=now, detail=it.asker
        )
