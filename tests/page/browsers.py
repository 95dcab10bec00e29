"""Hashing files with the page's own worker in real browsers, and no driver.

A server on this machine gives out a page that builds the worker as the real page does, hashes one
file after the other and sends the answers back; a browser is started with its address, and ended
with all of its processes once they are there. Nothing else is asked for on any network.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hashreg.hashing.tokens import stop_list
from hashreg.model.fingerprints import Fingerprint, fingerprint_from_json
from hashreg.page.build import HASHING, script

PATIENCE_SECONDS = 120
"""For the next file to be asked for, or the answer."""

PROGRAMS = {
    "chromium": (
        "/usr/bin/chromium",
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir={profile}",
    ),
    "firefox": ("/usr/bin/firefox-esr", "--headless", "--no-remote", "--profile", "{profile}"),
}
"""How each browser is started; the address comes last."""

PAGE = b"""<!doctype html><meta charset="utf-8"><title>hashing</title><script type="module">
const fetched = async (path) => (await fetch(path)).blob();
const source = URL.createObjectURL(await fetched("worker.js"));
const worker = new Worker(source);
const answers = [];
let truly = null;
const send = (broke) =>
  fetch("answers", { method: "POST", body: JSON.stringify({ broke, truly, answers }) });
worker.onerror = () => send(true);
worker.onmessage = ({ data }) => {
  if ("readsTruly" in data) {
    truly = data.readsTruly;
    return next();
  }
  if (data.thumbnail) data.thumbnail.pixels = Array.from(data.thumbnail.pixels);
  answers.push({ ...data, ms: performance.now() - started });
  next();
};
let started = 0;
const count = await (await fetch("count")).json();
async function next() {
  if (answers.length === count) return send(false);
  const file = await fetched(`files/${answers.length}`);
  started = performance.now();
  worker.postMessage({ id: answers.length, file });
}
worker.postMessage({ stopList: await (await fetched("stop-list")).arrayBuffer() });
worker.postMessage({ check: true });
</script>"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker said about one file. ``repr`` shows no hash and no pixel."""

    fingerprint: Fingerprint | None
    """None where the file can't be hashed; ``problem`` says why."""
    problem: str | None
    values: dict[str, object]
    order: tuple[tuple[str, str], ...]
    """Algorithm and view of each hash, as they came."""
    thumbnail: "Thumbnail | None" = field(repr=False)
    ms: float
    """Milliseconds from sending the file to the worker until its answer."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small RGBA picture."""

    width: int
    height: int
    pixels: list[int] = field(repr=False)


def hashed_by(browser: str, contents: Sequence[bytes]) -> list[Answer]:
    """Return the worker's answers about these files, in order; skips where the browser is missing.

    In CI a browser may not be missing.
    """
    return [_answer(it) for it in _asked(browser, contents)["answers"]]


def reads_truly(browser: str, preferences: str = "") -> bool:
    """Return whether the worker trusts what the browser gives it of a picture.

    ``preferences`` are lines of Firefox's user.js.
    """
    return bool(_asked(browser, [], preferences)["truly"])


def _asked(browser: str, contents: Sequence[bytes], preferences: str = "") -> dict[str, Any]:
    program = Path(PROGRAMS[browser][0])
    if not program.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI has to install {program}")
        pytest.skip(f"there is no {program}")
    with _served(contents) as (address, answers), _started(browser, address, preferences):
        try:
            said: dict[str, Any] | None = None
            while said is None:
                said = answers.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            raise TimeoutError(f"{browser} gave no answer") from None
    if said["broke"]:
        raise RuntimeError(f"the worker broke in {browser}")
    return said


def _answer(said: dict[str, Any]) -> Answer:
    problem = said.get("problem", {})
    if problem:
        return Answer(None, problem["code"], problem["values"], (), None, said["ms"])
    made, thumbnail = said["fingerprint"], said["thumbnail"]
    return Answer(
        fingerprint_from_json(made, "fingerprint"),
        None,
        {},
        tuple((it["algorithm"], it["view"]) for it in made["hashes"]),
        Thumbnail(**thumbnail),
        said["ms"],
    )


@contextlib.contextmanager
def _served(contents: Sequence[bytes]) -> Iterator[tuple[str, "queue.Queue[Any]"]]:
    """Serve the page, the worker and the files; yield the address and where answers arrive."""
    files = {f"/files/{number}": it for number, it in enumerate(contents)}
    files |= {"/": PAGE, "/count": str(len(contents)).encode()}
    files |= {"/worker.js": script("hashing", HASHING).encode()}
    files |= {"/stop-list": stop_list().tobytes()}
    answers: queue.Queue[Any] = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(files, answers))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(files: dict[str, bytes], answers: "queue.Queue[Any]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.put(None)  # it goes on
            self._send(200 if self.path in files else 404, files.get(self.path, b""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._send(200, b"")  # before the browser is ended for having answered
            answers.put(json.loads(body))

        def _send(self, status: int, body: bytes) -> None:
            kinds = {"/": "text/html", "/worker.js": "text/javascript"}
            self.send_response(status)
            self.send_header("content-type", kinds.get(self.path, "application/octet-stream"))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextlib.contextmanager
def _started(browser: str, address: str, preferences: str) -> Iterator[None]:
    """Run a browser with a new profile, in a group of its own that is ended as one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        (Path(profile) / "user.js").write_text(preferences)
        command = [part.format(profile=profile) for part in PROGRAMS[browser]]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            [*command, address], stdout=quiet, stderr=quiet, start_new_session=True
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
