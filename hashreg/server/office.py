"""The bodies of what operators and auditors ask, for the OpenAPI document."""

from msgspec import UNSET, Struct, UnsetType

from hashreg.model.cases import CaseState
from hashreg.model.matches import Tier
from hashreg.model.people import Scope
from hashreg.model.records import MatchState
from hashreg.model.retention import Until
from hashreg.model.verdicts import Verdict
from hashreg.server.parts import Days, Moment, Name
from hashreg.takedown.figures import PlatformFigures

# ruff: noqa: D101  (each is told by its name, and the fields by theirs)


class KeyOf(Struct):
    prefix: str
    scopes: list[Scope]
    sandbox: bool
    added_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None


class PersonOf(Struct):
    name: str
    added_at: Moment
    revoked_at: Moment | None
    keys: list[KeyOf]


class People(Struct):
    people: list[PersonOf]


class NewKey(Struct):
    scopes: list[Scope] | UnsetType = UNSET
    sandbox: bool = False
    days: Days | UnsetType = UNSET


class NewPerson(NewKey, kw_only=True):
    name: Name


class GivenKey(Struct):
    role: str
    name: str
    key: str


class Revoke(Struct):
    key: str | UnsetType = UNSET


class EventOf(Struct):
    sequence: int
    at: Moment
    kind: str
    actor: str
    detail: str


class Events(Struct):
    events: list[EventOf]
    next: int | None


class KeptUntil(Struct):
    until: Until
    seconds: int | None


class Channel(Struct):
    decided: int
    abusive: int


class PublicFigures(Struct):
    platforms: list[PlatformFigures]
    masked_below: int


class Statistics(Struct):
    cases: dict[CaseState, int]
    partner_records: dict[CaseState, int]
    pictures: int
    pictures_held: int
    askers_locked: int
    channels: dict[str, Channel]
    reports_kept: int
    matches: dict[MatchState, int]
    matches_by_tier: dict[Tier, int]
    verdicts: dict[Verdict, int]
    oldest_waiting: Moment | None
    platforms: int
    moderators: int
    takedowns: list[PlatformFigures]
    retention: dict[str, KeptUntil]
