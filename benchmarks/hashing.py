"""What hashing a 12-megapixel photo costs, beside decoding it, pdqhash and ImageHash.

``python benchmarks/hashing.py [--photo FILE] [--rounds N] [--json OUT]``. Every row is CPU time (of
all threads), the median of rounds in which the rows take turns. Each visit to a row is a process of
its own: memory that one row leaves behind would make the next one cheaper, decoding by a third.
Without ``--photo`` a sample photo is enlarged, given grain as a sensor has it, and saved as JPEG of
quality 85. Rows of peers that are not installed are left out with a note.
"""

import argparse
import importlib.util
import io
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import imagehash
import numpy as np
import PIL
from PIL import Image
from rich.console import Console
from rich.table import Table

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import decode
from hashreg.hashing.pdq import pdq

SAMPLE = Path(__file__).parents[1] / "sample_images" / "originals" / "boats.jpg"
SIZE = (4_000, 3_000)
JPEG_QUALITY = 85
GRAIN = 12
"""Greatest deviation of a pixel's grain; with it the file is as large as a phone's."""

RUNS_A_VISIT = 5

DECODE, PDQ, PDQHASH, PHASH = "decode alone", "PDQ", "pdqhash", "ImageHash phash"
WHOLE, REGISTER, QUERY = "fingerprint(whole)", "fingerprint(register)", "fingerprint(query)"
REGISTER_TOKENS, QUERY_TOKENS = f"{REGISTER} with tokens", f"{QUERY} with tokens"
COMMAND = "hashreg hash photo.jpg, fresh process"
COMMAND_ROUNDS = 3

Run = Callable[[], object]
Seconds = float
Rows = dict[str, Seconds]


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio of two rows, and what it must be, where something is promised."""

    name: str
    value: float
    goal: str


def made_photo() -> bytes:
    """Return a textured JPEG of 12 megapixels, always the same."""
    with Image.open(SAMPLE) as sample:
        large = np.asarray(sample.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC), np.int16)
    raw = np.asarray(np.random.PCG64(1).random_raw(SIZE[0] * SIZE[1]), np.uint64)
    grain = (raw % np.uint64(2 * GRAIN + 1)).astype(np.int16).reshape(SIZE[1], SIZE[0], 1) - GRAIN
    file = io.BytesIO()
    grainy = np.clip(large + grain, 0, 255).astype(np.uint8)
    Image.fromarray(grainy).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def load(content: bytes) -> Image.Image:
    """Decode as anybody does with Pillow."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


def pdqhash_run(content: bytes) -> Run:
    """Return the peer's hashing of the same pixels."""
    import pdqhash  # noqa: PLC0415  (a peer that need not be installed)

    return partial(pdqhash.compute, np.asarray(load(content).convert("RGB")))


ROWS: dict[str, Callable[[bytes], Run]] = {
    DECODE: lambda content: partial(load, content),
    PDQ: lambda content: partial(pdq, decode(content).pixels),
    PDQHASH: pdqhash_run,
    PHASH: lambda content: partial(imagehash.phash, load(content)),
    WHOLE: lambda content: partial(fingerprint, content, views="whole"),
    REGISTER: lambda content: partial(fingerprint, content, views="register", tokens=False),
    QUERY: lambda content: partial(fingerprint, content, views="query", tokens=False),
    REGISTER_TOKENS: lambda content: partial(fingerprint, content, views="register"),
    QUERY_TOKENS: lambda content: partial(fingerprint, content, views="query"),
}
"""What is measured: the photo's bytes -> what a row runs, its preparations done."""


def measured_here(row: str, content: bytes) -> Seconds:
    """Return the median CPU time of a row in this process, after one run unmeasured."""
    run = ROWS[row](content)
    run()
    times = []
    for _ in range(RUNS_A_VISIT):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return statistics.median(times)


