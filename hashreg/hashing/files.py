"""From what a person names on the command line to the files that are hashed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield every path that is not a folder, and every file below each folder, sorted.

    Nothing is skipped for its name: an upload that hides behind one must not escape a look.
    A folder that can't be read is yielded itself, and so is a link to a folder, which is not
    followed, so that a circle of links ends: hashing them says that they were not looked at.
    """
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112  (Path's raises where a name is too long)
            yield from _below(path)
        else:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    unread: list[Path] = []
    for parent, folders, names in os.walk(
        folder, onerror=lambda e: unread.append(Path(e.filename))
    ):
        yield from unread
        unread.clear()
        folders.sort(key=os.fsencode)
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]  # noqa: PTH114, PTH118
        for name in sorted((*names, *links), key=os.fsencode):
            yield Path(parent, name)
    yield from unread
