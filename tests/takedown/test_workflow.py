"""The whole workflow against a simple model: what is active matches, what is withdrawn never."""

import dataclasses
import datetime as dt
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hashreg.model.cases import CaseNumber
from hashreg.model.errors import Refused
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import MatchState
from hashreg.model.submissions import Document
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.backup import back_up, restoring
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import signed_head, verify
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from hashreg.takedown.people import add_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import report
from hashreg.takedown.restored import take_back
from hashreg.takedown.review import decide, queue
from hashreg.takedown.statistics import statistics
from hashreg.takedown.status import case_status
from support.asking import item
from support.cases import NOW, Victim, copy_of, picture, seeded

PICTURES = 3
RETENTION = dt.timedelta(days=10)
BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
SOME = st.integers(0, PICTURES - 1)
PICK = st.randoms(use_true_random=False)


Key = tuple[str, CaseNumber]
"""A content item and a case that it matches."""


@dataclasses.dataclass
class ModelCase:
    """What should be true of a case."""

    victim: Victim
    first: tuple[int, ...]
    numbers: list[int]
    state: str = "on the way"


class Workflow(RuleBasedStateMachine):
    """Victims, a platform, a moderator, an operator and time do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="hashreg-test-")
        self.store = SqliteStore.create(Path(self.folder.name, "registry.db"))
        self.index = RegistryIndex()
        self.now = NOW
        self.pictures = [picture(seeded(100 + number)) for number in range(PICTURES)]
        self.cases: list[ModelCase] = []
        self.reports: dict[int, dt.datetime] = {}
        self.generation = [0] * PICTURES
        self.matches: dict[Key, MatchState] = {}
        self.tickets: dict[Key, Ticket] = {}
        add_person(self.store, Role.PLATFORM, "examplegram", NOW)
        add_person(self.store, Role.MODERATOR, "kim", NOW)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(numbers=st.lists(SOME, min_size=1, max_size=2, unique=True), ahead=st.booleans())
    def make_a_case(self, numbers: list[int], ahead: bool) -> None:
        case = ModelCase(Victim(), tuple(numbers), numbers)
        self.cases.append(case)
        if ahead:
            take_in(self.store, Victim(case.victim.number).withdrawal(), self.now)

    @precondition(lambda self: self.cases)
    @rule(pick=PICK)
    def submit(self, pick: random.Random) -> None:
        """The first time, again, or long after it was withdrawn."""
        case = pick.choice(self.cases)
        result = take_in(self.store, self._submission(case), self.now)
        if case.state == "on the way":
            assert result.outcome is Outcome.TAKEN_IN
            assert result.matches == len(set(case.numbers) & self.reports.keys())
            case.state = "active"
            self._expect_matches()
        elif case.state == "active":
            assert result.outcome is Outcome.ALREADY
        else:
            assert result.outcome is Outcome.WITHDRAWN
            case.state = {"waiting": "withdrawn"}.get(case.state, case.state)

    @precondition(lambda self: self.cases)
    @rule(pick=PICK, number=SOME)
    def add(self, pick: random.Random, number: int) -> None:
        case = pick.choice(self.cases)
        if number in case.numbers:
            return
        addition = case.victim.addition(self.pictures[number])
        if case.state == "active":
            assert take_in(self.store, addition, self.now).outcome is Outcome.ADDED
            case.numbers.append(number)
            self._expect_matches()
        else:
            with pytest.raises(Refused):
                take_in(self.store, addition, self.now)

    @precondition(lambda self: self.cases)
    @rule(pick=PICK)
    def withdraw(self, pick: random.Random) -> None:
        case = pick.choice(self.cases)
        outcome = take_in(self.store, case.victim.withdrawal(), self.now).outcome
        if case.state == "active":
            assert outcome is Outcome.WITHDRAWN
            case.state = "withdrawn"
            for key in self._of(case):
                if self.matches[key] is MatchState.OPEN:
                    self.matches[key] = MatchState.CLOSED
        elif case.state == "on the way":
            assert outcome is Outcome.WAITING
            case.state = "waiting"
        else:
            assert outcome is Outcome.ALREADY

    @precondition(lambda self: self.cases)
    @rule(pick=PICK)
    def a_stranger_withdraws(self, pick: random.Random) -> None:
        case = pick.choice(self.cases)
        false = Victim(case.victim.number).withdrawal()
        if case.state in ("on the way", "waiting"):
            assert take_in(self.store, false, self.now).outcome is Outcome.WAITING
        else:
            with pytest.raises(Refused):
                take_in(self.store, false, self.now)

    @rule(number=SOME, bits=st.sampled_from([0, 10, 31]), seed=st.integers(0, 2))
    def report(self, number: int, bits: int, seed: int) -> None:
        asked = copy_of(self.pictures[number], seeded(seed), bits)
        items = [item(self._content(number), asked)]
        (result,) = report(self.store, self.index, "examplegram", items, self.now, RETENTION)
        assert len(result.matches) == len(self._active_with(number))
        self.reports[number] = self.now + RETENTION
        self._expect_matches()

    @precondition(lambda self: self.matches)
    @rule(pick=PICK)
    def decide(self, pick: random.Random) -> None:
        key = pick.choice(list(self.matches))
        (case,) = [it for it in self.cases if it.victim.number == key[1]]
        if case.state == "active":
            decide(self.store, self.tickets[key], BLOCKED, "kim", self.now)
            self.matches[key] = MatchState.DECIDED
        else:
            with pytest.raises(Refused):
                decide(self.store, self.tickets[key], BLOCKED, "kim", self.now)

    @rule(days=st.integers(1, 8))
    def time_goes_by_and_the_operator_purges(self, days: int) -> None:
        self.now += dt.timedelta(days=days)
        expired = {number for number, until in self.reports.items() if until <= self.now}
        gone = [case for case in self.cases if case.state == "withdrawn"]
        purged = purge(self.store, self.now)
        assert (purged.reports, purged.cases) == (len(expired), len(gone))
        for number in expired:
            del self.reports[number]
            self.generation[number] += 1  # what is reported later is another content item
        for case in gone:
            case.state = "erased"
            for key in self._of(case):
                del self.matches[key]

    @rule()
    def another_process_takes_over(self) -> None:
        self.store.close()
        self.store = SqliteStore.open(Path(self.folder.name, "registry.db"))
        self.index = RegistryIndex()

    @rule()
    def the_master_key_is_changed(self) -> None:
        self.store.rotate_master_key()

    @rule()
    def a_backup_takes_the_registrys_place(self) -> None:
        path, backups = Path(self.folder.name, "registry.db"), Path(self.folder.name, "backups")
        made = back_up(self.store, backups, signed_head(self.store, self.now), self.now)
        self.store.close()
        for file in path.parent.glob("registry.db*"):
            if not file.name.endswith("-key"):
                file.unlink()
        with restoring(backups, made, path) as store:
            assert take_back(store, [made.head], self.now).withdrawn == 0
        self.store = SqliteStore.open(path)
        self.index = RegistryIndex()

    @invariant()
    def the_record_is_whole(self) -> None:
        assert verify(self.store).finding is None

    @invariant()
    def what_is_active_matches_and_nothing_else_does(self) -> None:
        found = look_up(self.store, self.index, self.pictures)
        expected = [len(self._active_with(number)) for number in range(PICTURES)]
        assert [len(matches) for matches in found] == expected

    @invariant()
    def the_queue_is_right_and_tickets_stay(self) -> None:
        with self.store.read():
            numbers = {case.case_id: case.number for case in self.store.cases.all()}
        found = {}
        for match in [entry.match for entry in queue(self.store, None)]:
            key = (match.content_id, numbers[match.case_id])
            found[key] = match.state
            assert self.tickets.setdefault(key, match.ticket) == match.ticket
        assert found == self.matches
        assert len(set(self.tickets.values())) == len(self.tickets)

    @invariant()
    def counts_are_right(self) -> None:
        counts = statistics(self.store, self.now)
        states = [case.state for case in self.cases if case.state not in ("on the way", "waiting")]
        assert counts["cases"] == {state: states.count(state) for state in set(states)}
        assert counts["reports_kept"] == len(self.reports)
        for case in self.cases:
            if case.state in ("active", "withdrawn", "erased"):
                status = case_status(self.store, case.victim.number)
                assert status.state == case.state
                assert status.pictures == len(case.numbers) * (case.state == "active")

    def _content(self, number: int) -> str:
        return f"{number}/{self.generation[number]}"

    def _submission(self, case: ModelCase) -> Document:
        """The same file every time: the pictures that the case began with."""
        return case.victim.submission(*(self.pictures[number] for number in case.first))

    def _active_with(self, number: int) -> list[ModelCase]:
        return [it for it in self.cases if it.state == "active" and number in it.numbers]

    def _of(self, case: ModelCase) -> list[Key]:
        return [key for key in self.matches if key[1] == case.victim.number]

    def _expect_matches(self) -> None:
        for number in self.reports:
            for case in self._active_with(number):
                key = (self._content(number), case.victim.number)
                self.matches.setdefault(key, MatchState.OPEN)


Workflow.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestWorkflow = Workflow.TestCase


class LongWorkflow(Workflow):
    """The same for much longer."""


LongWorkflow.TestCase.settings = settings(
    Workflow.TestCase.settings, max_examples=400, stateful_step_count=100
)
TestLongWorkflow = pytest.mark.timeout(3600)(
    pytest.mark.slow(pytest.mark.torture(LongWorkflow.TestCase))
)
