"""Files are hashed in order by processes that may die, and a bad file costs only itself."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from hashreg.hashing import fingerprint, workers
from hashreg.hashing.workers import HashedFile, hash_files
from hashreg.model.errors import FileProblem, UnreadableFile
from hashreg.model.fingerprints import Fingerprint, Views
from support.program import SAMPLES, hashreg

ORIGINALS = SAMPLES / "originals"
PHOTO = ORIGINALS / "rocket.jpg"
posix = pytest.mark.skipif(os.name != "posix", reason="speaks of signals and of /proc")


def outcome(hashed: HashedFile) -> str:
    """Return "hashed" or the problem, and never a hash."""
    result = hashed.result
    return result.problem.value if isinstance(result, UnreadableFile) else "hashed"


def outcomes(paths: Sequence[Path], count: int = 2) -> list[str]:
    hashed = list(hash_files(paths, "whole", workers=count))
    assert [it.path for it in hashed] == list(paths)
    return [outcome(it) for it in hashed]


def children() -> set[int]:
    """Return the processes that this one has started, also those that only wait to be buried."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        except OSError:
            continue
        if int(after_name.split()[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found


@pytest.fixture(autouse=True)
def _no_orphans() -> Iterator[None]:
    """Every test here leaves no process behind."""
    before = children()
    yield
    assert children() - before == set()


@pytest.mark.parametrize("count", [1, 4])
def test_results_come_in_the_order_of_the_files_however_many_hash(count: int) -> None:
    photos = sorted(ORIGINALS.iterdir())
    files = [photos[number % len(photos)] for number in range(2 * len(photos))]
    hashed = list(hash_files(files, "whole", workers=count))
    assert [it.path for it in hashed] == files
    expected = {path: fingerprint(path, views="whole") for path in photos}
    assert all((it.result == expected[it.path]) is True for it in hashed)


@pytest.mark.parametrize("views", ["whole", "register", "query"])
def test_a_worker_makes_the_very_fingerprint_that_the_library_makes(views: Views) -> None:
    (hashed,) = hash_files([PHOTO], views, workers=1)
    assert isinstance(hashed.result, Fingerprint)
    assert (hashed.result == fingerprint(PHOTO, views=views)) is True


@posix
def test_what_is_no_file_is_said_at_once_and_the_others_go_on(tmp_path: Path) -> None:
    pipe, folder, closed = tmp_path / "pipe.jpg", tmp_path / "folder.jpg", tmp_path / "socket.jpg"
    os.mkfifo(pipe)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(closed))
        started = time.monotonic()
        files = [PHOTO, pipe, folder, closed, Path("/dev/zero"), tmp_path / "missing", PHOTO]
        expected = ["hashed", *["not_a_file"] * 4, "missing", "hashed"]
        assert outcomes(files) == expected
        assert time.monotonic() - started < 30


NAMES = (
    "n\xe4me.jpg".encode(),
    "사진.jpg".encode(),
    b"two\nlines.jpg",
    b"\r\t\x1b[31m.jpg",
    b" .jpg",
    b"-n",
    b"{'fingerprint'}.jpg",
)


@pytest.mark.parametrize("names", [NAMES, (b"not utf-8 \xff\xfe.jpg",)], ids=["odd", "no UTF-8"])
def test_a_file_of_any_name_is_hashed(tmp_path: Path, names: Sequence[bytes]) -> None:
    paths = [Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)) for name in names]
    try:
        for path in paths:
            shutil.copy(PHOTO, path)
    except OSError:
        pytest.skip("this disk can't hold such names")
    assert outcomes([*paths, PHOTO], 1) == ["hashed"] * (len(paths) + 1)


def test_a_file_that_vanishes_meanwhile_is_missing(tmp_path: Path) -> None:
    vanishing = tmp_path / "vanishing.jpg"
    shutil.copy(PHOTO, vanishing)

    def files() -> Iterator[Path]:
        yield PHOTO
        vanishing.unlink()
        yield vanishing
        yield PHOTO

    hashed = list(hash_files(files(), "whole", workers=1))
    assert [outcome(it) for it in hashed] == ["hashed", "missing", "hashed"]


def deadly(
    monkeypatch: pytest.MonkeyPatch, victim: Path, harm: Callable[[workers._Worker], None]
) -> None:
    """Let harm come to each worker that is about to be asked for ``victim``."""
    ask = workers._Worker.hash

    def harmed(self: workers._Worker, path: Path) -> Fingerprint | UnreadableFile:
        if path == victim:
            harm(self)
        return ask(self, path)

    monkeypatch.setattr(workers._Worker, "hash", harmed)


@posix
@pytest.mark.parametrize(
    ("sign", "problem"),
    [
        (signal.SIGKILL, "too_costly"),  # as the system does where memory runs out
        (signal.SIGSEGV, "crashed"),
    ],
)
def test_a_worker_that_dies_in_the_middle_costs_its_own_file_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sign: signal.Signals, problem: str
) -> None:
    victim = tmp_path / "victim.jpg"
    shutil.copy(PHOTO, victim)

    def kill_later(worker: workers._Worker) -> None:
        os.kill(worker._process.pid, signal.SIGSTOP)  # so that it can't be done before

        def end_it() -> None:
            worker._process.send_signal(sign)
            worker._process.send_signal(signal.SIGCONT)  # never before the other, however busy

        threading.Timer(0.1, end_it).start()

    deadly(monkeypatch, victim, kill_later)
    files = [PHOTO, PHOTO, victim, PHOTO, PHOTO, PHOTO]
    assert outcomes(files, 2) == ["hashed"] * 2 + [problem] + ["hashed"] * 3


