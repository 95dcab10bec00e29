"""Pictures that wait for a person before they are matched, or matched again.

A registration that collides with a known harmless picture is held, and so is a picture that
suddenly hits a great deal while nobody has confirmed any of it, and one that two have decided
against: that one waits until two moderators agree. A held picture is not matched, and nothing is
lost by it: once it is admitted, the reports that are kept are compared with it.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hashreg.matching import policy
from hashreg.model.cases import CaseNumber, CaseState
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.records import (
    CaseId,
    EventKind,
    FingerprintId,
    Hold,
    HoldReason,
    MatchState,
    ModeratorName,
    PictureState,
    StoredFingerprint,
    StoredMatch,
    Vote,
)
from hashreg.model.verdicts import Verdict
from hashreg.takedown.following import call_off
from hashreg.takedown.matching import match_reports
from hashreg.takedown.people import active_moderator, is_active
from hashreg.takedown.returned import follow_meanwhile
from hashreg.takedown.states import close, move
from hashreg.takedown.store import Store

_ACTOR = "policy"
"""The actor of a quarantine: no person has looked yet."""
DECIDERS = 2
"""So many different actors whose last word is `not_blocked` dispute a picture, and so many
moderators have to agree about it then (facts: two independent platforms, a quorum)."""
_PICTURE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A held picture as a person sees it: no hash. ``hits`` counts the content it was found in.

    ``votes`` are those of moderators where one alone doesn't decide.
    """

    hold: Hold
    case: CaseNumber
    hits: int
    votes: Sequence[Vote] = ()

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg held list --json` prints."""
        hold = self.hold
        return {
            "picture": hold.fingerprint_id.hex(),
            "case": self.case,
            "state": hold.state.value,
            "reason": hold.reason.value,
            "detail": hold.detail,
            "held_at": hold.held_at.isoformat(timespec="seconds"),
            "hits": self.hits,
            "votes": [{"as": it.moderator, "decision": _DECISIONS[it.state]} for it in self.votes],
        }


def parse_picture(text: str) -> FingerprintId:
    """Return the typed name of a held picture; raises InvalidInput."""
    plain = text.strip().lower()
    if not _PICTURE.fullmatch(plain):
        raise InvalidInput(
            N_("A held picture has 32 hex digits, as `hashreg held list` shows it."),
            field="picture",
        )
    return FingerprintId(bytes.fromhex(plain))


def held(store: Store, state: PictureState | None = PictureState.HELD) -> list[HeldPicture]:
    """Return the pictures that were held, by state (None: all), oldest first."""
    with store.read():
        return [_shown(store, hold) for hold in list(store.holds.all(state))]


def hold_at_intake(
    store: Store,
    case_id: CaseId,
    fingerprint_id: FingerprintId,
    reason: HoldReason,
    note: str,
    now: dt.datetime,
) -> None:
    """Hold a new picture; ``note`` is that of the harmless one, or the channel by which it came."""
    _put(store, Hold(fingerprint_id, case_id, reason, note, PictureState.HELD, now), _ACTOR, now)


def hold_active(
    store: Store, picture: StoredFingerprint, reason: HoldReason, note: str, now: dt.datetime
) -> bool:
    """Hold a picture that is matched now; False where a person has admitted it before.

    A dispute is heard once, whatever was decided of the picture before that.
    """
    before = store.holds.find(picture.fingerprint_id)
    if before and (reason is not HoldReason.DISPUTED or before.reason is HoldReason.DISPUTED):
        return False
    hold = Hold(picture.fingerprint_id, picture.case_id, reason, note, PictureState.HELD, now)
    _put(store, hold, _ACTOR, now)
    subject = picture.fingerprint_id.hex()
    store.events.append(EventKind.FINGERPRINT_REMOVED, subject, actor=_ACTOR, at=now)
    return True


def quarantine(
    store: Store, pictures: Iterable[FingerprintId], now: dt.datetime
) -> set[FingerprintId]:
    """Hold each of these that was found in a great deal of content, none of it confirmed.

    Call it inside ``store.write``; returns those that were held.
    """
    held = set()
    for fingerprint_id in pictures:
        if store.matches.count_since(fingerprint_id, now - policy.QUARANTINE_SPAN) < (
            policy.QUARANTINE_HITS
        ) or store.matches.has_verdict(fingerprint_id, Verdict.BLOCKED):
            continue
        picture = store.cases.fingerprint(fingerprint_id)
        if picture and hold_active(store, picture, HoldReason.MANY_HITS, "", now):
            held.add(fingerprint_id)
    return held


def dispute(store: Store, fingerprint_id: FingerprintId, now: dt.datetime) -> bool:
    """Hold a picture that several have decided against. Call it inside ``store.write``.

    They are different moderators or platforms, each about content of its own; a later verdict on
    the same content takes the place of an earlier one.
    """
    if len(store.matches.deciders(fingerprint_id, Verdict.NOT_BLOCKED)) < DECIDERS:
        return False
    picture = store.cases.fingerprint(fingerprint_id)
    if picture is None or picture.state is not PictureState.ACTIVE:
        return False
    if not hold_active(store, picture, HoldReason.DISPUTED, "", now):
        return False
    case = store.cases.get(picture.case_id)
    if case.state is CaseState.ACTIVE:
        move(store, case, CaseState.DISPUTED, _ACTOR, now)
    return True


def admit(
    store: Store, fingerprint_id: FingerprintId, moderator: str, now: dt.datetime
) -> HeldPicture:
    """Let a held picture be matched, now and from now on; raises NotFound or Refused.

    A disputed one goes on waiting until two moderators say the same.
    """
    with store.write():
        actor = active_moderator(store, moderator)
        hold = _held(store, fingerprint_id)
        if not _may_end(store, hold, PictureState.ACTIVE, actor, now):
            return _shown(store, hold)
        _admit(store, hold, actor, now)
        return _shown(store, dataclasses.replace(hold, state=PictureState.ACTIVE))


def admit_confirmed(
    store: Store, fingerprint_id: FingerprintId, actor: str, now: dt.datetime
) -> None:
    """End a quarantine because a person confirmed a hit. Call it inside ``store.write``."""
    hold = store.holds.find(fingerprint_id)
    if hold and hold.state is PictureState.HELD and hold.reason is HoldReason.MANY_HITS:
        _admit(store, hold, actor, now)


def refuse(
    store: Store, fingerprint_id: FingerprintId, moderator: str, now: dt.datetime
) -> HeldPicture:
    """Refuse a held picture; its matches are closed that nobody decided against, orders called off.

    Raises NotFound or Refused.

    What another picture of the case is found in, too, waits for a person. A disputed picture itself
    goes on waiting until two moderators say the same.
    """
    with store.write():
        actor = active_moderator(store, moderator)
        hold = _held(store, fingerprint_id)
        if not _may_end(store, hold, PictureState.REFUSED, actor, now):
            return _shown(store, hold)
        hold = dataclasses.replace(hold, state=PictureState.REFUSED)
        _put(store, hold, actor, now)
        call_off(store, store.matches.of_fingerprint(fingerprint_id), actor, now)
        found = store.matches.of_fingerprint(fingerprint_id)
        closed = close(store, (it for it in found if _is_wanted(store, it)), actor, now)
        _find_otherwise(store, hold.case_id, closed, now)
        _settle(store, hold.case_id, actor, now)
        return _shown(store, hold)


def _may_end(
    store: Store, hold: Hold, state: PictureState, actor: ModeratorName, now: dt.datetime
) -> bool:
    """Tell whether this moderator may end a hold so; of a disputed picture it is a vote."""
    if hold.reason is not HoldReason.DISPUTED:
        return True
    store.holds.put_vote(hold.fingerprint_id, Vote(actor, state), now)
    store.events.append(
        EventKind.FINGERPRINT_VOTED,
        hold.fingerprint_id.hex(),
        actor=actor,
        at=now,
        detail=_DECISIONS[state],
    )
    votes = [it for it in store.holds.votes(hold.fingerprint_id) if it.state is state]
    return sum(is_active(store, Role.MODERATOR, it.moderator) for it in votes) >= DECIDERS


def _settle(store: Store, case_id: CaseId, actor: str, now: dt.datetime) -> None:
    """Move a case on whose pictures were decided of: its state is that of what is left of it."""
    case = store.cases.get(case_id)
    states = {it.fingerprint_id: it.state for it in store.holds.of_case(case_id)}
    left = {states.get(it, PictureState.ACTIVE) for it in store.cases.fingerprint_ids(case_id)}
    if case.state is CaseState.HELD and PictureState.ACTIVE in left:
        move(store, case, CaseState.ACTIVE, actor, now)
    elif case.state is CaseState.HELD and left == {PictureState.REFUSED}:
        move(store, case, CaseState.REFUSED, actor, now)
    elif case.state is CaseState.DISPUTED and left == {PictureState.REFUSED}:
        move(store, case, CaseState.SUSPENDED, actor, now)
    elif case.state is CaseState.DISPUTED and not _is_disputed(store, case_id):
        move(store, case, CaseState.ACTIVE, actor, now)


def _is_disputed(store: Store, case_id: CaseId) -> bool:
    holds = store.holds.of_case(case_id)
    waiting = (it for it in holds if it.state is PictureState.HELD)
    return any(it.reason is HoldReason.DISPUTED for it in waiting)


_DECISIONS = {PictureState.ACTIVE: "admit", PictureState.REFUSED: "refuse"}
_EVENTS = {
    PictureState.HELD: EventKind.FINGERPRINT_HELD,
    PictureState.ACTIVE: EventKind.FINGERPRINT_ADMITTED,
    PictureState.REFUSED: EventKind.FINGERPRINT_REFUSED,
}


def _put(store: Store, hold: Hold, actor: str, now: dt.datetime) -> None:
    store.holds.put(hold)
    store.events.append(
        _EVENTS[hold.state],
        hold.fingerprint_id.hex(),
        actor=actor,
        at=now,
        detail=hold.reason.value,
    )


def _admit(store: Store, hold: Hold, actor: str, now: dt.datetime) -> None:
    _put(store, dataclasses.replace(hold, state=PictureState.ACTIVE), actor, now)
    subject = hold.fingerprint_id.hex()
    store.events.append(EventKind.FINGERPRINT_ADDED, subject, actor=actor, at=now)
    _settle(store, hold.case_id, actor, now)
    picture = store.cases.fingerprint(hold.fingerprint_id)
    if picture is not None:
        match_reports(store, [picture], store.reports.kept(now), now)
        follow_meanwhile(store, picture, actor, now)


def _is_wanted(store: Store, match: StoredMatch) -> bool:
    """Tell whether content was to be removed, or nobody has decided."""
    verdicts = store.matches.verdicts(match.ticket)
    blocked = bool(verdicts) and verdicts[-1].decision.verdict is Verdict.BLOCKED
    return match.state is MatchState.OPEN or (match.state is MatchState.DECIDED and blocked)


def _find_otherwise(
    store: Store, case_id: CaseId, closed: Sequence[StoredMatch], now: dt.datetime
) -> None:
    """Open matches again that another active picture of the case has, too."""
    pictures = [store.cases.fingerprint(it) for it in store.cases.fingerprint_ids(case_id)]
    active = [it for it in pictures if it and it.state is PictureState.ACTIVE]
    reports = [store.reports.find(match.platform, match.content_id) for match in closed]
    found = match_reports(store, active, [it for it in reports if it], now)
    quarantine(store, found, now)


def _held(store: Store, fingerprint_id: FingerprintId) -> Hold:
    hold = store.holds.find(fingerprint_id)
    if hold is None:
        raise NotFound(N_("No held picture has this name in this registry."), field="picture")
    if hold.state is not PictureState.HELD:
        raise Refused(
            N_("This picture was decided before: it is {state}."),
            field="picture",
            state=hold.state.value,
        )
    return hold


def _shown(store: Store, hold: Hold) -> HeldPicture:
    hits = len(store.matches.of_fingerprint(hold.fingerprint_id))
    votes = store.holds.votes(hold.fingerprint_id)
    return HeldPicture(hold, store.cases.get(hold.case_id).number, hits, votes)
