"""Where the picture is inside the picture: bars, borders, and the frames of apps and screens.

Both finders are modest on purpose. A wrong box costs one useless hash; the whole picture is always
hashed as well.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]

GROUND_TOLERANCE = 12
"""Grey levels by which a bar's pixels may differ from its ground: JPEG noise, soft shadows."""
PLAIN_EDGE = 0.9
"""Share of the outermost line that must be ground before anything is trimmed from that side."""
PLAIN_LINE = 0.5
"""Share of a line that is ground in a bar: text in a meme's bar covers less than half of it."""
LEAST_LEFT = 0.25
"""Share of each side that must be left after trimming; less is no picture in a frame."""
CONTENT_ROW = 0.35
CONTENT_COLUMN = 0.6
"""Share of ground up to which a row or column still belongs to the picture in a screenshot."""
FLAT_LEVELS, FLAT_BLOCK, SCREEN_FLAT = 3, 8, 0.3
"""A screen is flat: of a screenshot's 8 x 8 blocks at least 30 % stay within 3 grey levels; in nine
of ten photos at most 26 %."""
LEAST_HEIGHT, LEAST_WIDTH, MOST_SURFACE = 0.15, 0.2, 0.97
"""Shares of the screen that a content box has at least, and at most."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in pixels: rows top to bottom, columns left to right."""

    top: int
    bottom: int
    left: int
    right: int

    def window(self, top: float, bottom: float, left: float, right: float) -> "Box":
        """Return a part of this box, given in shares of its sides."""
        height, width = self.bottom - self.top, self.right - self.left
        return Box(
            self.top + round(top * height),
            self.top + round(bottom * height),
            self.left + round(left * width),
            self.left + round(right * width),
        )


def whole(luma: Luma) -> Box:
    """Return the box of everything."""
    return Box(0, luma.shape[0], 0, luma.shape[1])


def trimmed(luma: Luma) -> Box | None:
    """Return what is left without plain borders, bars and meme text; None if nothing is there.

    ``luma`` is the picture's luminance, float32 (h, w), 0 to 255.
    """
    box = whole(luma)
    for _ in range(2):  # a frame's columns are plain only once its bars are gone
        above, below = _bars(luma[box.top : box.bottom, box.left : box.right])
        box = Box(box.top + above, box.bottom - below, box.left, box.right)
        before, after = _bars(luma[box.top : box.bottom, box.left : box.right].T)
        box = Box(box.top, box.bottom, box.left + before, box.right - after)
    height, width = luma.shape
    too_small = (
        box.bottom - box.top < LEAST_LEFT * height or box.right - box.left < LEAST_LEFT * width
    )
    return None if too_small or box == whole(luma) else box


def is_screen(luma: Luma) -> bool:
    """Tell whether a picture is a screenshot by how much of it is flat."""
    height, width = (side - side % FLAT_BLOCK for side in luma.shape)
    if not height or not width:
        return False
    shape = height // FLAT_BLOCK, FLAT_BLOCK, width // FLAT_BLOCK, FLAT_BLOCK
    blocks = luma[:height, :width].reshape(shape)
    spread = blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3))
    return float((spread <= FLAT_LEVELS).mean()) >= SCREEN_FLAT


def content(luma: Luma) -> Box | None:
    """Return the largest part of a screenshot that is not its app's ground; None if none is.

    Ask it of screens only: it finds some plain part of nearly every photo, too, and such parts made
    each false hit in 400 M pairs that was looked at.
    """
    ground = float(np.bincount((luma / 8).astype(np.intp).ravel()).argmax()) * 8 + 4
    plain = np.abs(luma - ground) <= GROUND_TOLERANCE
    top, bottom = _longest(plain.mean(axis=1) < CONTENT_ROW)
    if bottom - top < LEAST_HEIGHT * luma.shape[0]:
        return None
    left, right = _longest(plain[top:bottom].mean(axis=0) < CONTENT_COLUMN)
    if right - left < LEAST_WIDTH * luma.shape[1]:
        return None
    if (bottom - top) * (right - left) > MOST_SURFACE * luma.size:
        return None
    return Box(top, bottom, left, right)


def _bars(luma: Luma) -> tuple[int, int]:
    """Return how many rows at the top and at the bottom are bars."""
    top, bottom = _bar(luma), _bar(luma[::-1])
    return (0, 0) if top + bottom >= len(luma) else (top, bottom)


def _bar(luma: Luma) -> int:
    """Return how many rows from the first on are mostly of the first row's colour."""
    plain = np.abs(luma - np.median(luma[0])) <= GROUND_TOLERANCE
    if plain[0].mean() < PLAIN_EDGE:
        return 0
    rows = plain.mean(axis=1) >= PLAIN_LINE
    return len(rows) if rows.all() else int(np.argmin(rows))


def _longest(wanted: NDArray[np.bool_]) -> tuple[int, int]:
    """Return start and end of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(np.int8)))
    if not len(edges):
        return 0, 0
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
