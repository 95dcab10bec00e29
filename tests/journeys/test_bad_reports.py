"""Reports with rubbish in them: each bad line is named by its number, the good ones are taken."""

import json

import pytest

from hashreg.model.fingerprints import Fingerprint
from support.cases import Victim, copy_of, picture, seeded
from support.journey import Journey
from support.secrecy import leaks


def jsonl(kept: Fingerprint) -> list[tuple[bytes, str | None]]:
    """Return lines, and what must be said of each (None: it is taken)."""
    rng = seeded(2)
    match = [item.as_json() for item in copy_of(kept, rng, 9).hashes]
    other = [item.as_json() for item in picture(rng).hashes]
    pdq = dict(match[0])
    return [
        (json.dumps({"content_id": "match", "hashes": match}).encode(), None),
        (b"rubbish", "not valid JSON"),
        (b'{"content_id": "cut", "hashes": [{"algo', "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"", None),
        (b"[1, 2]", "must be an object"),
        (json.dumps({"hashes": other}).encode(), "A content id must be text"),
        (json.dumps({"content_id": "n" * 513, "hashes": other}).encode(), "1 to 512 characters"),
        (json.dumps({"content_id": "short", "hashes": [pdq | {"hash": "ab"}]}).encode(), "64 hex"),
        (
            json.dumps({"content_id": "big", "hashes": [pdq | {"hash": "AB" * 32}]}).encode(),
            "lower-case letters",
        ),
        (
            json.dumps({"content_id": "what", "hashes": [pdq | {"algorithm": "x"}]}).encode(),
            "must be one of pdq, phash",
        ),
        (
            json.dumps({"content_id": "q", "hashes": [pdq | {"quality": 101}]}).encode(),
            "a whole number from 0 to 100",
        ),
        (json.dumps({"content_id": "twice", "hashes": [pdq, pdq]}).encode(), "two hashes"),
        (json.dumps({"content_id": "x", "pad": "x" * 300_000}).encode(), "too long"),
        (
            json.dumps(
                {"file": "a.jpg", "error": {"code": "damaged", "message": "cut\x1b[2J off"}}
            ).encode(),
            "This file was not hashed: cut\\x1b[2J off",
        ),
        (json.dumps({"content_id": "none", "hashes": other}).encode(), None),
    ]


def csv(kept: Fingerprint) -> list[tuple[bytes, str | None]]:
    rng = seeded(3)
    match, other = (it.hashes[0].hash.encode() for it in (copy_of(kept, rng, 9), picture(rng)))
    return [
        (b"content_id,algorithm,view,hash,quality", None),
        (b"match,pdq,whole," + match + b",97", None),
        (b"rubbish", "This line has 1 columns"),
        (b'"open,pdq,whole,' + other + b",97", "not valid CSV"),
        (b"\xff,pdq,whole," + other + b",97", "not valid CSV in UTF-8"),
        (b"cut,pdq,whole," + other[:50] + b",97", "64 hex digits; this one has 50"),
        (b",pdq,whole," + other + b",97", "A content id must be text"),
        (b"q,pdq,whole," + other + b",-1", "a whole number from 0 to 100"),
        (b"v,pdq,W H O L E," + other + b",97", "A view must be a short name"),
        (b"none,pdq,whole," + other + b",", None),
    ]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    journey = Journey(tmp_path_factory.mktemp("reports"), {"HASHREG_REGISTRY": "registry.db"})
    kept = picture(seeded(1))
    (journey.folder / "CASE.hashreg").write_bytes(Victim().submission(kept).to_bytes())
    go = journey.go
    go("init", "init")
    go("platform add", "platform", "add", "examplegram")
    go("intake", "intake", "CASE.hashreg")
    for name, lines in (("jsonl", jsonl(kept)), ("csv", csv(kept))):
        file = journey.folder / name
        file.write_bytes(b"\n".join(line for line, _ in lines) + b"\n")
        go(name, "report", "--platform", "examplegram", file)
        go(
            f"{name} json",
            "report",
            "--platform",
            "examplegram",
            "-",
            "--json",
            given=file.read_bytes(),
        )
    go("no header", "report", "--platform", "examplegram", given=b"rubbish\nmore\n")
    good = jsonl(kept)[0][0]
    go("rubbish first", "report", "--platform", "examplegram", given=b"rubbish\n" + good + b"\n")
    go("empty", "report", "--platform", "examplegram", given=b"\n\n")
    go("stats", "stats", "--json")
    return journey


@pytest.mark.parametrize("shape", ["jsonl", "csv"])
def test_each_bad_line_is_named_by_its_number(reports: Journey, shape: str) -> None:
    lines = {"jsonl": jsonl, "csv": csv}[shape](picture(seeded(1)))
    expected = {number: said for number, (_, said) in enumerate(lines, 1) if said}
    told = dict(line.split(": ", 1) for line in reports[shape].errors.splitlines())
    assert list(told) == [f"line {number}" for number in expected]
    unexpected = [n for n, said in expected.items() if said not in told[f"line {n}"]]
    assert unexpected == []


@pytest.mark.parametrize("shape", ["jsonl", "csv"])
def test_the_good_lines_are_taken(reports: Journey, shape: str) -> None:
    done = reports[shape]
    assert done.code == 1
    match, none = done.text.splitlines()
    assert match.startswith("match: match  ")
    assert none == "none: none"
    assert reports.object("stats")["reports_kept"] == 2


@pytest.mark.parametrize("shape", ["jsonl", "csv"])
def test_in_json_bad_lines_stand_in_their_place(reports: Journey, shape: str) -> None:
    lines = {"jsonl": jsonl, "csv": csv}[shape](picture(seeded(1)))
    done = reports[f"{shape} json"]
    assert done.stderr == b""
    told = done.lines
    assert {tuple(line) for line in told} == {("content_id", "tier", "tickets", "align", "error")}
    assert (told[0]["content_id"], told[0]["tier"]) == ("match", "match")
    assert (told[-1]["content_id"], told[-1]["error"]) == ("none", None)
    numbers = [line["error"]["line"] for line in told if line["error"]]
    assert numbers == [number for number, (_, said) in enumerate(lines, 1) if said]
    for line in told[1:-1]:
        assert list(line["error"]) == ["code", "message", "field", "line"]
        assert line["error"]["code"].startswith(("invalid_", "not_hashed"))
        assert (line["tier"], line["tickets"], line["align"]) == (None, [], [])


def test_no_hash_that_was_sent_comes_back(reports: Journey) -> None:
    kept = picture(seeded(1))
    sent = [seeded(2), seeded(3)]
    digests = [item.digest for rng in sent for item in copy_of(kept, rng, 9).hashes]
    digests += [item.digest for rng in sent for item in picture(rng).hashes]
    said = b"".join(done.stdout + done.stderr for _, done in reports.items())
    assert leaks(digests, said) == 0


def test_a_report_that_is_none_is_said_and_an_empty_one_is_no_trouble(reports: Journey) -> None:
    assert reports["no header"].code == 2
    assert "line 1: The first line must name the columns" in reports["no header"].errors
    assert reports["rubbish first"].errors.startswith("line 1: ")
    assert reports["rubbish first"].text.startswith("match: match  ")
    assert (reports["empty"].code, reports["empty"].stdout) == (0, b"")
