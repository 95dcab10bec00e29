"""One hash of one view of a picture, strictly checked, and never shown in a ``repr``."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from hashreg.model.errors import InvalidHash
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields


class Algorithm(StrEnum):
    """The hash functions that hashreg knows."""

    PDQ = "pdq"
    PHASH = "phash"
    SHA256 = "sha256"
    MD5 = "md5"


HEX_DIGITS: dict[str, int] = {
    Algorithm.PDQ: 64,
    Algorithm.PHASH: 16,
    Algorithm.SHA256: 64,
    Algorithm.MD5: 32,
}
PERCEPTUAL = frozenset({Algorithm.PDQ, Algorithm.PHASH})

MIN_QUALITY = 50
"""PDQ quality (0-100) below which a hash says nothing: Meta's rule, `facts/pixels-and-pdq`."""

GENUINE_PDQ_BITS = range(64, 193)
"""Bits that can be set in a usable PDQ hash. 128 of 256 coefficients lie above their median
unless coefficients are equal, as in flat pictures, whose hash is all zero or nearly so."""

FILE_VIEW = "file"
"""The view of digests: not what is seen, but the file's bytes."""

_VIEW = re.compile(r"[a-z0-9][a-z0-9:+-]{0,39}")
_FIELDS = frozenset({"algorithm", "view", "hash", "quality"})
_ALGORITHMS: dict[str, Algorithm] = {it.value: it for it in Algorithm}


@dataclass(frozen=True, slots=True)
class HashItem:
    """One hash.

    ``hash`` is lower-case hex of the algorithm's length; ``view`` names the part or orientation
    that was hashed (``file`` for digests); ``quality`` is PDQ's 0-100, None where it is unknown
    or, as for digests, has no meaning. Raises InvalidHash, which never echoes the value.
    """

    algorithm: Algorithm
    view: str
    hash: str = field(repr=False)
    quality: int | None

    def __post_init__(self) -> None:
        _check_hex(self.hash, self.algorithm)
        if not _VIEW.fullmatch(self.view):
            raise InvalidHash(
                N_("A view must be a short name in lower case, such as whole or window:c80."),
                field="view",
            )
        if (self.algorithm in PERCEPTUAL) == (self.view == FILE_VIEW):
            raise InvalidHash(
                N_("A digest is of the view file, and every other hash of another view."),
                field="view",
            )
        quality = self.quality
        if quality is not None and not (type(quality) is int and 0 <= quality <= 100):  # noqa: PLR2004
            raise InvalidHash(
                N_("A quality must be a whole number from 0 to 100, or null."), field="quality"
            )

    @property
    def digest(self) -> bytes:
        """The hash as bytes, the first hex digit in the highest bits."""
        return bytes.fromhex(self.hash)

    @property
    def is_comparable(self) -> bool:
        """Whether the hash is distinctive enough to be registered or matched.

        Low quality, and a PDQ hash that only flat pictures have, would match every blank.
        """
        if self.algorithm not in PERCEPTUAL:
            return True
        if self.quality is not None and self.quality < MIN_QUALITY:
            return False
        ones = int(self.hash, 16).bit_count()
        return self.algorithm is not Algorithm.PDQ or ones in GENUINE_PDQ_BITS

    def as_json(self) -> dict[str, str | int | None]:
        """Return ``{"algorithm", "view", "hash", "quality"}``."""
        return {
            "algorithm": self.algorithm.value,
            "view": self.view,
            "hash": self.hash,
            "quality": self.quality,
        }


def hash_item(
    algorithm: object, view: object, value: object, quality: object, *, place: str = "hash"
) -> HashItem:
    """Make a HashItem of what a stranger sent; raises InvalidHash naming ``place``."""
    if not isinstance(algorithm, str) or algorithm not in HEX_DIGITS:
        raise InvalidHash(
            N_("{place}: the algorithm must be one of pdq, phash, sha256, md5."),
            field="algorithm",
            place=place,
        )
    if not isinstance(view, str) or not isinstance(value, str):
        raise InvalidHash(
            N_("{place}: the view and the hash must be text."), field="hash", place=place
        )
    if quality is not None and type(quality) is not int:
        raise InvalidHash(
            N_("A quality must be a whole number from 0 to 100, or null."), field="quality"
        )
    return HashItem(_ALGORITHMS[algorithm], view, value, quality)


def hash_item_from_json(data: object, place: str) -> HashItem:
    """Read one entry of a ``hashes`` list; raises InvalidHash."""
    fields = Fields(data, place, InvalidHash)
    fields.only(_FIELDS)
    raw = fields.raw
    return hash_item(raw("algorithm"), raw("view"), raw("hash"), raw("quality"), place=place)


def _check_hex(value: str, algorithm: Algorithm) -> None:
    expected = HEX_DIGITS[algorithm]
    if len(value) != expected:
        raise InvalidHash(
            N_("A {algorithm} hash has {expected} hex digits; this one has {found}."),
            field="hash",
            algorithm=algorithm.value,
            expected=expected,
            found=len(value),
        )
    if not _is_lower_hex(value):
        raise InvalidHash(
            N_("A hash is written in the digits 0-9 and the lower-case letters a-f only."),
            field="hash",
        )


def _is_lower_hex(value: str) -> bool:
    """Tell whether a text of even length is hex as it is written here; faster than a pattern."""
    try:
        return bytes.fromhex(value).hex() == value
    except ValueError:
        return False
