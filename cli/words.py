"""States, outcomes and verdicts in words; the catalogue holds the Korean."""

from hashreg.model.cases import CaseState
from hashreg.model.matches import SecondSignal, Tier
from hashreg.model.messages import N_
from hashreg.model.records import HoldReason, PictureState, ProbingState
from hashreg.takedown.intake import Outcome

STATE_WORDS = {
    CaseState.RECEIVED: N_("received, and not matched yet"),
    CaseState.HELD: N_("held until a person has looked at it"),
    CaseState.ACTIVE: N_("active: its hashes are being matched"),
    CaseState.REFUSED: N_("refused by a person"),
    CaseState.DISPUTED: N_(
        "disputed: some of it waits until people have decided, the rest is being matched"
    ),
    CaseState.SUSPENDED: N_("suspended after a dispute"),
    CaseState.WITHDRAWN: N_("withdrawn: its hashes are deleted"),
    CaseState.ERASED: N_("withdrawn and erased"),
}

STANDING_WORDS = {
    "open": N_("Found, waiting for a person to look"),
    "closed": N_("Found, then closed because the case was withdrawn"),
    "blocked": N_("Found and blocked"),
    "not_blocked": N_("Found and not blocked"),
    "pending_review": N_("Found, being looked at"),
}

OUTCOME_WORDS = {
    Outcome.TAKEN_IN: N_("Case {case}: taken in, matched from now on. Pictures: {pictures}"),
    Outcome.ADDED: N_("Case {case}: pictures added, matched from now on: {pictures}"),
    Outcome.WITHDRAWN: N_("Case {case}: withdrawn. Its hashes are deleted and match no more."),
    Outcome.WAITING: N_(
        "Case {case}: not known here yet. The withdrawal is kept and will win when it arrives."
    ),
    Outcome.HELD: N_(
        "Case {case}: kept, and held until a person has looked, because it is like widely shared "
        "harmless pictures. Pictures: {pictures}"
    ),
    Outcome.DELEGATED: N_("Case {case}: the helper may act for it from now on."),
    Outcome.REVOKED: N_("Case {case}: the helper may not act for it, or not any more."),
    Outcome.ALREADY: N_("Case {case}: this file was taken in before. Nothing was changed."),
}

PARTLY_HELD = {
    Outcome.TAKEN_IN: N_(
        "Case {case}: taken in. Pictures: {pictures}; held until a person has looked, and not "
        "matched until then: {held}"
    ),
    Outcome.ADDED: N_(
        "Case {case}: pictures added: {pictures}; held until a person has looked, and not matched "
        "until then: {held}"
    ),
}


def outcome_words(outcome: Outcome, held: int) -> str:
    """Return the sentence of what became of a document, of whose pictures so many are held."""
    words = PARTLY_HELD.get(outcome) if held else None
    return words or OUTCOME_WORDS[outcome]


PICTURE_WORDS = {
    PictureState.HELD: N_("held"),
    PictureState.ACTIVE: N_("admitted"),
    PictureState.REFUSED: N_("refused"),
}

VOTE_WORDS = {
    PictureState.ACTIVE: N_("says: admit it"),
    PictureState.REFUSED: N_("says: refuse it"),
}

HOLD_WORDS = {
    HoldReason.KNOWN_BENIGN: N_("like a widely shared harmless picture: {note}"),
    HoldReason.MANY_HITS: N_("found in much content at once, none of it confirmed: {hits}"),
    HoldReason.DISPUTED: N_(
        "decided against by two who are independent of each other; two moderators have to agree"
    ),
    HoldReason.OVER_QUOTA: N_("more came in by {note} that day than usual"),
    HoldReason.ABUSED_CHANNEL: N_("came in by {note}, as several abusive claims did before"),
}

PROBING_WORDS = {
    ProbingState.OPEN: N_("asks"),
    ProbingState.WARNED: N_("asks often: watch it"),
    ProbingState.LOCKED: N_("locked out until a moderator decides"),
}

STATISTIC_WORDS = {
    "cases": N_("cases"),
    "partner_records": N_("records of others' feeds"),
    "pictures": N_("pictures"),
    "pictures_held": N_("pictures held"),
    "askers_locked": N_("askers locked out of a picture"),
    "reports_kept": N_("reports kept"),
    "matches": N_("matches"),
    "matches_by_tier": N_("matches by tier"),
    "verdicts": N_("verdicts"),
    "channels": N_("cases decided, by the way they came in"),
    "oldest_waiting": N_("waiting since"),
    "platforms": N_("platforms"),
    "moderators": N_("moderators"),
}

NOT_CLEANED = N_(
    "What was deleted may still lie in free parts of the registry's file, because the disk is full "
    "or another program is reading. Free some space and run: hashreg purge"
)

TIER_WORDS = {Tier.MATCH: N_("match"), Tier.REVIEW: N_("possible match")}

VERDICT_WORDS = {
    "match": N_("match"),
    "review": N_("possible match"),
    "clear": N_("clear"),
    "unchecked": N_("unchecked"),
    "unreadable": N_("unreadable"),
}

SIGNAL_WORDS = {
    SecondSignal.AGREES: N_("a second hash agrees"),
    SecondSignal.DISAGREES: N_("a second hash disagrees"),
    None: N_("a second hash can't say"),
}
