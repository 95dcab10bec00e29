"""How often the suspicious mark tells forged collisions from edited copies.

``python benchmarks/forgeries.py --photos FOLDER... [--seed 7] [--json FILE]``

A forgery is another photo, changed by adding slow waves until its PDQ hash is near a registered
one: up to the median PDQ is linear, so a few rounds do. Both kinds are asked through the same calls
that the commands use; of the edited copies those count that the mark speaks of, hits of the whole
picture.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from edits import EDITS, edited
from numpy.typing import NDArray
from PIL import Image
from recall import as_bytes
from scenes import free_photos, load

from hashreg.hashing import fingerprint
from hashreg.hashing.pdq import LOW_SIDE, LUMA, pdq
from hashreg.matching import Matcher
from hashreg.model.hashes import Algorithm

ROUNDS = 30
STEP = 0.15
"""Of the mean distance of the coefficients from their median: how far a wrong one is pushed."""
WISHES = (2, 16, 30)
"""Distances that forgers are content with."""
WHOLE = {"whole", "trimmed", "mirror", "trimmed:mirror"}


def forge(photo: Image.Image, target: str, wish: int) -> tuple[Image.Image, int]:
    """Return the photo changed until its PDQ is within ``wish`` bits of ``target``, and how near.

    ``target`` is 64 hex digits. Where that takes too many rounds, the last try is returned.
    """
    wanted = _bits(target)
    pixels = np.asarray(photo, np.uint8)
    rows, columns = _waves(pixels.shape[0]), _waves(pixels.shape[1])
    near = 256
    for _ in range(ROUNDS):
        near = int((_bits(pdq(pixels).hash) != wanted).sum())
        if near <= wish:
            break
        coefficients = rows @ (pixels @ LUMA.astype(np.float64)) @ columns.T
        change = rows.T @ _push(coefficients, wanted) @ columns
        pixels = (pixels + change[..., None]).clip(0, 255).round().astype(np.uint8)
    return Image.fromarray(pixels), near


def _push(coefficients: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what to add to each coefficient so that it lies on the wanted side of the median."""
    median = np.median(coefficients)
    margin = STEP * np.abs(coefficients - median).mean()
    goal = np.where(wanted, median + margin, median - margin)
    unsure = ((coefficients > median) != wanted) | (np.abs(coefficients - median) < margin)
    return np.where(unsure, goal - coefficients, 0)


def _waves(side: int) -> NDArray[np.float64]:
    """Return cosines of frequencies 1 to 16, shape (16, side)."""
    steps = np.outer(np.arange(1, LOW_SIDE + 1), 2 * np.arange(side) + 1)
    waves: NDArray[np.float64] = np.sqrt(2 / side) * np.cos(np.pi / (2 * side) * steps)
    return waves


def _bits(digits: str) -> NDArray[np.bool_]:
    packed = np.frombuffer(bytes.fromhex(digits), np.uint8)
    return np.unpackbits(packed)[::-1].reshape(LOW_SIDE, LOW_SIDE).astype(bool)


def measure(photos: Sequence[Image.Image], seed: int) -> dict[str, int]:
    """Return how many forgeries were made, hit and were marked, and how many copies."""
    registered = [fingerprint(as_bytes(photo), views="register") for photo in photos]
    matcher = Matcher.of(registered)
    counts = dict.fromkeys(("forgeries", "marked_suspicious", "genuine_hits", "genuine_marked"), 0)
    random = Random(seed)
    for number, photo in enumerate(photos):
        for wish in WISHES:
            victim = (number + random.randrange(1, len(photos))) % len(photos)
            target = registered[victim].get(Algorithm.PDQ, "whole")
            if target is None:
                continue
            forged, _ = forge(photo, target.hash, wish)
            for hit in matcher.find(fingerprint(as_bytes(forged), views="query")):
                if hit.id == victim:
                    counts["forgeries"] += 1
                    counts["marked_suspicious"] += hit.suspicious
        for edit in EDITS:
            copy = edited(photo, number, edit, seed)
            for hit in matcher.find(fingerprint(as_bytes(copy), views="query")):
                if hit.id == number and hit.view in WHOLE and hit.query_view in WHOLE:
                    counts["genuine_hits"] += 1
                    counts["genuine_marked"] += hit.suspicious
    return counts


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--half", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen, _ = load(options.photos, options.half) if options.photos else ([], [])
    counts = measure(chosen or list(free_photos(options.seed)), options.seed)
    print(
        f"forged hits: {counts['forgeries']}, marked {counts['marked_suspicious']}; hits of edited "
        f"copies as a whole: {counts['genuine_hits']}, marked {counts['genuine_marked']}"
    )
    if options.json:
        options.json.write_text(json.dumps(counts | {"seed": options.seed}, indent=1) + "\n")


if __name__ == "__main__":
    main()
