"""What the README shows can be typed as it stands."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.journey import CODE, NUMBER, only
from support.program import ROOT, SAMPLES, Done
from support.shell import shell

README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCK.findall(README.read_text()) if name == kind]


@pytest.fixture(scope="module")
def beside_the_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(SAMPLES, folder / "sample_images")
    return folder


@pytest.mark.skipif(not README.exists(), reason="there is no README")
def test_its_commands_run_one_after_the_other(beside_the_samples: Path) -> None:
    lines = [line for text in blocks("console") for line in text.splitlines()]
    commands = [line[2:] for line in lines if line.startswith("$ hashreg ")]
    assert len(commands) >= 10
    number, code = "CASE-NUMBER", ""
    codes = []
    for command in commands:
        typed = command.replace("CASE-NUMBER", number)
        if "TICKET" in typed:
            typed = typed.replace("TICKET", first(beside_the_samples, "review", "ticket"))
        if "ORDER" in typed:
            typed = typed.replace("ORDER", first(beside_the_samples, "takedown", "order"))
        if "PICTURE" in typed:
            typed = typed.replace("PICTURE", first(beside_the_samples, "held", "picture"))
        done = shell(typed, cwd=beside_the_samples, environ={"HASHREG_RECOVERY_CODE": code})
        codes.append((command.split()[1], done.code))
        if command.startswith("hashreg register") and "--add-to" not in command:
            number, code = only(NUMBER, done.text), only(CODE, done.text)
    assert codes == [(name, 1 if name == "check" else 0) for name, _ in codes]


def first(folder: Path, command: str, field: str) -> str:
    """Return a field of the first line of a command's list."""
    done: Done = shell(f"hashreg {command} list --registry registry.db --json", cwd=folder)
    return str(json.loads(done.text.splitlines()[0])[field])


@pytest.mark.skipif(not README.exists(), reason="there is no README")
def test_its_python_runs(beside_the_samples: Path) -> None:
    scripts = blocks("python")
    assert scripts
    for script in scripts:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script],
            check=False,
            cwd=beside_the_samples,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0
