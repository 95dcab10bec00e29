"""A registry of an earlier version is brought up to date with all that is in it, or left alone.

``older/m005.sql`` was written by the last version that did not encrypt: four cases (one held in
part, one withdrawn), a delegation, a harmless picture, two reports, their matches and a verdict.
``older/write.py`` wrote the others: two cases (one withdrawn), a match, a verdict.
"""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
from takedown.keeping import registered

from hashreg.model.cases import CaseState
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.names import HelperName
from hashreg.model.people import Role
from hashreg.model.records import MatchState, PictureState
from hashreg.model.verdicts import Verdict
from hashreg.registry import connection
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import verify
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.review import queue
from hashreg.takedown.status import case_status
from support.asking import is_found, reported
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.secrecy import leaks
from support.sqlite import files_of, found_in_files, raw, restored

NUMBERS = ("16T9-TP7G-J0TE", "65Z5-R2DH-H062", "QSKY-691Q-VVVE", "JRPA-W1PK-MPPX")
VERSIONS = ("m001", "m002", "m003", "m006", "m007", "m008", "m009", "m010")
"""The tables at their last commit; m004 came with m005."""
KILLS = 40
ACTIVE = (1, 2, 3, 4)
"""Seeds of the pictures that were registered and matched; 5 was withdrawn."""
SEALED_TABLES = (
    "fingerprints",
    "reports",
    "matches",
    "holds",
    "benign",
    "delegations",
    "documents",
)


def digests(pictures: list[Fingerprint]) -> list[bytes]:
    return [hash_.digest for it in pictures for hash_ in it.hashes]


ALL = digests([*map(registered, ACTIVE), picture(seeded(50))])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return restored(tmp_path / "registry.db")


def test_the_old_file_holds_the_hashes_as_they_are(path: Path) -> None:
    assert found_in_files(path, ALL) == len(ALL)


