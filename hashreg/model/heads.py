"""The head of the event table, signed by its registry.

Whoever holds one notices later if what stood before it was changed, cut off, or told otherwise to
somebody else.
"""

import json
import re
from dataclasses import dataclass

from hashreg.model.errors import InvalidDocument
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields, parse
from hashreg.model.submissions import PublicKeyHex, SignatureHex

SIGNED_PREFIX = "hashreg head 1"
MOST_BYTES = 10_000
_FIELDS = ("sequence", "chain", "at", "public_key", "signature")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry at a moment.

    ``chain`` is its link in 64 hex digits, which stands for all entries up to it; ``at`` is when it
    was signed, in ISO 8601.
    """

    sequence: int
    chain: str
    at: str
    public_key: PublicKeyHex | None = None
    signature: SignatureHex | None = None

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        return "\n".join((SIGNED_PREFIX, str(self.sequence), self.chain, self.at)).encode("ascii")

    def as_json(self) -> dict[str, object]:
        """Return the object that `GET /status` has under ``head``."""
        return {name: getattr(self, name) for name in _FIELDS}

    def to_bytes(self) -> bytes:
        """Return the head as a line of JSON."""
        return json.dumps(self.as_json()).encode() + b"\n"


def parse_head(content: bytes) -> Head:
    """Read what ``to_bytes`` wrote; raises InvalidDocument. The signature is not verified here."""
    return head_of_fields(Fields(parse(content[:MOST_BYTES], InvalidDocument), "", InvalidDocument))


def head_of_fields(fields: Fields) -> Head:
    """Read a head that stands in another object; raises InvalidDocument."""
    fields.only(_FIELDS)
    head = Head(
        fields.whole_number("sequence", 0, 2**60),
        fields.text("chain"),
        fields.text("at"),
        PublicKeyHex(fields.text("public_key")),
        SignatureHex(fields.text("signature")),
    )
    shapes = {"chain": 64, "public_key": 64, "signature": 128}
    fit = all(re.fullmatch(rf"[0-9a-f]{{{size}}}", fields.text(it)) for it, size in shapes.items())
    if not fit or not re.fullmatch(r"[0-9T:.+-]{10,40}", head.at):
        raise InvalidDocument(
            N_("This is not a head of a registry's event table, or it was changed."), field="head"
        )
    return head
