"""Submission files: what travels from a victim's device to a registry, and nothing else.

A document is JSON with hashes, qualities and views, the case number and its public key, signed
with the key that only the recovery code gives. Never a file name, a path, a time of day or pixels:
unknown fields are refused, so that nothing else can ride along. Three kinds: a *submission* opens
a case, an *addition* brings more pictures, a *withdrawal* ends it.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from hashreg.model.cases import CaseNumber, parse_case_number
from hashreg.model.errors import InvalidDocument, InvalidInput
from hashreg.model.fingerprints import REGISTERED_VIEWS, Fingerprint, fingerprint_from_json
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields, parse
from hashreg.model.tokens import TokenKind

FORMAT = "hashreg"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
MAX_ITEMS = 10_000
SIGNED_PREFIX = b"hashreg document 1\n"
"""Comes before the canonical JSON in what is signed, so that no other use fits the signature."""

PublicKeyHex = NewType("PublicKeyHex", str)
"""A raw Ed25519 public key (RFC 8032), 64 hex digits."""
SignatureHex = NewType("SignatureHex", str)
"""An Ed25519 signature, 128 hex digits."""

_FIELDS = ("format", "version", "kind", "case", "public_key", "created", "items", "signature")


class Kind(StrEnum):
    """What a document asks the registry to do."""

    SUBMISSION = "submission"
    ADDITION = "addition"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Document:
    """A submission, addition or withdrawal; ``items`` is empty for a withdrawal."""

    kind: Kind
    case: CaseNumber
    public_key: PublicKeyHex
    created: dt.date
    items: tuple[Fingerprint, ...] = ()
    signature: SignatureHex = SignatureHex("")

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
        return {
            "format": FORMAT,
            "version": VERSION,
            "kind": self.kind.value,
            "case": self.case,
            "public_key": self.public_key,
            "created": self.created.isoformat(),
            "items": [item.as_json() for item in self.items],
        }


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
    fields.only(_FIELDS)
    kind = _kind(fields)
    items = tuple(
        fingerprint_from_json(item, f"items[{number}]")
        for number, item in enumerate(fields.items("items", MAX_ITEMS))
    )
    _check_items(items)
    if (kind is Kind.WITHDRAWAL) != (not items):
        raise InvalidDocument(
            N_("A withdrawal holds no pictures, and every other file at least one."), field="items"
        )
    return Document(
        kind,
        parse_case_number(fields.text("case")),
        PublicKeyHex(_hex(fields, "public_key", 64)),
        _date(fields),
        items,
        SignatureHex(_hex(fields, "signature", 128)),
    )


def _check_items(items: Sequence[Fingerprint]) -> None:
    """Refuse what no case registers: a view or tokens of another kind could carry anything."""
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
            N_("The kind must be submission, addition or withdrawal."), field="kind"
        ) from None


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
