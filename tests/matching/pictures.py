"""Made-up fingerprints of which it is known how far apart they are."""

import random

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem
from matching.codes import at_distance, seeded

WINDOWS = ("window:cut-left-5", "window:cut-right-5", "window:cut-top-5")
VIEWS = (
    *("whole", "trimmed", "content", "mirror", "trimmed:mirror"),
    *WINDOWS,
    *(f"{name}:mirror" for name in WINDOWS),
)
PDQ_STEPS = (0, 1, 12, 31, 32, 45, 46, 72, 73)
PHASH_STEPS = (0, 8, 9, 10, 11, 30)


class Scene:
    """A scene of which pictures are taken: a code for each view and algorithm."""

    def __init__(self, seed: int | str) -> None:
        self.chance = seeded(seed)
        self._codes = {
            (algorithm, view): centre(self.chance, algorithm)
            for algorithm in Algorithm
            for view in (*VIEWS, "file")
        }

    def item(
        self,
        algorithm: Algorithm = Algorithm.PDQ,
        view: str = "whole",
        bits: int = 0,
        *,
        quality: int | None = 97,
        code_of: str = "",
    ) -> HashItem:
        """Return a hash so many bits from the scene's own; ``code_of`` names another view's."""
        code = at_distance(self.chance, self._codes[algorithm, code_of or view], bits)
        return HashItem(algorithm, view, code.hex(), quality)

    def picture(self, **bits: int) -> Fingerprint:
        """Return a picture with one PDQ hash a view, named with underscores for its colons."""
        return Fingerprint(
            tuple(
                self.item(Algorithm.PDQ, view.replace("_", ":"), distance)
                for view, distance in bits.items()
            ),
            97,
        )

    def any_picture(self) -> Fingerprint:
        """Return a picture with hashes at random, many of them at a threshold's distance."""
        chance = self.chance
        items = [
            self.item(
                Algorithm.PDQ,
                view,
                chance.choice(PDQ_STEPS),
                quality=chance.choice((None, 49, 50, 59, 60, 97)),
                code_of=chance.choice(VIEWS) if chance.random() < 0.2 else "",
            )
            for view in VIEWS
            if chance.random() < 0.6
        ]
        items += [
            self.item(
                Algorithm.PHASH,
                view,
                chance.choice(PHASH_STEPS),
                quality=chance.choice((None, 49, 97)),
                code_of=chance.choice(VIEWS[:2]),
            )
            for view in VIEWS[:3]
            if chance.random() < 0.5
        ]
        items += [
            self.item(algorithm, "file", chance.choice((0, 1)), quality=None)
            for algorithm in (Algorithm.SHA256, Algorithm.MD5)
            if chance.random() < 0.3
        ]
        chance.shuffle(items)
        return Fingerprint(tuple(items), 97)


def centre(chance: random.Random, algorithm: Algorithm) -> bytes:
    """Return a code with half of its bits set, as a picture's has."""
    bits = 4 * HEX_DIGITS[algorithm]
    return sum(1 << place for place in chance.sample(range(bits), bits // 2)).to_bytes(bits // 8)
