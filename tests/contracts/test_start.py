"""``hashreg hash`` loads what hashing needs and nothing else, in either of its processes."""

import os
import re
import subprocess
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from support.program import SAMPLES

PHOTO = SAMPLES / "originals" / "astronaut.jpg"
NEVER = ("sqlite3", "sqlite_utils", "numba", "hashreg.registry", "hashreg.takedown")
NEVER_EITHER = ("hashreg.matching", "hashreg.server", "cryptography", "httpx")
PICTURES = ("PIL", "numpy", "imagehash", "scipy")

PARENT = """
import sys
from hashreg.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print("ended", end.code, file=sys.stderr)
print("\\n".join(sys.modules), file=sys.stderr)
"""


def run(*arguments: str, given: bytes = b"", cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run Python in a folder of its own, with nothing of the tests on its path."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        check=True,
        cwd=cwd,
        input=given,
        env=clean | {"LANGUAGE": "en"},
        capture_output=True,
    )


def parent_modules(*command: str, cwd: Path) -> AbstractSet[str]:
    """Return what the process loads that a person starts with a photo."""
    done = run("-c", PARENT, *command, str(PHOTO), cwd=cwd)
    ended, *modules = done.stderr.decode().splitlines()
    assert ended == "ended 0"
    return set(modules)


def worker_modules(views: str, cwd: Path) -> AbstractSet[str]:
    """Return what the process loads that opens pictures, while it hashes one."""
    request = b"token " + os.fsencode(PHOTO).hex().encode() + b"\n"
    done = run("-X", "importtime", "-m", "hashreg.hashing.worker", views, given=request, cwd=cwd)
    assert done.stdout.startswith(b'{"token": "token", "fingerprint"')
    lines = re.findall(r"^import time:\s+\d+ \|\s+\d+ \| +(\S+)", done.stderr.decode(), re.M)
    assert "hashreg.hashing.recipe" in lines
    return set(lines)


def loaded(modules: AbstractSet[str], names: tuple[str, ...]) -> set[str]:
    """Return the modules that are one of ``names`` or lie in it."""
    return {it for it in modules if any(it == name or it.startswith(f"{name}.") for name in names)}


def test_the_process_that_a_person_starts_opens_no_picture_and_no_database(tmp_path: Path) -> None:
    modules = parent_modules("hash", cwd=tmp_path)
    assert "hashreg.hashing.workers" in modules
    assert loaded(modules, NEVER + NEVER_EITHER + PICTURES) == set()


def test_a_command_that_looks_one_picture_up_never_loads_numba(tmp_path: Path) -> None:
    registry = tmp_path / "registry.db"
    run("-m", "hashreg.cli", "init", "--registry", str(registry), cwd=tmp_path)
    check = ("check", "--registry", str(registry))
    modules = parent_modules(*check, cwd=tmp_path)
    assert "hashreg.matching.engines" in modules
    assert loaded(modules, ("numba", "llvmlite")) == set()


@pytest.mark.parametrize("views", ["whole", "query", "register"])
def test_the_process_that_opens_pictures_knows_no_database_and_no_registry(
    views: str, tmp_path: Path
) -> None:
    modules = worker_modules(views, tmp_path)
    assert loaded(modules, ("PIL", "numpy"))
    assert loaded(modules, NEVER + NEVER_EITHER) == set()


def test_registering_loads_no_database_either(tmp_path: Path) -> None:
    modules = parent_modules("register", cwd=tmp_path)
    assert loaded(modules, (*NEVER, "hashreg.matching", "httpx", *PICTURES)) == set()
    assert loaded(modules, ("hashreg.client",))


def test_help_loads_no_command(tmp_path: Path) -> None:
    done = run("-c", PARENT.replace("sys.argv[1:]", "['--help']"), cwd=tmp_path)
    modules = set(done.stderr.decode().splitlines())
    rooms = ("hashreg.hashing", "hashreg.client", "hashreg.cli.victim", "hashreg.cli.operator")
    assert b"register" in done.stdout
    assert loaded(modules, (*NEVER, *NEVER_EITHER, *PICTURES, *rooms)) == set()
