"""A program whose n-th write fails: run with ``failing.c`` loaded before everything else.

It makes a registry, does one thing to a copy of it again and again, each time with another write
failing, until none fails, and prints what came of each as a line of JSON.
"""

import ctypes
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hashreg.client import keys
from hashreg.model.errors import HashregError
from hashreg.model.people import Role
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import verify
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.purge import purge
from hashreg.takedown.review import decide, queue
from support.asking import is_found, reported
from support.cases import DAY, NOW, Victim, picture, seeded
from support.sqlite import found_in_files, raw, restored

shim = ctypes.CDLL(None)
STAYS, OLD, NEW = (picture(seeded(number)) for number in range(3))
BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
Do = Callable[[SqliteStore], object]
Tell = Callable[[SqliteStore], bool]


class Scene:
    """What there is before: two cases, one of which was found; and what may be done."""

    def __init__(self) -> None:
        keys.ROUNDS = 1
        self.stays, self.goes, self.comes = Victim(), Victim(), Victim()
        self.deeds: dict[str, tuple[Do, Tell]] = {
            "intake": (self._intake, lambda store: self._state(store, self.comes) == "active"),
            "withdrawal": (self._withdraw, lambda store: self._state(store, self.goes) != "active"),
            "report": (
                self._report,
                lambda store: _count(store, lambda it: it.reports.count()) == 2,
            ),
            "verdict": (self._decide, lambda store: not queue(store)),
            "purge": (self._purge, lambda store: _count(store, lambda it: it.reports.count()) == 0),
            "rotate": (lambda store: store.rotate_master_key(), lambda _: True),
            "index": (self._keep_index, lambda _: True),
        }

    def furnish(self, store: SqliteStore) -> None:
        add_person(store, Role.PLATFORM, "bada", NOW)
        add_person(store, Role.MODERATOR, "kim", NOW)
        take_in(store, self.stays.submission(STAYS), NOW)
        take_in(store, self.goes.submission(OLD), NOW)
        reported(store, RegistryIndex(), "found", OLD, "bada")

    def is_whole(self, store: SqliteStore) -> bool:
        """Tell whether all that was accepted before is there, and the record is whole."""
        return (
            is_found(store, STAYS)
            and self._state(store, self.stays) == "active"
            and verify(store).finding is None
            and _integrity(store)
        )

    def _intake(self, store: SqliteStore) -> None:
        take_in(store, self.comes.submission(NEW), NOW)

    def _withdraw(self, store: SqliteStore) -> None:
        take_in(store, self.goes.withdrawal(), NOW)

    def _report(self, store: SqliteStore) -> None:
        reported(store, RegistryIndex(), "another", STAYS, "bada")

    def _decide(self, store: SqliteStore) -> None:
        (entry,) = queue(store, None)
        decide(store, entry.match.ticket, BLOCKED, "kim", NOW)

    def _purge(self, store: SqliteStore) -> None:
        purge(store, NOW + 100 * DAY)

    def _keep_index(self, store: SqliteStore) -> None:
        index = RegistryIndex(store.index_folder)
        with store.read():
            index.refresh(store)
        index.keep(store, least=0)

    def _state(self, store: SqliteStore, victim: Victim) -> str | None:
        with store.read():
            case = store.cases.find(victim.number)
        return case.state.value if case else None


def _count(store: SqliteStore, ask: Callable[[SqliteStore], int]) -> int:
    with store.read():
        return ask(store)


def _integrity(store: SqliteStore) -> bool:
    with store.read():
        store.check_files()
    return True


def failing(n: int, error: int, do: Callable[[], object]) -> dict[str, object]:
    """Do a thing with its n-th write failing; return what was said, and whether one failed."""
    said = ""
    shim.fail_at(n, error, error == 28)
    try:
        do()
    except HashregError as caught:
        said = type(caught).__name__
    except (OSError, sqlite3.Error) as caught:
        said = f"undeclared {type(caught).__name__}"
    calls = shim.calls()
    shim.fail_at(0, 0, 0)
    return {"n": n, "said": said, "failed": calls >= n}


def attempt(
    base: Path, folder: Path, scene: Scene, deed: str, n: int, error: int
) -> dict[str, object]:
    """Do a thing with its n-th write failing; return what was said and what is so."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    do, is_done = scene.deeds[deed]
    store = SqliteStore.open(folder / "registry.db")
    seen = failing(n, error, lambda: do(store))
    try:
        store.close()
    except sqlite3.Error:
        seen["closing"] = "failed"
    with closing(SqliteStore.open(folder / "registry.db")) as store:
        seen |= {"done": is_done(store), "whole": scene.is_whole(store)}
        do(store)  # what failed can be done again, and what was done does no harm twice
        seen |= {"again": is_done(store), "whole again": scene.is_whole(store)}
    return seen


def attempt_upgrade(folder: Path, n: int, error: int) -> dict[str, object]:
    """Open a registry of an earlier version with the n-th write failing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = restored(folder / "registry.db", "m003")
    left = []

    def upgrade() -> None:
        with closing(SqliteStore.open(path)) as store:
            left.append(store.left_unsealed)

    seen = failing(n, error, upgrade)
    with raw(path) as database:
        sealed = not database.execute("SELECT 1 FROM settings").fetchall()
    with closing(SqliteStore.open(path)) as store:
        whole = is_found(store, OLD) and verify(store).finding is None and _integrity(store)
        again = not store.left_unsealed and (not any(left) or store.forget_deleted())
    digests = [it.digest for it in OLD.hashes]
    clean = found_in_files(path, digests) == 0
    return seen | {"done": sealed, "whole": whole, "again": again, "whole again": clean}


def main() -> None:
    """Try everything: the folder, the thing to do, the error's number, and which writes."""
    folder, deed, error, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    scene = Scene()
    base = folder / "base"
    base.mkdir()
    with closing(SqliteStore.create(base / "registry.db")) as store:
        scene.furnish(store)
    n = 1
    while True:
        if deed == "upgrade":
            seen = attempt_upgrade(folder / "failing", n, error)
        else:
            seen = attempt(base, folder / "failing", scene, deed, n, error)
        print(json.dumps(seen), flush=True)
        if not seen["failed"]:
            return
        n += step


if __name__ == "__main__":
    main()
