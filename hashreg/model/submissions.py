"""Submission files: what travels from a victim's device to a registry, and nothing else.

A document is JSON with hashes, qualities and views, the case number and its public key, signed
with the key that only the recovery code gives. Never a file name, a path, a time of day or pixels:
unknown fields are refused, so that nothing else can ride along. A *submission* opens a case, an
*addition* brings more pictures, a *withdrawal* ends it. A *delegation* lets a helper act for the
case and a *revocation* ends that; these two name the helper and carry a random ``nonce``. Since a
registry takes each file in once, an old delegation that somebody sends again revives nothing; by
its nonce a new one is another file, even on the day of the old one.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from hashreg.model.cases import CaseNumber, parse_case_number
from hashreg.model.errors import InvalidDocument, InvalidInput
from hashreg.model.fingerprints import REGISTERED_VIEWS, Fingerprint, fingerprint_from_json
from hashreg.model.messages import N_
from hashreg.model.names import HelperName, is_name
from hashreg.model.strictjson import Fields, parse
from hashreg.model.tokens import TokenKind

FORMAT = "hashreg"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
MAX_ITEMS = 10_000
SEALED_BEGINNING = b"age-encryption.org/v1\n"
"""How a file begins that is sealed for one registry (age-encryption.org/v1)."""
NEEDS_SEALED = N_(
    "The part of hashreg that seals and opens files is not installed. Install it with: {command}"
)
SIGNED_PREFIX = b"hashreg document 1\n"
"""Comes before the canonical JSON in what is signed, so that no other use fits the signature."""

PublicKeyHex = NewType("PublicKeyHex", str)
"""A raw Ed25519 public key (RFC 8032), 64 hex digits."""
SignatureHex = NewType("SignatureHex", str)
"""An Ed25519 signature, 128 hex digits."""

_FIELDS = ("format", "version", "kind", "case", "public_key", "created", "items", "signature")
_DELEGATION_FIELDS = ("helper", "nonce")
NONCE_DIGITS = 16


class Kind(StrEnum):
    """What a document asks the registry to do."""

    SUBMISSION = "submission"
    ADDITION = "addition"
    WITHDRAWAL = "withdrawal"
    DELEGATION = "delegation"
    REVOCATION = "revocation"


IN_ORDER = (
    Kind.SUBMISSION,
    Kind.ADDITION,
    Kind.DELEGATION,
    Kind.REVOCATION,
    Kind.WITHDRAWAL,
)
"""The order in which files that arrive together are taken in."""
WITH_PICTURES = frozenset({Kind.SUBMISSION, Kind.ADDITION})
"""Kinds that hold at least one picture; the others hold none."""
ABOUT_A_HELPER = frozenset({Kind.DELEGATION, Kind.REVOCATION})
"""Kinds that name a helper and carry a nonce; the others have neither field."""


@dataclass(frozen=True, slots=True)
class Document:
    """A signed file.

    ``items`` is empty but in a submission and an addition, ``helper`` and ``nonce`` (16 hex
    digits) are but in a delegation and a revocation.
    """

    kind: Kind
    case: CaseNumber
    public_key: PublicKeyHex
    created: dt.date
    items: tuple[Fingerprint, ...] = ()
    signature: SignatureHex = SignatureHex("")
    helper: HelperName = field(default=HelperName(""), kw_only=True)
    nonce: str = field(default="", kw_only=True)

    def signed_bytes(self) -> bytes:
        """Return the bytes that the signature covers: everything but the signature."""
        body = self._body()
        return SIGNED_PREFIX + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()

    def digest(self) -> str:
        """Return SHA-256 of the signed bytes in hex: the same document always has the same."""
        return hashlib.sha256(self.signed_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        body = self._body() | {"signature": self.signature}
        return json.dumps(body, indent=1).encode() + b"\n"

    def _body(self) -> dict[str, object]:
        body: dict[str, object] = {
            "format": FORMAT,
            "version": VERSION,
            "kind": self.kind.value,
            "case": self.case,
            "public_key": self.public_key,
            "created": self.created.isoformat(),
            "items": [item.as_json() for item in self.items],
        }
        if self.kind in ABOUT_A_HELPER:
            body |= {"helper": self.helper, "nonce": self.nonce}
        return body


def is_sealed(content: bytes) -> bool:
    """Tell whether a file has to be opened by the registry that it is sealed for."""
    return content.startswith(SEALED_BEGINNING)


def parse_document(content: bytes) -> Document:
    """Read a submission file; raises InvalidDocument. The signature is not verified here."""
    if len(content) > MAX_BYTES:
        raise InvalidDocument(
            N_("This file is larger than {limit} MB, more than any submission file is."),
            limit=MAX_BYTES // 1024 // 1024,
        )
    try:
        return _document(Fields(parse(content, InvalidDocument), "", InvalidDocument))
    except InvalidDocument:
        raise
    except InvalidInput as error:
        raise InvalidDocument(error.text, field=error.field, **error.values) from None


def _document(fields: Fields) -> Document:
    if fields.raw("format") != FORMAT:
        raise InvalidDocument(
            N_("This is not a submission file of hashreg; their names usually end in .hashreg."),
            field="format",
        )
    version = fields.whole_number("version", 1, 2**31)
    if version > VERSION:
        raise InvalidDocument(
            N_(
                "This file was made by a newer hashreg (format {version}; this one reads up to "
                "{known}). Update this hashreg and take the file in again; nothing is lost."
            ),
            field="version",
            version=version,
            known=VERSION,
        )
    kind = _kind(fields)
    about_a_helper = kind in ABOUT_A_HELPER
    fields.only(_FIELDS + _DELEGATION_FIELDS if about_a_helper else _FIELDS)
    return Document(
        kind,
        parse_case_number(fields.text("case")),
        PublicKeyHex(_hex(fields, "public_key", 64)),
        _date(fields),
        _items(fields, kind),
        SignatureHex(_hex(fields, "signature", 128)),
        helper=_helper(fields) if about_a_helper else HelperName(""),
        nonce=_hex(fields, "nonce", NONCE_DIGITS) if about_a_helper else "",
    )


def _items(fields: Fields, kind: Kind) -> tuple[Fingerprint, ...]:
    items = tuple(
        fingerprint_from_json(item, f"items[{number}]")
        for number, item in enumerate(fields.items("items", MAX_ITEMS))
    )
    check_items(items)
    if bool(items) != (kind in WITH_PICTURES):
        raise InvalidDocument(
            N_("A submission or addition holds at least one picture, and every other file none."),
            field="items",
        )
    return items


def check_items(items: Sequence[Fingerprint]) -> None:
    """Refuse what no case registers: a view or tokens of another kind could carry anything.

    Raises InvalidDocument.
    """
    for number, item in enumerate(items):
        if any(it.view not in REGISTERED_VIEWS for it in item.hashes):
            raise InvalidDocument(
                N_("{place} has a view that no case registers. The file was edited."),
                field="items",
                place=f"items[{number}].hashes",
            )
        if item.tokens is not None and item.tokens.kind is not TokenKind.REGISTERED:
            raise InvalidDocument(
                N_("{place} has tokens that no case registers. The file was edited."),
                field="items",
                place=f"items[{number}].tokens",
            )


def _kind(fields: Fields) -> Kind:
    try:
        return Kind(fields.text("kind"))
    except ValueError:
        raise InvalidDocument(
            N_("The kind must be submission, addition, withdrawal, delegation or revocation."),
            field="kind",
        ) from None


def _helper(fields: Fields) -> HelperName:
    name = fields.text("helper")
    if not is_name(name):
        raise InvalidDocument(
            N_(
                "The helper's name is none that a helper can have: 1 to 64 letters, digits, spaces "
                "or . @ + - _ and a letter or digit first."
            ),
            field="helper",
        )
    return HelperName(name)


def _date(fields: Fields) -> dt.date:
    text = fields.text("created")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise InvalidDocument(N_("The date must be written as 2026-12-31."), field="created")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidDocument(
            N_("The date must be written as 2026-12-31."), field="created"
        ) from None


def _hex(fields: Fields, name: str, digits: int) -> str:
    value = fields.text(name)
    if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value):
        raise InvalidDocument(
            N_("{place} must have {digits} lower-case hex digits."),
            field=name,
            place=name,
            digits=digits,
        )
    return value
