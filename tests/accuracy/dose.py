"""A small dose of the accuracy measurement, and what was found the last time it was stored.

The photos are the sample pictures and a few generated scenes, scaled down: no package's photos are
among them, so that the table changes with hashreg and with Pillow only.
"""

import json
from pathlib import Path

from edit_parts import fitted
from falsehits import among
from PIL import Image
from recall import copies, recall, registered, tier_shares
from scenes import sample_photos, scene

STORED = Path(__file__).with_name("dose.json")
SEED = 11
SIDE = 400
SCENES = 3
EVERY = 2
"""Every second sample photo: eight pictures and 59 edits take a minute of CPU."""
TIERS = ("match", "review")
MOST_POINTS = 2.0
"""By so many percentage points a tier may fall before the test fails."""

Table = dict[str, dict[str, float]]


def photos() -> list[Image.Image]:
    """Return the photos, each at most 400 pixels wide or high."""
    scenes = (scene(SEED * 1000 + number) for number in range(SCENES))
    return [fitted(photo, SIDE) for photo in (*[*sample_photos()][::EVERY], *scenes)]


def measured() -> tuple[Table, int]:
    """Return the shares found in each tier of edits, in percent, and the number of false hits."""
    chosen = photos()
    originals = registered(chosen)
    asked = list(copies(chosen, SEED))
    shares = tier_shares(recall(originals, asked).values())
    table = {edits: {tier: shares[edits][tier] for tier in TIERS} for edits in shares}
    return table, among(originals, asked).review


def stored() -> Table:
    """Return the stored table."""
    table: Table = json.loads(STORED.read_text(encoding="utf-8"))
    return table


def fallen(now: Table, before: Table) -> list[str]:
    """Name what is found by more than ``MOST_POINTS`` less often than before."""
    return [
        f"{edits} edits, {tier}: {now[edits][tier]} % found, {share} % before"
        for edits, tiers in before.items()
        for tier, share in tiers.items()
        if now[edits][tier] < share - MOST_POINTS
    ]
