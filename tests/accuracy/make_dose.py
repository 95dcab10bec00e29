"""Measure the small dose and store what was found in `dose.json`.

Run it as ``python tests/accuracy/make_dose.py`` when a tier has become better, or worse for a
reason that the commit names.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[1]))  # comes first: both have an "accuracy"

from accuracy import dose


def main() -> None:
    """Measure, store and print the table."""
    table, false_hits = dose.measured()
    dose.STORED.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(f"{dose.STORED.name}: {table}; {false_hits} false hits")


if __name__ == "__main__":
    main()
