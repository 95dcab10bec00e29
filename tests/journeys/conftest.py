"""Journeys through the real program; each is travelled once and looked at by many tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.journey import CODE, NUMBER, Journey, only, unsure_copy
from support.program import SAMPLES


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """The main journey, with ``--json`` and without."""
    journey = Journey(tmp_path_factory.mktemp("english"), {"HASHREG_REGISTRY": "registry.db"})
    for part in (_begin, _register, _find, _decide, _add, _withdraw):
        part(journey)
    return journey


def _begin(journey: Journey) -> None:
    go = journey.go
    go("init", "init")
    go("init again", "init")
    go("platform add", "platform", "add", "examplegram", "--json")
    go("moderator add", "moderator", "add", "kim", "--json")
    go("platform list", "platform", "list", "--json")
    go("moderator list", "moderator", "list")
    names = ("astronaut-messenger.jpg", "cat-border.jpg", "cat-tilted.jpg")
    early = [SAMPLES / "edited" / name for name in names]
    hashed = go("hash query", "hash", "--views", "query", "--json", *early)
    go("hash", "hash", early[0])
    reporting = ("report", "--platform", "examplegram")
    go("report before", *reporting, "--json", "-", given=hashed.stdout)


def _register(journey: Journey) -> None:
    go = journey.go
    originals = SAMPLES / "originals"
    made = go("register", "register", originals, "-o", "CASE.hashreg", "--json").lines[0]
    journey.case, journey.code = made["case"], made["recovery_code"]
    go("register human", "register", originals / "cat.png", "-o", "SECOND.hashreg")
    go("intake", "intake", "CASE.hashreg", "--json")
    go("intake again", "intake", "CASE.hashreg")


def _find(journey: Journey) -> None:
    go = journey.go
    pictures = f"'{SAMPLES}'/edited/canyon-mirror.jpg '{SAMPLES}'/unrelated"
    journey.type(
        "pipe",
        f"hashreg hash --views query --json {pictures} | hashreg report --platform examplegram -",
    )
    folders = [SAMPLES / name for name in ("edited", "unrelated", "odd")]
    go("check", "check", *folders, "--json")
    go("check clear", "check", folders[1], "--json")
    go("check odd", "check", folders[2], folders[1])
    small = SAMPLES / "edited" / "officer-small.jpg"
    go("check human", "check", small)
    unsure = unsure_copy(journey.folder)
    go("check review", "check", unsure, "--json")
    go("check review human", "check", unsure)
    go("queue before", "review", "list", "--json")
    go("check report", "check", "--report", "--platform", "examplegram", small, "--json")


def _decide(journey: Journey) -> None:
    go = journey.go
    tickets = [line["ticket"] for line in go("queue", "review", "list", "--json").lines]
    go("queue human", "review", "list")
    go("show", "review", "show", tickets[0], "--json")
    decide = ("review", "decide")
    go(
        "block",
        *decide,
        tickets[0],
        "blocked",
        "--reason",
        "non_consensual",
        "--as",
        "kim",
        "--json",
    )
    go("clear", *decide, tickets[1], "not_blocked", "--reason", "consensual", "--as", "kim")
    go("no reason", *decide, tickets[2], "blocked", "--as", "kim")
    go("queue after", "review", "list", "--json")
    go("queue all", "review", "list", "--all", "--json")
    go("status", "status", journey.case, "--json")
    go("status human", "status", journey.case.lower().replace("-", " "))


def _add(journey: Journey) -> None:
    go = journey.go
    tilted, alps = SAMPLES / "edited" / "cat-tilted.jpg", SAMPLES / "unrelated" / "alps.jpg"
    adding = ("register", "--add-to", journey.case)
    go("add", *adding, tilted, "-o", "ADD.hashreg", "--json", code=journey.code)
    go("add by stdin", *adding, alps, "-o", "MORE.hashreg", given=f"{journey.code}\n".encode())
    go("intake additions", "intake", "MORE.hashreg", "ADD.hashreg", "--json")
    go("check added", "check", tilted, alps, "--json")
    go("stats", "stats", "--json")
    go("stats human", "stats")


def _withdraw(journey: Journey) -> None:
    go = journey.go
    go("withdraw offline", "withdraw", journey.case, "-o", "W.hashreg", "--json", code=journey.code)
    go("status unchanged", "status", journey.case, "--json")
    go("intake withdrawal", "intake", "W.hashreg", "--json")
    go("check withdrawn", "check", SAMPLES / "edited", "--json")
    receipt = journey["register human"].text
    second, code = only(NUMBER, receipt), only(CODE, receipt)
    go("intake second", "intake", "SECOND.hashreg")
    go("check second", "check", SAMPLES / "originals" / "cat.png", "--json")
    go("withdraw here", "withdraw", second, given=code.encode())
    go("check second withdrawn", "check", SAMPLES / "originals" / "cat.png", "--json")
    go("purge", "purge", "--json")
    go("status erased", "status", journey.case, "--json")
    go("stats erased", "stats", "--json")


@pytest.fixture(scope="session")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """The same in Korean: as a Korean system asks for it, and with ``--lang ko``."""
    folder = tmp_path_factory.mktemp("korean")
    journey = Journey(folder, {"HASHREG_REGISTRY": "registry.db", "LANG": "ko_KR.UTF-8"})
    go = journey.go
    go("init", "init")
    go("platform add", "platform", "add", "바다", "--json")
    go("moderator add", "moderator", "add", "김 선생")
    early = SAMPLES / "edited" / "astronaut-messenger.jpg"
    journey.type(
        "pipe",
        f"hashreg hash --views query --json '{early}' | hashreg report --platform 바다 - --json",
    )
    receipt = go("register", "register", SAMPLES / "originals", "-o", "사건.hashreg").text
    journey.case, journey.code = only(NUMBER, receipt), only(CODE, receipt)
    go("intake", "intake", "사건.hashreg", "--lang", "ko")
    go("check", "check", early, SAMPLES / "edited" / "cat-rotated.jpg", SAMPLES / "odd")
    ticket = go("queue", "review", "list", "--json").lines[0]["ticket"]
    go("no reason", "review", "decide", ticket, "blocked", "--as", "김 선생")
    reason = ("--reason", "non_consensual", "--as", "김 선생")
    go("decide", "review", "decide", ticket, "blocked", *reason)
    go("status", "--lang", "ko", "status", journey.case)
    go("withdraw", "withdraw", journey.case, code=journey.code)
    go("check withdrawn", "check", early)
    go("purge", "purge")
    go("mistyped", "withdraw", journey.case, given=b"0000-0000-0000-0000-1\n")
    go("english", "purge", "--lang", "en")
    return journey


@pytest.fixture(scope="session")
def holding(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Harmless pictures are listed, what collides with them is held, and a person decides."""
    journey = Journey(tmp_path_factory.mktemp("holding"), {"HASHREG_REGISTRY": "registry.db"})
    for part in (_list_harmless, _collide, _look_at_held, _decide_held, _unlist):
        part(journey)
    return journey


