"""The committed tokens, ``tests/golden/tokens.json``, and how ours are made and compared.

Other than PDQ there is no second implementation to make them with: they hold today's answers, which
the slow twin in ``naive_tokens`` has checked, for other implementations and later versions.
"""

import json
from dataclasses import dataclass, field

import numpy as np

from hashreg.hashing import fingerprint
from hashreg.hashing.tokens import asked_tokens, registered_tokens
from hashreg.model.tokens import TOKENS_RECIPE, TokenKind, Tokens, tokens_from_json

from .golden import ROOT, SAMPLES, Texture

VECTORS = ROOT / "tests" / "golden" / "tokens.json"
PLACE_UNITS = 256
"""Of 65,536 a long side: two pixels of an asked picture."""
TEXTURES = (Texture(21, 256, 256, 1), Texture(22, 512, 384, 1), Texture(23, 90, 300, 1))


@dataclass(frozen=True, slots=True)
class Vector:
    """The tokens of one picture. Its ``repr`` shows none."""

    registered: Tokens = field(repr=False)
    asked: Tokens = field(repr=False)

    def of(self, kind: TokenKind) -> Tokens:
        return self.registered if kind is TokenKind.REGISTERED else self.asked


def photo_names() -> list[str]:
    """Return the photos with vectors, as paths inside ``sample_images``."""
    return sorted(f"originals/{path.name}" for path in (SAMPLES / "originals").iterdir())


def of_photo(name: str) -> Vector:
    registered, asked = (
        fingerprint(SAMPLES / name, views="register").tokens,
        fingerprint(SAMPLES / name, views="query").tokens,
    )
    if registered is None or asked is None:
        raise LookupError("a photo without tokens is no sample for them")
    return Vector(registered, asked)


def of_texture(made: Texture) -> Vector:
    plane = made.pixels()[:, :, 0].astype(np.float32)
    return Vector(registered_tokens(plane), asked_tokens(plane))


def committed() -> dict[str, Vector]:
    """Return the committed vectors by the name of the photo or texture."""
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    return {
        name: Vector(*(tokens_from_json(kinds[kind], name) for kind in TokenKind))
        for name, kinds in data["vectors"].items()
    }


def as_json(vectors: dict[str, Vector], made_with: str) -> str:
    """Return the content of the file that ``committed`` reads."""
    readable = {
        name: {kind.value: it.of(kind).as_json() for kind in TokenKind}
        for name, it in vectors.items()
    }
    data = {"recipe": TOKENS_RECIPE, "made_with": made_with, "vectors": readable}
    return json.dumps(data, indent=1) + "\n"


def missing(ours: Tokens, expected: Tokens) -> int:
    """Return how many expected tokens ours has not: another word, or another place."""
    others = records(ours)
    return sum(not any(is_same(one, other) for other in others) for one in records(expected))


def records(tokens: Tokens) -> list[bytes]:
    size = 5 if tokens.kind is TokenKind.REGISTERED else 12
    return [tokens.data[start : start + size] for start in range(2, len(tokens.data), size)]


def is_same(one: bytes, other: bytes) -> bool:
    """Tell whether two tokens have one word and lie at one place (all but the mask of bits)."""
    if one[:3] != other[:3] or len(one) != len(other):
        return False
    if len(one) == 5:
        return one == other
    places = ((int.from_bytes(it[6:8]), int.from_bytes(it[8:10])) for it in (one, other))
    (x, y), (x2, y2) = places
    turn = (one[11] - other[11] + 128) % 256 - 128
    return max(abs(x - x2), abs(y - y2)) <= PLACE_UNITS and abs(turn) <= 2
