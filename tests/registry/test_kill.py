"""kill -9 in the middle of writes: what was acknowledged is there, and nothing is half there."""

import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import CaseRecord, EventKind
from hashreg.model.verdicts import Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import verify
from hashreg.takedown.people import add_person
from support.cases import NOW, seeded
from support.sqlite import raw
from support.writing import PICTURES, running, submit_decide_and_withdraw, wait_for_lines


def test_nothing_acknowledged_is_lost_when_writers_are_killed(tmp_path: Path) -> None:
    words = battery(tmp_path, kills=15, seed=1)
    assert min(words["taken"], words["decided"], words["withdrawn"]) >= 1


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_when_writers_are_killed_1000_times(tmp_path: Path) -> None:
    words = Counter[str]()
    for round_ in range(100):  # the checks look at all of a registry, so each is kept small
        (tmp_path / str(round_)).mkdir()
        words += battery(tmp_path / str(round_), kills=10, seed=100 + round_)
    assert min(words["taken"], words["decided"], words["withdrawn"]) >= 300


def battery(folder: Path, *, kills: int, seed: int) -> Counter[str]:
    """Kill two writers so often; return how often which deed was acknowledged."""
    registry, kept = folder / "registry.db", folder / "kept"
    with closing(SqliteStore.create(registry)) as store:
        add_person(store, Role.PLATFORM, "bada", NOW)
        add_person(store, Role.MODERATOR, "kim", NOW)
    kept.touch()
    rng = seeded(seed)
    for _ in range(kills):
        known = len(kept.read_text().splitlines())
        with ExitStack() as writers:
            for _ in range(2):
                arguments = (registry, kept, rng.randrange(1 << 30))
                writers.enter_context(running(submit_decide_and_withdraw, *arguments))
            wait_for_lines(kept, known + rng.randrange(9))
            time.sleep(rng.random() * 0.02)  # any moment of a turn may be the one of the kill
        check(registry, [line.split() for line in kept.read_text().splitlines()])
    return Counter(line.split()[0] for line in kept.read_text().splitlines())


def check(registry: Path, told: list[list[str]]) -> None:
    with raw(registry) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SqliteStore.open(registry)) as store, store.read():
        assert verify(store).finding is None
        assert store.cases.lost() == []
        for word, number in told:
            if word == "decided":
                (verdict,) = store.matches.verdicts(Ticket(number))
                assert verdict.decision.verdict is Verdict.BLOCKED
                continue
            case = store.cases.find(CaseNumber(number))
            assert case is not None
            if word == "withdrawn":
                assert case.state is CaseState.WITHDRAWN
        for case in list(store.cases.all()):
            check_whole(store, case)
        pictures = sum(1 for _ in store.cases.fingerprints())
        cases = Counter(case.state for case in store.cases.all())
        assert pictures == PICTURES * cases[CaseState.ACTIVE]
        counted = Counter(event.kind for event in store.events.after(0))
        assert counted[EventKind.FINGERPRINT_ADDED] == PICTURES * sum(cases.values())
        assert counted[EventKind.FINGERPRINT_REMOVED] == PICTURES * cases[CaseState.WITHDRAWN]


def check_whole(store: SqliteStore, case: CaseRecord) -> None:
    """A case has all its pictures or, once withdrawn, none, and its events say the same."""
    found = [store.cases.fingerprint(it) for it in store.cases.fingerprint_ids(case.case_id)]
    assert all(it and it.case_id == case.case_id for it in found)
    assert len(found) == {CaseState.ACTIVE: PICTURES, CaseState.WITHDRAWN: 0}[case.state]
    assert store.cases.knows_document(case.document)
    states = [
        event.detail
        for event in store.events.after(0, [EventKind.CASE_STATE])
        if event.subject == case.case_id.hex()
    ]
    assert states == ["active", "withdrawn"][: 1 + (case.state is CaseState.WITHDRAWN)]
    withdrawn = store.cases.has_tombstone(case.number, case.public_key)
    assert withdrawn == (case.state is CaseState.WITHDRAWN)