def test_everything_is_there_after_it_was_sealed(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        assert store.sealed_now
        assert all(is_found(store, copy_of(registered(it), seeded(it), 5)) for it in ACTIVE)
        assert not is_found(store, copy_of(registered(5), seeded(5), 5))
        with store.read():
            cases = [store.cases.find(number) for number in NUMBERS]  # type: ignore[arg-type]
            assert [it.state for it in cases if it] == [CaseState.ACTIVE] * 3 + [
                CaseState.WITHDRAWN
            ]
            (hold,) = store.holds.all(PictureState.HELD)
            held = store.cases.fingerprint(hold.fingerprint_id)
            assert held is not None
            assert held.case_id == hold.case_id == (cases[2] and cases[2].case_id)
            assert [it.note for it in store.benign.all()] == ["the cat that waits"]
            assert cases[0] is not None
            helper = store.delegations.find(cases[0].case_id, HelperName("centre"))
            assert helper is not None
            assert helper.is_active
            assert {it.content_id for it in store.reports.kept(NOW)} == {"1.jpg", "3.jpg"}
            found = [store.reports.find("examplegram", it) for it in ("1.jpg", "3.jpg")]  # type: ignore[arg-type]
            assert all(found)
        decided = [it for it in queue(store, None) if it.match.state is MatchState.DECIDED]
        assert [it.verdicts[-1].decision.verdict for it in decided] == [Verdict.BLOCKED]
        assert case_status(store, NUMBERS[2]).held == 1  # type: ignore[arg-type]
        assert len(store.people.all(Role.MODERATOR)) == 1


def test_nothing_is_left_as_it_was_in_any_file(path: Path) -> None:
    with closing(SqliteStore.open(path)):
        content = b"".join(it.read_bytes() for it in files_of(path))
        assert leaks(ALL, content) == 0
        assert b"1.jpg" not in content
    with raw(path) as database:
        for table in SEALED_TABLES:
            rows = database.execute(f"SELECT DISTINCT sealing FROM {table}").fetchall()  # noqa: S608
            assert rows == [(1,)], table
        assert not database.execute("SELECT 1 FROM settings").fetchall()


def test_it_is_sealed_once(path: Path) -> None:
    with closing(SqliteStore.open(path)):
        pass
    with closing(SqliteStore.open(path)) as again:
        assert not again.sealed_now
        index = RegistryIndex()
        with again.read():
            index.refresh(again)


def test_a_sealing_that_breaks_off_leaves_the_old_registry_and_works_the_next_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(connection, "seal_all", broken)
        with pytest.raises(KeyboardInterrupt):
            SqliteStore.open(path)
    assert found_in_files(path, ALL) == len(ALL)
    test_everything_is_there_after_it_was_sealed(path)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_registry_of_every_earlier_version_goes_on(tmp_path: Path, version: str) -> None:
    path = restored(tmp_path / "registry.db", version)
    with closing(SqliteStore.open(path)) as store:
        assert not store.left_unsealed
        first, second, gone, new = (picture(seeded(seed)) for seed in (1, 2, 3, 4))
        assert all(is_found(store, copy_of(it, seeded(8), 5)) for it in (first, second))
        assert not is_found(store, gone)
        with store.read():
            states = {it.state for it in store.cases.all()}
            assert {it.content_id for it in store.reports.kept(NOW)} == {"1.jpg", "50.jpg"}
        assert states == {CaseState.ACTIVE, CaseState.WITHDRAWN}
        (entry,) = queue(store, None)
        assert entry.verdicts[-1].decision.verdict is Verdict.BLOCKED
        assert verify(store).finding is None
        assert take_in(store, Victim().submission(new), NOW).outcome is Outcome.TAKEN_IN
        index = RegistryIndex(store.index_folder)
        assert reported(store, index, "4.jpg", new).matches
        assert verify(store).finding is None
    with closing(SqliteStore.open(path)) as again:
        assert not again.sealed_now
        assert is_found(again, new)
    assert found_in_files(path, digests([first, second, new])) == 0


@pytest.mark.parametrize("state", ["cancelled", "declined", "removed"])
def test_what_an_earlier_version_kept_as_removed_is_there_unless_its_order_says_so(
    tmp_path: Path, state: str
) -> None:
    """Or the next order about it would begin as removed, and never be sent."""
    path, at = restored(tmp_path / "registry.db", "m010"), NOW.isoformat()
    with raw(path) as database:
        database.execute("UPDATE matches SET removed_at = ?, withheld = 1", (at,))
        changed = database.execute("UPDATE orders SET removed_at = ?, state = ?", (at, state))
        assert changed.rowcount == 1
        database.commit()
    with closing(SqliteStore.open(path)) as store, store.read():
        (match,) = store.matches.queue(None)
        (order,) = store.orders.all()
    assert (match.removed_at is not None) == (state == "removed")
    assert (order.removed_at is not None) == (state != "declined")
    assert match.withheld == (state != "removed")  # who is to remove it has to answer


def test_a_registry_that_is_killed_while_it_is_sealed_is_whole_before_or_after(
    tmp_path: Path,
) -> None:
    """At the first moment, at the last, and at many between."""
    longest = opening_seconds(restored(tmp_path / "whole.db"))
    sealed = 0
    for round_ in range(KILLS):
        path = restored(tmp_path / f"{round_}.db")
        child = os.fork()
        if not child:
            SqliteStore.open(path)
            os._exit(0)
        time.sleep(longest * round_ / KILLS)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with raw(path) as database:
            is_open = database.execute("SELECT 1 FROM settings").fetchall()
        assert not is_open or found_in_files(path, ALL) == len(ALL)
        sealed += not is_open
        with closing(SqliteStore.open(path)) as store:
            assert all(is_found(store, copy_of(registered(it), seeded(it), 5)) for it in ACTIVE)
            assert verify(store).finding is None
    assert sealed < KILLS


def opening_seconds(path: Path) -> float:
    begun = time.perf_counter()
    with closing(SqliteStore.open(path)):
        return 1.2 * (time.perf_counter() - begun)
