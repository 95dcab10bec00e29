"""The slow and obvious twin of ``Matcher``: the design's table, applied pair by pair.

Its numbers are spelled out here once more, so that a changed threshold shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hashreg.matching import Hit
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import SecondSignal, Tier

COMPARED_BY_PHASH = {"whole", "trimmed"}
TURNED = {
    "rot90": (True, True, False),
    "rot180": (False, True, True),
    "rot270": (True, False, True),
    "mirror": (False, False, True),
    "mirror-rot90": (True, True, True),
    "mirror-rot180": (False, True, False),
    "mirror-rot270": (True, False, False),
}
"""Views: transposed or not, odd rows inverted or not, odd columns inverted or not, before that."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hashes of one algorithm, one of either picture."""

    asked: HashItem
    registered: HashItem

    @property
    def distance(self) -> int:
        return (int(self.asked.hash, 16) ^ int(self.registered.hash, 16)).bit_count()

    @property
    def is_near(self) -> bool:
        plain = any((it.quality or 100) < 60 for it in (self.asked, self.registered))
        return self.distance <= (31 if plain else 45)

    @property
    def same_view(self) -> bool:
        return self.asked.view == self.registered.view


def find(registered: Mapping[int, Fingerprint], asked: Fingerprint) -> list[Hit]:
    """Return the hits of an asked picture, best first."""
    asked = turned(asked)
    hits = [hit for number, other in registered.items() if (hit := compare(number, other, asked))]
    return sorted(
        hits, key=lambda it: (it.tier != Tier.MATCH, it.distance, -it.agreeing_views, it.id)
    )


def turned(asked: Fingerprint) -> Fingerprint:
    """Return a bare hash of the whole picture with its seven other orientations, bit by bit."""
    gated = [it for it in asked.hashes if it.is_comparable]
    usable = [it for it in gated if it.algorithm is Algorithm.PDQ]
    whole = [it for it in usable if it.view == "whole"]
    if not whole:
        return asked
    negative = HashItem(
        Algorithm.PDQ, "negative", f"{2**256 - 1 - int(whole[0].hash, 16):064x}", whole[0].quality
    )
    if any(it.view in TURNED for it in usable):
        return Fingerprint((*gated, negative), asked.quality)
    bits = f"{int(whole[0].hash, 16):0256b}"[::-1]
    more = []
    for view, (turn, rows, columns) in TURNED.items():
        new = ""
        for place in range(256):
            row, column = divmod(place, 16)
            at, across = (column, row) if turn else (row, column)
            flipped = (rows and at % 2 == 0) ^ (columns and across % 2 == 0)
            new += str(int(bits[16 * at + across]) ^ flipped)
        digits = f"{int(new[::-1], 2):064x}"
        more.append(HashItem(Algorithm.PDQ, view, digits, whole[0].quality))
    return Fingerprint((*gated, *more, negative), asked.quality)


def compare(number: int, registered: Fingerprint, asked: Fingerprint) -> Hit | None:
    """Return the hit of two pictures, by the first rule that holds."""
    near = [it for it in pairs(registered, asked, Algorithm.PDQ) if it.is_near]
    agreeing = len({it.registered.view for it in near})
    for algorithm in (Algorithm.SHA256, Algorithm.MD5):
        if algorithm is Algorithm.MD5 and pairs(registered, asked, Algorithm.SHA256):
            continue  # both have the better digest, and it differs
        if any(it.distance == 0 for it in pairs(registered, asked, algorithm)):
            whole = distance(registered, asked, Algorithm.PHASH, "whole", "whole")
            signal = None if whole is None else said(whole)
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
    near = sorted(near, key=order)
    best = near[0]
    view, query_view = best.registered.view, best.asked.view
    return Hit(
        Tier.MATCH if best.distance <= 31 else Tier.REVIEW,
        Algorithm.PDQ,
        best.distance,
        view,
        query_view,
        agreeing,
        second_signal(registered, asked, near),
        suspicious(registered, asked, view, query_view, agreeing),
        number,
    )


