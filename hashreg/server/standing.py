"""The bodies that tell where cases stand, for the OpenAPI document."""

from msgspec import Struct

from hashreg.model.cases import CaseState
from hashreg.model.verdicts import Reason
from hashreg.server.parts import Moment, Number
from hashreg.takedown.timeline import Step

# ruff: noqa: D101  (each is told by its name, and the fields by theirs)


class StepOf(Struct):
    step: Step
    at: Moment


class CopyOf(Struct):
    standing: Step
    reason: Reason | None
    due_at: Moment | None
    steps: list[StepOf]


class AtPlatform(Struct):
    platform: str
    copies: list[CopyOf]


class ToldOf(Struct):
    acknowledged: int
    platforms: int


class CaseStanding(Struct):
    case: Number
    state: CaseState
    pictures: int
    held: int
    refused: int
    matches: dict[str, int]
    received_at: Moment
    platforms: list[AtPlatform]
    withdrawal: ToldOf | None


class CaseRow(Struct):
    case: Number
    state: CaseState
    received_at: Moment


class Cases(Struct):
    cases: list[CaseRow]
    next: Number | None