@posix
def test_a_worker_that_died_while_idle_costs_one_file_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    victim = tmp_path / "victim.jpg"
    shutil.copy(PHOTO, victim)

    def kill_now(worker: workers._Worker) -> None:
        os.kill(worker._process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, worker._process.pid, os.WEXITED | os.WNOWAIT)

    deadly(monkeypatch, victim, kill_now)
    files = [PHOTO, victim, PHOTO]
    assert outcomes(files, 1)[::2] == ["hashed", "hashed"]


@posix
def test_a_file_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workers, "WALL_SECONDS", 2)
    victim = tmp_path / "victim.jpg"
    shutil.copy(PHOTO, victim)
    deadly(monkeypatch, victim, lambda worker: worker._process.send_signal(signal.SIGSTOP))
    assert outcomes([PHOTO, victim, PHOTO], 1) == ["hashed", "too_costly", "hashed"]


FORGED_ANSWERS = [
    b"",
    b"rubbish\n",
    b"[]\n",
    b"{}\n",
    b"\xff\xfe\n",
    b"[" * 100_000 + b"\n",
    b'{"fingerprint": {"media": "image"}}\n',
    b'{"problem": "no such problem", "values": {}}\n',
    b'{"problem": 7}\n',
    b'{"problem": "damaged", "values": {"problem": 1}}\n',
    b'{"problem": "damaged", "values": {"field": 1}}\n',
    b'{"problem": "damaged", "values": {"text": 1}}\n',
    b'{"problem": "damaged", "values": {"self": 1}}\n',
    b'{"problem": "file_too_large", "values": {}}\n',
    b'{"problem": "file_too_large", "values": {"other": 1}}\n',
    b'{"problem": "damaged", "values": [1]}\n',
]


@pytest.mark.parametrize("answer", FORGED_ANSWERS, ids=lambda it: repr(it[:60]))
def test_a_worker_that_was_taken_over_cant_harm_the_process_that_asks_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bytes
) -> None:
    forged = tmp_path / "answer"
    forged.write_bytes(answer)
    script = tmp_path / "python"
    speak = "import sys; sys.stdin.readline(); "
    speak += f"sys.stdout.buffer.write(open({str(forged)!r}, 'rb').read())"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{speak}"\n', encoding="utf-8")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    (hashed,) = hash_files([PHOTO], "whole", workers=1)
    assert isinstance(hashed.result, UnreadableFile)
    told = str(hashed.result)
    assert told
    assert not set(told) & set("{}")


@posix
def test_a_reader_that_stops_early_leaves_no_process_behind() -> None:
    before = children()
    results = hash_files([PHOTO] * 200, "whole", workers=3)
    assert outcome(next(results)) == "hashed"
    assert len(children() - before) == 3
    results.close()  # type: ignore[attr-defined]
    assert children() - before == set()


@posix
def test_an_error_among_the_names_leaves_no_process_behind() -> None:
    before = children()

    def files() -> Iterator[Path]:
        yield from [PHOTO] * 40
        raise OSError("the folder is gone")

    with pytest.raises(OSError, match="the folder is gone"):
        list(hash_files(files(), "whole", workers=2))
    assert children() - before == set()


def test_files_are_named_as_they_are_needed_and_no_more() -> None:
    named = 0

    def files() -> Iterator[Path]:
        nonlocal named
        while True:
            named += 1
            yield PHOTO

    results = hash_files(files(), "whole", workers=2)
    for _ in range(5):
        assert outcome(next(results)) == "hashed"
    assert named <= 2 * workers.FILES_AHEAD + 5
    results.close()  # type: ignore[attr-defined]


def test_nothing_is_started_for_no_files() -> None:
    before = children()
    assert list(hash_files([], "whole")) == []
    assert children() == before


def test_every_problem_arrives_with_its_words(tmp_path: Path) -> None:
    files = {
        "empty": b"",
        "not_a_picture": b"hello",
        "damaged": PHOTO.read_bytes()[:2000],
        "is_video": b"\0\0\0\x18ftypmp42" + bytes(100),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in files]
    hashed = list(hash_files(paths, "whole", workers=1))
    assert [outcome(it) for it in hashed] == list(files)
    told = [str(it.result) for it in hashed]
    assert told == [str(UnreadableFile(FileProblem(name))) for name in files]


def test_a_folder_of_uploads_cant_bring_its_own_modules(tmp_path: Path) -> None:
    for module in ("numpy", "PIL", "imagehash", "json", "hashlib", "hashreg", "sitecustomize"):
        planted = f"open({str(tmp_path / 'marker')!r}, 'w').close()\nraise SystemExit\n"
        (tmp_path / f"{module}.py").write_text(planted, encoding="utf-8")
    shutil.copy(PHOTO, tmp_path / "photo.jpg")
    done = hashreg("hash", "photo.jpg", "--json", cwd=tmp_path)
    assert done.code == 0
    assert len(done.lines) == 1
    assert not (tmp_path / "marker").exists()


LIMITED = """
import os, sys
from hashreg.hashing.worker import limit_resources
limit_resources()
def refused(work):
    try:
        work()
    except (OSError, MemoryError):
        return True
    return False
def write():
    with open("written", "wb") as file:
        file.write(b"something")
print(refused(write), refused(lambda: bytearray(1 << 30)))
print(refused(lambda: [os.open(os.devnull, os.O_RDONLY) for _ in range(64)]))
"""


def test_who_takes_a_worker_over_can_write_no_file_and_take_no_gigabyte(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", LIMITED]
    done = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    assert done.stdout.split() == [b"True"] * 3
    assert [it.stat().st_size for it in tmp_path.iterdir()] in ([], [0])
