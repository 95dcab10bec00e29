"""How often edited copies are found, and how often unrelated pictures are hit.

``python benchmarks/accuracy.py --photos FOLDER... [--half odd] [--seed 7] [--docs docs]``

Each photo is registered, edited in 59 ways (``edits.py``), and every copy is asked through the
same library calls that the commands use. Beside it stand one plain PDQ hash at 31, as other systems
ask, and one plain pHash at 8. False hits are counted over all pairs of a copy and another photo,
and in a registry filled with many pictures cut from photos that are not asked (``--fill``).

Without ``--photos`` the photos that scikit-image and scikit-learn carry, the sample pictures and
generated scenes are used.
"""

import argparse
import io
import json
import math
import platform
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import imagehash
import numpy as np
from edits import EDITS, NamedEdit
from PIL import Image, ImageOps
from scenes import free_photos

from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier

TIERS = ("light", "medium", "heavy")
MILLION = 1_000_000
PDQ_RADIUS, PHASH_RADIUS = 31, 8


@dataclass(slots=True)
class Cell:
    """What became of one edit over all photos: counts."""

    tier: str
    asked: int = 0
    match: int = 0
    review: int = 0
    plain_pdq: int = 0
    plain_phash: int = 0


@dataclass(slots=True)
class Result:
    """All counts of a run."""

    photos: int
    seed: int
    half: str
    machine: str
    cells: dict[str, Cell] = field(default_factory=dict)
    registered_hashes: float = 0.0
    asked_hashes: float = 0.0
    pairs: int = 0
    false_match: int = 0
    false_review: int = 0
    fill_pictures: int = 0
    fill_uploads: int = 0
    fill_match: int = 0
    fill_review: int = 0


def as_bytes(picture: Image.Image) -> bytes:
    """Return a picture as a lossless file."""
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()


def edited(photo: Image.Image, number: int, edit: NamedEdit, seed: int) -> Image.Image:
    """Return one edited copy; the same seed always gives the same."""
    return edit.apply(photo, Random(zlib.crc32(f"{seed} {number} {edit.name}".encode())))


def _plain(photo: Image.Image) -> tuple[int, int]:
    whole = fingerprint(as_bytes(photo), views="whole").get(Algorithm.PDQ, "whole")
    return int(whole.hash, 16) if whole else 0, int(str(imagehash.phash(photo)), 16)


def recall(photos: Sequence[Image.Image], result: Result, seed: int) -> list[Fingerprint]:
    """Ask every edited copy, count what is found, and return what was asked."""
    registered = [fingerprint(as_bytes(photo), views="register") for photo in photos]
    plain = [_plain(photo) for photo in photos]
    matcher = Matcher.of(registered)
    result.registered_hashes = float(np.mean([_views(it) for it in registered]))
    asked = []
    for edit in EDITS:
        cell = result.cells.setdefault(edit.name, Cell(edit.tier))
        for number, photo in enumerate(photos):
            copy = edited(photo, number, edit, seed)
            query = fingerprint(as_bytes(copy), views="query")
            asked.append(query)
            _count(cell, result, matcher, query, number)
            pdq, phash = _plain(copy)
            cell.plain_pdq += (pdq ^ plain[number][0]).bit_count() <= PDQ_RADIUS and pdq != 0
            cell.plain_phash += (phash ^ plain[number][1]).bit_count() <= PHASH_RADIUS
    result.asked_hashes = float(np.mean([_views(it) for it in asked]))
    result.pairs = len(asked) * (len(photos) - 1)
    return asked


def _views(it: Fingerprint) -> int:
    return sum(item.algorithm is Algorithm.PDQ for item in it.hashes)


def _count(cell: Cell, result: Result, matcher: Matcher, query: Fingerprint, own: int) -> None:
    cell.asked += 1
    for hit in matcher.find(query):
        sure = hit.tier is Tier.MATCH
        if hit.id == own:
            cell.match += sure
            cell.review += 1
        else:
            result.false_match += sure
            result.false_review += 1


def filler(photos: Sequence[Image.Image], count: int, seed: int) -> Iterator[Fingerprint]:
    """Yield registered fingerprints of ``count`` pictures cut at random from these photos."""
    random = Random(seed)
    for _ in range(count):
        photo = random.choice(photos)
        width = round(photo.width * random.uniform(0.3, 0.6))
        height = round(photo.height * random.uniform(0.3, 0.6))
        left = random.randint(0, photo.width - width)
        top = random.randint(0, photo.height - height)
        part = photo.crop((left, top, left + width, top + height))
        yield fingerprint(as_bytes(part), views="register")


