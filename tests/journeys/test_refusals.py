"""Wrong places, wrong codes and files that are there already: said clearly, nothing overwritten."""

from pathlib import Path

import pytest

from support.journey import Journey
from support.program import SAMPLES

MISTYPED = "ABCD-EFGH-JKMN-PQRS-9"


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    journey = Journey(tmp_path_factory.mktemp("refusals"), {"PYTHONIOENCODING": "utf-8:strict"})
    go, cat = journey.go, SAMPLES / "originals" / "cat.png"
    for name in ("taken.hashreg", "notes.txt"):
        (journey.folder / name).write_text("mine\n")
    (journey.folder / "dangling.hashreg").symlink_to("nowhere")
    case = "0000-0000-0000"
    go("no registry", "status", case)
    go("no registry named", "check", cat, "--registry", "nowhere.db", "--json")
    go("not a registry", "stats", "--registry", "notes.txt")
    go("not a registry to make", "init", "--registry", "notes.txt")
    go("output taken", "register", cat, "-o", "taken.hashreg")
    go("output dangling", "register", cat, "-o", "dangling.hashreg")
    go("output nowhere", "register", cat, "-o", "nowhere/CASE.hashreg")
    go("withdrawal taken", "withdraw", case, "-o", "taken.hashreg", given=b"x")
    go("code mistyped", "withdraw", case, "-o", "W.hashreg", given=MISTYPED.encode() + b"\n")
    go("code mistyped in variable", "register", cat, "--add-to", case, code=MISTYPED)
    go("code garbled", "withdraw", case, "-o", "W.hashreg", given=b"\xff\xfe\xff")
    go("code missing", "withdraw", case, "-o", "W.hashreg")
    go("init", "init", "--registry", "r.db")
    go("number mistyped", "status", "1234-5678-9ABC", "--registry", "r.db")
    go("ticket mistyped", "review", "show", "abc", "--registry", "r.db")
    go("name too long", "stats", "--registry", "x" * 300)
    go("report without platform", "check", cat, "--report")
    go("no command", "frobnicate", "--json")
    return journey


@pytest.mark.parametrize(
    ("step", "words"),
    {
        "no registry": "There is no registry at",
        "no registry named": "There is no registry at nowhere.db. Make one with: hashreg init",
        "not a registry": "The file at notes.txt is not a registry, or it is damaged.",
        "not a registry to make": "There is a file at notes.txt already, and it was not touched",
        "output taken": "There is a file named taken.hashreg already, and it was not touched",
        "output dangling": "There is a file named dangling.hashreg already",
        "output nowhere": "No file can be written in the folder",
        "withdrawal taken": "There is a file named taken.hashreg already",
        "code mistyped": "This recovery code has a typing mistake.",
        "code mistyped in variable": "This recovery code has a typing mistake.",
        "code garbled": "This recovery code has a typing mistake.",
        "code missing": "This recovery code has a typing mistake.",
        "number mistyped": "This is not a case number.",
        "ticket mistyped": "A ticket has 32 hex digits",
        "name too long": "There is no registry at",
        "report without platform": "--report and --platform NAME go together.",
        "no command": "No such command 'frobnicate'.",
    }.items(),
)
def test_what_is_wrong_is_said_on_standard_error_alone(
    refusals: Journey, step: str, words: str
) -> None:
    done = refusals[step]
    assert done.code == 2
    assert words in done.errors
    assert done.stdout == b""
    assert "Traceback" not in done.errors


def test_a_mistyped_code_is_not_echoed(refusals: Journey) -> None:
    for step, done in refusals.items():
        for part in MISTYPED.split("-")[:4]:
            assert part not in done.errors, step


REGISTRY = ("r.db", "r.db-key", "r.db-keys")


def test_nothing_was_overwritten_or_made(refusals: Journey) -> None:
    files = {path.name for path in refusals.folder.iterdir()}
    assert files == {"taken.hashreg", "notes.txt", "dangling.hashreg", *REGISTRY}
    for name in ("taken.hashreg", "notes.txt"):
        assert Path(refusals.folder / name).read_text() == "mine\n"
