"""Typing ``hashreg`` into a shell, with pipes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support import secrecy
from support.program import Done


def shell(line: str, *, cwd: Path, environ: Mapping[str, str] | None = None) -> Done:
    """Run a line of bash in ``cwd``, where ``hashreg`` is on the PATH and the home is empty."""
    programs = cwd / ".programs"
    programs.mkdir(exist_ok=True)
    program = programs / "hashreg"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m hashreg.cli "$@"\n')
    program.chmod(0o755)
    home = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(cwd),
        "XDG_DATA_HOME": str(cwd / "data"),
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env=home | dict(environ or {}),
        capture_output=True,
        timeout=240,
    )
    secrecy.remember(done.stderr)
    return Done(done.returncode, done.stdout, done.stderr)
