"""The child process that opens pictures, one request and one answer a line.

Strangers' files are opened here and nowhere else in a command: under limits of memory and CPU
time, by a process that can be lost. It speaks JSON, which the parent checks like any input.
Started as ``python -P -m hashreg.hashing.worker VIEWS [no-tokens] [look]``; with ``look``
an answer brings along the small luminance picture that the parent needs to align an upload.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import cast

from hashreg.hashing.align import LumaAligner
from hashreg.hashing.recipe import fingerprint
from hashreg.model.errors import UnreadableFile
from hashreg.model.fingerprints import Views

MEMORY_BYTES = 960 * 1024**2
"""Address space that opening pictures may take beyond what the process starts with, so that it
stays below a gigabyte; 50 megapixels need 0.2 to 0.8 GB, depending on the format."""
MOST_FILES = 32
"""Open files: the three of every process, the picture, and what is imported meanwhile."""
CPU_SECONDS = 20
"""CPU time for one file; 50 megapixels of any format take less than 4 on a slow machine."""


def main() -> None:
    """Answer each line of standard input, a token and a path in hex, with one line of JSON."""
    views = cast("Views", sys.argv[1])
    tokens, look = "no-tokens" not in sys.argv, "look" in sys.argv
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_resources()
    for line in sys.stdin:
        _limit_time()
        token, path = line.split()
        answer = {"token": token} | _answer(
            os.fsdecode(bytes.fromhex(path)), views, tokens=tokens, look=look
        )
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _answer(path: str, views: Views, *, tokens: bool, look: bool) -> dict[str, object]:
    try:
        it = fingerprint(Path(path), views=views, tokens=tokens)
    except UnreadableFile as error:
        return {"problem": error.problem.value, "values": error.values}
    answer: dict[str, object] = {"fingerprint": it.as_json()}
    if look and isinstance(it.aligner, LumaAligner):
        answer["luma"] = it.aligner.as_json()
    return answer


def limit_resources() -> None:
    """Cap memory and open files, and let nothing be written, where the system can (not Windows)."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_time() -> None:
    """Give the next file its CPU time; the system ends the process when it is used up."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415

        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
