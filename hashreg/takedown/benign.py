"""The list of widely shared harmless pictures, and what registrations collide with it."""

import datetime as dt
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from hashreg.matching import Matcher, policy
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.messages import N_
from hashreg.model.records import (
    BenignId,
    BenignPicture,
    EventKind,
    HoldReason,
    StoredFingerprint,
)
from hashreg.takedown.holds import hold_active
from hashreg.takedown.people import OPERATOR
from hashreg.takedown.store import Store

MOST_NOTE = 200
PICTURES_AT_ONCE = 1000
_BENIGN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Added:
    """A harmless picture that was added, and how many registered ones are held because of it."""

    picture: BenignPicture
    held: int


class BenignList:
    """The harmless pictures in memory."""

    def __init__(self, pictures: Sequence[BenignPicture]) -> None:
        self._notes = [it.note for it in pictures]
        self._matcher = Matcher.of(it.fingerprint for it in pictures)

    @classmethod
    def of(cls, store: Store) -> "BenignList":
        """Load the list. Call it inside ``store.read`` or ``store.write``."""
        return cls(list(store.benign.all()))

    def collisions(self, registered: Sequence[Fingerprint]) -> list[str | None]:
        """Return, for each picture, the note of the harmless one that it collides with, or None."""
        if not self._notes:
            return [None] * len(registered)
        return [
            next((self._notes[it.id] for it in hits if it.tier is policy.BENIGN_TIER), None)
            for hits in self._matcher.find_many(registered)
        ]


def add_benign(store: Store, fingerprint: Fingerprint, note: str, now: dt.datetime) -> Added:
    """Add a harmless picture; what is registered already and collides with it is held.

    Raises Refused where the picture has no hash that can be compared, InvalidInput on a note that
    is long or can't be printed.
    """
    note = note.strip()
    if len(note) > MOST_NOTE or not note.isprintable():
        raise InvalidInput(
            N_("A note is one line of at most {limit} characters, all of them printable."),
            field="note",
            limit=MOST_NOTE,
        )
    kept = fingerprint.comparable()
    if not kept.is_comparable:
        raise Refused(N_("This picture is too plain to be compared; nothing was kept."))
    picture = BenignPicture(BenignId(secrets.token_bytes(16)), note, kept, now)
    with store.write():
        store.benign.add(picture)
        store.events.append(EventKind.BENIGN_ADDED, picture.benign_id.hex(), actor=OPERATOR, at=now)
        return Added(picture, _hold_registered(store, picture, now))


def list_benign(store: Store) -> list[BenignPicture]:
    """Return all harmless pictures, oldest first."""
    with store.read():
        return list(store.benign.all())


def remove_benign(store: Store, name: str, now: dt.datetime) -> bool:
    """Take a harmless picture off the list; what is held stays held. Raises NotFound.

    False where its hashes could not be overwritten yet; ``purge`` tries again.
    """
    plain = name.strip().lower()
    with store.write():
        known = _BENIGN.fullmatch(plain) and store.benign.remove(BenignId(bytes.fromhex(plain)))
        if not known:
            raise NotFound(
                N_("No harmless picture has this name; `hashreg benign list` shows them."),
                field="benign",
            )
        store.events.append(EventKind.BENIGN_REMOVED, plain, actor=OPERATOR, at=now)
    return store.forget_deleted()


def _hold_registered(store: Store, picture: BenignPicture, now: dt.datetime) -> int:
    """Hold the pictures, registered before, that collide with a new harmless one."""
    benign = BenignList([picture])
    registered = store.cases.fingerprints()
    colliding: list[StoredFingerprint] = []
    while batch := list(islice(registered, PICTURES_AT_ONCE)):
        notes = benign.collisions([it.fingerprint for it in batch])
        colliding += [it for it, note in zip(batch, notes, strict=True) if note is not None]
    return sum(
        hold_active(store, it, HoldReason.KNOWN_BENIGN, picture.note, now) for it in colliding
    )
