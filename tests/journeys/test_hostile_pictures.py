"""Thousands of malformed pictures through the real program: each a hash or one error, and no more.

``HASHREG_TEST_PICTURES=FOLDER`` runs the same check on any folder by hand:
``pytest tests/journeys/test_hostile_pictures.py -k by_hand``.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from hashreg.model.errors import FileProblem
from support.cases import seeded
from support.program import ROOT, SAMPLES
from support.spoiling import spoiled

PROGRAM_MOST, CHILD_MOST = 450 << 20, 1 << 30
"""Bytes in memory at most, the program's and each decoding child's."""
SECONDS_A_FILE = 25
"""A file's CPU time is limited to twenty; it is asked of the whole run, divided by the files."""
PROBLEMS = {it.value for it in FileProblem}
BY_HAND = os.environ.get("HASHREG_TEST_PICTURES")


@dataclass
class Watched:
    """What the program printed, and how much memory it and its children had."""

    lines: list[dict[str, object]] = field(default_factory=list, repr=False)
    program: int = 0
    child: int = 0
    seconds: float = 0
    code: int = 0


def good() -> list[tuple[str, bytes]]:
    """Return good pictures of every format, none of them large."""
    formats = sorted((ROOT / "tests" / "golden" / "formats").glob("*-*.*"))
    samples = sorted(SAMPLES.glob("*/*.*"))
    files = [it for it in (*formats, *samples) if it.suffix in _PICTURES]
    return [(it.suffix, it.read_bytes()) for it in files if it.stat().st_size < 300_000]


_PICTURES = {".jpg", ".png", ".webp", ".avif", ".gif", ".bmp"}


def put_malformed(folder: Path, count: int, dice: Random) -> None:
    """Write so many spoiled pictures; some are two in one, or end where another begins."""
    pictures = good()
    for number in range(count):
        suffix, content = dice.choice(pictures)
        made = spoiled(content, dice)
        if number % 10 == 0:
            other = dice.choice(pictures)[1]
            made = made[: dice.randrange(len(made) + 1)] + other[dice.randrange(len(other)) :]
        (folder / f"{number:05}{suffix}").write_bytes(made)


def watched(folder: Path, home: Path) -> Watched:
    """Hash a folder with the real program, and look at its memory meanwhile."""
    found = Watched()
    began = time.monotonic()
    with (home / "out").open("w+b") as out:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hashreg.cli", "hash", folder, "--json"],
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
        )
        while process.poll() is None:
            found.program = max(found.program, _peak(process.pid))
            found.child = max([found.child, *map(_peak, _children(process.pid))])
            time.sleep(0.02)
        out.seek(0)
        found.lines = [json.loads(line) for line in out]
    found.seconds, found.code = time.monotonic() - began, process.returncode
    return found


def _peak(pid: int) -> int:
    """Return the most memory that a process ever had, in bytes."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, task.read_text().split())


def check(folder: Path, found: Watched) -> None:
    files = [it for it in folder.rglob("*") if it.is_file()]
    assert len(found.lines) == len(files)
    for line in found.lines:
        error = line["error"]
        assert (error is None) or (isinstance(error, dict) and error["code"] in PROBLEMS)
        assert error is not None or line["hashes"]
    assert found.code == (2 if any(line["error"] for line in found.lines) else 0)
    assert found.program < PROGRAM_MOST
    assert found.child < CHILD_MOST
    assert found.seconds < SECONDS_A_FILE * len(files)
    print(
        f"{len(files)} files in {found.seconds:.0f} s,"
        f" {sum(line['error'] is None for line in found.lines)} hashed; MB at most:"
        f" program {found.program >> 20}, child {found.child >> 20}"
    )


def battery(tmp_path: Path, count: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    put_malformed(folder, count, seeded(count))
    check(folder, watched(folder, tmp_path))


def test_150_malformed_pictures(tmp_path: Path) -> None:
    battery(tmp_path, 150)


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_4000_malformed_pictures(tmp_path: Path) -> None:
    battery(tmp_path, 4_000)


@pytest.mark.skipif(BY_HAND is None, reason="no folder is named by HASHREG_TEST_PICTURES")
def test_a_folder_that_is_given_by_hand(tmp_path: Path) -> None:
    folder = Path(BY_HAND or "")
    check(folder, watched(folder, tmp_path))
