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
from hashreg.model.errors import InvalidInput
from hashreg.model.feeds import FED, MOST_RECORDS, FeedPage, FeedRecord, Holder, Recalled
from hashreg.model.hashes import Algorithm
from hashreg.model.messages import N_
from hashreg.model.orders import OrderId, revocation_order
from hashreg.model.records import (
    CaseRecord,
    Event,
    EventKind,
    FingerprintId,
    PictureState,
    PlatformName,
)
from hashreg.model.retention import RECALLS_KEPT
from hashreg.takedown.channels import is_partner
from hashreg.takedown.following import note_acknowledged
from hashreg.takedown.people import active_platform
from hashreg.takedown.store import Store

_FOLLOWED = (EventKind.FINGERPRINT_ADDED, EventKind.FINGERPRINT_REMOVED)
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9a-f]{8})?")
_MARK_BYTES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What a platform asks for.

    It has kept everything up to the cursor ``since`` (empty: nothing), and asks for what comes
    behind ``page``, a cursor that it was given on the way (empty: for the first page).
    ``by_hash``: it can drop only what it is told by its hash.
    """

    since: str = ""
    page: str = ""
    limit: int = MOST_RECORDS
    by_hash: bool = False


def fetch(store: Store, platform: str, asked: Asked, now: dt.datetime) -> FeedPage:
    """Return the next page of a platform's feed, and take note of what it has kept.

    Each page that holds anything is an event. Raises InvalidInput for what is no cursor, NotFound
    or Refused for a platform that may not ask.
    """
    with store.write():
        name = active_platform(store, platform)
        newest = store.events.last_sequence()
        since, known = _place(store, asked.since)
        start, goes_on = _place(store, asked.page) if asked.page else (since, True)
        restart = not (known and goes_on)
        since, start = (0, 0) if restart else (since, start)
        holder = _confirmed(store, name, since, now, by_hash=asked.by_hash)
        events = list(store.events.after(start, _FOLLOWED, asked.limit))
        more = len(events) == asked.limit
        end = events[-1].sequence if more else newest
        records = _records(store, holder, events, by_hash=asked.by_hash)
        if start < holder.begun <= end:
            records.append(store.feeds.canary(name))
        records.sort(key=lambda it: it.record)
        store.feeds.put(replace(holder, given=max(holder.given, end)))
        if records:
            gone = sum(it.is_gone for it in records)
            detail = f"{start}-{end} records={len(records)} deleted={gone}"
            store.events.append(EventKind.FEED_PAGE, name, actor=name, at=now, detail=detail)
        return FeedPage(records, _cursor(store, end), end, more, restart)


def check_asked(asked: Asked) -> None:
    """Raise InvalidInput for cursors that never were given out."""
    for field, text in (("since", asked.since), ("page", asked.page)):
        if text and not _CURSOR.fullmatch(text):
            raise InvalidInput(
                N_("This is not a cursor of the feed. Send one back as it came, or leave it out."),
                field=field,
            )


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


def held_by_hash(store: Store, case: CaseRecord) -> Recalled:
    """Return the hashes of a case that platforms hold which drop nothing without them."""
    if not any(it.by_hash for it in _holders(store, case)):
        return {}
    pictures = map(store.cases.fingerprint, store.cases.fingerprint_ids(case.case_id))
    return {
        it.fingerprint_id: item
        for it in pictures
        if it is not None and (item := it.fingerprint.get(Algorithm.PDQ, "whole"))
    }


def recall(
    store: Store,
    case: CaseRecord,
    pictures: Sequence[FingerprintId],
    hashes: Recalled,
    actor: str,
    now: dt.datetime,
) -> None:
    """Tell every platform that may hold hashes of a case to drop them.

    ``hashes`` are kept until they know. Call it inside ``store.write`` when all is written that
    their feeds follow.
    """
    after = store.events.last_sequence()
    if hashes:
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


def _confirmed(
    store: Store, name: PlatformName, since: int, now: dt.datetime, *, by_hash: bool
) -> Holder:
    """Take note of how far a platform has kept everything; revocations before that are done."""
    holder = store.feeds.find(name) or Holder(name, store.events.last_sequence())
    kept = min(since, holder.given)  # more than it was given it can't have kept
    by_hash = holder.by_hash or by_hash
    holder = replace(holder, kept=max(holder.kept, kept), by_hash=by_hash)
    store.feeds.put(holder)
    for order in store.orders.open_revocations(name):
        if order.records and order.after <= kept:
            note_acknowledged(store, order, name, now)
    forget_recalls(store, now)
    return holder


def _holders(store: Store, case: CaseRecord) -> list[Holder]:
    """Return who may hold hashes of a case: whoever was given anything since it came in."""
    if is_partner(case.channel):
        return []
    return [it for it in store.feeds.all() if it.given > case.sequence]


def _records(
    store: Store, holder: Holder, events: Sequence[Event], *, by_hash: bool
) -> list[FeedRecord]:
    """Return what a platform may hold of the pictures that events are about, as it is now.

    A picture that is not matched now is told as gone where its end is among the events; else that
    comes with another page.
    """
    ended: dict[FingerprintId, bool] = {}
    for event in events:
        picture = FingerprintId(bytes.fromhex(event.subject))
        removed = event.kind is EventKind.FINGERPRINT_REMOVED
        ended[picture] = ended.get(picture, False) or removed
    recalled = store.feeds.recalled() if by_hash and any(ended.values()) else {}
    found = []
    for picture, has_ended in ended.items():
        name, stored = store.feeds.record_id(holder.platform, picture), None
        if (stored := store.cases.fingerprint(picture)) is not None:
            case = store.cases.get(stored.case_id)
            if is_partner(case.channel):
                continue
            its = [it for it in stored.fingerprint.hashes if (it.algorithm, it.view) in FED]
            if stored.state is PictureState.ACTIVE and case.state in MATCHED_STATES:
                if its:
                    found.append(FeedRecord(name, stored.fingerprint.media, tuple(its)))
                continue
        if has_ended:
            known = stored.fingerprint.get(Algorithm.PDQ, "whole") if stored else None
            value = (known or recalled.get(picture)) if by_hash else None
            found.append(FeedRecord(name, None, (value,) if value else (), is_gone=True))
    return found


def _place(store: Store, cursor: str) -> tuple[int, bool]:
    """Return the event that a cursor stands for, and whether that is still what it was."""
    if not cursor:
        return 0, True
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return 0, False
    sequence = int(found[1])
    there = sequence <= store.events.last_sequence()
    return sequence, there and found[2] in (None, _mark(store, sequence))


def _cursor(store: Store, sequence: int) -> str:
    return f"{sequence}-{_mark(store, sequence)}"


def _mark(store: Store, sequence: int) -> str:
    """Return what tells an event from that of another registry, or of another past."""
    return (store.events.chain(sequence) or b"")[:_MARK_BYTES].hex()
