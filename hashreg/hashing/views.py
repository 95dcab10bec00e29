"""Which parts of a picture are hashed: what a case registers, and what an upload is asked with.

Part of recipe ``hashreg-1``. The whole picture is hashed at full size, everything else from one
area-reduced copy. The sets were chosen on one half of a set of camera photos for what they find
(`docs/decisions/007-views.md`): one-sided and cornered windows find crops, since a crop rarely
takes the same from every side.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from PIL import Image

from hashreg.hashing.boxes import Box, Luma, content, is_screen, trimmed, whole
from hashreg.hashing.pdq import LUMA, Pdq, pdq_views
from hashreg.model.orientation import TURNS, UPRIGHT, Orientation

LEAST_SIDE = 32
"""Pixels of the reduced copy that a part must have a side; less is a smear."""

Window = tuple[float, float, float, float]
"""Top, bottom, left, right, in shares of the sides."""


def _centre(share: float) -> Window:
    cut = (1 - share) / 2
    return cut, 1 - cut, cut, 1 - cut


def _sides(cut: float) -> dict[str, Window]:
    """Return the four windows that leave out this share at one side."""
    percent = round(cut * 100)
    return {
        f"cut-top-{percent}": (cut, 1, 0, 1),
        f"cut-bottom-{percent}": (0, 1 - cut, 0, 1),
        f"cut-left-{percent}": (0, 1, cut, 1),
        f"cut-right-{percent}": (0, 1, 0, 1 - cut),
    }


def _corners(cut: float) -> dict[str, Window]:
    """Return the four windows that leave out this share at two neighbouring sides."""
    percent = round(cut * 100)
    return {
        f"cut-top-left-{percent}": (cut, 1, cut, 1),
        f"cut-top-right-{percent}": (cut, 1, 0, 1 - cut),
        f"cut-bottom-left-{percent}": (0, 1 - cut, cut, 1),
        f"cut-bottom-right-{percent}": (0, 1 - cut, 0, 1 - cut),
    }


REGISTERED: Mapping[str, Window] = {
    "centre-92": _centre(0.92),
    "centre-75": _centre(0.75),
    "centre-50": _centre(0.5),
    **_sides(0.05),
    **_sides(0.2),
    **_corners(0.05),
}
"""15 windows of the picture without its borders, registered upright."""

ASKED: Mapping[str, Window] = {
    **_sides(0.05),
    "cut-top-20": (0.2, 1, 0, 1),
    "cut-bottom-20": (0, 0.8, 0, 1),
    "half-top": (0, 0.5, 0, 1),
    "half-bottom": (0.5, 1, 0, 1),
    "half-left": (0, 1, 0, 0.5),
    "half-right": (0, 1, 0.5, 1),
}
"""10 windows of the upload without its borders, asked upright and mirrored."""

_UPRIGHT_ONLY = {"": UPRIGHT}
_MIRRORED_TOO = {"": UPRIGHT, "mirror": TURNS["mirror"]}


def luminance(copy: Image.Image) -> Luma:
    """Return the luminance of a picture in mode L or RGB."""
    pixels = np.asarray(copy)
    if pixels.ndim == 2:  # noqa: PLR2004
        return pixels.astype(np.float32)
    luma: Luma = np.einsum("hwc,c->hw", pixels[..., :3].astype(np.float32), LUMA)
    return luma


class PartViews:
    """The parts of one upright picture, hashed from its area-reduced copy."""

    def __init__(self, copy: Image.Image) -> None:
        self._copy = copy
        self._luma = luminance(copy)
        self._trimmed = trimmed(self._luma)
        self.is_screen = is_screen(self._luma)

    def registered(self) -> Iterator[tuple[str, Pdq]]:
        """Yield the names and hashes that a case holds beside the whole picture."""
        for name, box in self._boxes().items():
            yield from self._hash(name, box, _UPRIGHT_ONLY)
        yield from self._windows(REGISTERED, _UPRIGHT_ONLY)

    def asked(self) -> Iterator[tuple[str, Pdq]]:
        """Yield the names and hashes that an upload is asked with beside the whole picture."""
        for name, box in self._boxes().items():
            yield from self._hash(name, box, TURNS)
        yield from self._windows(ASKED, _MIRRORED_TOO)

    def base(self) -> Luma:
        """Return the luminance that registered windows and tokens are taken from."""
        box = self._trimmed or whole(self._luma)
        return self._luma[box.top : box.bottom, box.left : box.right]

    def luma(self) -> Luma:
        """Return the luminance of the whole copy."""
        return self._luma

    def trimmed_copy(self) -> Image.Image | None:
        """Return the reduced copy without borders, None where there are none."""
        box = self._trimmed
        return self._copy.crop((box.left, box.top, box.right, box.bottom)) if box else None

    def _boxes(self) -> dict[str, Box]:
        boxes = {"trimmed": self._trimmed}
        if self.is_screen and (inside := content(self._luma)) != self._trimmed:
            boxes["content"] = inside
        return {name: box for name, box in boxes.items() if box}

    def _windows(
        self, windows: Mapping[str, Window], turns: Mapping[str, Orientation]
    ) -> Iterator[tuple[str, Pdq]]:
        base = self._trimmed or whole(self._luma)
        for name, window in windows.items():
            yield from self._hash(f"window:{name}", base.window(*window), turns)

    def _hash(
        self, name: str, box: Box, turns: Mapping[str, Orientation]
    ) -> Iterator[tuple[str, Pdq]]:
        part = self._luma[box.top : box.bottom, box.left : box.right, np.newaxis]
        if min(part.shape[:2]) < LEAST_SIDE:
            return
        for turn, it in pdq_views(part, turns).items():
            yield (f"{name}:{turn}" if turn else name), it
