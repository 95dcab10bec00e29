"""A journey through the program: a folder, and what each step in it printed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from support.program import SAMPLES, Done, hashreg
from support.shell import shell

CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z]\b")
NUMBER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b(?!-)")


class Journey:
    """A folder, and what each step in it printed."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environ = environ
        self.steps: dict[str, Done] = {}
        self.case = self.code = ""

    def go(
        self,
        step: str,
        *arguments: str | bytes | Path,
        given: bytes = b"",
        code: str = "",
    ) -> Done:
        """Run a command and keep what it printed under the step's name."""
        environ = dict(self._environ) | ({"HASHREG_RECOVERY_CODE": code} if code else {})
        done = hashreg(*arguments, cwd=self.folder, given=given, environ=environ)
        self.steps[step] = done
        return done

    def type(self, step: str, line: str) -> Done:
        """Type a line into a shell."""
        self.steps[step] = shell(line, cwd=self.folder, environ=self._environ)
        return self.steps[step]

    def __getitem__(self, step: str) -> Done:
        return self.steps[step]

    def object(self, step: str) -> dict[str, Any]:
        """Return the only JSON object that a step printed."""
        (line,) = self.steps[step].lines
        return line

    def items(self) -> Iterator[tuple[str, Done]]:
        """Yield all steps."""
        yield from self.steps.items()


def only(pattern: re.Pattern[str], text: str) -> str:
    """Return the only text that fits."""
    (found,) = set(pattern.findall(text))
    return str(found)


def unsure_copy(folder: Path) -> Path:
    """Make a copy of a sample photo that shows no registered window: a possible match."""
    path = folder / "cat-corner.png"
    with Image.open(SAMPLES / "originals" / "cat.png") as photo:
        width, height = photo.size
        photo.convert("RGB").crop((0, 0, width * 6 // 10, height * 6 // 10)).save(path)
    return path
