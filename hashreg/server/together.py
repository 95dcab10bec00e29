"""Small look-ups that arrive at the same moment are searched together.

A search of one hash is mostly the cost of asking at all; eight together cost little more than one.
Nobody waits for others to arrive: what came in one turn of the event loop is searched in the next.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.takedown.live import CaseHit

AT_ONCE = 256
"""Hashes that are searched before others have their turn: some milliseconds."""

Found = list[list[CaseHit]]
Search = Callable[[Sequence[Fingerprint], Tier], Found]


class _Waiting(NamedTuple):
    asked: Sequence[Fingerprint]
    tier: Tier
    answer: "asyncio.Future[Found]"


@dataclass(slots=True)
class Together:
    """The look-ups of one index that wait for their turn."""

    search: Search
    _waiting: deque[_Waiting] = field(default_factory=deque)

    async def find(self, asked: Sequence[Fingerprint], tier: Tier) -> Found:
        """Return what is found of each fingerprint; raises what the search raises."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer)
        waiting = _Waiting(asked, tier, loop.create_future())
        self._waiting.append(waiting)
        return await waiting.answer

    def _answer(self) -> None:
        """Search for some of those that wait, all of one tier; the others have the next turn."""
        tier, some, hashes = self._waiting[0].tier, list[_Waiting](), 0
        while self._waiting and hashes < AT_ONCE and self._waiting[0].tier is tier:
            some.append(self._waiting.popleft())
            hashes += sum(len(it.hashes) for it in some[-1].asked)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._answer)
        try:
            found = iter(self.search([it for one in some for it in one.asked], tier))
        except Exception as error:  # noqa: BLE001  (whoever asked raises it)
            for one in some:
                _settle(one.answer, error)
        else:
            for one in some:
                _settle(one.answer, list(islice(found, len(one.asked))))


def _settle(answer: "asyncio.Future[Found]", told: Found | Exception) -> None:
    """Answer who still waits."""
    if answer.done():
        return
    if isinstance(told, Exception):
        answer.set_exception(told)
    else:
        answer.set_result(told)
