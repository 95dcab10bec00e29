"""Writes a small registry with the program of an earlier version, as SQL: a fixture for upgrades.

Not run by any test. Unpack the version (``git archive COMMIT | tar -x -C OLD``), then::

    ln -s ../cli OLD/hashreg/cli
    PYTHONPATH=OLD:OLD/tests python tests/registry/older/write.py m003

The last commits before the tables changed: m001 3ab95e5, m002 1206da7, m003 ac31801, m006 91663b3,
m007 a798036, m008 1df67e9, m009 175126c, m010 02e6227. (m004 and m005 came in one commit; m005 was
written by hand, with more in it.)
"""

import contextlib
import sqlite3
import sys
import tempfile
from pathlib import Path

from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.review import decide
from support.asking import reported, ticket_of
from support.cases import NOW, Victim, copy_of, picture, seeded

try:
    from hashreg.model.people import Role
except ModuleNotFoundError:  # roles were plain words
    Role = str  # type: ignore[assignment,misc]

FOLDER = Path(__file__).parent


def fill(store: SqliteStore) -> None:
    """Two cases, one withdrawn; two reports, one match, one verdict."""
    add_person(store, Role("platform"), "examplegram", NOW)
    add_person(store, Role("moderator"), "kim", NOW)
    take_in(store, Victim().submission(picture(seeded(1)), picture(seeded(2))), NOW)
    gone = Victim()
    take_in(store, gone.submission(picture(seeded(3))), NOW)
    index = RegistryIndex()
    found = reported(store, index, "1.jpg", copy_of(picture(seeded(1)), seeded(9), 5))
    reported(store, index, "50.jpg", picture(seeded(50)))
    decide(store, ticket_of(found), Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL), "kim", NOW)
    take_in(store, gone.withdrawal(), NOW)


def dump(path: Path, target: Path) -> None:
    """Write a database as SQL."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        lines = [f"PRAGMA application_id = {application};", *database.iterdump()]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(name: str) -> None:
    """Write the fixture of one version."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.db"
        store = SqliteStore.create(path)
        fill(store)
        store.close()
        dump(path, FOLDER / f"{name}.sql")
        keys, key = (path.with_name(f"{path.name}-{it}") for it in ("keys", "key"))
        if keys.exists():
            dump(keys, FOLDER / f"{name}-keys.sql")
            (FOLDER / f"{name}-key").write_bytes(key.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1])
