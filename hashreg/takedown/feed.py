"""What a platform may hold that was granted it, and how it learns what it must drop.

The feed follows the list of events, so a cursor is the number of an event and always moves. What
came from others' feeds is not passed on.
"""

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hashreg.model.cases import MATCHED_STATES
from hashreg.model.errors import InvalidInput, RegistryUnavailable
from hashreg.model.feeds import ANEW, FED, MOST_RECORDS, FeedPage, FeedRecord, Holder, Recalled
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import Tier
from hashreg.model.messages import N_
from hashreg.model.orders import OrderId, revocation_order
from hashreg.model.people import Scope
from hashreg.model.records import (
    CaseRecord,
    Event,
    EventKind,
    FingerprintId,
    PictureState,
    PlatformName,
    StoredFingerprint,
)
from hashreg.model.retention import RECALLS_KEPT
from hashreg.takedown.channels import is_partner
from hashreg.takedown.following import note_acknowledged
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.people import active_platform
from hashreg.takedown.store import Store

_FOLLOWED = (EventKind.FINGERPRINT_ADDED, EventKind.FINGERPRINT_REMOVED)
_NOT_FOLLOWED = frozenset(EventKind) - {*_FOLLOWED}
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9a-f]{8})")
_MARK_BYTES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What a platform asks for.

    It has kept everything up to the cursor ``since`` (empty: nothing), and asks for what comes
    behind ``page``, a cursor that it was given on the way (empty: for the first page). The bare
    number of an event as ``since`` stands for a cursor of who has none.
    """

    since: str | int = ""
    page: str = ""
    limit: int = MOST_RECORDS


def fetch(
    store: Store,
    platform: str,
    asked: Asked,
    now: dt.datetime,
    *,
    by_hash: RegistryIndex | None = None,
) -> FeedPage:
    """Return the next page of a platform's feed, and take note of what it has kept.

    Each page that holds anything is an event. ``by_hash``: it can drop only what it is told by its
    hash, and not what is still somebody's, which this index says. Raises InvalidInput for what is
    no cursor, NotFound or Refused for a platform that may not ask.
    """
    with store.write():
        name, newest = active_platform(store, platform), store.events.last_sequence()
        holder = store.feeds.find(name) or _newcomer(store, name, asked)
        since, start, restart = _begin(store, holder, asked, by_hash=by_hash is not None)
        holder = _confirmed(store, holder, since, now, by_hash=by_hash is not None)
        events = list(store.events.after(start, _FOLLOWED, asked.limit + 1))
        own = [holder.begun] if holder.begun > start else []  # its canary is one of them
        steps = sorted([*own, *(it.sequence for it in events)])
        more = len(steps) > asked.limit
        end = steps[asked.limit - 1] if more else newest
        records = _records(store, holder, [it for it in events if it.sequence <= end])
        if by_hash is not None:
            _name_by_hash(store, records, by_hash)
        if start < holder.begun <= end:
            records[None] = store.feeds.canary(name)
        told = sorted(records.values(), key=lambda it: it.record)
        kept = 0 if by_hash and holder.begins_anew and not more else holder.kept
        store.feeds.put(replace(holder, given=max(holder.given, end), kept=kept))
        if told:
            gone = sum(it.is_gone for it in told)
            detail = f"{start}-{end} records={len(told)} deleted={gone}"
            store.events.append(EventKind.FEED_PAGE, name, actor=name, at=now, detail=detail)
        return FeedPage(told, _cursor(store, end), end, more, restart)


def canaries(store: Store) -> dict[str, PlatformName]:
    """Return whose canary each hash is. Call it inside ``read``."""
    return {
        item.hash: holder.platform
        for holder in store.feeds.all()
        for item in store.feeds.canary(holder.platform).hashes
    }


def note_canaries(
    store: Store, whose: Iterable[PlatformName], asker: str, now: dt.datetime
) -> None:
    """Write down that somebody has hashes that one platform alone was given."""
    with store.write():
        for platform in sorted(set(whose)):
            store.events.append(
                EventKind.CANARY_SEEN, platform, actor=asker, at=now, detail=platform
            )


def cases_with(
    store: Store, index: RegistryIndex, asked: Sequence[Fingerprint]
) -> list[list[CaseHit]]:
    """Return, for each, the cases that are matched, have this very hash, and are in the feed."""
    return [
        [
            it
            for it in found
            if it.explanation.distance == 0 and not is_partner(store.cases.get(it.case_id).channel)
        ]
        for found in index.find_many(asked, tier=Tier.MATCH)
    ]


def held_by_hash(store: Store, case: CaseRecord) -> Recalled | None:
    """Return the hashes of a case that platforms hold which drop nothing without them.

    None where there is no such platform, or nobody can read them any more.
    """
    if not any(it.by_hash for it in _holders(store, case)):
        return None
    pictures = map(store.cases.fingerprint, store.cases.fingerprint_ids(case.case_id))
    try:
        return {
            it.fingerprint_id: item
            for it in pictures
            if it is not None and (item := it.fingerprint.get(Algorithm.PDQ, "whole"))
        }
    except RegistryUnavailable:  # its key is destroyed: it was withdrawn before, and a backup came
        return None


def recall(
    store: Store,
    case: CaseRecord,
    pictures: Sequence[FingerprintId],
    hashes: Recalled | None,
    actor: str,
    now: dt.datetime,
) -> None:
    """Tell every platform that may hold hashes of a case to drop them.

    ``hashes`` are kept until they know. Call it inside ``store.write`` when all is written that
    their feeds follow.
    """
    after = store.events.last_sequence()
    if hashes is not None and pictures:
        store.feeds.keep_recall(hashes, after, now)
    for holder in _holders(store, case) if pictures else ():
        records = sorted(store.feeds.record_id(holder.platform, it) for it in pictures)
        name = OrderId(secrets.token_hex(16))
        order = revocation_order(name, holder.platform, (), now, records, after)
        store.orders.add(order, case.case_id)
        kind = order.kind.value
        store.events.append(EventKind.ORDER_MADE, name, actor=actor, at=now, detail=kind)


def forget_recalls(store: Store, now: dt.datetime) -> int:
    """Destroy hashes of withdrawn pictures that nobody has to be told any more."""
    kept = [it.kept for it in store.feeds.all() if it.by_hash]
    return store.feeds.forget_recalls(min(kept, default=-1), now - RECALLS_KEPT)


def begin_anew(store: Store) -> None:
    """Let who asks by bare numbers of events begin anew: they are of another past now.

    Who was granted the feed and has fetched nothing may have done so since: it holds all, perhaps.
    Call it before what is lost is withdrawn.
    """
    granted = {
        it.name
        for it in store.keys.all()
        if Scope.FEED in it.scopes and not (it.revoked_at or it.sandbox)
    }
    known = {it.platform for it in store.feeds.all()}
    for name in sorted(map(PlatformName, granted - known)):
        newest = store.events.last_sequence()
        store.feeds.put(Holder(name, _place_of_canary(store), given=newest))
    for holder in store.feeds.all():
        if holder.by_hash or holder.platform not in known:
            store.feeds.put(replace(holder, kept=ANEW))


def _begin(store: Store, holder: Holder, asked: Asked, *, by_hash: bool) -> tuple[int, int, bool]:
    """Return up to where all is kept, where the page begins, and whether that is anew."""
    since, known = _place(store, asked.since, "since")
    start, goes_on = _place(store, asked.page, "page") if asked.page else (since, True)
    anew = by_hash and holder.begins_anew and not asked.page
    return (0, 0, True) if anew or not (known and goes_on) else (since, start, False)


def _newcomer(store: Store, platform: PlatformName, asked: Asked) -> Holder:
    """Return a platform that has fetched nothing, as far as is known here.

    One that says otherwise has it from a past that a restored backup did not hold.
    """
    return Holder(platform, _place_of_canary(store), kept=ANEW if asked.since else 0)


def _place_of_canary(store: Store) -> int:
    """Return an event from which nothing else in the feed comes, behind a record of chance."""
    upper, start = store.events.last_sequence(), 0
    while upper and not start:
        after = secrets.randbelow(upper)
        start = next((it.sequence for it in store.events.after(after, _FOLLOWED, 1)), 0)
        upper = after  # behind which no record comes, or one was found
    behind = (it for at in (start, 0) for it in store.events.after(at, _NOT_FOLLOWED, 1))
    return next(behind).sequence  # there is one: a platform was added


def _confirmed(
    store: Store, holder: Holder, since: int, now: dt.datetime, *, by_hash: bool
) -> Holder:
    """Take note of how far a platform has kept everything; revocations before that are done.

    One that ever asked by hash confirms so only, and only what it can have been told: where the
    hashes were not kept any more, the order stays open and comes to a person.
    """
    holder = replace(holder, by_hash=holder.by_hash or by_hash)
    if holder.by_hash != by_hash or (by_hash and holder.begins_anew):
        return holder
    kept = min(since, holder.given)  # more than it was given it can't have kept
    tellable = store.feeds.recall_sequences() if by_hash else frozenset[int]()
    for order in store.orders.open_revocations(holder.platform):
        told = not by_hash or order.after in tellable
        if order.records and order.after <= kept and told:
            note_acknowledged(store, order, holder.platform, now)
    holder = replace(holder, kept=max(holder.kept, kept))
    store.feeds.put(holder)
    forget_recalls(store, now)
    return holder


def _holders(store: Store, case: CaseRecord) -> list[Holder]:
    """Return who may hold hashes of a case: whoever was given anything since it came in."""
    if is_partner(case.channel):
        return []
    return [it for it in store.feeds.all() if it.given > case.sequence]


_Records = dict[FingerprintId | None, FeedRecord]
"""By picture; the canary is of none."""


def _records(store: Store, holder: Holder, events: Iterable[Event]) -> _Records:
    """Return what a platform may hold of the pictures that events are about, as it is now.

    A picture that is not matched now is told as gone where its end is among the events; else that
    comes with another page.
    """
    ended: dict[FingerprintId, bool] = {}
    for event in events:
        picture = FingerprintId(bytes.fromhex(event.subject))
        removed = event.kind is EventKind.FINGERPRINT_REMOVED
        ended[picture] = ended.get(picture, False) or removed
    found: _Records = {}
    for picture, has_ended in ended.items():
        name = store.feeds.record_id(holder.platform, picture)
        stored = store.cases.fingerprint(picture)
        case = store.cases.get(stored.case_id) if stored else None
        if case is not None and is_partner(case.channel):
            continue
        if stored and case and _is_matched(stored, case):
            its = [it for it in stored.fingerprint.hashes if (it.algorithm, it.view) in FED]
            if its:
                found[picture] = FeedRecord(name, stored.fingerprint.media, tuple(its))
        elif has_ended:
            found[picture] = FeedRecord(name, is_gone=True)
    return found


def _is_matched(stored: StoredFingerprint, case: CaseRecord) -> bool:
    return stored.state is PictureState.ACTIVE and case.state in MATCHED_STATES


def _name_by_hash(store: Store, records: _Records, index: RegistryIndex) -> None:
    """Give the records of what is gone their hashes, unless those are still somebody's.

    Who knows a hash only would drop it for everybody.
    """
    index.refresh(store)
    recalled = store.feeds.recalled()
    gone: dict[FingerprintId, HashItem] = {}
    for picture, record in records.items():
        if record.is_gone and picture is not None:
            stored = store.cases.fingerprint(picture)
            known = stored.fingerprint.get(Algorithm.PDQ, "whole") if stored else None
            if (value := known or recalled.get(picture)) is not None:
                gone[picture] = value
    others = cases_with(store, index, [Fingerprint((it,)) for it in gone.values()])
    for (picture, value), cases in zip(gone.items(), others, strict=True):
        if not cases:
            records[picture] = replace(records[picture], hashes=(value,))


def _place(store: Store, cursor: str | int, field: str) -> tuple[int, bool]:
    """Return the event that a cursor stands for, and whether that is still what it was."""
    if isinstance(cursor, int):
        return cursor, cursor <= store.events.last_sequence()
    if not cursor:
        return 0, True
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput(
            N_("This is not a cursor of the feed. Send one back as it came, or leave it out."),
            field=field,
        )
    sequence = int(found[1])
    return sequence, found[2] == _mark(store, sequence)


def _cursor(store: Store, sequence: int) -> str:
    return f"{sequence}-{_mark(store, sequence)}"


def _mark(store: Store, sequence: int) -> str:
    """Return what tells an event from that of another registry, or of another past."""
    return (store.events.chain(sequence) or b"")[:_MARK_BYTES].hex()
