"""The tokens of a picture: what a case holds, capped and filtered, and what an upload asks with.

Recipe ``tokens-1`` (`docs/decisions/010-tokens.md`). Registered tokens come from the picture at 256
px, asked ones at 512 px, of screenshots at 896: long side, area average down, bilinear up.
"""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashreg.hashing.keypoints import MOST_OCTAVES, Keypoints, Plane, find_keypoints, scale_space
from hashreg.hashing.patches import Patches, upright_patches
from hashreg.model.tokens import (
    CELLS,
    DIRECTIONS,
    LEAST_SIGMA,
    MOST_SIGMA,
    MOST_TOKENS,
    RATIO_STEPS,
    SIZE_STEP,
    SIZES,
    WORD_BITS,
    TokenKind,
    Tokens,
)

REGISTERED_SIDE, ASKED_SIDE, SCREEN_SIDE = 256, 512, 896
REGISTERED_POINTS, ASKED_POINTS, SCREEN_POINTS = 150, 400, 800
"""A screenshot is asked at another size: what it shows may be small in it. Of galleries with nine
pictures none was found at 512 px and 19 of 22 at 1,024."""
ASKED_PEAKS = 0.8
"""An asked keypoint has a token for each direction that is so strong, as a share of its best."""
REPEAT_BITS, REPEAT_AWAY = 8, 0.02
"""A token is dropped where one as near as this lies elsewhere, in shares of the long side."""
STOP_BITS = 10
"""And where it is so near to one that text, interfaces, emoji or borders have."""
UNSURE_BITS = 8
MOST_RATIO = 32767
_STOP_LIST = Path(__file__).with_name("stop-list-1.bin")


def registered_tokens(luma: Plane) -> Tokens:
    """Return at most 47 tokens of an upright luminance picture, float32 (h, w), 0 to 255."""
    plane = resized(luma, REGISTERED_SIDE)
    space = scale_space(plane, octaves=1)
    points = find_keypoints(space, REGISTERED_POINTS)
    points = points[points.sigma <= MOST_SIGMA * REGISTERED_SIDE]
    patches = upright_patches(space, points, peaks_from=None)
    kept = np.flatnonzero(_is_own(points, patches) & ~_is_listed(patches.signs))
    kept = kept[: MOST_TOKENS[TokenKind.REGISTERED]]
    words, angles = patches.words()[kept], patches.angle[kept]
    points = points[patches.source[kept]]
    cells = CELLS / max(plane.shape)
    x, y = ((it * cells).astype(np.uint64).clip(0, CELLS - 1) for it in (points.x, points.y))
    size = (
        (np.log(points.sigma / (LEAST_SIGMA * REGISTERED_SIDE)) / SIZE_STEP)
        .astype(np.int64)
        .clip(0, SIZES - 1)
    )
    turn = np.round(angles / (2 * math.pi) * DIRECTIONS).astype(np.uint64) % DIRECTIONS
    packed = words.astype(np.uint64) << 16 | x << 11 | y << 6 | size.astype(np.uint64) << 4 | turn
    rows = packed.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 3:]
    return Tokens(TokenKind.REGISTERED, _header(luma) + rows.tobytes())


def asked_tokens(luma: Plane, *, screen: bool = False) -> Tokens:
    """Return all tokens to ask an upload with, of a picture as for ``registered_tokens``.

    ``screen``: it is a screenshot, and ``luma`` has at least ``SCREEN_SIDE`` pixels if it can.
    """
    plane = resized(luma, SCREEN_SIDE if screen else ASKED_SIDE)
    space = scale_space(plane, MOST_OCTAVES)
    points = find_keypoints(space, SCREEN_POINTS if screen else ASKED_POINTS)
    patches = upright_patches(space, points, peaks_from=ASKED_PEAKS)
    points = points[patches.source]
    side = max(plane.shape)
    record = np.zeros(len(points), ASKED_RECORD)
    record["word"], record["unsure"] = _bytes3(patches.words()), _bytes3(_unsure(patches))
    record["x"] = np.round(points.x / side * 65535)
    record["y"] = np.round(points.y / side * 65535)
    record["size"] = np.round((np.log(points.sigma / side) + 6) / 6 * 255).clip(0, 255)
    record["turn"] = np.round(patches.angle / (2 * math.pi) * 256).astype(np.int64) % 256
    most = MOST_TOKENS[TokenKind.ASKED]
    return Tokens(TokenKind.ASKED, _header(luma) + record[:most].tobytes())


