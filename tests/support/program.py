"""Running the real ``hashreg`` program, as a person or a script does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import secrecy

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_images"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command printed and how it ended. Its ``repr`` shows no output: it may hold hashes."""

    code: int
    stdout: bytes
    stderr: bytes

    def __repr__(self) -> str:
        return f"Done(code={self.code})"

    @property
    def text(self) -> str:
        return self.stdout.decode()

    @property
    def errors(self) -> str:
        return self.stderr.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The objects of ``--json`` output."""
        return [json.loads(line) for line in self.stdout.splitlines()]


def hashreg(
    *arguments: str | bytes | Path,
    cwd: Path,
    given: bytes = b"",
    environ: Mapping[str, str] | None = None,
) -> Done:
    """Run ``hashreg`` in ``cwd`` with an empty home there, in English unless told otherwise."""
    clean = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ
    }
    home = {"HOME": str(cwd), "XDG_DATA_HOME": str(cwd / "data"), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hashreg.cli", *map(os.fsencode, arguments)],
        check=False,
        cwd=cwd,
        input=given,
        env=clean | home | dict(environ or {}),
        capture_output=True,
        timeout=240,
    )
    secrecy.remember(done.stderr)
    return Done(done.returncode, done.stdout, done.stderr)
