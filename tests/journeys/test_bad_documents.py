"""Submission files that are cut, edited, newer, false or sent twice: refused, or idempotent."""

import json
from pathlib import Path

import pytest

from hashreg.model.cases import new_recovery_code
from support.cases import Victim, picture, seeded
from support.journey import Journey
from support.sqlite import state_of


def put_bad_files(folder: Path, content: bytes, other: bytes) -> dict[str, str]:
    """Write bad variants of a good file; return what must be said of each."""
    document = json.loads(content)
    edited = json.loads(content)
    edited["items"][0]["hashes"][0]["quality"] = 51
    variants: dict[str, tuple[bytes, str]] = {
        "cut": (content[: len(content) // 2], "It may be cut off"),
        "edited": (json.dumps(edited).encode(), "The signature of this file does not fit"),
        "swapped": (
            json.dumps(document | {"signature": json.loads(other)["signature"]}).encode(),
            "The signature of this file does not fit",
        ),
        "newer": (json.dumps(document | {"version": 2}).encode(), "made by a newer hashreg"),
        "rider": (
            json.dumps(document | {"file": "me.jpg"}).encode(),
            "has a field that does not belong there",
        ),
        "twice a key": (
            content.replace(b'"kind"', b'"kind": "withdrawal", "kind"', 1),
            "It may be cut off or edited by hand",
        ),
        "mistyped": (
            json.dumps(document | {"case": "0000-0000-0001"}).encode(),
            "This is not a case number",
        ),
        "other format": (b'{"format": "zip"}', "This is not a submission file of hashreg"),
        "picture": (b"\xff\xd8\xff\xe0" + bytes(range(256)), "This is not valid JSON"),
        "deep": (b"[" * 200_000, "This is not valid JSON"),
        "empty": (b"", "This is not valid JSON"),
    }
    for name, (variant, _) in variants.items():
        (folder / name).write_bytes(variant)
    (folder / "folder").mkdir()
    words = {name: said for name, (_, said) in variants.items()}
    unreadable = "This file can't be read"
    return words | {"folder": unreadable, "missing": unreadable}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> tuple[Journey, dict[str, str]]:
    journey = Journey(tmp_path_factory.mktemp("documents"), {"HASHREG_REGISTRY": "registry.db"})
    folder, go, rng = journey.folder, journey.go, seeded(1)
    victim, other, third = Victim(), Victim(), Victim()
    good = victim.submission(picture(rng)).to_bytes()
    (folder / "good.hashreg").write_bytes(good)
    (folder / "other.hashreg").write_bytes(other.submission(picture(rng)).to_bytes())
    words = put_bad_files(folder, good, (folder / "other.hashreg").read_bytes())
    stranger = Victim(victim.number, new_recovery_code())
    (folder / "ahead.hashreg").write_bytes(stranger.withdrawal().to_bytes())
    (folder / "false.hashreg").write_bytes(
        (folder / "ahead.hashreg").read_bytes().replace(b'"withdrawal"', b'"addition"')
    )
    (folder / "W3.hashreg").write_bytes(third.withdrawal().to_bytes())
    (folder / "S3.hashreg").write_bytes(third.submission(picture(rng)).to_bytes())
    go("init", "init")
    before = state_of(folder / "registry.db")
    go("refused", "intake", *words)
    journey.case = "unchanged" if state_of(folder / "registry.db") == before else "changed"
    go("mixed", "intake", *words, "good.hashreg", "good.hashreg", "other.hashreg", "--json")
    go("stranger", "intake", "ahead.hashreg", "false.hashreg", "--json")
    go("after", "stats", "--json")
    go("first", "intake", "W3.hashreg")
    go("second", "intake", "S3.hashreg", "--json")
    return journey, words


def test_each_bad_file_is_named_with_the_reason(bad: tuple[Journey, dict[str, str]]) -> None:
    journey, words = bad
    assert journey["refused"].code == 2
    assert journey["refused"].stdout == b""
    said = dict(line.split(": ", 1) for line in journey["refused"].errors.splitlines())
    assert said.keys() == words.keys()
    unexpected = [name for name in words if words[name] not in said[name]]
    assert unexpected == []


def test_bad_files_leave_the_registry_as_it_was(bad: tuple[Journey, dict[str, str]]) -> None:
    assert bad[0].case == "unchanged"


def test_the_good_files_beside_them_are_taken_in_once(bad: tuple[Journey, dict[str, str]]) -> None:
    journey, words = bad
    done = journey["mixed"]
    assert done.code == 2
    assert done.stderr == b""
    lines = done.lines
    outcomes = [(line["file"], line["outcome"]) for line in lines if line["outcome"]]
    assert outcomes == [
        ("good.hashreg", "taken_in"),
        ("good.hashreg", "already"),
        ("other.hashreg", "taken_in"),
    ]
    refused = {line["file"]: line["error"]["code"] for line in lines if not line["outcome"]}
    assert refused.keys() == words.keys()
    assert {refused["edited"], refused["swapped"]} == {"refused"}
    assert {refused["cut"], refused["newer"], refused["missing"]} == {"invalid_document"}
    keys = {tuple(line) for line in lines}
    assert keys == {("file", "case", "kind", "outcome", "pictures", "matches", "held", "error")}


def test_a_strangers_withdrawal_is_refused(bad: tuple[Journey, dict[str, str]]) -> None:
    journey, _ = bad
    assert journey["stranger"].code == 2
    codes = {line["file"]: line["error"]["code"] for line in journey["stranger"].lines}
    assert codes == {"ahead.hashreg": "refused", "false.hashreg": "invalid_document"}
    assert journey.object("after")["cases"] == {"active": 2}


def test_a_withdrawal_that_comes_first_wins(bad: tuple[Journey, dict[str, str]]) -> None:
    journey, _ = bad
    assert journey["first"].code == 0
    assert "The withdrawal is kept and will win when it arrives" in journey["first"].text
    assert journey.object("second")["outcome"] == "withdrawn"
