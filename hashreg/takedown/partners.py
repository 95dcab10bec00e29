"""Taking in what others' feeds say: each record is a case of its own, with nobody behind it.

Its hashes are matched as all others are, a person decides about each match, and what the source
takes back is withdrawn as a victim's case is. It is not passed on.
"""

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from hashreg.exchange.partners import Entry
from hashreg.matching import Matcher
from hashreg.model.cases import CaseState, new_case_number
from hashreg.model.errors import NotFound
from hashreg.model.feeds import PartnerRecord
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.messages import N_
from hashreg.model.names import parse_name
from hashreg.model.records import (
    CaseId,
    CaseRecord,
    EventKind,
    Hold,
    HoldReason,
    PictureState,
    StoredFingerprint,
)
from hashreg.model.submissions import PublicKeyHex
from hashreg.takedown.benign import BenignList
from hashreg.takedown.casework import ENDED, withdraw_case
from hashreg.takedown.channels import partner_channel
from hashreg.takedown.holds import hold_at_intake, quarantine
from hashreg.takedown.live import CaseHit
from hashreg.takedown.matching import REPORTS_AT_ONCE, record_matches
from hashreg.takedown.people import OPERATOR
from hashreg.takedown.states import move
from hashreg.takedown.store import Store

_New = tuple[PartnerRecord, Fingerprint, Hold | None]
"""A record, its hashes, and why what it said before was stopped."""
AT_ONCE = 2000
"""Records in one turn of the writer: a second."""
_NOBODY = PublicKeyHex("")
"""The key of a case that nobody can withdraw but its source."""


