"""Files that are no pictures and names that attack: each a clear line, and the rest goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.journey import Journey
from support.odd_files import EVIL_BYTES, EVIL_NAMES, ODD, put_evil_names, put_odd_files
from support.program import SAMPLES, Done


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Every command that reads pictures, over a folder of odd files."""
    journey = Journey(tmp_path_factory.mktemp("odd"), {"HASHREG_REGISTRY": "registry.db"})
    (journey.folder / "in").mkdir()
    put_odd_files(journey.folder / "in")
    go = journey.go
    go("init", "init")
    go("hash", "hash", "in", "--json")
    go("hash human", "hash", "in", "gone.jpg")
    go("register", "register", "in", "-o", "CASE.hashreg", "--json")
    go("intake", "intake", "CASE.hashreg")
    go("check", "check", "in", SAMPLES / "originals" / "cat.png", "--json")
    go("register nothing", "register", "in/empty.jpg", "in/blank.png", "-o", "N.hashreg", "--json")
    return journey


def test_each_file_gets_its_line_in_order(odd: Journey) -> None:
    assert odd["hash"].code == 2
    found = {line["file"]: line["error"] and line["error"]["code"] for line in odd["hash"].lines}
    assert list(found.items()) == [(f"in/{name}", code) for name, code in ODD.items()]
    for line in odd["hash"].lines:
        hopeless = line["error"] is not None and line["error"]["code"] != "too_plain"
        assert (line["hashes"] == []) == hopeless


def test_each_problem_is_said_in_words(odd: Journey) -> None:
    done = odd["hash human"]
    assert done.code == 2
    said = dict(line.split(": ", 1) for line in done.errors.splitlines())
    assert list(said) == [f"in/{name}" for name, code in ODD.items() if code] + ["gone.jpg"]
    for name, words in {
        "in/empty.jpg": "This file is empty.",
        "in/cut.jpg": "This picture is damaged or cut off",
        "in/enormous.png": "This picture has more than 50 million pixels",
        "in/pipe.jpg": "This is not an ordinary file",
        "in/text.jpg": "This is not a picture that hashreg can open.",
        "in/video.mp4": "This is a video.",
        "in/blank.png": "too dark, too blank or too plain",
        "gone.jpg": "There is no such file.",
    }.items():
        assert words in said[name]
    assert "in/folder.jpg/good.jpg  (quality 100)" in done.text


def test_the_good_pictures_are_registered_and_found(odd: Journey) -> None:
    assert odd["register"].code == 2
    items = {item["file"]: item for item in odd.object("register")["items"]}
    good = {name for name, item in items.items() if item["hashes"]}
    assert good == {"in/animated.gif", "in/folder.jpg/good.jpg"}
    assert all((item["error"] is None) == (name in good) for name, item in items.items())
    assert "Pictures: 2" in odd["intake"].text
    verdicts = {line["file"]: line["verdict"] for line in odd["check"].lines}
    for name, code in ODD.items():
        expected = {None: "match", "too_plain": "unchecked"}.get(code, "unreadable")
        assert verdicts[f"in/{name}"] == expected


def test_of_an_animation_the_first_frame_counts(odd: Journey) -> None:
    verdicts = {Path(line["file"]).name: line["verdict"] for line in odd["check"].lines}
    assert verdicts["animated.gif"] == "match"
    assert verdicts["cat.png"] == "clear"  # its second frame


def test_without_any_usable_picture_no_file_is_written(odd: Journey) -> None:
    done = odd["register nothing"]
    assert (done.code, done.stdout) == (2, b"")
    assert done.errors.count("\n") == 3
    assert "no file was written" in done.errors
    assert not (odd.folder / "N.hashreg").exists()


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Names that attack, in arguments, folders, content ids and files to be made."""
    journey = Journey(tmp_path_factory.mktemp("evil"), {"HASHREG_REGISTRY": "registry.db"})
    (journey.folder / "in").mkdir()
    put_evil_names(journey.folder / "in")
    go = journey.go
    go("init", "init")
    go("platform add", "platform", "add", "examplegram")
    hashed = go("hash", "hash", "in", "--json")
    go("hash human", "hash", "in")
    output = b"case\x1b[2J\xff\n.hashreg"
    go("register", "register", "in", "-o", output)
    go("register again", "register", "in", "-o", output)
    go("intake", "intake", output, b"gone\x1b[2J\xff\n")
    go("intake again", "intake", output, b"gone\x1b[2J\xff\n", "--json")
    go("check", "check", "in")
    reporting = ("report", "--platform", "examplegram", "--content-id", "name")
    go("report", *reporting, given=hashed.stdout)
    go("queue", "review", "list")
    go("queue json", "review", "list", "--json")
    go("unknown platform", "report", "--platform", b"x\x1b[2J\n\xff")
    go("unknown file", "report", "--platform", "examplegram", b"x\x1b[2J\n\xff")
    go("unknown argument", "init", b"x\x1b[2J\n\xff")
    go("unknown registry", "stats", "--registry", b"x\x1b[2J\n\xff")
    return journey


def test_nothing_of_a_name_reaches_the_terminal_raw(evil: Journey) -> None:
    for step, done in evil.items():
        for stream in (done.stdout, done.stderr):
            for raw in EVIL_BYTES:
                assert raw not in stream, step
            stream.decode()


def test_a_name_can_not_fake_a_line(evil: Journey) -> None:
    count = len(EVIL_NAMES)
    assert evil["check"].text.count("in/") == count
    assert all(line.startswith(("in/", "    match")) for line in evil["check"].text.splitlines())
    assert len(evil["check"].errors.splitlines()) == count
    assert all(line.startswith("in/bad ") for line in evil["check"].errors.splitlines())
    for step in ("register again", "unknown platform", "unknown registry"):
        assert len(evil[step].errors.splitlines()) == 1


def test_names_are_shown_so_that_people_recognise_them(evil: Journey) -> None:
    text = evil["hash human"].text
    assert "in/line\\x0abreak.jpg" in text
    assert "in/escape\\x1b[2J" in text
    assert "in/bidi\\u202egpj" in text
    assert "in/not utf-8 \\xff\\xfe\\xe9.jpg" in text
    assert "in/[link=x.org]x[-link] {place} %s.jpg" in text


def test_programs_get_names_as_they_are(evil: Journey) -> None:
    names = {line["file"] for line in evil["hash"].lines}
    assert len(names) == 2 * len(EVIL_NAMES)
    assert "in/line\nbreak.jpg" in names
    assert "in/not utf-8 \\xff\\xfe\\xe9.jpg" in names
    contents = {line["content_id"] for line in evil["queue json"].lines}
    assert contents == {name for name in names if not name.startswith("in/bad ")}


def test_a_file_of_a_strange_name_is_written_and_taken_in(evil: Journey) -> None:
    made: Callable[[str], Done] = evil.__getitem__
    assert f"Pictures: {len(EVIL_NAMES)}" in made("intake").text
    assert "and it was not touched" in made("register again").errors
    again, gone = sorted(made("intake again").lines, key=lambda line: line["error"] is not None)
    assert again["outcome"] == "already"
    assert gone["error"]["code"] == "invalid_document"
