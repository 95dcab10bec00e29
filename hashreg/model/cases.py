"""A case: its public number, its secret recovery code, and the states it passes through."""

from enum import StrEnum
from typing import NewType

from hashreg.model.crockford import parse_code, random_code
from hashreg.model.errors import InvalidCode, InvalidInput, Refused
from hashreg.model.messages import N_

CaseNumber = NewType("CaseNumber", str)
"""Public and random, 55 bits and a check symbol: ``XXXX-XXXX-XXXX``."""

RecoveryCode = NewType("RecoveryCode", str)
"""Only the victim has it, 80 bits and a check symbol: ``XXXX-XXXX-XXXX-XXXX-X``."""

STATUS_PREFIX = b"hashreg status 1\n"
"""Comes first in what is signed to ask for a case's status, so that no other use fits it."""

_CASE_SYMBOLS = 11
_CODE_SYMBOLS = 16


def new_case_number() -> CaseNumber:
    """Return a random case number."""
    return CaseNumber(random_code(_CASE_SYMBOLS))


def new_recovery_code() -> RecoveryCode:
    """Return a random recovery code."""
    return RecoveryCode(random_code(_CODE_SYMBOLS))


def parse_case_number(text: str) -> CaseNumber:
    """Return a typed case number in canonical form; raises InvalidCode."""
    error = InvalidCode(
        N_(
            "This is not a case number. A case number has 12 letters and digits, such as "
            "XXXX-XXXX-XXXX; compare it with your receipt, letter by letter."
        ),
        field="case",
    )
    return CaseNumber(parse_code(text, _CASE_SYMBOLS, error))


def parse_recovery_code(text: str) -> RecoveryCode:
    """Return a typed recovery code in canonical form; raises InvalidCode, never echoing it."""
    error = InvalidCode(
        N_(
            "This recovery code has a typing mistake. A recovery code has 17 letters and digits, "
            "in the form XXXX-XXXX-XXXX-XXXX-X; compare it with your receipt, letter by letter."
        ),
        field="recovery_code",
    )
    return RecoveryCode(parse_code(text, _CODE_SYMBOLS, error))


def status_bytes(case: CaseNumber, nonce: str) -> bytes:
    """Return what the holder of a case's key signs to ask where it stands.

    ``nonce`` is the server's challenge, ASCII; raises InvalidInput where it is not.
    """
    if not nonce.isascii():
        raise InvalidInput(N_("The nonce must be the text that the server gave."), field="nonce")
    return STATUS_PREFIX + f"{case}\n{nonce}".encode("ascii")


class CaseState(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    HELD = "held"
    ACTIVE = "active"
    REFUSED = "refused"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.RECEIVED: frozenset({CaseState.HELD, CaseState.ACTIVE, CaseState.WITHDRAWN}),
    CaseState.HELD: frozenset({CaseState.ACTIVE, CaseState.REFUSED, CaseState.WITHDRAWN}),
    CaseState.ACTIVE: frozenset({CaseState.DISPUTED, CaseState.WITHDRAWN}),
    CaseState.REFUSED: frozenset({CaseState.WITHDRAWN}),
    CaseState.DISPUTED: frozenset({CaseState.ACTIVE, CaseState.SUSPENDED, CaseState.WITHDRAWN}),
    CaseState.SUSPENDED: frozenset({CaseState.WITHDRAWN}),
    CaseState.WITHDRAWN: frozenset({CaseState.ERASED}),
    CaseState.ERASED: frozenset(),
}
"""The one table of states. A case can be withdrawn from every state; erased is the end."""

MATCHED_STATES = frozenset({CaseState.ACTIVE, CaseState.DISPUTED})
"""States in which a case's hashes are matched."""


def advance(state: CaseState, to: CaseState) -> CaseState:
    """Return ``to`` if the table allows the step; raises Refused."""
    if to not in TRANSITIONS[state]:
        raise Refused(
            N_("This case is {state} and can't become {wanted}."),
            state=state.value,
            wanted=to.value,
        )
    return to
