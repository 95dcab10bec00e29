"""Look-ups in two steps: the registry proposes how a picture lies in an upload, its device looks.

What tokens propose is no match yet. The device that has the upload warps it as the proposal says
and sends PDQ of the windows it then sees; these decide. Words with an unsure bit flipped are asked
only where exact ones led to nothing, as in ``Matcher.find_many``.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from hashreg.matching import Hit
from hashreg.matching.shapes import Proposal
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HashItem
from hashreg.model.matches import Tier
from hashreg.model.records import FingerprintId
from hashreg.takedown.live import CaseHit, RegistryIndex

__all__ = ["Proposal", "Question", "ask"]


class Question:
    """One asked picture: what was found by views, and what its device has still to look at."""

    def __init__(
        self, index: RegistryIndex, asked: Fingerprint, hits: Iterable[Hit], tier: Tier
    ) -> None:
        """Begin with the hits by views; ``tier`` is the lowest that is looked for."""
        self._index, self.asked, self._tier = index, asked, tier
        self._best = {hit.id: hit for hit in hits}
        self._flipped = False
        self.open: list[Proposal] = []
        self._propose(flipped=False)

    def looked(self, proposal: Proposal, aligned: Sequence[HashItem]) -> list[Proposal]:
        """Take in what the device saw where ``proposal`` lies; return what it is to look at next.

        The answer is empty until all that was proposed is looked at, and where something is found.
        """
        if proposal not in self.open:
            return []
        self.open.remove(proposal)
        self._take(proposal, self._index.matcher.confirm(proposal, aligned))
        return [] if self.open else self._propose(flipped=True)

    def cases(self) -> list[CaseHit]:
        """Return the cases that are found so far, best first."""
        return self._index.best_of_each_case(_ordered(self._best.values()))

    def cases_unseen(self) -> list[CaseHit]:
        """Return the cases that are found if nobody looks at what is still open."""
        best = dict(self._best)
        for proposal in self.open if self._tier is Tier.REVIEW else ():
            hit = self._index.matcher.confirm(proposal, None)
            if hit and hit.id not in best:
                best[hit.id] = hit
        return self._index.best_of_each_case(_ordered(best.values()))

    def pictures(self) -> frozenset[FingerprintId]:
        """Return the pictures that are found, or proposed to be looked for."""
        found = (self._index.picture(it) for it in self._best)
        return self.pictures_of(self.open) | frozenset(it for it in found if it)

    def pictures_of(self, proposals: Iterable[Proposal]) -> frozenset[FingerprintId]:
        """Return the pictures that proposals are of."""
        found = (self._index.picture(it.owner) for it in proposals)
        return frozenset(it for it in found if it)

    def hide(self, withheld: Container[FingerprintId]) -> None:
        """Say nothing more of these pictures, neither hit nor proposal."""
        kept = [it for it in self.open if self._index.picture(it.owner) not in withheld]
        self.open[:] = kept
        self._best = {
            number: hit
            for number, hit in self._best.items()
            if self._index.picture(number) not in withheld
        }

    def _propose(self, *, flipped: bool) -> list[Proposal]:
        """Open what tokens propose, of pictures that are no sure match already."""
        if self.asked.tokens is None or self._flipped or (flipped and self._best):
            return []
        self._flipped = flipped
        for proposal in self._index.matcher.proposals(self.asked, flipped=flipped):
            known = self._best.get(proposal.owner)
            if known and known.tier is Tier.MATCH:
                self._best[known.id] = replace(known, shape=proposal.shape)
            else:
                self.open.append(proposal)
        return self.open or self._propose(flipped=True)

    def _take(self, proposal: Proposal, hit: Hit | None) -> None:
        known = self._best.get(proposal.owner)
        if hit is None or (self._tier is Tier.MATCH and hit.tier is not Tier.MATCH):
            return
        if known is None or hit.tier is Tier.MATCH:
            self._best[hit.id] = hit
        else:
            self._best[known.id] = replace(known, shape=proposal.shape)


def ask(
    index: RegistryIndex, fingerprints: Sequence[Fingerprint], tier: Tier = Tier.REVIEW
) -> list[Question]:
    """Return a question for each asked picture: its hits by views, and what tokens propose."""
    comparable = [it.comparable() for it in fingerprints]
    found = index.matcher.by_views(comparable, tier=tier)
    return [Question(index, it, hits, tier) for it, hits in zip(comparable, found, strict=True)]


def _ordered(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.rank, hit.id))
