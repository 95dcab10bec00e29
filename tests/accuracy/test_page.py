"""docs/accuracy.md says what the saved numbers say, and its pictures are there."""

import re
from pathlib import Path

from accuracy_page import page, wrapped
from results import measured, others

DOCS = Path(__file__).parents[2] / "docs"
MOST_SHEET_BYTES = 400_000


def test_the_page_is_that_of_the_saved_numbers() -> None:
    folder = DOCS / "accuracy"
    expected = page(measured(folder), others(folder))
    written = (DOCS / "accuracy.md").read_text(encoding="utf-8")
    assert written == expected, "run: python benchmarks/report.py docs"


def test_everything_the_page_shows_is_there() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (DOCS / "accuracy.md").read_text(encoding="utf-8"))
    assert len(shown) == 7
    for name in shown:
        assert (DOCS / name).stat().st_size < MOST_SHEET_BYTES


def test_prose_is_filled_and_tables_are_left() -> None:
    long = "word " * 60
    table = f"| {long} |\n|---|"
    text = wrapped(f"# {long}\n\n{long}\n\n{table}\n\n- {long}\n")
    heading, prose, left, listed = text.strip("\n").split("\n\n")
    assert max(map(len, prose.splitlines())) <= 100
    assert "\n" not in heading.strip()
    assert left == table
    assert "\n" not in listed
