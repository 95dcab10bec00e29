"""The index in memory: following the events gives what loading afresh gives, and what is true."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hashreg.matching import policy
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.model.people import Role
from hashreg.model.records import CaseId, FingerprintId, HoldReason
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.holds import admit, hold_active, refuse
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from support.cases import NOW, Victim, flipped, only_pdq, picture, seeded

ORIGINALS = [only_pdq(picture(seeded(number), ("whole", "mirror"))) for number in range(3)]
EDITS = st.tuples(
    st.integers(0, len(ORIGINALS) - 1),
    st.sampled_from([0, 5, 15, 16, 17, 22, 23, 30, 31, 32, 45, 46]),
    st.integers(0, 3),
    st.sampled_from([90, 90, 90, 60, 49]),
)
Edit = tuple[int, int, int, int]
Answer = dict[bytes, tuple[Tier, int]]


def edited(edit: Edit) -> Fingerprint:
    """Return a copy of an original, in the bits and with the seed and quality that are asked."""
    number, bits, seed, quality = edit
    rng = seeded(1000 + seed)
    hashes = tuple(
        type(it)(it.algorithm, it.view, flipped(it, rng, bits).hash, quality)
        for it in ORIGINALS[number].hashes
    )
    return Fingerprint(hashes, quality)


def distance(one: Fingerprint, other: Fingerprint) -> int:
    return min(
        (int(a.hash, 16) ^ int(b.hash, 16)).bit_count() for a in one.hashes for b in other.hashes
    )


class Following(RuleBasedStateMachine):
    """Victims come, add and go, and pictures are held, admitted and refused.

    One index follows from the start, one is loaded each time, and one is kept in a folder and
    opened again at any moment.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="hashreg-test-")
        self.store = SqliteStore.create(Path(self.folder.name, "registry.db"))
        self.index = RegistryIndex()
        self.kept = RegistryIndex(self.store.index_folder)
        self.registered: dict[Victim, list[Fingerprint]] = {}
        self.held: dict[FingerprintId, Victim] = {}
        self.refused: set[FingerprintId] = set()
        add_person(self.store, Role.MODERATOR, "kim", NOW)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(edits=st.lists(EDITS, min_size=1, max_size=3))
    def submit(self, edits: list[Edit]) -> None:
        pictures = [edited(edit) for edit in edits]
        usable = [it for it in pictures if (it.quality or 0) >= 50]
        if usable:
            victim = Victim()
            take_in(self.store, victim.submission(*pictures), NOW)
            self.registered[victim] = usable

    @precondition(lambda self: self.registered)
    @rule(pick=st.randoms(use_true_random=False), edit=EDITS)
    def add(self, pick: random.Random, edit: Edit) -> None:
        victim, more = self._any(pick), edited(edit)
        if (more.quality or 0) >= 50:
            taken = take_in(self.store, victim.addition(more), NOW)
            self.registered[victim] += [more] * taken.pictures  # none, where it is the same file

    @precondition(lambda self: self.registered)
    @rule(pick=st.randoms(use_true_random=False))
    def withdraw(self, pick: random.Random) -> None:
        victim = self._any(pick)
        take_in(self.store, victim.withdrawal(), NOW)
        del self.registered[victim]
        self.held = {it: owner for it, owner in self.held.items() if owner is not victim}

    @precondition(lambda self: self.registered)
    @rule(pick=st.randoms(use_true_random=False))
    def hold(self, pick: random.Random) -> None:
        victim = self._any(pick)
        with self.store.write():
            number = pick.choice(self._ids(victim))
            stored = self.store.cases.fingerprint(number)
            if stored and hold_active(self.store, stored, HoldReason.MANY_HITS, "", NOW):
                self.held[number] = victim

    @precondition(lambda self: self.held)
    @rule(pick=st.randoms(use_true_random=False), wanted=st.booleans())
    def decide(self, pick: random.Random, wanted: bool) -> None:
        number = pick.choice(list(self.held))
        del self.held[number]
        if wanted:
            admit(self.store, number, "kim", NOW)
        else:
            refuse(self.store, number, "kim", NOW)
            self.refused.add(number)

    @rule(up_to_date=st.booleans())
    def keep_and_reopen(self, up_to_date: bool) -> None:
        """What is kept may know less than the registry holds."""
        if up_to_date:
            with self.store.read():
                self.kept.refresh(self.store)
        assert self.kept.keep(self.store, least=0)
        self.kept = RegistryIndex(self.store.index_folder)

    @rule()
    def look(self) -> None:
        """The following index catches up only now and then, so that it has more to follow."""
        asked = [*ORIGINALS, edited((0, 22, 1, 90)), edited((1, 16, 2, 90)), edited((2, 0, 0, 49))]
        fresh = RegistryIndex()
        with self.store.read():
            self.index.refresh(self.store)
            fresh.refresh(self.store)
            self.kept.refresh(self.store)
            matched = {self._case(victim): self._matched(victim) for victim in self.registered}
        assert self.index.sequence == self.kept.sequence == fresh.sequence
        expected = [_true_answer(it, matched) for it in asked]
        assert _answers(fresh, asked) == expected
        assert _answers(self.index, asked) == expected
        assert _answers(self.kept, asked) == expected

    @invariant()
    def the_store_holds_what_is_registered(self) -> None:
        with self.store.read():
            count = sum(1 for _ in self.store.cases.fingerprints())
        assert count == sum(map(len, self.registered.values()))

    def _any(self, pick: random.Random) -> Victim:
        return pick.choice(list(self.registered))

    def _case(self, victim: Victim) -> CaseId:
        case = self.store.cases.find(victim.number)
        assert case is not None
        return case.case_id

    def _ids(self, victim: Victim) -> list[FingerprintId]:
        return self.store.cases.fingerprint_ids(self._case(victim))

    def _matched(self, victim: Victim) -> list[Fingerprint]:
        """Return the pictures of a case that are neither held nor refused."""
        pictures = zip(self._ids(victim), self.registered[victim], strict=True)
        return [it for number, it in pictures if number not in self.held.keys() | self.refused]


def _true_answer(asked: Fingerprint, matched: Mapping[CaseId, Sequence[Fingerprint]]) -> Answer:
    answer: Answer = {}
    for case_id, pictures in matched.items():
        best = min((distance(asked, it) for it in pictures), default=policy.REVIEW_RADIUS + 1)
        if best <= policy.REVIEW_RADIUS and (asked.quality or 0) >= 50:
            tier = Tier.MATCH if best <= policy.MATCH_RADIUS else Tier.REVIEW
            answer[case_id] = tier, best
    return answer


def _answers(index: RegistryIndex, asked: list[Fingerprint]) -> list[Answer]:
    return [
        {
            it.case_id: (it.explanation.tier, it.explanation.distance)
            for it in found
            if it.explanation.distance is not None
        }
        for found in index.find_many(asked)
    ]


Following.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestFollowing = Following.TestCase


def test_a_case_that_came_and_went_between_two_looks_is_no_trouble(path: Path) -> None:
    with closing(SqliteStore.create(path)) as store:
        index, victim = RegistryIndex(), Victim()
        with store.read():
            index.refresh(store)
        take_in(store, victim.submission(ORIGINALS[0]), NOW)
        take_in(store, victim.withdrawal(), NOW)
        take_in(store, Victim().submission(ORIGINALS[1]), NOW)
        with store.read():
            index.refresh(store)
        assert [len(found) for found in index.find_many(ORIGINALS)] == [0, 1, 0]
