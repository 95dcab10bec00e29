"""Whether different people's portraits are taken for each other.

The 100 faces of `lfw_subset.npy` in scikit-image's wheel (25 x 25 pixels, from Labeled Faces in the
Wild), cut alike around the face and enlarged. They are measured where pip put them and copied
nowhere. The file names nobody, so a few of its pairs may show one person on two occasions.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from nearest import BITS, asked_words, smallest, words
from PIL import Image
from recall import Picture, hashed
from scenes import packaged

from hashreg.matching import Matcher
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier

FACES = 100
SIDE = 400


@dataclass(frozen=True, slots=True)
class Portraits:
    """What came out: pairs are ordered, each face asked for every other one."""

    faces: int
    comparable: int
    pairs: int
    closest_whole: int
    closest_any_view: int
    match: int
    review: int
    plain_pdq: int
    plain_phash: int

    def as_json(self) -> dict[str, int]:
        """Return the fields."""
        return asdict(self)


def faces() -> list[Image.Image]:
    """Return the faces, enlarged; raises FileNotFoundError without scikit-image."""
    small = np.load(packaged("skimage", "data/lfw_subset.npy"))[:FACES]
    pictures = [Image.fromarray((255 * it).round().astype(np.uint8)).convert("RGB") for it in small]
    return [it.resize((SIDE, SIDE), Image.Resampling.BICUBIC) for it in pictures]


def measure(pictures: Sequence[Image.Image]) -> Portraits:
    """Register all portraits, ask for each, and look at the others that come near."""
    registered = [hashed(it, number, "", "register") for number, it in enumerate(pictures)]
    asked = [hashed(it, number, "", "query") for number, it in enumerate(pictures)]
    matcher = Matcher.of(it.fingerprint for it in registered)
    hits = [hit for it in asked for hit in matcher.find(it.fingerprint) if hit.id != it.photo]
    plain = [(a.plain, r.plain) for a in asked for r in registered if a.photo != r.photo]
    return Portraits(
        faces=len(pictures),
        comparable=sum(bool(len(words(it.fingerprint))) for it in registered),
        pairs=len(pictures) * (len(pictures) - 1),
        closest_whole=_closest_whole(registered),
        closest_any_view=_closest(registered, asked),
        match=sum(hit.tier is Tier.MATCH for hit in hits),
        review=len(hits),
        plain_pdq=sum(a.pdq_finds(r) for a, r in plain),
        plain_phash=sum(a.phash_finds(r) for a, r in plain),
    )


def _closest_whole(registered: Sequence[Picture]) -> int:
    known = [it.fingerprint.get(Algorithm.PDQ, "whole") for it in registered]
    codes = [int(it.hash, 16) for it in known if it]
    return min((a ^ b).bit_count() for number, a in enumerate(codes) for b in codes[:number])


def _closest(registered: Sequence[Picture], asked: Sequence[Picture]) -> int:
    """Return the smallest distance of any views of two different portraits."""
    usable = [it for it in registered if len(words(it.fingerprint))]
    photos = np.array([it.photo for it in usable])
    closest = BITS
    pictures = [words(it.fingerprint) for it in usable]
    for number, first, nearest in smallest(pictures, [asked_words(it.fingerprint) for it in asked]):
        others = nearest[photos[first : first + len(nearest)] != asked[number].photo]
        closest = min(closest, int(others.min()))
    return closest