@dataclass(slots=True)
class Imported:
    """What became of the records: ``held`` are among the ``added``."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    held: int = 0
    matches: int = 0

    @property
    def anything(self) -> bool:
        """Whether anything is otherwise than before."""
        return bool(self.added or self.changed or self.withdrawn)

    def as_json(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def take_in_feed(store: Store, source: str, entries: Iterable[Entry], now: dt.datetime) -> Imported:
    """Take the records of a source in, some thousand at a time; the same again changes nothing.

    Of a record that comes twice the later one counts. Raises InvalidInput for a source's name that
    can't be used.
    """
    name, told, coming = parse_name(source), Imported(), iter(entries)
    while batch := list(islice(coming, AT_ONCE)):
        with store.write():
            _Batch(store, name, told, now).take(batch)
    if told.anything:
        counts = f"{name} added={told.added} changed={told.changed} withdrawn={told.withdrawn}"
        with store.write():
            store.events.append(
                EventKind.FEED_IMPORTED, name, actor=OPERATOR, at=now, detail=counts
            )
    return told


def forget_feed(store: Store, source: str, now: dt.datetime) -> int:
    """Withdraw all that came from a source, and forget its names; return how many records it was.

    Raises InvalidInput for a source's name that can't be used, NotFound where nothing came of it.
    """
    name, count, ended = parse_name(source), 0, 0
    while True:
        with store.write():
            records = store.partners.some(name, AT_ONCE)
            batch = _Batch(store, name, Imported(), now)
            ended += sum(batch.end(it) for it in records)
            store.partners.forget(name, records)
            count += len(records)
            if records:
                continue
            if not count:
                raise NotFound(N_("Nothing was taken in from a feed of this name."), field="source")
            detail = f"{name} added=0 changed=0 withdrawn={ended}"
            store.events.append(
                EventKind.FEED_IMPORTED, name, actor=OPERATOR, at=now, detail=detail
            )
            return ended


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records that are taken in together."""

    store: Store
    source: str
    told: Imported
    now: dt.datetime

    def take(self, entries: Sequence[Entry]) -> None:
        new: list[_New] = []
        for it in {it.name: it for it in entries}.values():
            record = self.store.partners.digest(f"{self.source}\0{it.name}")
            content = self.store.partners.digest(_content(it.fingerprint))
            before = self.store.partners.find(self.source, record)
            if before is not None and before.content == content:
                self.told.unchanged += 1
                continue
            stopped = self._hold_of(before)
            ended = before is not None and self.end(before)
            if it.fingerprint is None:
                self.told.withdrawn += ended
                self.told.unchanged += not ended
                self.store.partners.put(self.source, PartnerRecord(record, content, None))
                continue
            case_id = CaseId(secrets.token_bytes(16))
            new.append((PartnerRecord(record, content, case_id), it.fingerprint, stopped))
            self.told.changed += ended
            self.told.added += not ended
        if new:
            self._add(new)

    def _hold_of(self, before: PartnerRecord | None) -> Hold | None:
        """Return why what a record was is not matched, where people have to do with that."""
        if before is None or before.case_id is None:
            return None
        holds = self.store.holds.of_case(before.case_id)
        return next((it for it in holds if it.state is not PictureState.ACTIVE), None)

    def end(self, before: PartnerRecord) -> bool:
        """Withdraw what a record was; False where nothing was left of it."""
        if before.case_id is None:
            return False
        case = self.store.cases.get(before.case_id)
        if case.state in ENDED:
            return False
        withdraw_case(self.store, case, _NOBODY, OPERATOR, self.now)
        return True

    def _add(self, new: Sequence[_New]) -> None:
        sequence, channel = self.store.events.last_sequence(), partner_channel(self.source)
        cases = [
            CaseRecord(
                it.case_id,
                new_case_number(),
                CaseState.RECEIVED,
                _NOBODY,
                "",
                self.now,
                channel,
                sequence,
            )
            for it, _, _ in new
            if it.case_id is not None
        ]
        self.store.cases.add(*cases)
        pictures = [fingerprint for _, fingerprint, _ in new]
        notes = BenignList.of(self.store).collisions(pictures)
        active = []
        for case, (record, picture, stopped), note in zip(cases, new, notes, strict=True):
            why = (stopped.reason, stopped.detail) if stopped else None
            why = why or (None if note is None else (HoldReason.KNOWN_BENIGN, note))
            stored = self._keep(case, picture, why)
            active += [stored] if stored is not None else []
            self.store.partners.put(self.source, record)
        self._match_kept_reports(active)

    def _keep(
        self, case: CaseRecord, picture: Fingerprint, why: tuple[HoldReason, str] | None
    ) -> StoredFingerprint | None:
        """Keep one picture; None where it waits for a person, for the reason that is given.

        So does what takes the place of a record that people have stopped.
        """
        store, now = self.store, self.now
        (name,) = store.cases.add_fingerprints(case.case_id, [picture])
        if why is not None:
            hold_at_intake(store, case.case_id, name, *why, now)
            move(store, case, CaseState.HELD, OPERATOR, now)
            self.told.held += 1
            return None
        store.events.append(EventKind.FINGERPRINT_ADDED, name.hex(), actor=OPERATOR, at=now)
        move(store, case, CaseState.ACTIVE, OPERATOR, now)
        return StoredFingerprint(name, case.case_id, picture)

    def _match_kept_reports(self, active: Sequence[StoredFingerprint]) -> None:
        """Find yesterday's reports of today's records, and hold what was found far too often."""
        if not active or not self.store.reports.count():
            return
        matcher, found = Matcher.of(it.fingerprint for it in active), set()
        kept = iter(self.store.reports.kept(self.now))
        while reports := list(islice(kept, REPORTS_AT_ONCE)):
            hits = matcher.find_many([it.fingerprint for it in reports])
            for report, its in zip(reports, hits, strict=True):
                pictures = [(active[it.id], it) for it in its]
                cases = [CaseHit(at.case_id, at.fingerprint_id, it) for at, it in pictures]
                self.told.matches += len(record_matches(self.store, report, cases, self.now))
                found |= {it.fingerprint_id for it in cases}
        quarantine(self.store, found, self.now)


def _content(fingerprint: Fingerprint | None) -> str:
    return json.dumps(fingerprint.as_json() if fingerprint else None, sort_keys=True)
