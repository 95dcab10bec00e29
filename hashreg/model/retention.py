"""How long each kind of thing is kept, and why: one table that the code, the CLI and the docs use.

``docs/retention.md`` shows the same table; a test compares them.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from hashreg.model.messages import N_, tr

REPORTS_KEPT = dt.timedelta(days=90)
"""How long a report is kept unless the platform asks for another time."""
MOST_DAYS = 3650
"""Days that a report may be kept, or a key be good for, at most."""
ANSWERS_KEPT = dt.timedelta(hours=24)
HANDLES_KEPT = dt.timedelta(minutes=5)
PROBES_KEPT = dt.timedelta(days=90)
CHALLENGES_KEPT = dt.timedelta(minutes=5)
RECALLS_KEPT = dt.timedelta(days=30)
"""Who fetches no feed for so long fetches it anew (facts, interop A)."""


class Until(StrEnum):
    """When a thing is let go."""

    NEVER_KEPT = "never_kept"
    EXPIRY = "expiry"
    WITHDRAWAL = "withdrawal"
    PURGE = "purge"
    REMOVAL = "removal"
    FOR_GOOD = "for_good"


@dataclass(frozen=True, slots=True)
class Retention:
    """One kind of thing: until when it is kept, for how long where it expires, and why."""

    name: str
    what: str
    until: Until
    why: str
    kept: dt.timedelta | None = None

    def as_json(self) -> dict[str, object]:
        """Return what `hashreg stats --json` says of it; ``seconds`` is null without an expiry."""
        seconds = None if self.kept is None else int(self.kept.total_seconds())
        return {"until": self.until.value, "seconds": seconds}

    def in_words(self) -> str:
        """Return how long it is kept, in the context's language."""
        if self.kept is not None:
            return _time_in_words(self.kept)
        return tr(_UNTIL_WORDS[self.until])


RETENTION = (
    Retention(
        "pictures",
        N_("hashes of registered pictures"),
        Until.WITHDRAWAL,
        N_("They find copies for as long as the person wants it; a withdrawal erases them."),
    ),
    Retention(
        "reports",
        N_("reports of platforms"),
        Until.EXPIRY,
        N_(
            "A picture registered tomorrow has to find yesterday's report. A platform may ask for "
            "another time with each report."
        ),
        REPORTS_KEPT,
    ),
    Retention(
        "look_ups",
        N_("look-ups"),
        Until.NEVER_KEPT,
        N_("A look-up is a question and leaves nothing behind."),
    ),
    Retention(
        "probes",
        N_("keyed digests of look-ups that come near a registered picture"),
        Until.EXPIRY,
        N_(
            "Who asks again and again nearly the same would find a hash out. A digest says nothing "
            "of what was asked, and goes when the picture is withdrawn."
        ),
        PROBES_KEPT,
    ),
    Retention(
        "alignment_handles",
        N_("proposed alignments"),
        Until.EXPIRY,
        N_("A device looks at once or not at all; they are in memory only."),
        HANDLES_KEPT,
    ),
    Retention(
        "challenges",
        N_("challenges that a case's key signs"),
        Until.EXPIRY,
        N_("A device signs at once; they are in memory only."),
        CHALLENGES_KEPT,
    ),
    Retention(
        "answers",
        N_("answers to requests that may be sent again"),
        Until.EXPIRY,
        N_("A request that is sent again because its answer was lost must do nothing twice."),
        ANSWERS_KEPT,
    ),
    Retention(
        "matches",
        N_("matches, with the platform's name for the content"),
        Until.WITHDRAWAL,
        N_("A person decides about them, and the case's status counts them."),
    ),
    Retention(
        "orders",
        N_("what orders to platforms are about"),
        Until.PURGE,
        N_(
            "An order is followed until it is done; when and how it ended stays for the "
            "statistics. What a platform was told of a withdrawal goes with the purge after it has "
            "confirmed it."
        ),
    ),
    Retention(
        "recalls",
        N_("PDQ hashes of withdrawn pictures that a platform holds and knows by nothing else"),
        Until.EXPIRY,
        N_(
            "It can drop only what is named to it. They go, with their key, as soon as every such "
            "platform has fetched the withdrawal."
        ),
        RECALLS_KEPT,
    ),
    Retention(
        "partner_records",
        N_("keyed digests of the records of others' feeds"),
        Until.REMOVAL,
        N_("The same record must not come in twice, nor one that its source took back."),
    ),
    Retention(
        "contacts",
        N_("how platforms are reached"),
        Until.REMOVAL,
        N_("Orders have to arrive."),
    ),
    Retention(
        "delegations",
        N_("which helpers may act for a case, also those that may no longer"),
        Until.WITHDRAWAL,
        N_("A helper acts for somebody only while that person says so."),
    ),
    Retention(
        "withdrawn_cases",
        N_("what is left of withdrawn cases"),
        Until.PURGE,
        N_(
            "Their hashes go at the withdrawal; the key, the digests of documents and the "
            "delegations go with the next purge."
        ),
    ),
    Retention(
        "matches_of_withdrawn_cases",
        N_("matches of withdrawn cases"),
        Until.PURGE,
        N_("They are closed at the withdrawal, and nobody has to decide them any more."),
    ),
    Retention(
        "harmless_pictures",
        N_("hashes of widely shared harmless pictures"),
        Until.REMOVAL,
        N_("Registrations that collide with them are held for a person."),
    ),
    Retention(
        "withdrawals",
        N_("numbers and public keys of withdrawn cases"),
        Until.FOR_GOOD,
        N_("An old copy of the submission must not bring a withdrawn case back."),
    ),
    Retention(
        "verdicts",
        N_("verdicts"),
        Until.FOR_GOOD,
        N_("Who decided what must stay open to be checked; a verdict holds no hash and no case."),
    ),
    Retention(
        "events",
        N_("the list of events"),
        Until.FOR_GOOD,
        N_("It is the record of everything that happened; it holds no hash."),
    ),
    Retention(
        "people",
        N_("names of people and platforms, and the digests of their keys, also of revoked ones"),
        Until.FOR_GOOD,
        N_("The record names them, and a name or key that was revoked must not come back."),
    ),
    Retention(
        "log_lines",
        N_("log lines"),
        Until.NEVER_KEPT,
        N_("hashreg keeps none; what it prints is kept by whoever runs it, and holds no hash."),
    ),
)
"""Everything that could be kept."""

_UNTIL_WORDS = {
    Until.NEVER_KEPT: N_("not kept"),
    Until.WITHDRAWAL: N_("until the case is withdrawn"),
    Until.PURGE: N_("until the next purge"),
    Until.REMOVAL: N_("until an operator removes them"),
    Until.FOR_GOOD: N_("kept for good"),
}


def _time_in_words(kept: dt.timedelta) -> str:
    if kept >= dt.timedelta(days=2):
        return tr("{count} days", count=kept.days)
    if kept >= dt.timedelta(hours=2):
        return tr("{count} hours", count=kept // dt.timedelta(hours=1))
    return tr("{count} minutes", count=kept // dt.timedelta(minutes=1))
