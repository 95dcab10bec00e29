"""The committed pictures and fingerprints, ``tests/golden/formats`` and ``page.json``."""

import json
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hashreg.hashing import fingerprint
from hashreg.model.errors import UnreadableFile
from hashreg.model.fingerprints import Fingerprint, fingerprint_from_json, too_plain
from hashreg.model.hashes import HashItem
from hashreg.model.tokens import HEADER_BYTES, TOKEN_BYTES, Tokens
from support.program import ROOT

FORMATS = ROOT / "tests" / "golden" / "formats"
VECTORS = ROOT / "tests" / "golden" / "page.json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file can't be hashed."""

    code: str


Expected = Fingerprint | Refusal


def by_python(content: bytes) -> Expected:
    """Return what a case would hold of a picture, or why it can't be hashed.

    HEIC is refused, as by most browsers: pillow-heif is an extra.
    """
    with mock.patch("hashreg.hashing.decode.can_open_heif", return_value=False):
        try:
            made = fingerprint(content, views="register")
        except UnreadableFile as error:
            return Refusal(error.code)
    return made if made.is_comparable else Refusal(too_plain(made).code)


def committed() -> dict[str, Expected]:
    """Return the committed answers by the name of the picture's file."""
    data = json.loads(VECTORS.read_text(encoding="utf-8"))["pictures"]
    return {
        name: Refusal(it) if isinstance(it, str) else fingerprint_from_json(it, name)
        for name, it in data.items()
    }


def as_json(answers: dict[str, Expected], made_with: str) -> str:
    """Return the content of the file that ``committed`` reads, a picture a line."""
    lines = [f" {json.dumps(name)}: {_readable(it)}" for name, it in answers.items()]
    pictures = ",\n".join(lines)
    return f'{{"made_with": {json.dumps(made_with)}, "pictures": {{\n{pictures}\n}}}}\n'


def _readable(answer: Expected) -> str:
    value = answer.code if isinstance(answer, Refusal) else answer.as_json()
    return json.dumps(value, separators=(",", ":"))


def picture(name: str) -> Path:
    return FORMATS / name


def distance(one: HashItem, other: HashItem) -> int:
    """Return in how many bits two hashes differ."""
    return (int(one.hash, 16) ^ int(other.hash, 16)).bit_count()


def missing_tokens(ours: Tokens, expected: Tokens) -> int:
    """Return how many expected tokens ours has not, in any place."""
    found = _records(ours)
    return sum(record not in found for record in _records(expected))


def _records(tokens: Tokens) -> list[bytes]:
    size = TOKEN_BYTES[tokens.kind]
    starts = range(HEADER_BYTES, len(tokens.data), size)
    return [tokens.data[start : start + size] for start in starts]
