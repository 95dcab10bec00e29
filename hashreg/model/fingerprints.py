"""The hashes of one picture, and the JSON line that `hashreg hash` prints of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from hashreg.model.errors import FileProblem, HashregError, InvalidHash, UnreadableFile
from hashreg.model.hashes import (
    FILE_VIEW,
    MIN_QUALITY,
    PERCEPTUAL,
    Algorithm,
    HashItem,
    hash_item_from_json,
)
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields
from hashreg.model.tokens import Aligner, Tokens, tokens_from_json

RECIPE = "hashreg-1"
MAX_HASHES = 128
"""Hashes that one fingerprint may hold: 42 asked views and their signals fit three times."""

_SIDES = ("top", "bottom", "left", "right")
_CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
REGISTERED_VIEWS = frozenset(
    {"whole", "trimmed", "content", FILE_VIEW}
    | {f"window:centre-{percent}" for percent in (92, 75, 50)}
    | {f"window:cut-{side}-{percent}" for side in _SIDES for percent in (5, 20)}
    | {f"window:cut-{corner}-5" for corner in _CORNERS}
)
"""What a case may hold hashes of, by recipe ``hashreg-1``; ``hashing/views.py`` makes them."""

Media = Literal["image", "video"]
Views = Literal["whole", "register", "query"]
FINGERPRINT_FIELDS = ("media", "recipe", "quality", "hashes", "tokens")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hashes of one picture or video.

    ``quality`` is the PDQ quality (0-100) of the whole picture, None where a stranger sent bare
    hashes. Each (algorithm, view) occurs once. ``aligner`` can still look at an upload; it is never
    in JSON. Raises InvalidHash.
    """

    hashes: tuple[HashItem, ...]
    quality: int | None = None
    media: Media = "image"
    recipe: str = RECIPE
    tokens: Tokens | None = None
    aligner: Aligner | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.hashes) > MAX_HASHES:
            raise InvalidHash(
                N_("One picture may have at most {most} hashes."), field="hashes", most=MAX_HASHES
            )
        count = len(self.hashes)
        if count > 1 and len({(item.algorithm, item.view) for item in self.hashes}) != count:
            raise InvalidHash(
                N_("One picture has two hashes of the same algorithm and view."), field="hashes"
            )

    @property
    def is_comparable(self) -> bool:
        """Whether any hash of a view is distinctive enough to be compared."""
        return any(h.is_comparable for h in self.hashes if h.algorithm in PERCEPTUAL)

    def get(self, algorithm: Algorithm, view: str) -> HashItem | None:
        """Return the hash of one view, or None."""
        return next((h for h in self.hashes if (h.algorithm, h.view) == (algorithm, view)), None)

    def comparable(self) -> "Fingerprint":
        """Return the same fingerprint without the hashes that must never be matched."""
        kept = tuple(item for item in self.hashes if item.is_comparable)
        return replace(self, hashes=kept)

    def as_json(self) -> dict[str, object]:
        """Return the fields ``media, recipe, quality, hashes, tokens``."""
        return {
            "media": self.media,
            "recipe": self.recipe,
            "quality": self.quality,
            "hashes": [item.as_json() for item in self.hashes],
            "tokens": None if self.tokens is None else self.tokens.as_json(),
        }


def fingerprint_from_json(data: object, place: str) -> Fingerprint:
    """Read what ``Fingerprint.as_json`` made; raises InvalidHash naming the field."""
    fields = Fields(data, place, InvalidHash)
    fields.only(FINGERPRINT_FIELDS)
    return fingerprint_from_fields(fields)


def fingerprint_from_fields(fields: Fields) -> Fingerprint:
    """Read a fingerprint out of an object that may hold other fields, too."""
    media = fields.text("media")
    if media not in ("image", "video"):
        raise InvalidHash(N_("{place} must be image or video."), place=fields.place("media"))
    if fields.text("recipe") != RECIPE:
        raise InvalidHash(
            N_(
                "{place} names another way of hashing than this version knows ({known}). Hash the "
                "picture again with this version, or update the registry."
            ),
            place=fields.place("recipe"),
            known=RECIPE,
        )
    quality = fields.whole_number("quality", 0, 100) if fields.has("quality") else None
    hashes = hashes_from_json(fields)
    return Fingerprint(hashes, quality, cast("Media", media), tokens=tokens_of(fields))


def tokens_of(fields: Fields) -> Tokens | None:
    """Read the ``tokens`` of an object, if it has any; raises InvalidHash."""
    if not fields.has("tokens"):
        return None
    return tokens_from_json(fields.raw("tokens"), fields.place("tokens"))


def hashes_from_json(fields: Fields) -> tuple[HashItem, ...]:
    """Read the ``hashes`` list of an object; raises InvalidHash."""
    entries, place = fields.items("hashes", MAX_HASHES), fields.place("hashes")
    return tuple(
        [hash_item_from_json(entry, f"{place}[{number}]") for number, entry in enumerate(entries)]
    )


def too_plain(fingerprint: Fingerprint) -> UnreadableFile:
    """Return the error that says why this fingerprint can't be compared with anything."""
    return UnreadableFile(
        FileProblem.TOO_PLAIN, quality=fingerprint.quality or 0, least=MIN_QUALITY
    )


def fingerprint_line(name: str, result: Fingerprint | HashregError) -> dict[str, object]:
    """Return the JSON object of one file, as `hashreg hash --json` prints it."""
    line: dict[str, object] = {"file": name}
    if isinstance(result, Fingerprint):
        error = None if result.is_comparable else too_plain(result)
        return line | result.as_json() | {"error": error.as_json() if error else None}
    empty = Fingerprint(()).as_json()
    return line | empty | {"error": result.as_json()}


def merged(hashes: Iterable[HashItem]) -> tuple[HashItem, ...]:
    """Return one hash for each (algorithm, view), the later one where two were given."""
    return tuple({(item.algorithm, item.view): item for item in hashes}.values())
