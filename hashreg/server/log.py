"""Structured log lines: a closed list of fields, none of which holds a hash, a name or an address.

An exception is told by its kind and place, never by its text, which may hold what was sent.
"""

import json
import logging
import sys
import time
from typing import TextIO

FIELDS = (
    "method",
    "route",
    "status",
    "ms",
    "items",
    "role",
    "key",
    "code",
    "what",
    "at",
    "order",
    "reason",
)
"""All that a line may hold beside its time, level and event."""
_PLACES = 3


class Structured(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; only our own loggers' words are repeated."""
        ours = record.name.startswith("hashreg.")
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.msg if ours else record.name,
        }
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info and record.exc_info[1]:
            line |= told(record.exc_info[1])
        return json.dumps(line)


def told(error: BaseException) -> dict[str, object]:
    """Return an exception's kind, and where in the code it was raised."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return {"what": type(error).__name__, "at": " ".join(places[-_PLACES:])}


def configure(stream: TextIO = sys.stderr) -> None:
    """Write all log lines of the service to ``stream``, structured."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    setattr(logging, "_srcfile", None)  # noqa: B010  (nobody reads which line of ours it was)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Structured())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hashreg.server").setLevel(logging.INFO)
