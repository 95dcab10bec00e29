"""Lay the source out as it is installed, with ``cli/`` as ``hashreg.cli``.

``python tests/contracts/stage.py FOLDER``. Checkers of imports and types don't see ``hashreg.cli``
in an editable install and would call everything in order; on this copy they see all of it, which
``tests/contracts/test_imports.py`` proves with a planted violation.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = shutil.ignore_patterns("__pycache__", "*.mo", "*.po")


def stage(folder: Path) -> None:
    """Copy the packages to ``folder``, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "hashreg", folder / "hashreg", ignore=SOURCE)
    shutil.copytree(ROOT / "cli", folder / "hashreg" / "cli", ignore=SOURCE)


if __name__ == "__main__":
    stage(Path(sys.argv[1]))
