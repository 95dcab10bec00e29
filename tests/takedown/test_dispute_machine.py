"""Disputes against a simple model: whatever people do in whatever order, two decide, never one."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hashreg.client import keys
from hashreg.model.cases import CaseState
from hashreg.model.errors import NotFound, Refused
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import FingerprintId, MatchState, PictureState
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import verify
from hashreg.takedown.holds import admit, held, refuse
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from hashreg.takedown.people import add_person
from hashreg.takedown.review import decide, queue
from hashreg.takedown.status import case_status
from support.asking import reported
from support.cases import NOW, Victim, copy_of, picture, seeded

DISPUTED, OTHER = picture(seeded(1)), picture(seeded(2))
MODERATORS = ("kim", "park", "lee")
CONTENTS = [f"{number}.jpg" for number in range(4)]
DECISIONS = {
    "blocked": Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL),
    "against": Decision(Verdict.NOT_BLOCKED, Reason.PUBLIC_INTEREST),
    "pending": Decision(Verdict.PENDING_REVIEW, None),
}
WHO, WHAT = st.sampled_from(MODERATORS), st.sampled_from(sorted(DECISIONS))
CONTENT = st.sampled_from(CONTENTS)


class Disputes(RuleBasedStateMachine):
    """Moderators decide on what is found of one picture, and vote once it is disputed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="hashreg-test-")
        self.path = Path(self.folder.name, "registry.db")
        self.store, self.index = SqliteStore.create(self.path), RegistryIndex()
        add_person(self.store, Role.PLATFORM, "examplegram", NOW)
        for name in MODERATORS:
            add_person(self.store, Role.MODERATOR, name, NOW)
        rounds, keys.ROUNDS = keys.ROUNDS, 1
        try:
            self.victim = Victim()
            self.withdrawal = self.victim.withdrawal()
            take_in(self.store, self.victim.submission(DISPUTED, OTHER), NOW)
        finally:
            keys.ROUNDS = rounds
        self.state, self.picture = PictureState.ACTIVE, FingerprintId(bytes(16))
        self.heard = self.withdrawn = False
        self.reported: set[str] = set()
        self.last: dict[str, tuple[str, str]] = {}
        """Who had the last word on each content, and which."""
        self.votes: dict[str, PictureState] = {}
        self.matches: dict[str, MatchState] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(content=CONTENT)
    def a_copy_is_found(self, content: str) -> None:
        if content in self.reported:
            return
        shared = copy_of(DISPUTED, seeded(CONTENTS.index(content)), 5)
        found = reported(self.store, self.index, content, shared)
        self.reported.add(content)
        assert bool(found.matches) is self._is_matched()
        self._expect_matches()

    @precondition(lambda self: self.matches)
    @rule(content=CONTENT, who=WHO, what=WHAT)
    def somebody_decides(self, content: str, who: str, what: str) -> None:
        if content not in self.matches:
            return
        if self.withdrawn or self.matches[content] is MatchState.CLOSED:
            with pytest.raises(Refused):
                decide(self.store, self._ticket(content), DECISIONS[what], who, NOW)
            return
        decide(self.store, self._ticket(content), DECISIONS[what], who, NOW)
        if self.last.get(content) == (who, what):
            return
        self.last[content] = (who, what)
        self.matches[content] = MatchState.OPEN if what == "pending" else MatchState.DECIDED
        against = {name for name, word in self.last.values() if word == "against"}
        is_new = self.state is PictureState.ACTIVE and not self.heard
        if what == "against" and len(against) > 1 and is_new:
            self.state, self.heard = PictureState.HELD, True
            (waiting,) = held(self.store)
            self.picture = waiting.hold.fingerprint_id

    @rule(who=WHO, admits=st.booleans())
    def somebody_votes(self, who: str, admits: bool) -> None:
        vote = admit if admits else refuse
        if self.withdrawn or self.state is not PictureState.HELD:
            with pytest.raises((Refused, NotFound)):
                vote(self.store, self.picture, who, NOW)
            return
        vote(self.store, self.picture, who, NOW)
        self.votes[who] = PictureState.ACTIVE if admits else PictureState.REFUSED
        if sum(it is self.votes[who] for it in self.votes.values()) < 2:
            return
        self.state = self.votes[who]
        if admits:
            self._expect_matches()
        else:
            self._close_open()

    @precondition(lambda self: self.heard)
    @rule()
    def the_victim_withdraws(self) -> None:
        take_in(self.store, self.withdrawal, NOW)
        if not self.withdrawn:
            self.withdrawn = True
            self._close_open()

    @rule(key=st.booleans())
    def another_process_takes_over(self, key: bool) -> None:
        if key:
            self.store.rotate_master_key()
        self.store.close()
        self.store, self.index = SqliteStore.open(self.path), RegistryIndex()

    @invariant()
    def what_is_disputed_or_refused_is_not_found_and_the_rest_is(self) -> None:
        found = look_up(self.store, self.index, [DISPUTED, OTHER])
        assert [bool(it) for it in found] == [self._is_matched(), not self.withdrawn]

    @invariant()
    def the_victim_is_told_how_it_stands(self) -> None:
        status = case_status(self.store, self.victim.number)
        waits = self.state is PictureState.HELD and not self.withdrawn
        if self.withdrawn:
            assert status.state is CaseState.WITHDRAWN
        else:
            assert status.state is (CaseState.DISPUTED if waits else CaseState.ACTIVE)
        assert status.held == len(held(self.store)) == waits

    @invariant()
    def matches_are_as_they_should_be(self) -> None:
        assert {it.match.content_id: it.match.state for it in queue(self.store, None)} == (
            self.matches
        )
        assert verify(self.store).finding is None

    def _is_matched(self) -> bool:
        return self.state is PictureState.ACTIVE and not self.withdrawn

    def _expect_matches(self) -> None:
        if self._is_matched():
            for content in self.reported:
                self.matches.setdefault(content, MatchState.OPEN)

    def _close_open(self) -> None:
        for content, state in self.matches.items():
            if state is MatchState.OPEN:
                self.matches[content] = MatchState.CLOSED

    def _ticket(self, content: str) -> Ticket:
        (found,) = [it for it in queue(self.store, None) if it.match.content_id == content]
        return found.match.ticket


Disputes.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestDisputes = Disputes.TestCase


class LongDisputes(Disputes):
    """The same for much longer."""


LongDisputes.TestCase.settings = settings(
    Disputes.TestCase.settings, max_examples=300, stateful_step_count=80
)
TestLongDisputes = pytest.mark.timeout(3600)(
    pytest.mark.slow(pytest.mark.torture(LongDisputes.TestCase))
)