ASKED_RECORD = np.dtype(
    [
        ("word", "u1", 3),
        ("unsure", "u1", 3),
        ("x", ">u2"),
        ("y", ">u2"),
        ("size", "u1"),
        ("turn", "u1"),
    ]
)
"""12 bytes: the word, a mask of its least certain bits, x and y in 1/65535 of the long side,
(ln(sigma / long side) + 6) / 6 in 1/255, the angle in 1/256 of a turn."""


def resized(plane: Plane, side: int) -> Plane:
    """Return a plane whose long side is ``side``."""
    height, width = plane.shape
    scale = side / max(height, width)
    rows, columns = (max(1, round(it * scale)) for it in (height, width))
    return _resampled(_resampled(plane, rows).T, columns).T


def _resampled(plane: Plane, count: int) -> Plane:
    """Return ``count`` rows: area averages, or between rows where there are more of them."""
    height = len(plane)
    if count == height:
        return plane
    if count > height:
        place = ((np.arange(count) + 0.5) * height / count - 0.5).clip(0, height - 1)
        first = np.minimum(place.astype(np.intp), max(height - 2, 0))
        second = np.minimum(first + 1, height - 1)
        part = (place - first).astype(np.float32)[:, None]
        between: Plane = plane[first] * (1 - part) + plane[second] * part
        return between
    sums = np.zeros((height + 1, plane.shape[1]))
    np.cumsum(plane, axis=0, out=sums[1:])
    edges = np.arange(count + 1) * height / count
    first = np.minimum(edges.astype(np.intp), height - 1)
    share = (edges - first)[:, None]
    at_edges = sums[first] * (1 - share) + sums[first + 1] * share
    averages: Plane = (np.diff(at_edges, axis=0) * (count / height)).astype(np.float32)
    return averages


def _header(luma: Plane) -> bytes:
    ratio = math.log2(luma.shape[0] / luma.shape[1]) * RATIO_STEPS
    return round(max(-MOST_RATIO, min(MOST_RATIO, ratio))).to_bytes(2, "big", signed=True)


def _unsure(patches: Patches) -> NDArray[np.uint32]:
    """Return masks of the bits whose coefficients are nearest to zero."""
    least = np.argpartition(patches.size, UNSURE_BITS, axis=1)[:, :UNSURE_BITS]
    bits = np.uint32(1) << (WORD_BITS - 1 - least).astype(np.uint32)
    masks: NDArray[np.uint32] = bits.sum(axis=1, dtype=np.uint32)
    return masks


def _bytes3(values: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return values.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]


def _is_own(points: Keypoints, patches: Patches) -> NDArray[np.bool_]:
    """Return which tokens don't look like another elsewhere in the same picture."""
    signs = patches.signs.astype(np.int16)
    differing = (signs[:, None, :] != signs[None, :, :]).sum(axis=2)
    x, y = points.x[patches.source], points.y[patches.source]
    away = np.hypot(x[:, None] - x, y[:, None] - y) > REPEAT_AWAY * REGISTERED_SIDE
    own: NDArray[np.bool_] = ~((differing <= REPEAT_BITS) & away).any(axis=1)
    return own


def _is_listed(signs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which tokens are on the stop list."""
    packed = np.ascontiguousarray(np.packbits(signs, axis=1)).view(np.uint64)
    differing = np.bitwise_count(packed ^ stop_list()[None, :])
    return (differing <= STOP_BITS).any(axis=1) if differing.size else np.zeros(len(signs), bool)


@lru_cache(maxsize=1)
def stop_list() -> NDArray[np.uint64]:
    """Return 64-bit hashes of patches that texts, interfaces, emoji and borders share."""
    return np.frombuffer(_STOP_LIST.read_bytes(), np.uint64)
