"""Looking uploads up at a server: it proposes how a picture lies in them, this device looks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hashreg.client import answers, items
from hashreg.client.answers import LookedUp, Proposed
from hashreg.client.http import Server
from hashreg.model.errors import FileProblem, NotFound
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import FoundMatch
from hashreg.model.tokens import Aligner

ROUNDS = 3
"""So many times a device looks where an answer sends it; a registry asks at most twice."""
_NOTHING = LookedUp((), (), None)


@dataclass(frozen=True, slots=True)
class RemoteLookup:
    """A look-up at a server, with a moderator's key.

    With a platform's name, what is asked is kept there as reports of that platform.
    """

    server: Server
    platform: str | None = None

    def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
        """Return the matches of each fingerprint, one for each case, best first.

        An empty question finds out whether the server is there and the key may ask. Raises
        ServerUnavailable, ServerRefused or BadAnswer.
        """
        found = self._asked(fingerprints)
        late = [number for number, it in enumerate(found) if _is_too_late(it)]
        if late:  # this device was slower than the handles live, or the server began anew
            again = self._asked([fingerprints[number] for number in late])
            found = _replaced(found, dict(zip(late, again, strict=True)))
        return [_matches(it) for it in found]

    def _asked(self, fingerprints: Sequence[Fingerprint]) -> list[LookedUp]:
        """Ask about those that this device can look at and, apart, about the others."""
        found = [_NOTHING] * len(fingerprints)
        for can_look in (True, False):
            numbers = [
                number
                for number, it in enumerate(fingerprints)
                if (it.aligner is not None) is can_look
            ]
            if numbers or (can_look and not fingerprints):
                some = self._asked_alike([fingerprints[n] for n in numbers], can_look=can_look)
                found = _replaced(found, dict(zip(numbers, some, strict=True)))
        return found

    def _asked_alike(
        self, fingerprints: Sequence[Fingerprint], *, can_look: bool
    ) -> list[LookedUp]:
        named = [
            items.item(items.content_id_of(it) if self.platform else str(number), it)
            for number, it in enumerate(fingerprints)
        ]
        platform = {"platform": self.platform} if self.platform else {}
        found = []
        for some in list(items.calls(named)) or [[]]:
            body = items.call(some, align=can_look, **platform)
            found += answers.looked_up(self.server.post("/v1/check", body), len(some))
        for _ in range(ROUNDS):
            aligners = {
                number: aligner
                for number, (it, asked) in enumerate(zip(found, fingerprints, strict=True))
                if it.align and (aligner := asked.aligner)
            }
            if not aligners:
                break
            found = _replaced(found, self._aligned(found, aligners))
        return found

    def _aligned(
        self, found: Sequence[LookedUp], aligners: Mapping[int, Aligner]
    ) -> dict[int, LookedUp]:
        """Look where the server says, and return what it knows now, by the number of the item."""
        looks = [(number, it) for number in aligners for it in found[number].align]
        seen = [_seen(aligners[number], it) for number, it in looks]
        told: list[LookedUp] = []
        for some in items.calls(seen):
            answer = self.server.post("/v1/align", items.call(some))
            told += answers.looked_up(answer, len(some))
        now: dict[int, LookedUp] = {}
        for (number, _), it in zip(looks, told, strict=True):
            before = now.get(number)
            if before is None or not before.error:  # the last one knows all
                now[number] = it
        return now


def _seen(aligner: Aligner, proposed: Proposed) -> bytes:
    """Return what this device sees where a registered picture may lie, as an item of a call."""
    hashes = [it.as_json() for it in aligner.aligned(proposed.transform)]
    return json.dumps({"handle": proposed.handle, "hashes": hashes}).encode()


def _replaced(found: Sequence[LookedUp], by: Mapping[int, LookedUp]) -> list[LookedUp]:
    return [by.get(number, it) for number, it in enumerate(found)]


def _is_too_late(it: LookedUp) -> bool:
    return it.error is not None and it.error.code == NotFound.code


def _matches(it: LookedUp) -> list[FoundMatch]:
    """Return an item's matches; that a picture is too plain is known on this device, too."""
    if it.error and it.error.code != FileProblem.TOO_PLAIN:
        raise it.error
    return list(it.matches)
