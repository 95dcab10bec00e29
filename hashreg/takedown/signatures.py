"""Whether something was signed by the key it carries, and whether that is the case's key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused
from hashreg.model.messages import N_
from hashreg.model.records import CaseRecord
from hashreg.model.submissions import Document, PublicKeyHex, SignatureHex
from hashreg.takedown.store import Store


def check_signature(document: Document) -> None:
    """Raise Refused unless the document's own key signed exactly this content."""
    if not is_signed(document.public_key, document.signature, document.signed_bytes()):
        raise Refused(
            N_(
                "The signature of this file does not fit its content: it was changed after it was "
                "made, or damaged on the way. Ask for the original file."
            ),
            field="signature",
        )


def is_signed(key: PublicKeyHex, signature: SignatureHex, content: bytes) -> bool:
    """Tell whether this key signed exactly this content."""
    try:
        public_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public_key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_owner(store: Store, case: CaseRecord, document: Document) -> None:
    """Raise Refused unless the document carries the case's key."""
    withdrawn = store.cases.has_tombstone(case.number, document.public_key)
    if not is_owner(case, document.public_key, withdrawn=withdrawn):
        raise Refused(
            N_(
                "This file was signed with another key than case {case} has. The recovery code or "
                "the case number was probably mistyped when it was made; make it again."
            ),
            field="public_key",
            case=document.case,
        )


def is_owner(case: CaseRecord, key: PublicKeyHex, *, withdrawn: bool) -> bool:
    """Tell whether this is the case's key.

    ``withdrawn`` tells whether the case has this key's tombstone, all that is left of an erased
    one's key.
    """
    return withdrawn if case.state is CaseState.ERASED else case.public_key == key
