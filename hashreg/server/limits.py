"""How much one may ask in a while: token buckets in memory, by key or by address.

Addresses are kept as long as the service runs and nowhere else; the oldest are forgotten.
"""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hashreg.model.errors import TooManyRequests
from hashreg.model.messages import N_

MOST_ASKERS = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second, and so many at once after a rest."""

    a_second: float
    at_once: float


WITH_KEY = Rate(20e6, 80e6)
"""Bytes of bodies by key: more than one process can read in a second, so it stops a mistake only;
a stream waits instead of being refused."""
LEAST_BYTES = 1000
"""What a call counts at least."""
WITHOUT_KEY = Rate(1, 60)
"""Calls by address: a help line behind one address can register sixty cases, then one a second."""
PICTURES = Rate(5000 / 86_400, 5000)
"""Pictures handed in by one address: five thousand, then as many a day. Many victims can share an
address, that of a help line or of a mobile network."""
WRONG_KEY = Rate(0.2, 20)
"""Calls with a wrong key by address; a key of 256 bits can't be guessed, the log is spared."""


LARGE_BYTES = 256 * 1024
MOST_LARGE = 4
"""Large bodies of one asker that are read or answered at the same time: 8 MB each, several times as
much once they are taken apart."""


@dataclass(slots=True)
class Few:
    """How many large bodies of each asker are under way."""

    _under_way: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def one_of(self, asker: str) -> Iterator[None]:
        """Count one more while it lasts; raises TooManyRequests."""
        if self._under_way[asker] >= MOST_LARGE:
            raise TooManyRequests(
                N_("Too much was asked at once. Go on in {seconds} seconds."), seconds=1
            )
        self._under_way[asker] += 1
        try:
            yield
        finally:
            self._under_way[asker] -= 1
            self._under_way += Counter()  # which drops those that have none


@dataclass(slots=True)
class Limit:
    """One bucket for each asker."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def spend(self, asker: str, amount: float = 1) -> None:
        """Take ``amount`` from an asker's bucket; raises TooManyRequests where it is empty.

        A bucket that is not empty may be overdrawn, so that a large call is not refused for ever.
        """
        moment = self.clock()
        left, then = self._left.pop(asker, (self.rate.at_once, moment))
        left = min(self.rate.at_once, left + max(0.0, moment - then) * self.rate.a_second)
        refused = left <= 0
        self._left[asker] = (left if refused else left - amount, moment)
        if len(self._left) > MOST_ASKERS:
            self._left.popitem(last=False)
        if refused:
            raise TooManyRequests(
                N_("Too much was asked at once. Go on in {seconds} seconds."),
                seconds=math.floor(-left / self.rate.a_second) + 1,
            )
