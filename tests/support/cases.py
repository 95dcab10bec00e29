"""Cases as a victim makes them, and pictures' hashes made from seeds instead of pixels."""

import datetime as dt
import random
from collections.abc import Iterable

from hashreg.client.documents import signed_delegation, signed_document
from hashreg.model.cases import CaseNumber, RecoveryCode, new_case_number, new_recovery_code
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem
from hashreg.model.names import HelperName
from hashreg.model.submissions import Document, Kind

NOW = dt.datetime(2026, 5, 4, 12, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


class Victim:
    """A person with a case number and a recovery code."""

    def __init__(self, number: CaseNumber | None = None, code: RecoveryCode | None = None) -> None:
        self.number = number or new_case_number()
        self.code = code or new_recovery_code()

    def submission(self, *pictures: Fingerprint) -> Document:
        return self._signed(Kind.SUBMISSION, pictures)

    def addition(self, *pictures: Fingerprint) -> Document:
        return self._signed(Kind.ADDITION, pictures)

    def withdrawal(self) -> Document:
        return self._signed(Kind.WITHDRAWAL, ())

    def delegation(self, helper: str, on: dt.date = TODAY) -> Document:
        return signed_delegation(Kind.DELEGATION, self.number, self.code, on, HelperName(helper))

    def revocation(self, helper: str, on: dt.date = TODAY) -> Document:
        return signed_delegation(Kind.REVOCATION, self.number, self.code, on, HelperName(helper))

    def _signed(self, kind: Kind, pictures: Iterable[Fingerprint]) -> Document:
        return signed_document(kind, self.number, self.code, NOW.date(), pictures)


def seeded(seed: int) -> random.Random:
    """Return the same numbers in every run."""
    return random.Random(seed)  # noqa: S311


def picture(
    rng: random.Random, views: Iterable[str] = ("whole",), *, quality: int = 90
) -> Fingerprint:
    """Return hashes as of a picture unlike any other: PDQ of each view, pHash, digests."""
    hashes = [_random(rng, Algorithm.PDQ, view, quality) for view in views]
    hashes.append(_random(rng, Algorithm.PHASH, "whole", quality))
    hashes.append(_random(rng, Algorithm.SHA256, "file", None))
    hashes.append(_random(rng, Algorithm.MD5, "file", None))
    return Fingerprint(tuple(hashes), quality)


def copy_of(original: Fingerprint, rng: random.Random, bits: int) -> Fingerprint:
    """Return hashes as of an edited copy: each PDQ ``bits`` bits away, pHash equal, no digest."""
    return Fingerprint(
        tuple(
            flipped(item, rng, bits) if item.algorithm is Algorithm.PDQ else item
            for item in original.hashes
            if item.algorithm in (Algorithm.PDQ, Algorithm.PHASH)
        ),
        original.quality,
    )


def only_pdq(fingerprint: Fingerprint) -> Fingerprint:
    """Return the fingerprint without its other hashes."""
    kept = tuple(item for item in fingerprint.hashes if item.algorithm is Algorithm.PDQ)
    return Fingerprint(kept, fingerprint.quality)


def flipped(item: HashItem, rng: random.Random, bits: int) -> HashItem:
    """Return a hash ``bits`` bits away."""
    size = 4 * HEX_DIGITS[item.algorithm]
    mask = sum(1 << position for position in rng.sample(range(size), bits))
    value = f"{int(item.hash, 16) ^ mask:0{size // 4}x}"
    return HashItem(item.algorithm, item.view, value, item.quality)


def blank() -> Fingerprint:
    """Return hashes as of a blank picture that claims a good quality."""
    return Fingerprint((HashItem(Algorithm.PDQ, "whole", "0" * 64, 100),), 100)


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal, so that a failing test prints neither of them."""
    return one == other


def _random(rng: random.Random, algorithm: Algorithm, view: str, quality: int | None) -> HashItem:
    value = rng.randbytes(HEX_DIGITS[algorithm] // 2).hex()
    return HashItem(algorithm, view, value, quality)
