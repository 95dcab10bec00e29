"""SERVER: exact Hamming indexes and the matching policy. Never opens a picture."""

from hashreg.matching.hits import Hit
from hashreg.matching.index import HammingIndex
from hashreg.matching.matcher import Matcher
from hashreg.matching.watch import Watch

__all__ = ["HammingIndex", "Hit", "Matcher", "Watch"]
