"""What the victims' page costs a browser: forty photos of 12 megapixels, chosen at once.

``python benchmarks/browser.py [--photos FOLDER...] [--count 40] [--rounds 3] [--json FILE]``

Chromium opens the saved page and hashes them all. For each round: seconds a photo, the longest task
that held up the page itself, and the most memory that all of the browser's processes had together,
counted as their own share (PSS). Beside it the command line registers the same photos.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from check import uploads
from playwright.sync_api import Browser, expect, sync_playwright
from scenes import load, sample_photos

from hashreg.page.build import page
from hashreg.page.settings import default_settings

Cost = dict[str, float]
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
EVERY_S = 0.1
PATIENCE_MS = 600_000
WATCH = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const it of list.getEntries()) window.longest = Math.max(window.longest, it.duration);
}).observe({ type: "longtask", buffered: true });
"""


class Memory:
    """The most memory that a process and all below it had at one moment, in bytes."""

    def __init__(self, marker: str) -> None:
        self.most = self.least = 0
        self._marker, self._over = marker, threading.Event()
        self._watching = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            now = sum(map(share, processes(self._marker)))
            self.most = max(self.most, now)
            self.least = min(self.least or now, now)


def processes(marker: str) -> list[Path]:
    """Return the processes of the browser whose profile is in this folder, and those below."""
    parents: dict[str, list[str]] = {}
    roots = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            if marker in (path / "cmdline").read_text():
                roots.append(path.name)
        except OSError:
            continue
        parents.setdefault(parent, []).append(path.name)
    found: set[str] = set()
    while roots:
        number = roots.pop()
        if number not in found:
            found.add(number)
            roots += parents.get(number, [])
    return [Path("/proc") / it for it in found]


def share(process: Path) -> int:
    """Return a process's own share of memory in bytes; 0 if it has ended."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def by_page(browser: Browser, address: str, paths: Sequence[Path], memory: Memory) -> Cost:
    """Choose the photos on the page; return what it cost."""
    context = browser.new_context(locale="en-GB")
    shown = context.new_page()
    shown.add_init_script(WATCH)
    shown.goto(address)
    shown.get_by_role("button", name="Start").click()
    before = memory.most
    begun = time.perf_counter()
    shown.locator("#choose-files").set_input_files(list(paths))
    waiting = shown.locator("#pictures li.waiting")
    expect(waiting).to_have_count(0, timeout=PATIENCE_MS)
    wall = time.perf_counter() - begun
    ready = shown.locator("#pictures li.good").count()
    longest = shown.evaluate("window.longest")
    context.close()
    return {
        "photos": ready,
        "s_a_photo": wall / len(paths),
        "longest_task_ms": longest,
        "before_mb": before / 1e6,
        "most_mb": memory.most / 1e6,
    }


def by_command(paths: Sequence[Path], folder: Path) -> Cost:
    """Register the photos with the command line."""
    command = [sys.executable, "-P", "-m", "hashreg.cli", "register", "--json"]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    target = folder / f"{time.monotonic_ns()}.hashreg"
    subprocess.run([*command, "-o", target, *paths], capture_output=True, check=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"s_a_photo": wall / len(paths), "cpu_s_a_photo": cpu / len(paths)}


@contextmanager
def browsing(folder: Path) -> Iterator[tuple[Browser, Memory]]:
    """Start a browser whose memory is watched."""
    marker = f"--hashreg-benchmark={folder.name}"
    with sync_playwright() as playwright, Memory(marker) as memory:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, marker])
        yield browser, memory
        browser.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    photos = load(options.photos, "odd")[0] if options.photos else list(sample_photos())
    rounds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = uploads(photos, folder, options.count)
        address = folder / "hashreg.html"
        address.write_bytes(page(default_settings(), saved=True))
        for _ in range(options.rounds):
            with browsing(folder) as (browser, memory):
                there = by_page(browser, address.as_uri(), paths, memory)
            rounds.append({"page": there, "command": by_command(paths, folder)})
            print(json.dumps(rounds[-1]))
    ratio = statistics.median(it["page"]["s_a_photo"] / it["command"]["s_a_photo"] for it in rounds)
    print(f"the page takes {ratio:.2f} times as long as the command line")
    if options.json:
        options.json.write_text(json.dumps({"rounds": rounds, "ratio": ratio}, indent=1) + "\n")


if __name__ == "__main__":
    main()
