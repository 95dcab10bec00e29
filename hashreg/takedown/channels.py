"""The ways in which cases come in: each has a quota, and answers for claims that were abusive.

What is over a quota, or comes by a way that brought abusive claims, waits for a person; nothing is
refused, and no case that is there already is touched by what others did.
"""

import datetime as dt

from hashreg.matching import policy
from hashreg.model.records import CaseId, HoldReason
from hashreg.model.submissions import Kind
from hashreg.model.verdicts import Reason
from hashreg.takedown.store import Store

LOCAL = "intake"
"""At the registry's own command line, by nobody in particular: the operator's own doing."""
WEB = "web"
"""Over HTTP, by anybody: it has a quota, but no name that could be answered for."""


_PARTNER = "feed:"


def partner_channel(source: str) -> str:
    """Return the way by which records of another's feed come in; no partner's name has a colon."""
    return f"{_PARTNER}{source}"


def is_partner(channel: str) -> bool:
    """Tell whether a case came from another's feed."""
    return channel.startswith(_PARTNER)


def why_held(
    store: Store, channel: str, kind: Kind, pictures: int, now: dt.datetime
) -> HoldReason | None:
    """Count new pictures; return why they wait for a person, or None. Inside ``store.write``."""
    if channel == LOCAL or is_partner(channel):
        return None
    if store.channels.count(channel, now.date(), pictures) > policy.CHANNEL_PICTURES:
        return HoldReason.OVER_QUOTA
    if kind is Kind.SUBMISSION and channel != WEB and _is_abused(store, channel):
        return HoldReason.ABUSED_CHANNEL
    return None


def weigh(store: Store, case_id: CaseId) -> None:
    """Write down whether people found a case's claim abusive; call it after each verdict on it."""
    channel = store.cases.get(case_id).channel
    if channel in ("", LOCAL) or is_partner(channel):  # "": from before channels were kept
        return
    said = (store.matches.verdicts(match.ticket) for match in store.matches.of_case(case_id))
    abusive = any(it and it[-1].decision.reason is Reason.ABUSIVE_CLAIM for it in said)
    store.channels.mark(channel, case_id, abusive=abusive)


def _is_abused(store: Store, channel: str) -> bool:
    decided, abusive = store.channels.marks(channel)
    return abusive >= policy.CHANNEL_ABUSES and abusive >= policy.CHANNEL_ABUSIVE_SHARE * decided
