"""Being somebody whom file permissions bind, even where the tests run as root."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534


@contextlib.contextmanager
def folder_of_an_ordinary_user() -> Iterator[Path]:
    """Give a folder and, inside the block, the rights of its owner, who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="hashreg-test-"))
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        shutil.rmtree(folder)
