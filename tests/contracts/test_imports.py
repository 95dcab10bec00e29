"""The import contracts and the type checker see every room, the command line too."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.stage import ROOT, stage

LAYERS = "The rooms stand in layers and data flows one way"
SERVER = "Server rooms can't open pictures"
DEVICE = "Device rooms know no server room and no database"
MODEL = "The model imports the standard library only"
SERVICE = "The service reaches the stores and the index through the workflow"
CONTRACTS = {LAYERS, SERVER, DEVICE, MODEL, SERVICE}

VIOLATIONS = [
    ("hashreg/model/hashes.py", "import numpy", {MODEL}),
    ("hashreg/model/cases.py", "import cryptography", {MODEL}),
    ("hashreg/model/cases.py", "import hashreg.cli.main", {LAYERS}),
    ("hashreg/takedown/intake.py", "import hashreg.hashing", {SERVER}),
    ("hashreg/takedown/review.py", "import hashreg.client.check", {LAYERS, SERVER}),
    ("hashreg/matching/index.py", "from PIL import Image", {SERVER}),
    ("hashreg/hashing/recipe.py", "import sqlite3", {DEVICE}),
    ("hashreg/client/documents.py", "import hashreg.registry.sqlite", {DEVICE}),
    ("hashreg/registry/sqlite.py", "import hashreg.takedown.store", {LAYERS}),
    ("hashreg/server/desk.py", "import hashreg.registry.sqlite", {SERVICE}),
    ("hashreg/server/lookups.py", "import hashreg.matching", {SERVICE}),
    ("hashreg/server/app.py", "import hashreg.client.documents", {SERVER}),
    ("hashreg/page/build.py", "import hashreg.hashing", {LAYERS, SERVER}),
    ("hashreg/page/settings.py", "import hashreg.takedown.store", {LAYERS}),
    ("hashreg/takedown/report.py", "import hashreg.server.desk", {LAYERS}),
    ("hashreg/registry/rows.py", "import hashreg.matching", {LAYERS}),
    ("hashreg/matching/table.py", "import hashreg.cli.words", {LAYERS}),
    (
        "hashreg/client/check.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hashreg.matching",
        {DEVICE},
    ),
]
"""A file, a line that doesn't belong there, and the contracts that must break."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source as it is installed."""
    folder = tmp_path_factory.mktemp("stage") / "house"
    stage(folder)
    return folder


@pytest.fixture
def plant(house: Path) -> Iterator[Path]:
    """The same, for a test that plants something; what it appends is taken out afterwards."""
    before = {path: path.read_bytes() for path in house.rglob("*.py")}
    yield house
    for path, content in before.items():
        path.write_bytes(content)


def run(tool: str, *arguments: str, cwd: Path) -> tuple[int, str]:
    """Run a checker of this environment in the staged house."""
    program = Path(sys.executable).parent / tool
    done = subprocess.run(
        [program, *arguments],
        check=False,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def outcome(house: Path) -> dict[str, str]:
    """Return KEPT or BROKEN of each contract."""
    config = str(ROOT / "pyproject.toml")
    _, said = run("lint-imports", "--config", config, "--no-cache", cwd=house)
    lines = [line.rpartition(" ") for line in said.splitlines()]
    return {name: word for name, _, word in lines if word in ("KEPT", "BROKEN")}


def test_every_contract_is_kept(house: Path) -> None:
    assert outcome(house) == dict.fromkeys(CONTRACTS, "KEPT")


def test_the_stage_holds_every_module_of_the_source(house: Path) -> None:
    staged = {str(path.relative_to(house)) for path in house.rglob("*.py")}
    source = {str(path.relative_to(ROOT)) for path in ROOT.glob("hashreg/**/*.py")}
    commands = {f"hashreg/{path.relative_to(ROOT)}" for path in ROOT.glob("cli/**/*.py")}
    assert staged == source | commands
    assert len(commands) > 5


@pytest.mark.parametrize(
    ("file", "line", "broken"), VIOLATIONS, ids=lambda it: it if isinstance(it, str) else ""
)
def test_a_planted_import_breaks_its_contract(
    plant: Path, file: str, line: str, broken: set[str]
) -> None:
    with (plant / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    found = outcome(plant)
    assert set(found) == CONTRACTS
    assert {name for name, word in found.items() if word == "BROKEN"} >= broken


@pytest.mark.slow
def test_the_type_checker_sees_the_command_line(plant: Path, tmp_path: Path) -> None:
    with (plant / "hashreg/cli/people.py").open("a", encoding="utf-8") as source:
        source.write('\n_planted: int = "text"\n')
    config = str(ROOT / "pyproject.toml")
    code, said = run(
        "mypy", "--config-file", config, "--cache-dir", str(tmp_path), "-p", "hashreg", cwd=plant
    )
    assert code == 1
    assert re.search(r"^hashreg/cli/people.py:\d+: error: .* \[assignment\]$", said, re.MULTILINE)
