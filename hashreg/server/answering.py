"""Looking content items up: what is found, what is kept of it, and what may be told to whom."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hashreg.model.errors import HashregError, Refused
from hashreg.model.matches import FoundMatch, Tier
from hashreg.model.messages import N_
from hashreg.model.people import Principal
from hashreg.model.reports import ContentId, Report
from hashreg.model.retention import REPORTS_KEPT
from hashreg.server.desk import Desk, now
from hashreg.takedown.alignment import Question, ask
from hashreg.takedown.budget import Asking, Withheld, asker_of
from hashreg.takedown.live import CaseHit
from hashreg.takedown.report import Compared, compare, keep, why_unchecked
from hashreg.takedown.store import Store

INLINE_HASHES = 64
"""Hashes without tokens that are looked up on the event loop, together with others'."""
WITHHELD = N_(
    "This content comes near a picture that was asked about very often with your key, so nothing "
    "is said of it until a person has decided. See: hashreg probing list"
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A content item that can't be read: what is wrong, and its name where that can."""

    error: HashregError
    content_id: ContentId | None = None


Entry = Report | Unread
_Result = tuple[Sequence[CaseHit], Question | None]


@dataclass(frozen=True, slots=True)
class How:
    """How content items are looked up.

    ``platform`` is in whose name they are kept as reports, None where nothing is kept;
    ``explained`` gives a moderator's answer.
    """

    who: Principal
    tier: Tier = Tier.REVIEW
    align: bool = True
    platform: str | None = None
    retention: dt.timedelta = REPORTS_KEPT
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one content item, and what its device has still to look at."""

    content_id: ContentId | None
    matches: Sequence[FoundMatch]
    error: HashregError | None
    question: Question | None = None


async def find(desk: Desk, how: How, entries: Sequence[Entry]) -> list[Found]:
    """Return what is found of each entry, in order; errors pass through."""
    items = items_of(entries)
    if not items:
        return in_order(entries, ())
    if how.platform is None:
        return in_order(entries, await _looked_up(desk, how, items))
    compared = await compared_with(desk, how, items)
    return in_order(entries, await desk.write(lambda store: _kept_now(store, desk, how, compared)))


def items_of(entries: Sequence[Entry]) -> list[Report]:
    """Return the content items among the entries; the others are errors."""
    return [it for it in entries if isinstance(it, Report)]


def in_order(entries: Sequence[Entry], found: Iterable[Found]) -> list[Found]:
    """Return what was found of the items among the entries, and the errors of the others."""
    items = iter(found)
    return [
        next(items) if isinstance(it, Report) else Found(it.content_id, (), it.error)
        for it in entries
    ]


async def compared_with(desk: Desk, how: How, items: Sequence[Report]) -> Compared:
    """Compare reports with what is registered, before they are kept."""
    await _watch_for_canaries(desk, how, items)
    aligning = how.align and _have_tokens(items)
    return await desk.search(compare, desk.index, items, how.tier, aligning=aligning)


def kept(store: Store, desk: Desk, how: How, compared: Compared) -> list[Found]:
    """Keep reports, inside the writer's turn."""
    actor = how.who.name if how.explained else None

    def judge(compared: Compared) -> list[Withheld]:
        askings = [
            _asking(*it)
            for it in zip(compared.reports, compared.found, _questions(compared), strict=True)
        ]
        withheld = desk.budgets.judge(store, asker_of(how.who), askings)
        for question, hidden in zip(_questions(compared), withheld, strict=True):
            if question:
                question.hide(hidden)
        return withheld

    compared, results = keep(
        store, desk.index, how.platform or "", compared, now(), how.retention, judge, actor=actor
    )
    return [
        Found(it.content_id, it.matches, _error(it.error, how, withheld=it.withheld), question)
        for it, question in zip(results, _questions(compared), strict=True)
    ]


def _questions(compared: Compared) -> Sequence[Question | None]:
    return compared.questions or [None] * len(compared.reports)


def _kept_now(store: Store, desk: Desk, how: How, compared: Compared) -> list[Found]:
    with store.write():
        return kept(store, desk, how, compared)


async def _looked_up(desk: Desk, how: How, items: Sequence[Report]) -> list[Found]:
    await _watch_for_canaries(desk, how, items)
    results = await _asked(desk, how, items)
    askings = [_asking(it, *result) for it, result in zip(items, results, strict=True)]
    withheld = await desk.judge(asker_of(how.who), askings)
    return [
        _found(it, *result, hidden, how)
        for it, result, hidden in zip(items, results, withheld, strict=True)
    ]


async def _watch_for_canaries(desk: Desk, how: How, items: Sequence[Report]) -> None:
    if desk.canaries:
        asked = (it.hash for report in items for it in report.fingerprint.hashes)
        await desk.note_canaries(asked, asker_of(how.who))


async def _asked(desk: Desk, how: How, items: Sequence[Report]) -> Sequence[_Result]:
    """Return the hits of each item, and its question where its device may look."""
    asked = [it.fingerprint for it in items]
    if sum(len(it.hashes) for it in asked) <= INLINE_HASHES and not _have_tokens(items):
        return [(hits, None) for hits in await desk.together.find(asked, how.tier)]
    if how.align and _have_tokens(items):
        questions = await desk.search(ask, desk.index, asked, how.tier)
        return [(it.cases(), it) for it in questions]
    found = await desk.search(desk.index.find_many, asked, tier=how.tier)
    return [(hits, None) for hits in found]


def _asking(it: Report, hits: Iterable[CaseHit], question: Question | None) -> Asking:
    """Return what is counted of a content item."""
    pictures = frozenset(hit.fingerprint_id for hit in hits)
    return Asking(it.fingerprint, pictures | question.pictures() if question else pictures)


def _found(
    it: Report, hits: Sequence[CaseHit], question: Question | None, hidden: Withheld, how: How
) -> Found:
    """Return what may be told of a content item of which nothing is kept."""
    if question:
        question.hide(hidden)
    told = [FoundMatch(hit.explanation) for hit in hits if hit.fingerprint_id not in hidden]
    withheld = len(told) < len(hits)
    error = _error(why_unchecked(it.fingerprint), how, withheld=withheld)
    return Found(it.content_id, told, error, question)


def _error(error: HashregError | None, how: How, *, withheld: bool) -> HashregError | None:
    """Say to a moderator, who acts on it, that something is withheld; others aren't told.

    An error at some distance would be as good an oracle as a hit.
    """
    return Refused(WITHHELD, field="hashes") if withheld and how.explained else error


def _have_tokens(items: Sequence[Report]) -> bool:
    return any(it.fingerprint.tokens for it in items)
