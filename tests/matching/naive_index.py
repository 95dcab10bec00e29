"""The slow and obvious twin of ``HammingIndex``: every code is compared, bit by bit, in a loop."""

from collections.abc import Sequence

Result = tuple[list[int], list[int], list[int]]


class NaiveIndex:
    """All entries within a radius of a query, by counting bits of whole numbers."""

    def __init__(self) -> None:
        self.codes: dict[int, bytes] = {}
        self._next_id = 0

    def add(self, codes: Sequence[bytes]) -> list[int]:
        """Add codes and return their ids; an id is never given twice."""
        ids = list(range(self._next_id, self._next_id + len(codes)))
        self._next_id += len(codes)
        self.codes.update(zip(ids, codes, strict=True))
        return ids

    def remove(self, ids: Sequence[int]) -> None:
        """Forget ids; those that are not there are ignored."""
        for number in ids:
            self.codes.pop(number, None)

    def search(self, queries: Sequence[bytes], radius: int) -> Result:
        """Return limits, ids and distances as ``HammingIndex.search`` does."""
        limits, ids, distances = [0], [], []
        for query in queries:
            for number in sorted(self.codes):
                bits = apart(query, self.codes[number])
                if bits <= radius:
                    ids.append(number)
                    distances.append(bits)
            limits.append(len(ids))
        return limits, ids, distances


def apart(one: bytes, other: bytes) -> int:
    """Return the Hamming distance in bits."""
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))
