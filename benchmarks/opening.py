"""What it costs to open an encrypted registry: `hashreg check` of one photo in a fresh process.

``python benchmarks/opening.py [--pictures 106000] [--rounds 5] [--folder FOLDER]
[--json FILE]``

A generated registry (``generated.py``) is opened by the
real program twice: without a kept index, where every row is decrypted, and with the kept one, as
every later time. CPU seconds of the program and its decoding child; beside it what the same
command costs against an empty registry, and what decrypting the kept files alone does.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from generated import VIEWS, fill
from scenes import free_photos

from hashreg.model.hashes import Algorithm
from hashreg.registry.sqlite import SqliteStore

PERCEPTUAL = sum(algorithm in (Algorithm.PDQ, Algorithm.PHASH) for algorithm, _, _ in VIEWS)
"""Hashes of each picture that the figures of the design count."""


def checked(registry: Path, photo: Path) -> dict[str, float]:
    """Run ``hashreg check`` of one photo and return its CPU and wall seconds, and its memory."""
    command = [sys.executable, "-P", "-m", "hashreg.cli", "check", "--json"]
    command += ["--registry", str(registry), str(photo)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if json.loads(done.stdout)["verdict"] not in ("clear", "review"):
        raise SystemExit(done.stderr.decode())
    return {
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall_s": wall,
        "memory_mb": after.ru_maxrss / 1024,
    }


def decrypting(size: int) -> float:
    """Return the CPU seconds that AES-256-GCM alone takes for so many bytes, in blocks of 1 MB."""
    cipher, nonce = AESGCM(bytes(32)), bytes(12)
    block = cipher.encrypt(nonce, bytes(1 << 20), None)
    begun = time.process_time()
    for _ in range(size >> 20):
        cipher.decrypt(nonce, block, None)
    return time.process_time() - begun


def measured(folder: Path, pictures: int, rounds: int) -> dict[str, object]:
    """Make the registries and run the program on them."""
    photos = list(free_photos(7))
    photo = folder / "upload.jpg"
    photos[0].resize((4000, 3000)).save(photo, "JPEG", quality=90)
    empty, registry = folder / "empty.db", folder / "registry.db"
    if not registry.exists():
        SqliteStore.create(empty).close()
        fill(registry, pictures, photos)
    first = checked(registry, photo)
    later = [checked(registry, photo) for _ in range(rounds)]
    nothing = [checked(empty, photo) for _ in range(rounds)]
    index = registry.with_name(f"{registry.name}-index")
    kept = sum(it.stat().st_size for it in index.iterdir())
    medians = {name: statistics.median(it[name] for it in later) for name in first}
    return {
        "pictures": pictures,
        "hashes": pictures * PERCEPTUAL,
        "without_a_kept_index": first,
        "with_the_kept_index": medians,
        "empty_registry_cpu_s": statistics.median(it["cpu_s"] for it in nothing),
        "kept_mb": kept / 1e6,
        "decrypting_alone_cpu_s": decrypting(kept),
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=106_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the registry stays for the next run")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hashreg-") as name:
        folder = options.folder or Path(name)
        result = measured(folder, options.pictures, options.rounds)
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
