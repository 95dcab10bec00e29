"""Tilted, cropped and pasted copies are found by shape, and explained in both languages."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.hashing.align import LumaAligner
from support.journey import Journey
from support.program import SAMPLES

COPIES = ("tilted.jpg", "cut.jpg", "pasted.jpg")
PIECE = 64
"""Characters of base64 that are looked for: 48 pixels in a row."""
PLAIN = 8
"""So few different pixels could stand anywhere."""


def make_copies(folder: Path) -> list[Path]:
    """Make a copy that is tilted by 12 degrees, one without its left fifth, and one in a photo."""
    with Image.open(SAMPLES / "originals" / "cat.png") as opened:
        cat = opened.convert("RGB")
    with Image.open(SAMPLES / "unrelated" / "alps.jpg") as opened:
        ground = opened.convert("RGB").resize((900, 700))
    ground.paste(cat.resize((500, 500 * cat.height // cat.width)), (330, 60))
    copies = (
        cat.rotate(12, Image.Resampling.BICUBIC, expand=True),
        cat.crop((cat.width // 5, 0, cat.width, cat.height)),
        ground,
    )
    for copy, name in zip(copies, COPIES, strict=True):
        copy.save(folder / name, quality=85)
    return [folder / name for name in COPIES]


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    journey = Journey(tmp_path_factory.mktemp("shaped"), {"HASHREG_REGISTRY": "registry.db"})
    go, cat = journey.go, SAMPLES / "originals" / "cat.png"
    copies = make_copies(journey.folder)
    go("init", "init")
    go("platform add", "platform", "add", "examplegram")
    go("register", "register", cat, "-o", "CASE.hashreg", "--json")
    go("register bare", "register", cat, "-o", "BARE.hashreg", "--no-tokens", "--json")
    go("hash", "hash", "--views", "query", "--json", copies[0])
    go("hash bare", "hash", "--views", "query", "--json", "--no-tokens", copies[0])
    go("hash registered", "hash", "--views", "register", "--json", "--no-tokens", cat)
    go("intake", "intake", "CASE.hashreg")
    go("check", "check", *copies)
    go("check korean", "check", *copies, "--lang", "ko")
    go("check json", "check", *copies, "--json")
    given = journey["hash"].stdout
    go("report", "report", "--platform", "examplegram", "-", "--json", given=given)
    go("queue", "review", "list")
    go("queue korean", "review", "list", "--lang", "ko")
    go("queue json", "review", "list", "--json")
    return journey


def match_of(journey: Journey, name: str) -> dict[str, Any]:
    """Return the only match of a copy."""
    lines = {Path(line["file"]).name: line for line in journey["check json"].lines}
    assert lines[name]["verdict"] == "match"
    (match,) = lines[name]["matches"]
    assert isinstance(match, dict)
    return match


def test_a_tilted_copy_is_found_and_said_to_be_tilted(shaped: Journey) -> None:
    match = match_of(shaped, "tilted.jpg")
    assert (match["algorithm"], match["query_view"]) == ("pdq", "aligned")
    assert match["distance"] <= 45
    shape = match["shape"]
    assert shape["points"] >= 8
    assert abs(shape["turned"] + 12) <= 2
    assert (shape["share"], shape["mirrored"]) == (1.0, False)


def test_a_copy_without_a_fifth_says_what_is_left(shaped: Journey) -> None:
    shape = match_of(shaped, "cut.jpg")["shape"]
    assert abs(shape["share"] - 0.8) <= 0.05
    assert abs(shape["turned"]) <= 2


def test_a_picture_in_a_picture_is_found_whole(shaped: Journey) -> None:
    match = match_of(shaped, "pasted.jpg")
    assert match["query_view"] == "aligned"
    assert match["shape"]["share"] == 1.0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("check", ("by shape: ", " points agree, turned -1", " % of the picture")),
        ("check korean", ("모양으로: 일치하는 점 ", "도 돌아감, 사진의 100%")),
        ("queue", ("found by shape alone; by shape: ", " points agree, turned -1")),
        ("queue korean", ("모양만으로 찾음; 모양으로: 일치하는 점 ",)),
    ],
)
def test_people_read_how_the_picture_lies_in_the_copy(
    shaped: Journey, step: str, words: tuple[str, ...]
) -> None:
    said = shaped[step].text
    assert [word for word in words if word not in said] == []
    assert said.count(words[0]) == (3 if step.startswith("check") else 1)
    assert shaped[step].errors == ""


def test_a_report_of_hashes_and_tokens_without_the_picture_waits_for_a_person(
    shaped: Journey,
) -> None:
    (line,) = shaped["report"].lines
    assert (line["tier"], len(line["tickets"])) == ("review", 1)
    (waiting,) = shaped["queue json"].lines
    assert (waiting["algorithm"], waiting["distance"]) == ("tokens", None)
    assert waiting["shape"]["points"] >= 8


def test_no_pixel_is_printed_or_kept(shaped: Journey) -> None:
    """The small picture that aligns an upload travels between our own processes and no further."""
    pieces = list[bytes]()
    for name in COPIES:
        aligner = fingerprint(shaped.folder / name, views="query").aligner
        assert isinstance(aligner, LumaAligner)
        data = str(aligner.as_json()["data"]).encode()
        pixels = aligner.luma.tobytes()
        for place in range(0, len(data) - PIECE, len(data) // 40 // 4 * 4):
            raw = pixels[place // 4 * 3 :][: PIECE * 3 // 4]
            if len(set(raw)) > PLAIN:
                pieces += [data[place : place + PIECE], raw]
    assert len(pieces) > 100
    said = [(step, done.stdout + done.stderr) for step, done in shaped.items()]
    files = [(it.name, it.read_bytes()) for it in shaped.folder.iterdir() if it.is_file()]
    found = [name for name, text in said + files if any(piece in text for piece in pieces)]
    assert found == []
    assert base64.b64decode(pieces[0]) == pieces[1]
    for step in ("hash", "check json", "report", "queue json"):
        assert b"luma" not in shaped[step].stdout


def test_without_tokens_there_are_none_in_what_is_printed_and_sent(shaped: Journey) -> None:
    for step in ("hash bare", "hash registered"):
        (line,) = shaped[step].lines
        assert line["tokens"] is None
        assert len(line["hashes"]) > 10
    for name, count in (("BARE.hashreg", 0), ("CASE.hashreg", 1)):
        document = json.loads((shaped.folder / name).read_bytes())
        assert sum(item["tokens"] is not None for item in document["items"]) == count


def test_only_capped_tokens_leave_the_device_in_a_case(shaped: Journey) -> None:
    (item,) = json.loads((shaped.folder / "CASE.hashreg").read_bytes())["items"]
    assert item["tokens"]["kind"] == "registered"
    assert len(item["tokens"]["data"]) <= 320
    (line,) = shaped["hash"].lines
    assert line["tokens"]["kind"] == "asked"


def test_the_registry_holds_no_asked_token(shaped: Journey) -> None:
    (line,) = shaped["hash"].lines
    data = base64.b64decode(line["tokens"]["data"])
    content = b"".join(it.read_bytes() for it in shaped.folder.glob("registry.db*"))
    records = [data[start : start + 12] for start in range(2, len(data), 12)]
    assert len(records) > 100
    assert sum(it in content or it[3:] in content for it in records) == 0
