"""How soon what a person has decided must be gone, by the law that a platform stands under."""

import datetime as dt
from dataclasses import dataclass

from hashreg.model.messages import N_

DEFAULT = "default"
"""The jurisdiction of a platform of which nothing else was said."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a platform has, and where that is written."""

    jurisdiction: str
    time: dt.timedelta
    source: str


_HOUR = dt.timedelta(hours=1)

DEADLINES = {
    it.jurisdiction: it
    for it in (
        Deadline(
            DEFAULT,
            48 * _HOUR,
            N_("no law was named: hashreg's own time, that of the US act"),
        ),
        Deadline(
            "US",
            48 * _HOUR,
            N_("TAKE IT DOWN Act, in force since 19 May 2026: within 48 hours of a valid request"),
        ),
        Deadline(
            "AU",
            24 * _HOUR,
            N_("Online Safety Act 2021, section 77: within 24 hours after a removal notice"),
        ),
        Deadline(
            "KR",
            24 * _HOUR,
            N_(
                "Telecommunications Business Act, article 22-5: without delay; the 24 hours are "
                "hashreg's own"
            ),
        ),
    )
}
"""By jurisdiction. A row is added with the text of the law in hand, never from hearsay."""


def deadline_of(jurisdiction: str) -> Deadline:
    """Return the deadline of a jurisdiction; the default's where none of that name is known."""
    return DEADLINES.get(jurisdiction, DEADLINES[DEFAULT])
