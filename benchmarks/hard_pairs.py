"""Unrelated pictures that are hard to tell apart: big text, interfaces, frames, low texture.

``python benchmarks/hard_pairs.py --photos FOLDER... --fonts FOLDER [--seed 9] [--json FILE]``

Both sides are full of what different pictures share: screens, chats, texts and emoji drawn at
random (``stop_list.py``, with other seeds), photos with memes, captions and large text on them,
screenshots of photos, and pictures nearly without texture. No upload shows a registered picture, so
every hit is false. Hits by tokens alone, which no hash confirmed, are counted apart.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
from edits import EDITS
from falsehits import bounds
from PIL import Image, ImageFilter
from recall import as_bytes
from scenes import load
from stop_list import Painter

from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.model.fingerprints import Fingerprint, Views

HARD = ("large-text", "meme", "caption", "phone-screenshot", "desktop-screenshot", "square")
PAINTED, SMOOTH = 560, 160


def hard_pictures(
    photos: Sequence[Image.Image], painter: Painter, seed: int
) -> Iterator[Image.Image]:
    """Yield painted pictures, photos with text and frames, and pictures with little texture."""
    for _ in range(PAINTED):
        yield painter.paint()
    edits = [edit for edit in EDITS if edit.name in HARD]
    for number, photo in enumerate(photos):
        for edit in edits:
            yield edit.apply(photo, Random(seed * 100_000 + number))
    for number in range(SMOOTH):
        yield _smooth(photos[number % len(photos)], seed * 1000 + number)


def _smooth(photo: Image.Image, seed: int) -> Image.Image:
    """Return a blurred piece of a photo with fine grain, as skin or a wall has."""
    random = Random(seed)
    width, height = (round(side * random.uniform(0.2, 0.4)) for side in photo.size)
    left, top = random.randint(0, photo.width - width), random.randint(0, photo.height - height)
    piece = photo.crop((left, top, left + width, top + height)).resize((900, 675))
    soft = np.asarray(piece.filter(ImageFilter.GaussianBlur(25)), np.float32)
    grain = np.random.default_rng(seed).normal(0, 2, soft.shape[:2])[..., None]
    return Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))


def hashed(pictures: Iterator[Image.Image], views: Views) -> list[Fingerprint]:
    """Return the fingerprints of those that can be compared."""
    found = [fingerprint(as_bytes(it), views=views) for it in pictures]
    return [it for it in found if it.is_comparable]


def _below(hits: int, pairs: int) -> float:
    """Return the upper bound of a rate a pair, 95 %."""
    return bounds(hits, pairs)[1]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    odd, even = load(options.photos, "odd")
    fonts = sorted(path for path in options.fonts.rglob("*.ttf") if "Emoji" not in path.name)
    emoji = next(iter(sorted(options.fonts.rglob("*ColorEmoji*.ttf"))), None)
    painters = [Painter(fonts, emoji, options.seed * 10 + side) for side in (0, 1)]
    registered = hashed(hard_pictures(even, painters[0], options.seed), "register")
    asked = hashed(hard_pictures(odd, painters[1], options.seed + 1), "query")
    matcher, counts = Matcher.of(registered), Counter[str]()
    for it in asked:
        for hit in matcher.find(it):
            kind = f"{hit.tier}, {hit.algorithm}"
            kind += " aligned" if hit.query_view == "aligned" else ""
            counts[kind] += 1
    pairs = len(registered) * len(asked)
    result = {
        "registered": len(registered),
        "asked": len(asked),
        "pairs": pairs,
        "false_hits": dict(counts),
        "match_rate_below": _below(
            sum(n for kind, n in counts.items() if kind.startswith("match")), pairs
        ),
        "tokens_alone_rate_below": _below(counts["review, tokens"], pairs),
    }
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
