"""Whether a document was signed by the key it carries."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hashreg.model.errors import Refused
from hashreg.model.messages import N_
from hashreg.model.submissions import Document


def check_signature(document: Document) -> None:
    """Raise Refused unless the document's own key signed exactly this content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document.public_key))
        key.verify(bytes.fromhex(document.signature), document.signed_bytes())
    except (InvalidSignature, ValueError):
        raise Refused(
            N_(
                "The signature of this file does not fit its content: it was changed after it was "
                "made, or damaged on the way. Ask for the original file."
            ),
            field="signature",
        ) from None
