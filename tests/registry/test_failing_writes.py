"""The n-th write fails, for every n: an error was told and nothing was done, or it was done.

Of intake, withdrawal, report, verdict, purge, changing the master key, keeping the index and
bringing an older registry up to date, with an I/O error once and with a disk that stays full. What
was accepted before is there each time.
"""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.program import ROOT

HERE = Path(__file__).parent
DEEDS = ("intake", "withdrawal", "report", "verdict", "purge", "rotate", "index", "upgrade")
ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    made = tmp_path_factory.mktemp("shim") / "failing.so"
    source = HERE / "failing.c"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return made


def tried(shim: Path, folder: Path, deed: str, error: int, step: int) -> list[dict[str, object]]:
    """Return what came of a deed, for every ``step``-th write that fails."""
    environ = os.environ | {
        "LD_PRELOAD": str(shim),
        "FAILING_FOLDER": str(folder / "failing"),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "tests"), str(ROOT))),
    }
    program = [sys.executable, "-P", str(HERE / "failing_writes.py")]
    command = [*program, str(folder), deed, str(error), str(step)]
    done = subprocess.run(command, check=False, capture_output=True, env=environ)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(rows: list[dict[str, object]]) -> None:
    *failed, last = rows
    assert failed, "no write failed"
    assert (last["said"], last["done"]) == ("", True)
    for row in rows:
        said = str(row["said"])
        assert not said.startswith("undeclared"), row
        assert row["whole"], row
        assert row["again"], row
        assert row["whole again"], row


def only_one(rows: list[dict[str, object]]) -> None:
    """An error was told, or it was done; never both, never neither."""
    for row in rows:
        assert bool(row["said"]) is not bool(row["done"]), row


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("deed", DEEDS)
def test_some_writes_fail(tmp_path: Path, shim: Path, deed: str, error: str) -> None:
    rows = tried(shim, tmp_path, deed, ERRORS[error], 5)
    check(rows)
    if deed not in ("rotate", "index"):
        only_one(rows)


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("deed", DEEDS)
def test_each_write_fails(tmp_path: Path, shim: Path, deed: str, error: str) -> None:
    rows = tried(shim, tmp_path, deed, ERRORS[error], 1)
    check(rows)
    if deed not in ("rotate", "index"):
        only_one(rows)
