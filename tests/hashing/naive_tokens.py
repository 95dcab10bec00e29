"""Tokens as the method describes them, pixel by pixel in Python's own numbers: slow and plain.

The twin of ``hashreg.hashing.keypoints`` and ``patches``. Its numbers are spelled out here once
more, so that a changed setting shows; it computes in float64 where ours is float32, so a token in
a hundred differs by a bit.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Picture = list[list[float]]
K = 2 ** (1 / 3)


@dataclass(frozen=True, slots=True)
class Point:
    """A blob in pixels of the picture, and the plane of the scale space that it was found in."""

    x: float
    y: float
    sigma: float
    strength: float
    octave: int
    level: int


@dataclass(frozen=True, slots=True)
class Token:
    """A blob with one of its directions and its 64 signs; the first 24 are its word."""

    point: Point
    angle: float
    signs: tuple[bool, ...]

    @property
    def word(self) -> int:
        return int("".join("01"[sign] for sign in self.signs[:24]), 2)


def tokens(luma: Picture, *, octaves: int, most: int, peaks_from: float | None) -> list[Token]:
    """Return the tokens of a picture, those of the strongest blobs first."""
    space = scale_space(luma, octaves)
    return [
        Token(point, angle, signs(space[point.octave][point.level], point, angle))
        for point in keypoints(space, most)
        for angle in directions(space[point.octave][point.level], point, peaks_from)
    ]


def scale_space(luma: Picture, octaves: int) -> list[list[Picture]]:
    base, space = blurred(luma, math.sqrt(1.6**2 - 0.5**2)), list[list[Picture]]()
    while len(space) < octaves and min(len(base), len(base[0])) >= 16:
        levels = [base]
        for step in range(5):
            levels.append(blurred(levels[-1], 1.6 * K**step * math.sqrt(K**2 - 1)))
        space.append(levels)
        base = [row[::2] for row in levels[3][::2]]
    return space


def blurred(picture: Picture, sigma: float) -> Picture:
    """Return a picture blurred by a Gaussian that ends at three sigmas; its edges are mirrors."""
    radius = math.ceil(3 * sigma)
    bell = [math.exp(-(away**2) / (2 * sigma**2)) for away in range(-radius, radius + 1)]
    bell = [weight / sum(bell) for weight in bell]
    return transposed(blurred_rows(transposed(blurred_rows(picture, bell)), bell))


def blurred_rows(picture: Picture, bell: Sequence[float]) -> Picture:
    radius, width = len(bell) // 2, len(picture[0])
    places = [
        [inside(x + away, width) for away in range(-radius, radius + 1)] for x in range(width)
    ]
    return [
        [sum(w * row[at] for w, at in zip(bell, near, strict=True)) for near in places]
        for row in picture
    ]


def inside(place: int, size: int) -> int:
    """Return the pixel that a mirror at the edge shows at a place outside."""
    place %= 2 * size
    return place if place < size else 2 * size - 1 - place


def transposed(picture: Picture) -> Picture:
    return [list(column) for column in zip(*picture, strict=True)]


def keypoints(space: list[list[Picture]], most: int) -> list[Point]:
    height, width = len(space[0][0]), len(space[0][0][0])
    found = [
        point
        for octave, levels in enumerate(space)
        for level in (1, 2, 3)
        for point in extrema(levels, octave, level)
        if 3 * point.sigma <= point.x <= width - 1 - 3 * point.sigma
        and 3 * point.sigma <= point.y <= height - 1 - 3 * point.sigma
    ]
    return sorted(found, key=lambda it: -it.strength)[:most]


def extrema(levels: list[Picture], octave: int, level: int) -> Iterator[Point]:
    """Yield the refined extrema of one difference of Gaussians, D_i = G_(i+1) - G_i."""
    height, width = len(levels[0]), len(levels[0][0])

    def d(i: int, y: int, x: int) -> float:
        return levels[i + 1][y][x] - levels[i][y][x]

    for y in range(4, height - 4):
        for x in range(4, width - 4):
            here = d(level, y, x)
            if abs(here) <= 0.2:
                continue
            around = [
                d(level + i, y + j, x + k)
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
                for k in (-1, 0, 1)
            ]
            if here in (max(around), min(around)):
                point = refined(lambda i, j, k: d(level + i, y + j, x + k), (x, y), octave, level)  # noqa: B023
                if point:
                    yield point


def refined(
    d: Callable[[int, int, int], float], at: tuple[int, int], octave: int, level: int
) -> Point | None:
    """Return an extremum after one quadratic step; None where it is weak or an edge."""
    unit = ((0, 0, 1), (0, 1, 0), (1, 0, 0))  # x, y, scale
    here = d(0, 0, 0)
    slope = [(d(*it) - d(*minus(it))) / 2 for it in unit]
    bend = [[0.0] * 3 for _ in range(3)]
    for n, one in enumerate(unit):
        for m, other in enumerate(unit):
            if n == m:
                bend[n][m] = d(*one) + d(*minus(one)) - 2 * here
            else:
                both = plus(one, other)
                cross = plus(one, minus(other))
                total = d(*both) + d(*minus(both)) - d(*cross) - d(*minus(cross))
                bend[n][m] = total / 4
    step = [max(-0.6, min(0.6, it)) for it in solved(bend, [-it for it in slope])]
    value = here + sum(a * b for a, b in zip(slope, step, strict=True)) / 2
    trace, det = bend[0][0] + bend[1][1], bend[0][0] * bend[1][1] - bend[0][1] ** 2
    if abs(value) <= 0.4 or det <= 0 or trace**2 / det >= 11**2 / 10:
        return None
    size = 2**octave
    sigma = 1.6 * size * K ** (level + step[2])
    return Point(
        (at[0] + step[0]) * size, (at[1] + step[1]) * size, sigma, abs(value), octave, level
    )


Way = tuple[int, int, int]


def minus(it: Way) -> Way:
    return -it[0], -it[1], -it[2]


def plus(one: Way, other: Way) -> Way:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Return the solution of three equations by Cramer's rule; zeros where there is no one."""
    whole = determinant(matrix)
    if abs(whole) <= 1e-9:
        return [0.0] * 3
    return [
        determinant([[*row[:n], it, *row[n + 1 :]] for row, it in zip(matrix, right, strict=True)])
        / whole
        for n in range(3)
    ]


