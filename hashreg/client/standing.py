"""Where a case stands, as a server tells it, read strictly."""

from typing import TypedDict, cast

from hashreg.client.strictly import (
    MOST,
    check_case,
    check_length,
    check_moment,
    check_word,
    not_ours,
    strictly,
)
from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.strictjson import Fields

MOST_NAME = 64


class StatusJson(TypedDict):
    """What `hashreg status --json` prints."""

    case: str
    state: str
    pictures: int
    held: int
    refused: int
    matches: dict[str, int]
    received_at: str
    platforms: list["AtPlatformJson"]
    withdrawal: "ToldJson | None"


class AtPlatformJson(TypedDict):
    """The copies of a case that one platform had."""

    platform: str
    copies: list["CopyJson"]


class CopyJson(TypedDict):
    """One copy that was found; its last step is how it stands, or ``standing`` says more."""

    standing: str
    reason: str | None
    due_at: str | None
    steps: list["StepJson"]


class StepJson(TypedDict):
    """What has happened to a copy, and when."""

    step: str
    at: str


class ToldJson(TypedDict):
    """How many platforms have acknowledged a withdrawal, of how many that knew of the case."""

    acknowledged: int
    platforms: int


def case_status(answer: object, case: CaseNumber) -> StatusJson:
    """Read where a case stands; raises BadAnswer."""
    with strictly():
        if isinstance(answer, dict):  # an older registry doesn't tell of them
            answer = {"platforms": [], "withdrawal": None} | answer
        fields = Fields(answer, "")
        check_case(fields, case)
        fields.one_of("state", CaseState)
        for name in ("pictures", "held", "refused"):
            fields.whole_number(name, 0, MOST)
        matches = Fields(fields.raw("matches"), "matches")
        for name in cast("dict[str, object]", fields.raw("matches")):
            check_word(name, "matches")
            matches.whole_number(name, 0, MOST)
        check_moment(fields, "received_at")
        for number, it in enumerate(fields.items("platforms", MOST)):
            _check_platform(Fields(it, f"platforms[{number}]"))
        if fields.has("withdrawal"):
            told = Fields(fields.raw("withdrawal"), "withdrawal")
            for name in ("acknowledged", "platforms"):
                told.whole_number(name, 0, MOST)
    return cast("StatusJson", answer)


def _check_platform(fields: Fields) -> None:
    check_length(fields, "platform", MOST_NAME)
    for number, it in enumerate(fields.items("copies", MOST)):
        copy = Fields(it, fields.place(f"copies[{number}]"))
        check_word(copy.text("standing"), copy.place("standing"))
        if copy.has("reason"):
            check_word(copy.text("reason"), copy.place("reason"))
        if copy.has("due_at"):
            check_moment(copy, "due_at")
        steps = copy.items("steps", MOST)
        if not steps:
            raise not_ours(copy.place("steps"))
        for step_number, step in enumerate(steps):
            happened = Fields(step, copy.place(f"steps[{step_number}]"))
            check_word(happened.text("step"), happened.place("step"))
            check_moment(happened, "at")
