"""From what a person names on the command line to the files that are hashed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield every path that is not a folder, and every file below each folder, sorted.

    Nothing is skipped for its name: an upload that hides behind one must not escape a look.
    Links to folders are not followed, so a circle of links ends.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort(key=os.fsencode)
        for name in sorted(names, key=os.fsencode):
            yield Path(parent, name)