def by_phash(number: int, registered: Fingerprint, asked: Fingerprint) -> Hit | None:
    near, found = set(), []
    for pair in pairs(registered, asked, Algorithm.PHASH):
        view, query_view = pair.registered.view, pair.asked.view
        if pair.distance > 8:
            continue
        near.add(view)
        pdq = distance(registered, asked, Algorithm.PDQ, view, query_view)
        if {view, query_view} <= COMPARED_BY_PHASH and pdq is not None and pdq <= 72:
            found.append((pair.distance, view != "whole", view != query_view, view, query_view))
    if not found:
        return None
    bits, _, _, view, query_view = min(found)
    agrees = SecondSignal.AGREES
    return Hit(
        Tier.REVIEW, Algorithm.PHASH, bits, view, query_view, len(near), agrees, False, number
    )


WINDOWS = ("window:cut-left-5", "window:cut-right-5", "window:cut-top-5")
SAME = {
    "window:cut-left-5": ("window:cut-left-5", "window:cut-right-5:mirror"),
    "window:cut-right-5": ("window:cut-right-5", "window:cut-left-5:mirror"),
    "window:cut-top-5": ("window:cut-top-5", "window:cut-top-5:mirror"),
    "whole": ("whole", "mirror"),
    "trimmed": ("trimmed", "trimmed:mirror"),
}
"""What shows the same, in an upright and in a mirrored copy."""


def suspicious(
    registered: Fingerprint, asked: Fingerprint, view: str, query_view: str, agreeing: int
) -> bool:
    """Tell whether windows stay apart that would be near in a copy."""
    turned_by = [n for n in (0, 1) if query_view in (SAME["whole"][n], SAME["trimmed"][n])]
    if not turned_by or view not in COMPARED_BY_PHASH:
        return False
    near = {}
    for it in pairs(registered, asked, Algorithm.PDQ):
        view = it.registered.view
        if view in WINDOWS and SAME[view][turned_by[0]] == it.asked.view:
            near[view] = it.distance <= 45
    if len(near) < 3:
        return False
    has = [
        any(it.view == name and it.is_comparable and it.algorithm is Algorithm.PDQ for it in hashes)
        for name, hashes in (
            (SAME["trimmed"][turned_by[0]], asked.hashes),
            ("trimmed", registered.hashes),
        )
    ]
    inner = SAME["trimmed"][turned_by[0]] if has[0] else SAME["whole"][turned_by[0]]
    bases = distance(registered, asked, Algorithm.PDQ, "trimmed" if has[1] else "whole", inner)
    if bases is not None and bases <= 45:
        return sum(near.values()) < 2
    return agreeing == 1 and has[0] != has[1]


def order(it: Pair) -> tuple[int, bool, bool, str, str]:
    """Nearest first, then the whole picture, then views of the same name."""
    view = it.registered.view
    return it.distance, view != "whole", not it.same_view, view, it.asked.view


def second_signal(
    registered: Fingerprint, asked: Fingerprint, near: Sequence[Pair]
) -> SecondSignal | None:
    """Return what pHash says of the nearest two views that it can compare."""
    for pair in near:
        view, query_view = pair.registered.view, pair.asked.view
        bits = distance(registered, asked, Algorithm.PHASH, view, query_view)
        if {view, query_view} <= COMPARED_BY_PHASH and bits is not None:
            return said(bits)
    return None


def said(bits: int) -> SecondSignal:
    return SecondSignal.AGREES if bits <= 10 else SecondSignal.DISAGREES


def distance(
    registered: Fingerprint, asked: Fingerprint, algorithm: Algorithm, view: str, query_view: str
) -> int | None:
    """Return how far two views are apart, None where one isn't there."""
    for pair in pairs(registered, asked, algorithm):
        if (pair.registered.view, pair.asked.view) == (view, query_view):
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
