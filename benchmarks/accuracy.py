"""How often edited copies are found, and how often unrelated pictures are hit.

``python benchmarks/accuracy.py [--photos FOLDER...] [--half odd] [--seed 7] [--fill 5000]
[--views-fill 0] [--json OUT] [--docs docs]``

Each photo is registered, edited in 59 ways (``edits.py``), and every copy is asked through the
same library calls that the commands use. Beside it stand one plain PDQ hash at 31, as other systems
ask, and one plain pHash at 8. False hits are counted over all pairs of a copy and another photo,
and in a registry filled with pictures cut from photos that are not asked (``falsehits.py``); a line
through the lower tail of the distances says what is to be expected further down (``tail.py``).
``--views-fill`` adds pictures without tokens: these are found by their views alone, and many more
can be had in the same time.

Without ``--photos`` the sample pictures, the photos that scikit-image and scikit-learn carry and
generated scenes are used. ``--docs`` writes docs/accuracy.md and its pictures from the numbers in
docs/accuracy/*.json (``report.py``). Needs ``pip install -e '.[bench]'``.
"""

import argparse
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import falsehits
import numpy as np
import PIL
import portraits
import report
import tail
from edits import TIERS
from nearest import asked_words, histogram, words
from recall import METHODS, Cell, Picture, copies, mean_hashes, recall, registered, tier_shares
from results import Measured, Tail, save
from scenes import SCENES, free_photos, load, scenes

from hashreg.matching.policy import MATCH_RADIUS, REVIEW_RADIUS


def run(options: argparse.Namespace) -> Measured:
    """Measure everything."""
    if options.photos:
        chosen, others = load(options.photos, options.half)
    else:
        chosen = free_photos(options.seed)
        others = scenes(options.seed, first=SCENES)
    originals = registered(chosen)
    asked = list(copies(chosen, options.seed))
    cells = recall(originals, asked)
    print_recall(cells)
    fill = list(falsehits.cuts(others, options.fill, options.seed)) if others else []
    more = options.views_fill if others else 0
    views = list(falsehits.cuts(others, more, options.seed + 1, tokens=False))
    false_hits = [falsehits.among(originals, asked)]
    if fill:
        false_hits.append(falsehits.filled(falsehits.CUTS, fill, asked))
    if views:
        false_hits.append(falsehits.filled(falsehits.VIEWS, views, asked))
    return Measured(
        photos=len(chosen),
        other_photos=len(others),
        seed=options.seed,
        made_with=made_with(),
        registered_hashes=mean_hashes(originals),
        asked_hashes=mean_hashes(asked),
        edits=cells,
        false_hits=false_hits,
        tail=tail_of([*fill, *views], asked, options) if fill or views else None,
        framed=tuple(falsehits.framed(others, asked, options.seed)),
        portraits=None if options.photos else portraits.measure(portraits.faces()),
    )


def made_with() -> str:
    """Name the commit that was measured, and what it ran on."""
    git = ("git", "describe", "--always", "--dirty")
    here = Path(__file__).parent
    commit = subprocess.run(git, cwd=here, capture_output=True, text=True, check=False).stdout
    return (
        f"hashreg {commit.strip() or 'without git'}, Python {platform.python_version()}, "
        f"NumPy {np.__version__} and Pillow {PIL.__version__}"
    )


def tail_of(fill: Sequence[Picture], asked: Sequence[Picture], options: argparse.Namespace) -> Tail:
    """Count the smallest distance of every pair, and fit the lower tail."""
    distances = histogram(
        [asked_words(it.fingerprint) for it in asked],
        [it.photo for it in asked],
        [words(it.fingerprint) for it in fill],
        [it.photo for it in fill],
    )
    if options.counts:
        np.savez_compressed(options.counts, distances=distances)
    return fitted(distances, options.seed)


def fitted(distances: tail.Counts, seed: int) -> Tail:
    """Return the counts of all distances in bins of two bits, and the fits to their tail."""
    counts = tail.binned(distances)
    fits = tail.fits(counts, (MATCH_RADIUS, REVIEW_RADIUS), seed)
    return Tail(int(counts.sum()), counts.sum((0, 1)).tolist(), fits)


def print_recall(cells: dict[str, Cell]) -> None:
    """Print every edit and every tier."""
    print(f"{'edit':22}{'one PDQ':>9}{'one pHash':>10}{'match':>8}{'+ review':>9}")
    shares = tier_shares(cells.values())
    for tier in TIERS:
        for name, cell in cells.items():
            if cell.tier == tier:
                print(f"{name:22}" + _columns([cell.percent(it) for it in METHODS], 0))
        print(f"{tier.upper():22}" + _columns([shares[tier][it] for it in METHODS], 1))


def _columns(numbers: Sequence[float], places: int) -> str:
    return "".join(
        f"{number:{width}.{places}f}" for number, width in zip(numbers, (9, 10, 8, 9), strict=True)
    )


def print_false_hits(result: Measured) -> None:
    """Print the false hits, the tail's fits, and the portraits."""
    print(f"\nhashes: {result.registered_hashes} registered, {result.asked_hashes} asked")
    for it in result.false_hits:
        bound = falsehits.bounds(it.review, it.pairs)[1] * falsehits.MILLION
        print(
            f"{it.registry}: {it.match} match, {it.review} in both tiers, {it.plain_pdq} by one "
            f"PDQ, {it.plain_phash} by one pHash, of {it.pairs:,} pairs; at 1 M pictures below "
            f"{bound:.3g} false hits an upload (95 %)"
        )
    for fit in result.tail.fits if result.tail else ():
        expected = {radius: share * falsehits.MILLION for radius, share in fit.within.items()}
        print(f"tail below {fit.edge}: {fit.pairs:,} pairs, false hits expected: {expected}")
    for framed in result.framed:
        print(framed)
    if result.portraits:
        print(result.portraits)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of photos")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fill", type=int, default=5000, help="pictures that fill the registry")
    parser.add_argument("--views-fill", type=int, default=0, help="more of them, without tokens")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--counts", type=Path, help="save the counts of all distances (.npz)")
    parser.add_argument("--docs", type=Path, help="write accuracy.md and its pictures here")
    options = parser.parse_args()
    result = run(options)
    print_false_hits(result)
    if options.json:
        save(result, options.json)
    if options.docs:
        report.write(options.docs)


if __name__ == "__main__":
    main()
