"""Hashing an upload in the frame of a registered picture, as a proposed transform lays it.

The small luminance picture that this needs stays in memory, or travels between a command's own
processes; it is never in JSON that a person sees, on disk or on the network.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashreg.hashing.keypoints import blurred
from hashreg.hashing.patches import bilinear
from hashreg.hashing.pdq import pdq
from hashreg.hashing.tokens import resized
from hashreg.hashing.views import REGISTERED, Window
from hashreg.model.hashes import MIN_QUALITY, Algorithm, HashItem
from hashreg.model.strictjson import Fields
from hashreg.model.tokens import Transform

UPLOAD_SIDE, FRAME_SIDE = 320, 256
MOST_SIDE = 1024
"""Of an upload, so that what travels between processes stays below 1.4 MB."""
COVERED = 0.9
"""Share of a window that the upload must show."""
SHRINK_BLUR = 0.45
MOST_STRETCH, LEAST_AREA = 100, 1e-3
"""A transform is nonsense that lays the frame beyond so many lengths of the upload, or squeezes it
to less than this share of the square of its mean side: nearly to a line."""
MARGIN = 10
"""Pixels round the frame, for what lies a little beside it."""
VARIANTS = (
    (1.0, 0.0, 0.0),
    (0.97, 0.0, 0.0),
    (1.03, 0.0, 0.0),
    (1.0, 0.015, 0.0),
    (1.0, -0.015, 0.0),
    (1.0, 0.0, 0.015),
    (1.0, 0.0, -0.015),
)
"""Scale of the frame and its shift right and down, in shares of its side. Beside the transform
itself they find 5 of 22 half crops and 7 of 22 perspectives more at 45 (decision 010)."""
_WINDOWS: dict[str, Window] = {
    "whole": (0, 1, 0, 1),
    **{f"window:{name}": window for name, window in REGISTERED.items()},
}


@dataclass(frozen=True, slots=True)
class LumaAligner:
    """An upload's luminance, uint8: long side 320, more for a screenshot."""

    luma: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, luma: NDArray[np.float32], side: int = UPLOAD_SIDE) -> "LumaAligner":
        """Keep a small copy of a luminance picture, float32 (h, w)."""
        return cls(np.round(resized(luma, side)).clip(0, 255).astype(np.uint8))

    def as_json(self) -> dict[str, object]:
        """Return the picture for a parent process; never for anybody else."""
        data = base64.b64encode(self.luma.tobytes()).decode("ascii")
        return {"width": self.luma.shape[1], "data": data}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what ``as_json`` made; raises InvalidInput or ValueError."""
        fields = Fields(value, "luma")
        width = fields.whole_number("width", 1, MOST_SIDE)
        data = base64.b64decode(fields.text("data"), validate=True)
        if not data or len(data) % width or len(data) > width * MOST_SIDE:
            raise ValueError("no picture has this shape")
        return cls(np.frombuffer(data, np.uint8).reshape(-1, width))

    def aligned(self, transform: Transform) -> Sequence[HashItem]:
        """Return PDQ of each registered view that the upload covers, under the view's name.

        Each is hashed as the transform says and a little beside it, since tokens are coarse.
        """
        frame, seen = self._warped(transform)
        items = []
        for name, window in _WINDOWS.items():
            for variant in VARIANTS:
                rows, columns = _cut(window, variant)
                if seen[rows, columns].mean() >= COVERED:
                    it = pdq(frame[rows, columns, None])
                    if it.quality >= MIN_QUALITY:
                        items.append(HashItem(Algorithm.PDQ, name, it.hash, it.quality))
        return items

    def _warped(self, transform: Transform) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the frame and a margin, float32, and which of its pixels the upload shows."""
        a, b, c, d, e, f = transform
        height, width = self.luma.shape
        side = max(height, width)
        u = (np.arange(-MARGIN, FRAME_SIDE + MARGIN) + 0.5) / FRAME_SIDE
        empty = np.zeros((len(u), len(u)), np.float32)
        if _is_nonsense(transform):
            return empty, empty.astype(bool)
        plane = self.luma.astype(np.float32)
        step = side * _mean_side(transform) / FRAME_SIDE
        if step > 1:
            plane = blurred(plane, SHRINK_BLUR * step)
        x = (a * u[None, :] + b * u[:, None] + c) * side - 0.5
        y = (d * u[None, :] + e * u[:, None] + f) * side - 0.5
        seen = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
        (frame,) = bilinear([plane], x, y)
        return frame, seen


def _mean_side(transform: Transform) -> float:
    a, b, _, d, e, _ = transform
    return float(np.hypot([a, b], [d, e]).mean())


def _is_nonsense(transform: Transform) -> bool:
    a, b, _, d, e, _ = transform
    if not np.isfinite(transform).all() or max(map(abs, transform)) > MOST_STRETCH:
        return True
    area, mean = abs(a * e - b * d), _mean_side(transform)
    return mean == 0 or area < LEAST_AREA * mean**2


def _cut(window: Window, variant: tuple[float, float, float]) -> tuple[slice, slice]:
    """Return the rows and columns of a window in a frame that is scaled and shifted a little."""
    scale, right, down = variant
    top, bottom, left, right_edge = (FRAME_SIDE * (0.5 + scale * (it - 0.5)) for it in window)
    down, right = MARGIN + FRAME_SIDE * down, MARGIN + FRAME_SIDE * right
    return (
        slice(round(top + down), round(bottom + down)),
        slice(round(left + right), round(right_edge + right)),
    )
