"""The slow and obvious twin of ``Matcher``: the design's table, applied pair by pair.

Its numbers are spelled out here once more, so that a changed threshold shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hashreg.matching import Hit
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import SecondSignal, Tier

COMPARED_BY_PHASH = ("whole", "trimmed")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hashes of one algorithm, one of either picture."""

    asked: HashItem
    registered: HashItem

    @property
    def distance(self) -> int:
        return (int(self.asked.hash, 16) ^ int(self.registered.hash, 16)).bit_count()

    @property
    def same_view(self) -> bool:
        return self.asked.view == self.registered.view


def find(registered: Mapping[int, Fingerprint], asked: Fingerprint) -> list[Hit]:
    """Return the hits of an asked picture, best first."""
    hits = [hit for number, other in registered.items() if (hit := compare(number, other, asked))]
    return sorted(
        hits, key=lambda it: (it.tier != Tier.MATCH, it.distance, -it.agreeing_views, it.id)
    )


def compare(number: int, registered: Fingerprint, asked: Fingerprint) -> Hit | None:
    """Return the hit of two pictures, by the first rule that holds."""
    near = [it for it in pairs(registered, asked, Algorithm.PDQ) if it.distance <= 45]
    agreeing = len({it.registered.view for it in near})
    for algorithm in (Algorithm.SHA256, Algorithm.MD5):
        if any(it.distance == 0 for it in pairs(registered, asked, algorithm)):
            signal = second_signal(registered, asked, "whole")
            views = max(1, agreeing)
            return Hit(Tier.MATCH, algorithm, 0, "file", "file", views, signal, False, number)
    if near:
        return by_pdq(number, near, agreeing, registered, asked)
    return by_phash(number, registered, asked)


def by_pdq(
    number: int,
    near: Sequence[Pair],
    agreeing: int,
    registered: Fingerprint,
    asked: Fingerprint,
) -> Hit:
    best = min(near, key=lambda it: (it.distance, not it.same_view, it.registered.view))
    view = best.registered.view
    shared = sum(it.same_view for it in pairs(registered, asked, Algorithm.PDQ))
    return Hit(
        Tier.MATCH if best.distance <= 31 else Tier.REVIEW,
        Algorithm.PDQ,
        best.distance,
        view,
        best.asked.view,
        agreeing,
        second_signal(registered, asked, view) if best.same_view else None,
        agreeing == 1 and shared >= 3,
        number,
    )


def by_phash(number: int, registered: Fingerprint, asked: Fingerprint) -> Hit | None:
    found = []
    for view in COMPARED_BY_PHASH:
        phash = distance(registered, asked, Algorithm.PHASH, view)
        pdq = distance(registered, asked, Algorithm.PDQ, view)
        if phash is not None and pdq is not None and phash <= 8 and pdq <= 72:
            found.append((phash, view))
    if not found:
        return None
    phash, view = min(found)
    agrees = SecondSignal.AGREES
    return Hit(Tier.REVIEW, Algorithm.PHASH, phash, view, view, 1, agrees, False, number)


def second_signal(registered: Fingerprint, asked: Fingerprint, view: str) -> SecondSignal | None:
    bits = distance(registered, asked, Algorithm.PHASH, view)
    if bits is None or view not in COMPARED_BY_PHASH:
        return None
    return SecondSignal.AGREES if bits <= 10 else SecondSignal.DISAGREES


def distance(
    registered: Fingerprint, asked: Fingerprint, algorithm: Algorithm, view: str
) -> int | None:
    """Return how far two views of the same name are apart, None where one isn't there."""
    for pair in pairs(registered, asked, algorithm):
        if pair.same_view and pair.asked.view == view:
            return pair.distance
    return None


def pairs(registered: Fingerprint, asked: Fingerprint, algorithm: Algorithm) -> list[Pair]:
    """Return every hash of one picture beside every one of the other, those apart that say
    nothing: quality below 50."""
    return [
        Pair(one, other)
        for one in asked.hashes
        for other in registered.hashes
        if one.algorithm == other.algorithm == algorithm
        and (one.quality is None or one.quality >= 50 or one.view == "file")
        and (other.quality is None or other.quality >= 50 or other.view == "file")
    ]
