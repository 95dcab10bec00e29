"""Recall: every photo is registered, edited in every way, and asked for again."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import imagehash
import numpy as np
from edits import EDITS, TIERS, edited
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.model.fingerprints import Fingerprint, Views
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier

PDQ_RADIUS = 31
"""Meta's threshold for one PDQ hash, as other systems ask."""
PHASH_RADIUS = 8
"""The usual threshold for ImageHash's pHash of 64 bits."""
METHODS = ("plain_pdq", "plain_phash", "match", "review")


@dataclass(frozen=True, slots=True)
class Plain:
    """What other systems keep of a picture: one PDQ hash, if it is good enough, and one pHash."""

    pdq: int | None = field(repr=False)
    phash: int = field(repr=False)

    def pdq_finds(self, other: "Plain") -> bool:
        """Whether one PDQ hash calls the two pictures the same."""
        if self.pdq is None or other.pdq is None:
            return False
        return (self.pdq ^ other.pdq).bit_count() <= PDQ_RADIUS

    def phash_finds(self, other: "Plain") -> bool:
        """Whether one pHash calls the two pictures the same."""
        return (self.phash ^ other.phash).bit_count() <= PHASH_RADIUS


@dataclass(frozen=True, slots=True)
class Picture:
    """A hashed picture: which photo it was made of, by which edit, and its hashes."""

    photo: int
    edit: str
    fingerprint: Fingerprint
    plain: Plain


@dataclass(slots=True)
class Cell:
    """What became of one edit over all photos: counts. ``review`` has both tiers."""

    tier: str
    asked: int = 0
    match: int = 0
    review: int = 0
    plain_pdq: int = 0
    plain_phash: int = 0

    def percent(self, method: str) -> float:
        """Return the share that one of ``METHODS`` found."""
        found: int = getattr(self, method)
        return 100 * found / self.asked


def as_bytes(picture: Image.Image) -> bytes:
    """Return a picture as a lossless file."""
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()


def hashed(
    picture: Image.Image, photo: int, edit: str, views: Views, *, tokens: bool = True
) -> Picture:
    """Hash a picture as the commands do, and as other systems do. Tokens cost most of the time."""
    full = fingerprint(as_bytes(picture), views=views, tokens=tokens)
    whole = full.get(Algorithm.PDQ, "whole")  # left out where its quality is too low
    plain = Plain(int(whole.hash, 16) if whole else None, int(str(imagehash.phash(picture)), 16))
    return Picture(photo, edit, full, plain)


def registered(photos: Sequence[Image.Image]) -> list[Picture]:
    """Hash photos as a case holds them."""
    return [hashed(photo, number, "", "register") for number, photo in enumerate(photos)]


def copies(photos: Sequence[Image.Image], seed: int) -> Iterator[Picture]:
    """Yield every edited copy of every photo, hashed as an upload is asked."""
    for edit in EDITS:
        for number, photo in enumerate(photos):
            yield hashed(edited(photo, number, edit, seed), number, edit.name, "query")


def recall(originals: Sequence[Picture], asked: Iterable[Picture]) -> dict[str, Cell]:
    """Return what was found of each edit. The ids of ``originals`` are their photos' numbers."""
    matcher = Matcher.of(it.fingerprint for it in originals)
    cells = {edit.name: Cell(edit.tier) for edit in EDITS}
    for copy in asked:
        cell, own = cells[copy.edit], originals[copy.photo]
        hit = next((it for it in matcher.find(copy.fingerprint) if it.id == copy.photo), None)
        cell.asked += 1
        cell.match += hit is not None and hit.tier is Tier.MATCH
        cell.review += hit is not None
        cell.plain_pdq += own.plain.pdq_finds(copy.plain)
        cell.plain_phash += own.plain.phash_finds(copy.plain)
    return {name: cell for name, cell in cells.items() if cell.asked}


def tier_shares(cells: Iterable[Cell]) -> dict[str, dict[str, float]]:
    """Return, for each tier, the mean share that each method found, in percent."""
    every = list(cells)
    return {
        tier: {
            method: round(
                float(np.mean([it.percent(method) for it in every if it.tier == tier])), 2
            )
            for method in METHODS
        }
        for tier in TIERS
    }


def mean_hashes(pictures: Iterable[Picture]) -> float:
    """Return how many PDQ hashes a fingerprint has on average."""
    counts = [
        sum(item.algorithm is Algorithm.PDQ for item in it.fingerprint.hashes) for it in pictures
    ]
    return round(float(np.mean(counts)), 1)