def _list_harmless(journey: Journey) -> None:
    go, originals = journey.go, SAMPLES / "originals"
    go("init", "init")
    go("platform add", "platform", "add", "examplegram")
    go("moderator add", "moderator", "add", "kim")
    go("nothing listed", "benign", "list")
    shared = [originals / "astronaut.jpg", SAMPLES / "odd" / "broken.jpg", originals / "rocket.jpg"]
    go("list them", "benign", "add", *shared, "--note", "press photos", "--json")
    mountains = ("benign", "add", SAMPLES / "unrelated" / "alps.jpg", SAMPLES / "odd" / "blank.png")
    go("list more", *mountains, "--note", "mountains")
    go("benign", "benign", "list", "--json")
    go("benign human", "benign", "list")


def _collide(journey: Journey) -> None:
    go, originals, edited = journey.go, SAMPLES / "originals", SAMPLES / "edited"
    early = [edited / "astronaut-messenger.jpg", edited / "cat-rotated.jpg"]
    hashed = go("hash", "hash", "--views", "query", "--json", *early)
    go("report", "report", "--platform", "examplegram", "--json", "-", given=hashed.stdout)
    mixed = [edited / "astronaut-mirror.jpg", originals / "cat.png", originals / "officer.jpg"]
    made = go("register", "register", *mixed, "-o", "MIXED.hashreg", "--json").lines[0]
    journey.case, journey.code = made["case"], made["recovery_code"]
    go("register rocket", "register", originals / "rocket.jpg", "-o", "ROCKET.hashreg", "--json")
    go("intake", "intake", "MIXED.hashreg", "--json")
    go("intake rocket", "intake", "ROCKET.hashreg")


def _look_at_held(journey: Journey) -> None:
    go, edited = journey.go, SAMPLES / "edited"
    go("held", "held", "list", "--json")
    go("held human", "held", "list")
    go("held korean", "held", "list", "--lang", "ko")
    uploads = [edited / "astronaut-messenger.jpg", edited / "officer-small.jpg"]
    go("check held", "check", *uploads, "--json")
    go("status", "status", journey.case)
    go("status rocket", "status", journey.object("register rocket")["case"], "--json")
    go("stats", "stats", "--json")
    go("stats human", "stats")


def _decide_held(journey: Journey) -> None:
    go, edited = journey.go, SAMPLES / "edited"
    astronaut, rocket = (line["picture"] for line in journey["held"].lines)
    go("nobody", "held", "admit", astronaut, "--as", "nobody")
    go("admit", "held", "admit", astronaut, "--as", "kim", "--json")
    go("check admitted", "check", edited / "astronaut-mirror.jpg", "--json")
    go("queue", "review", "list", "--json")
    go("refuse", "held", "refuse", rocket, "--as", "kim")
    go("refuse again", "held", "refuse", rocket, "--as", "kim")
    go("mistyped", "held", "admit", "rocket", "--as", "kim")
    go("nothing held", "held", "list")
    go("held all", "held", "list", "--all", "--json")
    go("status refused", "status", journey.object("register rocket")["case"])


def _unlist(journey: Journey) -> None:
    go, cat = journey.go, SAMPLES / "originals" / "cat.png"
    go("list late", "benign", "add", cat)
    go("held late", "held", "list")
    names = [line["benign"] for line in journey["benign"].lines]
    go("remove", "benign", "remove", names[0], "--json")
    go("remove human", "benign", "remove", names[1])
    go("remove again", "benign", "remove", names[1])


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[], Journey]:
    """Make a folder with an empty registry and the platform examplegram."""

    def make() -> Journey:
        journey = Journey(tmp_path, {"HASHREG_REGISTRY": "registry.db"})
        journey.go("init", "init")
        journey.go("platform add", "platform", "add", "examplegram")
        return journey

    return make
