"""The eight ways a picture can lie, without moving its pixels.

An Orientation turns stored pixels into upright ones: first flip, then transpose. It is applied to
PDQ's 64 x 64 low-pass picture, never to the megapixels.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Orientation:
    """Flip the rows, flip the columns, then transpose."""

    flip_rows: bool = False
    flip_columns: bool = False
    transpose: bool = False

    def then(self, other: "Orientation") -> "Orientation":
        """Return the one orientation that does this one first and then ``other``."""
        rows, columns = other.flip_rows, other.flip_columns
        if self.transpose:
            rows, columns = columns, rows
        return Orientation(
            self.flip_rows ^ rows, self.flip_columns ^ columns, self.transpose ^ other.transpose
        )


UPRIGHT = Orientation()

EXIF = {
    1: UPRIGHT,
    2: Orientation(flip_columns=True),
    3: Orientation(flip_rows=True, flip_columns=True),
    4: Orientation(flip_rows=True),
    5: Orientation(transpose=True),
    6: Orientation(flip_rows=True, transpose=True),
    7: Orientation(flip_rows=True, flip_columns=True, transpose=True),
    8: Orientation(flip_columns=True, transpose=True),
}
"""Exif 2.32, tag 0x0112: what to do to the stored pixels to see them upright."""

TURNS = {
    "": UPRIGHT,
    "rot90": Orientation(flip_rows=True, transpose=True),
    "rot180": Orientation(flip_rows=True, flip_columns=True),
    "rot270": Orientation(flip_columns=True, transpose=True),
    "mirror": Orientation(flip_columns=True),
    "mirror-rot90": Orientation(flip_rows=True, flip_columns=True, transpose=True),
    "mirror-rot180": Orientation(flip_rows=True),
    "mirror-rot270": Orientation(transpose=True),
}
"""What can be done to an upload: turned clockwise by so many degrees, after mirroring left-right
where the name says so."""

VIEWS = {name or "whole": orientation for name, orientation in TURNS.items()}
"""The views of a picture as a whole."""
