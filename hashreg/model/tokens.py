"""Tokens: small upright patches of a picture as words, with where they are, coarsely.

Recipe ``tokens-1`` (`docs/decisions/010-tokens.md`). All lengths are shares of the picture's long
side. Registered tokens are capped: at most 47 of 5 bytes, of patches no larger than 7.5 % of the
long side to either side. Asked tokens are richer and never stored.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from hashreg.model.errors import InvalidHash
from hashreg.model.hashes import HashItem
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields

TOKENS_RECIPE = "tokens-1"
TOKEN_FIELDS = ("recipe", "kind", "data")


class TokenKind(StrEnum):
    """What tokens are for."""

    REGISTERED = "registered"
    ASKED = "asked"


TOKEN_BYTES = {TokenKind.REGISTERED: 5, TokenKind.ASKED: 12}
MOST_TOKENS = {TokenKind.REGISTERED: 47, TokenKind.ASKED: 2048}
HEADER_BYTES = 2
RATIO_STEPS = 4096
"""The header is the picture's shape, which the registry needs to propose an alignment:
log2(height / width) in steps of 1/4096, a signed 16-bit number."""
WORD_BITS = 24
MIRROR_MASK = 0b010100101010100101010101
"""Bits of a word that change when its patch is mirrored: odd row frequencies."""
CELLS, SIZES, DIRECTIONS = 32, 4, 16
"""A registered token's place: x and y in so many cells of the long side, its size and its angle."""
LEAST_SIGMA, MOST_SIGMA = 1.75 / 256, 3.2 / 256
"""Sizes of registered tokens. There is no smaller keypoint; larger ones are left out, which is the
privacy cap: larger patches rebuild recognisable faces (decision 010)."""
SIZE_STEP = 0.35
"""Of the logarithm of a registered token's size."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one picture, packed; ``hashing.tokens`` and ``matching.tokens`` know how.

    Raises InvalidHash where the length is no whole number of tokens, or too many.
    """

    kind: TokenKind
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        whole = (len(self.data) - HEADER_BYTES) % TOKEN_BYTES[self.kind] == 0
        if len(self.data) < HEADER_BYTES or not whole or len(self) > MOST_TOKENS[self.kind]:
            raise InvalidHash(
                N_("Tokens of the kind {kind} have {size} bytes each, at most {most} of them."),
                field="tokens",
                kind=self.kind.value,
                size=TOKEN_BYTES[self.kind],
                most=MOST_TOKENS[self.kind],
            )

    def __len__(self) -> int:
        return (len(self.data) - HEADER_BYTES) // TOKEN_BYTES[self.kind]

    def as_json(self) -> dict[str, str]:
        """Return the object under ``tokens`` of a fingerprint."""
        data = base64.b64encode(self.data).decode("ascii")
        return {"recipe": TOKENS_RECIPE, "kind": self.kind.value, "data": data}


Transform = tuple[float, float, float, float, float, float]
"""Registered picture to upload: x' = a x + b y + c, y' = d x + e y + f, as (a, b, c, d, e, f). The
registered picture is the unit square; the upload's lengths are shares of its long side."""


class Aligner(Protocol):
    """An upload that can still be looked at: it hashes itself in a registered picture's frame."""

    def aligned(self, transform: Transform) -> Sequence[HashItem]:
        """Return PDQ of each registered view that the upload covers, under the view's name."""
        ...


def tokens_from_json(value: object, place: str) -> Tokens:
    """Read what ``Tokens.as_json`` made; raises InvalidHash naming the place."""
    fields = Fields(value, place, InvalidHash)
    fields.only(TOKEN_FIELDS)
    if fields.text("recipe") != TOKENS_RECIPE:
        raise InvalidHash(
            N_(
                "These tokens follow another recipe than {recipe}; update hashreg, or leave them "
                "out."
            ),
            field=fields.place("recipe"),
            recipe=TOKENS_RECIPE,
        )
    kind = fields.text("kind")
    if kind not in set(TokenKind):
        raise InvalidHash(
            N_("The kind of tokens must be one of {kinds}."),
            field=fields.place("kind"),
            kinds=", ".join(TokenKind),
        )
    try:
        data = base64.b64decode(fields.text("data"), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidHash(
            N_("Tokens must be base64; these were cut off or changed on their way."),
            field=fields.place("data"),
        ) from None
    return Tokens(TokenKind(kind), data)
