"""Orders in words; the catalogue holds the Korean."""

from hashreg.model.messages import N_
from hashreg.model.orders import Escalation, OrderKind, OrderState, Trouble

KIND_WORDS = {
    OrderKind.REMOVAL: N_("remove the content"),
    OrderKind.REVOCATION: N_("do nothing more about it"),
}

STATE_WORDS = {
    OrderState.OPEN: N_("not acknowledged"),
    OrderState.ACKNOWLEDGED: N_("acknowledged"),
    OrderState.REMOVED: N_("removed, and checked again on a schedule"),
    OrderState.DONE: N_("done"),
    OrderState.DECLINED: N_("declined by the platform"),
    OrderState.CANCELLED: N_("called off"),
}

ESCALATION_WORDS = {
    Escalation.UNACKNOWLEDGED: N_("the platform has not acknowledged it for a day"),
    Escalation.OVERDUE: N_("the content should be gone by now"),
    Escalation.UNCHECKED: N_("nobody has checked again whether the content stays away"),
    Escalation.DECLINED: N_("the platform has decided against it"),
    Escalation.CLOCK: N_(
        "its times lie ahead, since a clock was wrong: decide the match anew, first not_blocked; "
        "of a withdrawal, acknowledge it"
    ),
}

TROUBLE_WORDS = {
    Trouble.UNREACHABLE: N_("the platform's address can't be reached"),
    Trouble.UNTRUSTED: N_("the platform's certificate is not valid, so nothing was sent"),
    Trouble.TIMEOUT: N_("the platform did not answer in time"),
    Trouble.FORBIDDEN_ADDRESS: N_("the platform's address lies in a private network"),
    Trouble.REDIRECTED: N_("the platform redirects elsewhere, which is not followed"),
    Trouble.REFUSED: N_("the platform answered with an error"),
    Trouble.UNREADABLE: N_("the platform's answer can't be read"),
}
