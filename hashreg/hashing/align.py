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

from hashreg.hashing.boxes import Box
from hashreg.hashing.keypoints import blurred
from hashreg.hashing.pdq import pdq
from hashreg.hashing.tokens import resized
from hashreg.hashing.views import REGISTERED
from hashreg.model.hashes import MIN_QUALITY, Algorithm, HashItem
from hashreg.model.strictjson import Fields
from hashreg.model.tokens import Transform

UPLOAD_SIDE, FRAME_SIDE = 320, 256
COVERED = 0.9
"""Share of a window that the upload must show."""
SHRINK_BLUR = 0.45
MOST_SCALE = 100
"""Pixels of the upload for one of the frame, at most: a transform beyond is nonsense."""


@dataclass(frozen=True, slots=True)
class LumaAligner:
    """An upload's luminance, uint8, long side 320."""

    luma: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, luma: NDArray[np.float32]) -> "LumaAligner":
        """Keep a small copy of a luminance picture, float32 (h, w)."""
        return cls(np.round(resized(luma, UPLOAD_SIDE)).clip(0, 255).astype(np.uint8))

    def as_json(self) -> dict[str, object]:
        """Return the picture for a parent process; never for anybody else."""
        data = base64.b64encode(self.luma.tobytes()).decode("ascii")
        return {"width": self.luma.shape[1], "data": data}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what ``as_json`` made; raises InvalidInput or ValueError."""
        fields = Fields(value, "luma")
        width = fields.whole_number("width", 1, UPLOAD_SIDE)
        data = base64.b64decode(fields.text("data"), validate=True)
        if not data or len(data) % width or len(data) > width * UPLOAD_SIDE:
            raise ValueError("no picture has this shape")
        return cls(np.frombuffer(data, np.uint8).reshape(-1, width))

    def aligned(self, transform: Transform) -> Sequence[HashItem]:
        """Return PDQ of each registered view that the upload covers, under the view's name."""
        frame, seen = self._warped(transform)
        windows = {
            "whole": (0.0, 1.0, 0.0, 1.0),
            **{f"window:{n}": w for n, w in REGISTERED.items()},
        }
        items = []
        for name, window in windows.items():
            box = Box(0, FRAME_SIDE, 0, FRAME_SIDE).window(*window)
            rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
            if seen[rows, columns].mean() >= COVERED:
                it = pdq(frame[rows, columns, None])
                if it.quality >= MIN_QUALITY:
                    items.append(HashItem(Algorithm.PDQ, name, it.hash, it.quality))
        return items

    def _warped(self, transform: Transform) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the frame, float32 (256, 256), and which of its pixels the upload shows."""
        a, b, c, d, e, f = transform
        height, width = self.luma.shape
        side = max(height, width)
        step = side * float(np.hypot([a, b], [d, e]).mean()) / FRAME_SIDE
        empty = np.zeros((FRAME_SIDE, FRAME_SIDE), np.float32)
        if not np.isfinite(transform).all() or not 0 < step < MOST_SCALE:
            return empty, empty.astype(bool)
        plane = self.luma.astype(np.float32)
        if step > 1:
            plane = blurred(plane, SHRINK_BLUR * step)
        u = (np.arange(FRAME_SIDE) + 0.5) / FRAME_SIDE
        x = (a * u[None, :] + b * u[:, None] + c) * side - 0.5
        y = (d * u[None, :] + e * u[:, None] + f) * side - 0.5
        seen = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
        return _bilinear(plane, x, y), seen


def _bilinear(
    plane: NDArray[np.float32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float32]:
    height, width = plane.shape
    x, y = x.clip(0, width - 1), y.clip(0, height - 1)
    left, top = (
        np.minimum(x.astype(np.intp), max(width - 2, 0)),
        np.minimum(y.astype(np.intp), max(height - 2, 0)),
    )
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    dx, dy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    upper = plane[top, left] * (1 - dx) + plane[top, right] * dx
    lower = plane[bottom, left] * (1 - dx) + plane[bottom, right] * dx
    result: NDArray[np.float32] = upper * (1 - dy) + lower * dy
    return result
