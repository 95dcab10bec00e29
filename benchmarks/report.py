"""docs/accuracy.md and its pictures, from saved numbers: ``python benchmarks/report.py [docs]``.

Reads ``accuracy/cameras.json`` and ``accuracy/free.json``, and ``accuracy/forgeries.json`` and
``accuracy/hard.json`` if they are there; writes the page, its plots and its contact sheets.
"""

import sys
from pathlib import Path

from accuracy_page import page
from plots import write_plots
from results import measured, others
from sheets import write_sheets


def write(docs: Path) -> None:
    """Write the page and its pictures; raises FileNotFoundError if nothing was measured."""
    folder = docs / "accuracy"
    sets = measured(folder)
    lead = next(iter(sets.values()))
    write_plots(folder, lead.edits, lead.tail)
    write_sheets(folder, lead.seed)
    (docs / "accuracy.md").write_text(page(sets, others(folder)), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