def fill(
    others: Sequence[Image.Image], asked: Sequence[Fingerprint], result: Result, count: int
) -> None:
    """Ask all copies in a registry of ``count`` pictures that have nothing to do with them."""
    matcher = Matcher.of(filler(others, count, result.seed))
    result.fill_pictures, result.fill_uploads = count, len(asked)
    for start in range(0, len(asked), 200):
        for hits in matcher.find_many(asked[start : start + 200]):
            result.fill_match += sum(hit.tier is Tier.MATCH for hit in hits)
            result.fill_review += len(hits)


def upper_bound(hits: int, pairs: int) -> float:
    """Return the 95 % upper bound of a rate (Clopper-Pearson, Wilson-Hilferty's approximation)."""
    if pairs == 0:
        return 1.0
    if hits == 0:
        return -math.log(0.05) / pairs
    n = hits + 1
    return n * (1 - 1 / (9 * n) + 1.645 / (3 * math.sqrt(n))) ** 3 / pairs


def load(folders: Iterable[Path], half: str) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return the photos to ask and the others: by the number's parity, as files are sorted."""
    files = sorted(path for folder in folders for path in folder.iterdir() if path.is_file())
    chosen: list[Image.Image] = []
    others: list[Image.Image] = []
    for number, path in enumerate(files):
        photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        wanted = half == "all" or (number % 2 == 1) == (half == "odd")
        (chosen if wanted else others).append(photo)
    return chosen, others


def tier_shares(result: Result) -> dict[str, dict[str, float]]:
    """Return, for each tier of edits, the mean share found by each method, in percent."""
    shares: dict[str, dict[str, float]] = {}
    for tier in TIERS:
        cells = [cell for cell in result.cells.values() if cell.tier == tier and cell.asked]
        shares[tier] = {
            name: 100 * float(np.mean([getattr(cell, name) / cell.asked for cell in cells]))
            for name in ("plain_pdq", "plain_phash", "match", "review")
        }
    return shares


def print_table(result: Result) -> None:
    """Print every edit, every tier and the false hits."""
    print(f"{'edit':22}{'one PDQ':>9}{'one pHash':>10}{'match':>8}{'+ review':>9}")
    by_tier = defaultdict(list)
    for name, cell in result.cells.items():
        by_tier[cell.tier].append((name, cell))
    shares = tier_shares(result)
    for tier in TIERS:
        for name, cell in by_tier[tier]:
            numbers = (cell.plain_pdq, cell.plain_phash, cell.match, cell.review)
            a, b, c, d = (100 * number / cell.asked for number in numbers)
            print(f"{name:22}{a:9.0f}{b:10.0f}{c:8.0f}{d:9.0f}")
        s = shares[tier]
        print(
            f"{tier.upper():22}{s['plain_pdq']:9.1f}{s['plain_phash']:10.1f}"
            f"{s['match']:8.1f}{s['review']:9.1f}"
        )
    print(f"\nhashes: {result.registered_hashes:.1f} registered, {result.asked_hashes:.1f} asked")
    _print_false("other photos", result.false_match, result.false_review, result.pairs)
    pairs = result.fill_pictures * result.fill_uploads
    _print_false("filled registry", result.fill_match, result.fill_review, pairs)


def _print_false(name: str, match: int, review: int, pairs: int) -> None:
    bound = upper_bound(review, pairs) * MILLION
    print(
        f"{name}: {match} match, {review} in both tiers, of {pairs:,} pairs; at 1 M pictures "
        f"below {bound:.3g} false hits an upload (95 %)"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fill", type=int, default=5000, help="pictures that fill the registry")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.photos:
        chosen, others = load(options.photos, options.half)
    else:
        photos = list(free_photos(options.seed))
        chosen, others = photos[1::2], photos[::2]
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    result = Result(len(chosen), options.seed, options.half, machine)
    asked = recall(chosen, result, options.seed)
    fill(others or chosen, asked, result, options.fill if others else 0)
    print_table(result)
    if options.json:
        options.json.write_text(
            json.dumps(asdict(result) | {"tiers": tier_shares(result)}, indent=1)
        )


if __name__ == "__main__":
    main()
