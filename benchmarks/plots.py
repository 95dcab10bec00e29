"""The plots of docs/accuracy.md, as SVG that is the same for the same numbers."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from edits import TIERS
from falsehits import MILLION
from matplotlib.figure import Figure
from recall import PDQ_RADIUS, PHASH_RADIUS, Cell
from results import Tail
from tail import STEP

from hashreg.matching.policy import MATCH_RADIUS, REVIEW_RADIUS

MATCH, REVIEW, PDQ, PHASH, FAINT = "#1f5fa8", "#a9cbee", "#d95f02", "#333333", "#999999"
PROMISE = 1e-8
"""The share of pairs that is 0.01 false hits for each upload at 1 M registered pictures."""


def write_plots(folder: Path, edits: Mapping[str, Cell], tail: Tail | None) -> None:
    """Write ``recall-TIER.svg`` for each tier, and ``tail.svg`` where there is a tail."""
    with mpl.rc_context({"svg.hashsalt": "hashreg", "font.size": 9}):
        for tier in TIERS:
            cells = {name: cell for name, cell in edits.items() if cell.tier == tier}
            _save(_recall(cells), folder / f"recall-{tier}.svg")
        if tail:
            _save(_tail(tail), folder / "tail.svg")


def _save(figure: Figure, path: Path) -> None:
    """Save as SVG without a date."""
    figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")


def _recall(cells: Mapping[str, Cell]) -> Figure:
    """Return bars of what is found, beside marks of what one hash finds, a row for each edit."""
    rows = np.arange(len(cells))[::-1]
    found = {
        method: np.array([cell.percent(method) for cell in cells.values()])
        for method in ("match", "review", "plain_pdq", "plain_phash")
    }
    figure = Figure(figsize=(8, 0.9 + 0.24 * len(cells)), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.barh(rows, found["match"], 0.72, color=MATCH, label="hashreg: match")
    axes.barh(
        rows,
        found["review"] - found["match"],
        0.72,
        left=found["match"],
        color=REVIEW,
        label="hashreg: review",
    )
    for method, shape, colour, name, lift in (
        ("plain_phash", "o", PHASH, f"one pHash at {PHASH_RADIUS}", 0.16),
        ("plain_pdq", "D", PDQ, f"one PDQ at {PDQ_RADIUS}", -0.16),
    ):
        axes.plot(
            found[method],
            rows + lift,
            shape,
            color=colour,
            label=name,
            markeredgecolor="white",
            clip_on=False,
            zorder=3,
        )
    axes.set_yticks(rows, list(cells))
    axes.set_xlim(0, 100)
    axes.set_ylim(-0.6, len(cells) - 0.4)
    axes.set_xlabel("copies found, %")
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    return figure


def _tail(tail: Tail) -> Figure:
    """Return the share of unrelated pairs within each distance, and the fitted lines."""
    distances = np.arange(len(tail.counts)) * STEP + STEP - 1
    share = np.cumsum(tail.counts) / tail.pairs
    seen = share > 0
    figure = Figure(figsize=(8, 4.6), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.semilogy(distances[seen], share[seen], "o", color=MATCH, markersize=4, label="counted")
    for number, fit in enumerate(tail.fits):
        edge = fit.edge
        at_edge = fit.within[MATCH_RADIUS] * fit.factor ** ((edge - MATCH_RADIUS) // STEP)
        axes.semilogy(
            [MATCH_RADIUS, edge],
            [fit.within[MATCH_RADIUS], at_edge],
            color=PDQ,
            alpha=0.35 + 0.65 * number / max(1, len(tail.fits) - 1),
            linewidth=1.2,
            label="fitted lines, by where the tail begins" if number == 0 else None,
        )
    axes.axhline(PROMISE, color=FAINT, linestyle="--", linewidth=1)
    axes.text(
        118, PROMISE * 1.4, "0.01 false hits an upload at 1 M pictures", ha="right", color=PHASH
    )
    for radius, name in ((MATCH_RADIUS, "match"), (REVIEW_RADIUS, "review")):
        axes.axvline(radius, color=FAINT, linestyle=":", linewidth=1)
        axes.text(radius + 0.8, 0.4, f"{name}: {radius}", color=PHASH, va="top")
    axes.set_xlim(24, 120)
    axes.set_ylim(1e-15, 2)
    axes.set_xlabel("smallest PDQ distance between any views of an upload and a registered picture")
    axes.set_ylabel("share of unrelated pairs within it")
    right = axes.twinx()
    right.semilogy()
    right.set_ylim(*(limit * MILLION for limit in axes.get_ylim()))
    right.set_ylabel("false hits for each upload at 1 M pictures")
    axes.grid(color="#eeeeee")
    axes.legend(loc="lower right", frameon=False)
    return figure