def measured(photo: Path, rounds: int) -> Rows:
    """Return the median CPU time of each row over the rounds, a new process for every visit."""
    names = [name for name in ROWS if name != PDQHASH or importlib.util.find_spec("pdqhash")]
    times: dict[str, list[Seconds]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            visit = [sys.executable, __file__, "--photo", str(photo), "--row", name]
            answer = subprocess.run(visit, check=True, capture_output=True, text=True).stdout
            times[name].append(float(answer))
    return {name: statistics.median(values) for name, values in times.items()}


def command() -> str | None:
    """Return the path of the ``hashreg`` program that belongs to this Python, if there is one."""
    beside = Path(sys.executable).parent
    return shutil.which("hashreg", path=os.pathsep.join((str(beside), os.environ["PATH"])))


def command_time(program: str, photo: Path) -> Seconds:
    """Return the median CPU time of the program and its children for the one photo."""
    arguments = [program, "hash", str(photo)]
    return statistics.median(_children_time(arguments) for _ in range(COMMAND_ROUNDS))


def _children_time(arguments: list[str]) -> Seconds:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figures(rows: Rows) -> list[Figure]:
    """Return the ratios that the project watches."""
    found = [
        Figure(f"{WHOLE} / {DECODE}", rows[WHOLE] / rows[DECODE], "at most 1.5"),
        Figure(f"{REGISTER} / {DECODE}", rows[REGISTER] / rows[DECODE], ""),
        Figure(f"{QUERY} / {DECODE}", rows[QUERY] / rows[DECODE], "at most 1.9"),
        Figure("tokens to register, ms", 1e3 * (rows[REGISTER_TOKENS] - rows[REGISTER]), "25"),
        Figure("tokens to ask, ms", 1e3 * (rows[QUERY_TOKENS] - rows[QUERY]), "80"),
    ]
    if PDQHASH in rows:
        found.insert(0, Figure(f"{PDQHASH} / {PDQ}", rows[PDQHASH] / rows[PDQ], "at least 20"))
    return found


def machine() -> str:
    """Return one line about what this was measured on."""
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return (
        f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores; "
        f"{versions}, Pillow {PIL.__version__}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def described(content: bytes) -> str:
    """Return one line about the photo."""
    with Image.open(io.BytesIO(content)) as image:
        size = f"{image.width} x {image.height}"
        return f"{image.format} {size}, {len(content) / 1e6:.1f} MB"


def show(rows: Rows, ratios: list[Figure], photo: str) -> None:
    """Print the tables."""
    console = Console()
    console.print(machine(), f"photo: {photo}", sep="\n", highlight=False)
    costs = Table("CPU time", "ms", title="Costs")
    for name, seconds in rows.items():
        costs.add_row(name, f"{seconds * 1_000:.1f}")
    reached = Table("ratio", "measured", "goal", title="Ratios")
    for figure in ratios:
        reached.add_row(figure.name, f"{figure.value:.2f}", figure.goal)
    console.print(costs, reached)


def as_json(rows: Rows, ratios: list[Figure], photo: str) -> str:
    """Return the figures as JSON, times in milliseconds of CPU."""
    return json.dumps(
        {
            "machine": machine(),
            "photo": photo,
            "cpu_ms": {name: round(seconds * 1_000, 2) for name, seconds in rows.items()},
            "ratios": {figure.name: round(figure.value, 3) for figure in ratios},
        },
        indent=1,
    )


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photo", type=Path, help="a JPEG of about 12 megapixels")
    parser.add_argument("--rounds", type=int, default=5, help="visits to each row")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--row", choices=list(ROWS), help="measure this row only, in this process")
    return parser.parse_args()


def compared(photo: Path, rounds: int) -> Rows:
    """Return all rows, with notes about those that can't be measured."""
    rows = measured(photo, rounds)
    if PDQHASH not in rows:
        print("pdqhash is not installed (extra bench): its row is left out", file=sys.stderr)
    program = command()
    if program:
        return rows | {COMMAND: command_time(program, photo)}
    print("the hashreg program is not installed: its row is left out", file=sys.stderr)
    return rows


def main() -> None:
    """Measure, print and, if asked to, save."""
    options = parsed_arguments()
    if options.row:
        print(measured_here(options.row, options.photo.read_bytes()))
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = options.photo or Path(folder, "photo.jpg")
        if not options.photo:
            photo.write_bytes(made_photo())
        rows, about = compared(photo, options.rounds), described(photo.read_bytes())
    ratios = figures(rows)
    show(rows, ratios, about)
    if options.json:
        options.json.write_text(as_json(rows, ratios, about) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
