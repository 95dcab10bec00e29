"""A victim lets a helper act for their case and ends it, with the real program."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.model.cases import parse_case_number
from hashreg.model.errors import NotFound
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.delegation import helper_status
from support.journey import Journey
from support.program import SAMPLES

CENTRE = "도움 센터"


class Delegating(Journey):
    """A journey that looks whether the helper could act after a step."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"HASHREG_REGISTRY": "registry.db"})
        self.may_act: dict[str, bool] = {}

    def look(self, step: str) -> None:
        with closing(SqliteStore.open(self.folder / "registry.db")) as store:
            try:
                helper_status(store, CENTRE, parse_case_number(self.case))
            except NotFound:
                self.may_act[step] = False
            else:
                self.may_act[step] = True


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Delegating:
    """Delegations and revocations, as files and at once, rightly and wrongly made."""
    journey = Delegating(tmp_path_factory.mktemp("delegating"))
    go = journey.go
    go("init", "init")
    go("helper add", "helper", "add", CENTRE, "--json")
    picture = SAMPLES / "originals" / "cat.png"
    made = go("register", "register", picture, "-o", "CASE.hashreg", "--json").lines[0]
    journey.case, journey.code = made["case"], made["recovery_code"]
    for part in (_sign, _mistype, _take_in, _at_once):
        part(journey)
    return journey


def _sign(journey: Delegating) -> None:
    go, case = journey.go, journey.case
    give, end = ("delegate", case, f" {CENTRE} "), ("undelegate", case, CENTRE)
    go("sign", *give, "-o", "D.hashreg", "--json", code=journey.code)
    go("sign end", *end, "-o", "R.hashreg", "--json", code=journey.code)
    go("sign human", *give, "-o", "E.hashreg", given=f"{journey.code}\n".encode())
    go("sign end human", *end, "-o", "Q.hashreg", code=journey.code)
    go("sign again", *give, "-o", "D.hashreg", code=journey.code)


def _mistype(journey: Delegating) -> None:
    go, case, wrong = journey.go, journey.case, "0000-0000-0000-0000-0"
    go("wrong code", "delegate", case, CENTRE, "-o", "X.hashreg", given=b"0000-0000-0000-0000-1\n")
    go("wrong name", "delegate", case, "a/b", "-o", "X.hashreg", code=journey.code)
    go("wrong case", "undelegate", "0000", CENTRE, "-o", "X.hashreg", code=journey.code)
    go("too early", "intake", "D.hashreg")
    go("intake case", "intake", "CASE.hashreg")
    go("unknown helper", "delegate", case, "nobody", code=journey.code)
    go("another code", "delegate", case, CENTRE, code=wrong)


def _take_in(journey: Delegating) -> None:
    journey.go("intake", "intake", "D.hashreg", "--json")
    journey.look("delegated")
    journey.go("intake human", "intake", "D.hashreg")
    journey.go("intake end", "intake", "R.hashreg", "--json")
    journey.look("revoked")
    journey.go("intake replay", "intake", "D.hashreg", "--json")
    journey.look("replayed")


def _at_once(journey: Delegating) -> None:
    go, case = journey.go, journey.case
    go("here", "delegate", case, CENTRE, code=journey.code)
    journey.look("delegated here")
    go("end here", "undelegate", case, CENTRE, "--json", code=journey.code)
    journey.look("revoked here")
    go("both", "intake", "Q.hashreg", "E.hashreg", "--json")
    journey.look("both in one go")
    go("here again", "delegate", case, CENTRE, code=journey.code)
    go("withdraw", "withdraw", case, code=journey.code)
    journey.look("withdrawn")
    go("late", "delegate", case, CENTRE, "--json", code=journey.code)


def test_a_helper_may_act_exactly_while_the_victim_wants_it(journey: Delegating) -> None:
    assert journey.may_act == {
        "delegated": True,
        "revoked": False,
        "replayed": False,
        "delegated here": True,
        "revoked here": False,
        "both in one go": False,
        "withdrawn": False,
    }


def test_a_file_is_written_for_its_owner_and_says_what_it_is(journey: Delegating) -> None:
    assert journey.object("sign") == {
        "case": journey.case,
        "helper": CENTRE,
        "delegation": "D.hashreg",
    }
    assert journey.object("sign end") == {
        "case": journey.case,
        "helper": CENTRE,
        "revocation": "R.hashreg",
    }
    data = json.loads((journey.folder / "D.hashreg").read_bytes())
    assert (data["kind"], data["helper"], data["items"]) == ("delegation", CENTRE, [])
    assert journey.code.encode() not in (journey.folder / "D.hashreg").read_bytes()
    for name in ("D", "R", "E", "Q"):
        assert (journey.folder / f"{name}.hashreg").stat().st_mode & 0o77 == 0


def test_it_is_said_what_a_file_does(journey: Delegating) -> None:
    for step, words in (("sign human", "E.hashreg lets"), ("sign end human", "Q.hashreg ends")):
        done = journey[step]
        assert (done.code, done.errors) == (0, "")
        assert words in done.text
        assert CENTRE in done.text
        assert journey.case in done.text


def test_what_became_of_files_is_said(journey: Delegating) -> None:
    outcomes = {
        "intake": ("delegation", "delegated"),
        "intake end": ("revocation", "revoked"),
        "intake replay": ("delegation", "already"),
        "end here": ("revocation", "revoked"),
        "late": ("delegation", "withdrawn"),
    }
    for step, said in outcomes.items():
        line = journey.object(step)
        assert (line["kind"], line["outcome"], line["pictures"]) == (*said, 0)
        assert journey[step].code == 0
    assert "taken in before" in journey["intake human"].text
    assert "may act for it from now on" in journey["here"].text


def test_files_that_come_together_are_taken_in_in_a_fit_order(journey: Delegating) -> None:
    """A revocation that was named first still ends what came with it."""
    lines = journey["both"].lines
    assert [(line["kind"], line["outcome"]) for line in lines] == [
        ("delegation", "delegated"),
        ("revocation", "revoked"),
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("sign again", "already, and it was not touched"),
        ("wrong code", "recovery code has a typing mistake"),
        ("wrong name", "A name has 1 to 64"),
        ("wrong case", "not a case number"),
        ("too early", "Take its submission in first"),
        ("unknown helper", "No helper is named nobody"),
        ("another code", "signed with another key"),
    ],
)
def test_a_mistake_is_said_and_writes_nothing(journey: Delegating, step: str, words: str) -> None:
    done = journey[step]
    assert done.code == 2
    assert words in done.errors
    assert done.stdout == b""
    assert not (journey.folder / "X.hashreg").exists()
