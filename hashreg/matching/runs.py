"""Runs of places in an array, laid out one after the other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def places_in(firsts: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return the places of all runs, int64: the counts[i] places from firsts[i] on, for each i."""
    starts = np.repeat(firsts - np.cumsum(counts) + counts, counts)
    places: NDArray[np.int64] = starts + np.arange(len(starts))
    return places
