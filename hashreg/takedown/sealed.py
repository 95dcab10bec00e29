"""Opening what was sealed for this registry.

Its age identity (X25519) is made when it is first asked for and kept in the registry, encrypted as
everything else is; its public key is no secret.
"""

from typing import TYPE_CHECKING

from hashreg.model.errors import InvalidDocument, MissingExtra
from hashreg.model.messages import N_
from hashreg.model.submissions import NEEDS_SEALED
from hashreg.takedown.store import Store

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

IDENTITY = "age identity"


def public_key(store: Store) -> str:
    """Return the key that files are sealed to; it is made the first time. Raises MissingExtra."""
    return str(_identity(store).to_public())


def opened(store: Store, content: bytes) -> bytes:
    """Return what was sealed; raises InvalidDocument, MissingExtra."""
    identity = _identity(store)
    import pyrage  # noqa: PLC0415  (an extra, which is there now)

    try:
        return bytes(pyrage.decrypt(content, [identity]))
    except pyrage.DecryptError:
        raise InvalidDocument(
            N_(
                "This file is sealed for another registry, or it was damaged or cut off. Ask for "
                "it again, sealed for the key that `hashreg key show` prints."
            )
        ) from None


def _identity(store: Store) -> "Identity":
    try:
        from pyrage.x25519 import Identity  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra(NEEDS_SEALED, command="pip install 'hashreg[sealed]'") from error

    with store.read():
        kept = store.secrets.find(IDENTITY)
    if kept is None:
        with store.write():
            kept = store.secrets.keep(IDENTITY, str(Identity.generate()).encode("ascii"))
    return Identity.from_str(kept.decode("ascii"))
