"""Harmless pictures and held ones, with the real program on real photos."""

import re
from pathlib import Path

from hashreg.hashing import fingerprint
from support import secrecy
from support.journey import Journey
from support.program import SAMPLES

HANGUL = re.compile("[가-힣]")


def test_harmless_pictures_are_listed_and_a_bad_file_is_named(holding: Journey) -> None:
    done = holding["list them"]
    assert done.code == 2
    listed = [(Path(line["file"]).name, line["benign"] is not None) for line in done.lines]
    assert listed == [("astronaut.jpg", True), ("broken.jpg", False), ("rocket.jpg", True)]
    assert [line["error"] and line["error"]["code"] for line in done.lines] == [
        None,
        "damaged",
        None,
    ]
    human = holding["list more"]
    assert human.code == 2
    assert "alps.jpg: added as " in human.text
    assert "blank.png: " in human.errors


def test_the_list_says_what_they_are(holding: Journey) -> None:
    assert holding["nothing listed"].code == 0
    notes = [line["note"] for line in holding["benign"].lines]
    assert notes == ["press photos", "press photos", "mountains"]
    assert holding["benign human"].text.splitlines()[2].endswith("  mountains")


def test_a_colliding_picture_is_held_and_the_others_are_matched(holding: Journey) -> None:
    """The registered picture is a mirrored copy of the harmless one."""
    taken = holding.object("intake")
    assert taken["outcome"] == "taken_in"
    assert (taken["pictures"], taken["held"], taken["matches"]) == (3, 1, 1)
    assert "held until a person has looked" in holding["intake rocket"].text
    assert holding["intake rocket"].code == 0
    verdicts = {Path(it["file"]).name: it["verdict"] for it in holding["check held"].lines}
    assert verdicts == {"astronaut-messenger.jpg": "clear", "officer-small.jpg": "match"}


def test_a_moderator_sees_what_is_held_and_why(holding: Journey) -> None:
    cases = [holding.case, holding.object("register rocket")["case"]]
    assert [line["case"] for line in holding["held"].lines] == cases
    assert {line["reason"] for line in holding["held"].lines} == {"known_benign"}
    assert {line["detail"] for line in holding["held"].lines} == {"press photos"}
    text = holding["held human"].text
    assert all(case in text for case in cases)
    assert text.count("like a widely shared harmless picture: press photos") == 2
    assert HANGUL.search(holding["held korean"].text)
    assert "harmless" not in holding["held korean"].text


def test_status_and_statistics_count_what_is_held(holding: Journey) -> None:
    assert "Pictures registered: 3" in holding["status"].text
    assert "Held until a person has looked: 1" in holding["status"].text
    rocket = holding.object("status rocket")
    assert (rocket["state"], rocket["pictures"], rocket["held"]) == ("held", 1, 1)
    counts = holding.object("stats")
    assert (counts["cases"], counts["pictures_held"]) == ({"active": 1, "held": 1}, 2)
    assert "pictures held: 2" in holding["stats human"].text


def test_an_admitted_picture_finds_what_was_reported_before(holding: Journey) -> None:
    admitted = holding.object("admit")
    assert (admitted["state"], admitted["hits"]) == ("active", 1)
    assert len(holding["queue"].lines) == 2
    assert holding.object("check admitted")["verdict"] == "match"
    assert holding["check admitted"].code == 1


def test_a_refused_case_says_so(holding: Journey) -> None:
    assert holding["refuse"].code == 0
    assert holding["refuse"].text.splitlines()[0].endswith("  refused")
    assert "refused" in holding["status refused"].text.splitlines()[0]
    assert "Refused by a person: 1" in holding["status refused"].text
    assert holding["nothing held"].text == "Nothing is held.\n"
    assert [line["state"] for line in holding["held all"].lines] == ["active", "refused"]


def test_who_and_what_is_unknown_is_said(holding: Journey) -> None:
    for step, words in {
        "nobody": "No moderator is named nobody.",
        "refuse again": "decided before: it is refused",
        "mistyped": "32 hex digits",
        "remove again": "No harmless picture has this name",
    }.items():
        assert holding[step].code == 2
        assert words in holding[step].errors
        assert holding[step].stdout == b""


def test_a_picture_listed_late_holds_what_is_registered(holding: Journey) -> None:
    assert holding["list late"].code == 0
    assert "Registered pictures that are held now: 1" in holding["list late"].text
    assert holding.case in holding["held late"].text
    assert holding.object("remove")["removed"] is True
    assert "was taken off the list." in holding["remove human"].text


def test_nothing_printed_holds_a_hash_or_a_secret(holding: Journey) -> None:
    shown = {"hash", "report"}  # a platform's own hashes, and ids made of them
    said = {step: done for step, done in holding.items() if step not in shown}
    names = ["originals/astronaut.jpg", "originals/rocket.jpg", "edited/astronaut-mirror.jpg"]
    names += ["originals/cat.png", "originals/officer.jpg", "unrelated/alps.jpg"]
    digests = {it.digest for name in names for it in fingerprint(SAMPLES / name).hashes}
    assert len(digests) > 20
    everything = b"\n".join(done.stdout + done.stderr for done in said.values())
    assert secrecy.leaks(digests, everything) == 0
    secrets = [holding.object(step)["recovery_code"] for step in ("register", "register rocket")]
    told = {step for step, it in said.items() for code in secrets if code in it.text + it.errors}
    assert told == {"register", "register rocket"}
