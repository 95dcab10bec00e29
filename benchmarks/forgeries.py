"""How often the suspicious mark tells forged collisions from edited copies.

``python benchmarks/forgeries.py --photos FOLDER... [--seed 7] [--json FILE]``

Both kinds (``forging.py`` makes the forged ones) are asked through the same calls that the commands
use; of the edited copies those count that the mark speaks of, hits of the whole picture.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from edits import EDITS, edited
from forging import forge
from PIL import Image
from recall import as_bytes
from scenes import free_photos, load

from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.model.hashes import Algorithm

WISHES = (2, 16, 30)
"""Distances that forgers are content with."""
WHOLE = {"whole", "trimmed", "mirror", "trimmed:mirror"}


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
