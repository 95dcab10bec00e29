"""Sealing a signed file for one registry, on the victim's device: an age file.

Whoever finds the stick or reads the mail sees that it is one (age-encryption.org), and how long.
Only that registry opens it, so its maker can't either; everything that is done with a case later
needs the case number and recovery code alone.
"""

from pathlib import Path

from hashreg.model.errors import InvalidInput, MissingExtra
from hashreg.model.messages import N_
from hashreg.model.submissions import NEEDS_SEALED

MOST_BYTES = 1000
"""Of a file that holds a registry's public key."""
NOT_A_KEY = N_(
    "This is not the public key of a registry. It begins with age1; your help line or registry "
    "tells it, or gives it as a file."
)


def sealed(content: bytes, recipient: str) -> bytes:
    """Return the content sealed for the holder of a public key; raises InvalidInput, MissingExtra.

    ``recipient`` is the key, ``age1…``, or the name of a file that holds it.
    """
    try:
        import pyrage  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra(NEEDS_SEALED, command="pip install 'hashreg[sealed]'") from error
    try:
        key = pyrage.x25519.Recipient.from_str(recipient_text(recipient))
    except pyrage.RecipientError:
        raise InvalidInput(NOT_A_KEY, field="seal_to") from None
    return bytes(pyrage.encrypt(content, [key]))


def recipient_text(recipient: str) -> str:
    """Return a public key that was given as it is or in a file; raises InvalidInput."""
    if recipient.startswith("age1"):
        return recipient.strip()
    try:
        with Path(recipient).open("rb") as file:
            return file.read(MOST_BYTES).decode("ascii").strip()
    except (OSError, ValueError):
        raise InvalidInput(NOT_A_KEY, field="seal_to") from None
