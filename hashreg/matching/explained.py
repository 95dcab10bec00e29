"""Two pictures compared view by view: the hit that explains how they match, if they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from hashreg.matching import policy
from hashreg.matching.dihedral import other_orientations
from hashreg.matching.forgery import is_suspicious
from hashreg.matching.hits import Hit
from hashreg.matching.table import View, Views, distance
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import SecondSignal, Tier


@dataclass(frozen=True, slots=True)
class Picture:
    """The hashes of a picture that may be compared."""

    pdq: Views
    phash: Views

    @classmethod
    def asked(cls, fingerprint: Fingerprint) -> Self:
        """Return what is asked for a fingerprint."""
        good = [it for it in fingerprint.hashes if it.is_comparable]
        pdq, phash = (
            {it.view: View(it.digest, policy.is_plain(it)) for it in good if it.algorithm is one}
            for one in (Algorithm.PDQ, Algorithm.PHASH)
        )
        if whole := pdq.get("whole"):
            for view, code in other_orientations(whole.code, pdq.keys()):
                pdq[view] = View(code, whole.is_plain)
        return cls(pdq, phash)


@dataclass(frozen=True, slots=True)
class _Near:
    """One asked view close to one registered view."""

    distance: int
    view: str
    query_view: str

    @property
    def rank(self) -> tuple[int, bool, bool, str, str]:
        """Sort key: nearest first, then the whole picture, then views of the same name."""
        whole, same = self.view == "whole", self.view == self.query_view
        return self.distance, not whole, not same, self.view, self.query_view

    @property
    def is_by_phash(self) -> bool:
        """Whether the pHashes of these views may be compared."""
        return {self.view, self.query_view} <= policy.PHASH_VIEWS


def explained(
    owner: int, digest: Algorithm | None, registered: Picture, asked: Picture
) -> Hit | None:
    """Return the hit of two pictures by the first rule that holds; ``digest`` is equal in both."""
    near = _near(asked.pdq, registered.pdq, policy.REVIEW_RADIUS)
    if digest:
        return _by_digest(owner, digest, near, registered, asked)
    if near:
        return _by_pdq(owner, near, registered, asked)
    return _by_phash(owner, registered, asked)


def _near(asked: Views, registered: Views, radius: int) -> list[_Near]:
    """Return the views within the radius, nearest first; plain ones as near as a match only."""
    found = []
    others = [(name, int.from_bytes(it.code), it.is_plain) for name, it in registered.items()]
    for query_view, query in asked.items():
        code = int.from_bytes(query.code)
        for view, other, is_plain in others:
            bits = (code ^ other).bit_count()
            plain = is_plain or query.is_plain
            if bits <= radius and (bits <= policy.MATCH_RADIUS or not plain):
                found.append(_Near(bits, view, query_view))
    return sorted(found, key=lambda it: it.rank)


def _by_digest(
    owner: int, algorithm: Algorithm, near: Sequence[_Near], registered: Picture, asked: Picture
) -> Hit:
    signal = _second_signal([_Near(0, "whole", "whole")], registered, asked)
    views = max(1, _agreeing(near))
    return Hit(Tier.MATCH, algorithm, 0, "file", "file", views, signal, False, owner)


def _by_pdq(owner: int, near: Sequence[_Near], registered: Picture, asked: Picture) -> Hit | None:
    best, agreeing = near[0], _agreeing(near)
    tier = policy.pdq_tier(best.distance)
    if tier is None:
        return None
    codes = ({view: it.code for view, it in one.pdq.items()} for one in (registered, asked))
    return Hit(
        tier,
        Algorithm.PDQ,
        best.distance,
        best.view,
        best.query_view,
        agreeing,
        _second_signal(near, registered, asked),
        is_suspicious(best.view, best.query_view, agreeing, *codes),
        owner,
    )


def _by_phash(owner: int, registered: Picture, asked: Picture) -> Hit | None:
    """Return the hit of whole or trimmed pictures that pHash finds, if PDQ confirms it."""
    near = _near(asked.phash, registered.phash, policy.PHASH_RADIUS)
    for n in near:
        one, other = registered.pdq.get(n.view), asked.pdq.get(n.query_view)
        if one is None or other is None or not n.is_by_phash:
            continue
        tier = policy.phash_tier(n.distance, distance(one.code, other.code))
        if tier:
            algorithm, agrees, views = Algorithm.PHASH, SecondSignal.AGREES, _agreeing(near)
            return Hit(
                tier, algorithm, n.distance, n.view, n.query_view, views, agrees, False, owner
            )
    return None


def _second_signal(
    near: Sequence[_Near], registered: Picture, asked: Picture
) -> SecondSignal | None:
    """Return what pHash says of the nearest whole or trimmed pictures, None if it can't."""
    for n in near:
        one, other = registered.phash.get(n.view), asked.phash.get(n.query_view)
        if n.is_by_phash and one and other:
            agrees = distance(one.code, other.code) <= policy.AGREE_RADIUS
            return SecondSignal.AGREES if agrees else SecondSignal.DISAGREES
    return None


def _agreeing(near: Sequence[_Near]) -> int:
    """Return how many registered views some asked view is close to."""
    return len({n.view for n in near})
