"""What has become of each copy that was found, in words for the person whose case it is."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hashreg.cli.common import in_local_time, say, shown
from hashreg.model.messages import N_, tr

if TYPE_CHECKING:
    from hashreg.client.standing import AtPlatformJson, CopyJson

STEP_WORDS = {
    "found": N_("Found. A person will look at it."),
    "in_review": N_("A person is looking at it."),
    "declined": N_("It stays: {reason}."),
    "taken_down": N_("The platform says that it has removed it."),
    "refused": N_("The platform refuses to remove it: {reason}. A person sees to that."),
    "ordered": N_("The platform is told to remove it."),
    "returned": N_("It was there again, and has to be removed again."),
    "delivered": N_("The request has reached the platform."),
    "acknowledged": N_("The platform has confirmed the request."),
    "removed": N_("The platform says that it is removed. This is checked again."),
    "stays_away": N_("It is removed, and stayed away."),
    "closed": N_("Closed."),
}
REASON_WORDS = {
    "different_content": N_("it shows something else"),
    "not_intimate": N_("it is not intimate"),
    "public_interest": N_("it is of public interest"),
    "consensual": N_("it was shared with consent"),
    "abusive_claim": N_("it was not yours to register"),
}


def say_timeline(platforms: Sequence["AtPlatformJson"]) -> None:
    """Say what each platform did about each copy, and when; once of those that are alike."""
    for at in platforms:
        alike = Counter("\n    ".join(_lines(copy)) for copy in at["copies"])
        for lines, count in alike.items():
            copies = tr(" (copies: {count})", count=count) if count > 1 else ""
            say(f"{shown(at['platform'])}{copies}:\n    {lines}")


def _lines(copy: "CopyJson") -> Iterator[str]:
    for step in copy["steps"]:
        moment = dt.datetime.fromisoformat(step["at"])
        yield f"{in_local_time(moment)}  {_words(step['step'], copy)}"
    if copy["standing"] != copy["steps"][-1]["step"]:
        yield _words(copy["standing"], copy)
    if copy["due_at"]:
        due = dt.datetime.fromisoformat(copy["due_at"])
        yield tr("It has to be gone by {date}.", date=in_local_time(due))


def _words(step: str, copy: "CopyJson") -> str:
    """Return a step in words; what a newer server says, as it says it."""
    reason = copy["reason"] or ""
    why = tr(REASON_WORDS[reason]) if reason in REASON_WORDS else reason or "-"
    return tr(STEP_WORDS[step], reason=why) if step in STEP_WORDS else step