def determinant(m: list[list[float]]) -> float:
    return (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )


def directions(plane: Picture, point: Point, peaks_from: float | None) -> list[float]:
    """Return the angles of the strongest gradients: of the best bin, or of all good peaks."""
    bins = [0.0] * 36
    for j in range(16):
        for i in range(16):
            across, down = ((it - 7.5) * 9 / 16 for it in (i, j))
            x, y = place(point, across, down)
            gx, gy = sampled(plane, x, y, sloping_across), sampled(plane, x, y, sloping_down)
            strength = math.hypot(gx, gy) * math.exp(-(across**2 + down**2) / (2 * 1.5**2))
            exact = math.atan2(gy, gx) * 36 / (2 * math.pi) - 0.5
            lower = math.floor(exact)
            bins[lower % 36] += strength * (1 - (exact - lower))
            bins[(lower + 1) % 36] += strength * (exact - lower)
    for _ in range(2):
        bins = [(bins[n - 1] + bins[n] + bins[(n + 1) % 36]) / 3 for n in range(36)]
    best = max(bins)
    if peaks_from is None:
        chosen = [bins.index(best)]
    else:
        chosen = [
            n
            for n in range(36)
            if bins[n - 1] < bins[n] >= bins[(n + 1) % 36] and bins[n] >= peaks_from * best
        ]
    return [
        (n + 0.5 + summit(bins[n - 1], bins[n], bins[(n + 1) % 36])) * math.tau / 36 for n in chosen
    ]


def summit(left: float, here: float, right: float) -> float:
    """Return where the parabola through three bins is highest, in bins from the middle one."""
    bend = left - 2 * here + right
    return (left - right) / 2 / bend if bend < 0 else 0.0


def signs(plane: Picture, point: Point, angle: float) -> tuple[bool, ...]:
    """Return the signs of the 64 lowest frequencies of the upright patch."""
    patch = [[0.0] * 16 for _ in range(16)]
    for j in range(16):
        for i in range(16):
            along, off = ((it - 7.5) * 0.75 for it in (i, j))
            x, y = place(
                point,
                math.cos(angle) * along - math.sin(angle) * off,
                math.sin(angle) * along + math.cos(angle) * off,
            )
            patch[j][i] = sampled(plane, x, y, pixel)
    mean = sum(map(sum, patch)) / 256
    waves = [[math.cos(math.pi * u * (2 * n + 1) / 32) for n in range(16)] for u in range(11)]
    rows = [
        [sum((p - mean) * w for p, w in zip(row, wave, strict=True)) for wave in waves]
        for row in patch
    ]
    lowest = sorted(
        ((u, v) for u in range(11) for v in range(11) if u + v), key=lambda it: (sum(it), it[0])
    )[:64]
    return tuple(sum(rows[n][v] * waves[u][n] for n in range(16)) > 0 for u, v in lowest)


def place(point: Point, across: float, down: float) -> tuple[float, float]:
    """Return a place in pixels of the point's octave, so many sigmas from the point."""
    size = 2**point.octave
    return (point.x + across * point.sigma) / size, (point.y + down * point.sigma) / size


def sampled(
    plane: Picture, x: float, y: float, value: Callable[[Picture, int, int], float]
) -> float:
    """Return a value between four pixels; outside, that of the nearest edge."""
    height, width = len(plane), len(plane[0])
    x, y = max(0.0, min(width - 1, x)), max(0.0, min(height - 1, y))
    left, top = min(int(x), width - 2), min(int(y), height - 2)
    dx, dy = x - left, y - top
    upper = value(plane, left, top) * (1 - dx) + value(plane, left + 1, top) * dx
    lower = value(plane, left, top + 1) * (1 - dx) + value(plane, left + 1, top + 1) * dx
    return upper * (1 - dy) + lower * dy


def pixel(plane: Picture, x: int, y: int) -> float:
    return plane[y][x]


def sloping_across(plane: Picture, x: int, y: int) -> float:
    before, after = max(0, x - 1), min(len(plane[0]) - 1, x + 1)
    return (plane[y][after] - plane[y][before]) / (after - before)


def sloping_down(plane: Picture, x: int, y: int) -> float:
    before, after = max(0, y - 1), min(len(plane) - 1, y + 1)
    return (plane[after][x] - plane[before][x]) / (after - before)
