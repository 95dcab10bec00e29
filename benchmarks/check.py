"""What `hashreg check` costs: 500 uploads of 12 megapixels against 1,000 registered pictures.

``python benchmarks/check.py [--photos FOLDER...] [--uploads 500] [--registered 1000]
[--json FILE]``

The real program in its own process, cold, with its workers. CPU time of all of them; beside it the
same work in one process without children, whose ratio is what the children cost; what decoding the
same files alone costs; and where the time of one process goes.
"""

import argparse
import cProfile
import datetime as dt
import io
import json
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from falsehits import cuts
from PIL import Image
from scenes import free_photos, load

from hashreg.client.documents import signed_document
from hashreg.hashing import fingerprint
from hashreg.model.cases import new_case_number, new_recovery_code
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.submissions import Kind
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up

SIZE = 4000, 3000
DISTINCT = 100
ROUNDS = 3
GRAIN = 5
"""Grey levels of noise, so that the files are as large as a camera's, 4-6 MB, and cost as much."""


def uploads(photos: Sequence[Image.Image], folder: Path, count: int) -> list[Path]:
    """Write 12-megapixel JPEGs and return ``count`` paths, each file named several times."""
    paths = []
    for number in range(min(count, DISTINCT)):
        photo = photos[number % len(photos)]
        path = folder / f"{number}.jpg"
        grain = np.random.default_rng(number).normal(0, GRAIN, (SIZE[1], SIZE[0], 1))
        large = np.asarray(photo.resize(SIZE, Image.Resampling.BICUBIC), np.float32) + grain
        picture = Image.fromarray(large.clip(0, 255).astype(np.uint8))
        picture.save(path, "JPEG", quality=90)
        paths.append(path)
    return [paths[number % len(paths)] for number in range(count)]


def registry(path: Path, pictures: Sequence[Fingerprint]) -> None:
    """Make a registry of cases with ten pictures each."""
    store = SqliteStore.create(path)
    now = dt.datetime.now(dt.UTC)
    for start in range(0, len(pictures), 10):
        items = [it.comparable() for it in pictures[start : start + 10] if it.is_comparable]
        document = signed_document(
            Kind.SUBMISSION, new_case_number(), new_recovery_code(), now.date(), items
        )
        take_in(store, document, now)
    store.close()


def program(paths: Sequence[Path], registry_file: Path, workers: int) -> dict[str, float]:
    """Run the program once and return its wall and CPU seconds, and the verdicts."""
    command = [sys.executable, "-P", "-m", "hashreg.cli", "check", "--json"]
    command += ["--registry", str(registry_file), "--workers", str(workers), *map(str, paths)]
    wall, cpu, output = timed(command)
    verdicts = [json.loads(line)["verdict"] for line in output.splitlines()]
    found = sum(verdict in ("match", "review") for verdict in verdicts)
    return {"wall_s": wall, "cpu_s": cpu, "answers": len(verdicts), "found": found}


def timed(command: Sequence[str]) -> tuple[float, float, bytes]:
    """Run a program; return its wall and CPU seconds, children and all, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout


IN_PROCESS = """
import json, sys
from pathlib import Path
from hashreg.hashing import fingerprint
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
store = SqliteStore.open(Path(sys.argv[1]))
index = RegistryIndex(store.index_folder)
for path in sys.argv[2:]:
    found = look_up(store, index, [fingerprint(path, views="query")])[0]
    print(json.dumps([hit.explanation.tier.value for hit in found]))
"""


def without_children(paths: Sequence[Path], registry_file: Path) -> dict[str, float]:
    """Do the same in one fresh process that opens the pictures itself."""
    wall, cpu, output = timed(
        [sys.executable, "-P", "-c", IN_PROCESS, str(registry_file), *map(str, paths)]
    )
    rows = [json.loads(line) for line in output.splitlines()]
    return {"wall_s": wall, "cpu_s": cpu, "answers": len(rows), "found": sum(map(bool, rows))}


def rounds_of(paths: Sequence[Path], registry_file: Path, workers: int) -> dict[str, object]:
    """Run both by turns; return the rounds and the median of their ratios of CPU time."""
    pairs = [
        (program(paths, registry_file, workers), without_children(paths, registry_file))
        for _ in range(ROUNDS)
    ]
    ratios = [ours["cpu_s"] / alone["cpu_s"] for ours, alone in pairs]
    return {
        "rounds": [{"with_children": ours, "in_process": alone} for ours, alone in pairs],
        "cpu_times_in_process": statistics.median(ratios),
    }


def decoding(paths: Sequence[Path]) -> float:
    """Return the CPU seconds that decoding these files alone takes."""
    begun = time.process_time()
    for path in paths:
        Image.open(io.BytesIO(path.read_bytes())).load()
    return time.process_time() - begun


def profile(paths: Sequence[Path], registry_file: Path) -> list[str]:
    """Return the shares of one process that does it all, largest first."""
    store, index = SqliteStore.open(registry_file), RegistryIndex()
    look_up(store, index, [])
    profiler = cProfile.Profile()
    profiler.enable()
    for path in paths:
        look_up(store, index, [fingerprint(path, views="query")])
    profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in stats.values())
    seconds = {name: entry[3] for (_, _, name), entry in stats.items()}
    spent = {
        "decoding": seconds["decode"],
        "views of parts": seconds["_part_items"],
        "tokens": seconds["_with_tokens"],
        "pHash": seconds["_phash_item"],
        "looking up": seconds["look_up"],
    }
    rest = seconds["fingerprint"] + seconds["look_up"] - sum(spent.values())
    spent["PDQ of the whole in 8 orientations, digests, reading"] = rest
    shares = sorted(spent.items(), key=lambda it: -it[1])
    return [f"{label}: {100 * it / total:.0f} %" for label, it in shares]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--registered", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen, others = load(options.photos, "odd") if options.photos else ([], [])
    photos = chosen or list(free_photos(7))
    with tempfile.TemporaryDirectory(prefix="hashreg-") as name:
        folder = Path(name)
        paths = uploads(photos, folder, options.uploads)
        filling = cuts(others or photos, options.registered, Random(7).randrange(10**6))
        registry(folder / "registry.db", [it.fingerprint for it in filling])
        result = rounds_of(paths, folder / "registry.db", options.workers)
        result["decoding_alone_cpu_s"] = decoding(paths)
        result["profile"] = profile(paths[:50], folder / "registry.db")
    result["uploads"], result["registered"] = options.uploads, options.registered
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
