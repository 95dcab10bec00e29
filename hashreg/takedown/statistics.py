"""Counts that an operator watches, and how long things are kept; nothing points to a person."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from hashreg.model.people import Role
from hashreg.model.records import CaseRecord, MatchState, PictureState, ProbingState
from hashreg.model.retention import RETENTION
from hashreg.takedown.channels import is_partner
from hashreg.takedown.figures import figures
from hashreg.takedown.store import Store


def statistics(store: Store, now: dt.datetime) -> dict[str, object]:
    """Return the object that `hashreg stats --json` prints."""
    with store.read():
        matches = list(store.matches.queue(None))
        verdicts = Counter(
            store.matches.verdicts(match.ticket)[-1].decision.verdict.value
            for match in matches
            if match.state is MatchState.DECIDED
        )
        cases = list(store.cases.all())
        waiting = [match.found_at for match in matches if match.state is MatchState.OPEN]
        return {
            "cases": _states(it for it in cases if not is_partner(it.channel)),
            "partner_records": _states(it for it in cases if is_partner(it.channel)),
            "pictures": store.cases.count_fingerprints(),
            "pictures_held": sum(1 for _ in store.holds.all(PictureState.HELD)),
            "askers_locked": sum(it.state is ProbingState.LOCKED for it in store.probes.probings()),
            "reports_kept": store.reports.count(),
            "matches": dict(Counter(match.state.value for match in matches)),
            "matches_by_tier": dict(Counter(it.explanation.tier.value for it in matches)),
            "verdicts": dict(verdicts),
            "channels": {it: _channel(store, it) for it in store.channels.all()},
            "oldest_waiting": min(waiting).isoformat(timespec="seconds") if waiting else None,
            "platforms": sum(not it.revoked_at for it in store.people.all(Role.PLATFORM)),
            "moderators": sum(not it.revoked_at for it in store.people.all(Role.MODERATOR)),
            "takedowns": [it.as_json() for it in figures(store, now)],
            "retention": {it.name: it.as_json() for it in RETENTION},
        }


def _states(cases: Iterable[CaseRecord]) -> dict[str, int]:
    return dict(Counter(case.state.value for case in cases))


def _channel(store: Store, name: str) -> dict[str, int]:
    """Return about how many cases of a channel people have decided, and how many are abusive."""
    decided, abusive = store.channels.marks(name)
    return {"decided": decided, "abusive": abusive}
