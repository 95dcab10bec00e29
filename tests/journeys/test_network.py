"""``hash`` and ``register`` open no network connection, nor do the processes that they start."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.program import SAMPLES

SOCKET = re.compile(r"\b(socket|connect|sendto|bind)\(")


def sockets_of(folder: Path, *command: str | Path) -> list[str]:
    """Run a command under strace and return the network calls of it and of its children."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    log = folder / "calls"
    traced: list[str | Path] = [
        strace,
        "-f",
        "-qq",
        "-e",
        "trace=network",
        "-o",
        log,
        sys.executable,
        "-P",
    ]
    home = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*traced, *command], check=False, cwd=folder, env=home, capture_output=True, timeout=240
    )
    if b"PTRACE" in done.stderr or b"ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0
    return SOCKET.findall(log.read_text())


def test_a_network_call_would_be_seen(tmp_path: Path) -> None:
    start = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    call = "import socket; socket.socket().close()"
    assert sockets_of(tmp_path, "-c", start, call) == ["socket"]


@pytest.mark.parametrize("command", ["hash", "register"])
def test_hashing_and_registering_stay_offline(tmp_path: Path, command: str) -> None:
    pictures = [SAMPLES / "originals" / name for name in ("cat.png", "officer.jpg")]
    assert sockets_of(tmp_path, "-m", "hashreg.cli", command, *pictures) == []
