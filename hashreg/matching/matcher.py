"""Views, tiers and signals together, in memory: from an asked fingerprint to explained hits.

One thread may add, remove and merge while others search; none waits for another. A search sees each
fingerprint whole or not at all: a new one counts once all of it is in the tables, and of one that
was removed meanwhile nothing is returned, since parts of it may have been gone already.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashreg.matching import engines, policy, shapes
from hashreg.matching.asked import Asked
from hashreg.matching.digests import DigestTable
from hashreg.matching.explained import Picture, explained
from hashreg.matching.hits import Hit, confirmed
from hashreg.matching.saved import Saved
from hashreg.matching.shapes import Proposal
from hashreg.matching.table import HashTable
from hashreg.matching.token_index import TokenIndex
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem
from hashreg.model.matches import Tier
from hashreg.model.tokens import Tokens

RADIUS = {Tier.MATCH: policy.MATCH_RADIUS, Tier.REVIEW: policy.REVIEW_RADIUS}


class Matcher:
    """Registered fingerprints in memory, and the policy that compares others with them."""

    def __init__(self) -> None:
        self._there: NDArray[np.bool_] = np.empty(0, np.bool_)
        """Which ids are registered: set once everything is in the tables, and reset before
        anything is taken out."""
        self._tables = {a: HashTable(a) for a in (Algorithm.PDQ, Algorithm.PHASH)}
        self._tokens = TokenIndex()
        self._digests = {a: DigestTable(HEX_DIGITS[a] // 2) for a in policy.DIGESTS}

    @classmethod
    def of(cls, fingerprints: Iterable[Fingerprint]) -> Self:
        """Register fingerprints; their ids are 0, 1, 2 and so on."""
        matcher = cls()
        matcher.add(fingerprints)
        return matcher

    def add(self, fingerprints: Iterable[Fingerprint]) -> range:
        """Register more fingerprints and return their ids. Hashes below the gate are left out."""
        first = end = len(self._there)
        entries: dict[Algorithm, list[tuple[int, HashItem]]] = defaultdict(list)
        tokens: list[tuple[int, Tokens]] = []
        for end, fingerprint in enumerate(fingerprints, first + 1):
            for item in fingerprint.hashes:
                if item.is_comparable:
                    entries[item.algorithm].append((end - 1, item))
            if fingerprint.tokens:
                tokens.append((end - 1, fingerprint.tokens))
        self._tokens.add(tokens)
        for algorithm, table in self._tables.items():
            table.add(entries[algorithm])
        for algorithm, digests in self._digests.items():
            digests.add([(owner, item.digest) for owner, item in entries[algorithm]])
        self._there = np.append(self._there, np.ones(end - first, np.bool_))
        return range(first, end)

    def remove(self, ids: Iterable[int]) -> None:
        """Forget these fingerprints at once. Ids that are not there are ignored."""
        owners = np.array(sorted({it for it in ids if 0 <= it < len(self._there)}), np.int64)
        self._there[owners] = False
        for table in self._tables.values():
            table.remove(owners)
        for digests in self._digests.values():
            digests.remove(owners)
        self._tokens.remove(owners)

    def merge(self) -> None:
        """Bring the indexes into shape, and drop what was removed; searches go on meanwhile."""
        for table in self._tables.values():
            table.merge()

    @staticmethod
    def warm() -> None:
        """Load the compiled searches now, if numba is installed, and use them from here on.

        For a process that lives long; others load them once they have searched for a while.
        """
        engines.warm()

    def parts(self) -> Saved:
        """Return what is to be saved."""
        hashes = {it.value: table.parts() for it, table in self._tables.items()}
        digests = {it.value: table.parts() for it, table in self._digests.items()}
        next_id = Saved({"next_id": len(self._there)})
        tokens = {"tokens": self._tokens.parts(), "matcher": next_id}
        return Saved.nested({**hashes, **digests, **tokens})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the matcher that ``parts`` gave."""
        matcher = cls()
        matcher._there = np.ones(parts.part("matcher").meta["next_id"], np.bool_)
        for it in matcher._tables:
            matcher._tables[it] = HashTable.of_parts(it, parts.part(it.value))
        for it in matcher._digests:
            matcher._digests[it] = DigestTable.of_parts(parts.part(it.value))
        matcher._tokens = TokenIndex.of_parts(parts.part("tokens"))
        return matcher

    def find(self, fingerprint: Fingerprint, *, tier: Tier = Tier.REVIEW) -> list[Hit]:
        """Return the registered fingerprints that this one matches, best first, one hit each."""
        return self.find_many([fingerprint], tier=tier)[0]

    def find_many(
        self, fingerprints: Sequence[Fingerprint], *, tier: Tier = Tier.REVIEW
    ) -> list[list[Hit]]:
        """Return ``find`` of each fingerprint; faster than asking one by one.

        At ``Tier.MATCH`` these are the same hits without possible matches, at less cost.
        """
        known = len(self._there)
        by_views = self._by_views(fingerprints, tier, known)
        return [
            hits if asked.tokens is None else self._with_shapes(asked, hits, tier, known)
            for asked, hits in zip(fingerprints, by_views, strict=True)
        ]

    def by_views(
        self, fingerprints: Sequence[Fingerprint], *, tier: Tier = Tier.REVIEW
    ) -> list[list[Hit]]:
        """Return the hits of each fingerprint by its hashes alone, best first; no token is asked.

        At ``Tier.MATCH`` these are the same hits without possible matches, at less cost.
        """
        return self._by_views(fingerprints, tier, len(self._there))

    def proposals(self, fingerprint: Fingerprint, *, flipped: bool) -> list[Proposal]:
        """Return the registered pictures that the tokens propose, the surest first.

        ``flipped`` asks words with one unsure bit flipped as well.
        """
        return self._proposals(fingerprint, flipped, len(self._there))

    def confirm(self, proposal: Proposal, aligned: Sequence[HashItem] | None) -> Hit | None:
        """Return the hit of a proposal by the aligned windows (None: nobody could look), if any.

        None, too, where the picture was removed since.
        """
        registered = self._tables[Algorithm.PDQ].of([proposal.owner])[proposal.owner]
        codes = {view: it.code for view, it in registered.items()}
        hit = confirmed(proposal, codes, aligned)
        return hit if self._there[proposal.owner] else None

    def _by_views(
        self, fingerprints: Sequence[Fingerprint], tier: Tier, known: int
    ) -> list[list[Hit]]:
        """Return the hits among the first ``known`` registered fingerprints."""
        result: list[list[Hit]] = [[] for _ in fingerprints]
        found = {
            pair: digest
            for pair, digest in self._candidates(Asked(fingerprints), tier).items()
            if pair[1] < known
        }
        owners = {owner for _, owner in found}
        pdq, phash = (table.of(owners) if owners else {} for table in self._tables.values())
        asked = {number: Picture.asked(fingerprints[number]) for number, _ in found}
        for (number, owner), digest in found.items():
            hit = explained(owner, digest, Picture(pdq[owner], phash[owner]), asked[number])
            if hit:
                result[number].append(hit)
        return [self._best_first(hits) if hits else hits for hits in result]

    def _proposals(self, asked: Fingerprint, flipped: bool, known: int) -> list[Proposal]:
        if asked.tokens is None:
            return []
        found = shapes.proposals(self._tokens, asked.tokens, flipped=flipped)
        there = [it for it in found if it.owner < known and self._there[it.owner]]
        return there[: shapes.MOST_PROPOSALS]

    def _best_first(self, hits: Iterable[Hit]) -> list[Hit]:
        """Return the hits in order, without those of pictures that were removed meanwhile."""
        there = [hit for hit in hits if self._there[hit.id]]
        return sorted(there, key=lambda hit: (hit.rank, hit.id))

    def _candidates(self, asked: Asked, tier: Tier) -> dict[tuple[int, int], Algorithm | None]:
        """Return numbers of asked fingerprints with ids that they may match, and equal digests."""
        found: dict[tuple[int, int], Algorithm | None] = {}
        searches = []
        if asked.has(Algorithm.PDQ):
            searches.append((Algorithm.PDQ, asked.pdq(), RADIUS[tier]))
        if asked.has(Algorithm.PHASH) and tier is Tier.REVIEW:
            searches.append((Algorithm.PHASH, asked.phash(), policy.PHASH_RADIUS))
        for algorithm, them, radius in searches:
            places, owners = self._tables[algorithm].near(them.codes, radius)
            pairs = zip(them.numbers[places].tolist(), owners.tolist(), strict=True)
            found.update(dict.fromkeys(pairs))
        return found | self._equal_digests(asked)

    def _equal_digests(self, asked: Asked) -> dict[tuple[int, int], Algorithm]:
        """Return who has an equal digest; MD5 speaks where SHA-256 can't."""
        found: dict[tuple[int, int], Algorithm] = {}
        better, has_better = self._digests[Algorithm.SHA256], set[int]()
        if asked.has(Algorithm.SHA256):
            has_better.update(asked.digests(Algorithm.SHA256).numbers.tolist())
        for algorithm in filter(asked.has, policy.DIGESTS):
            them = asked.digests(algorithm)
            places, owners = self._digests[algorithm].find(them.codes)
            for pair in zip(them.numbers[places].tolist(), owners.tolist(), strict=True):
                weak = algorithm is Algorithm.MD5 and pair[0] in has_better and better.has(pair[1])
                if not weak:
                    found.setdefault(pair, algorithm)
        return found

    def _with_shapes(
        self, asked: Fingerprint, hits: list[Hit], tier: Tier, known: int
    ) -> list[Hit]:
        """Return the hits of views, and those of tokens; one for each registered picture."""
        if tier is Tier.MATCH and not hits and asked.aligner is None:
            return hits  # tokens alone make no match
        best = {hit.id: hit for hit in hits}
        for flipped in (False, True):
            for proposal in self._proposals(asked, flipped, known):
                seen = best.get(proposal.owner)
                if seen and seen.tier is Tier.MATCH:
                    best[seen.id] = replace(seen, shape=proposal.shape)
                    continue
                hit = self.confirm(proposal, _looked_at(asked, proposal))
                if hit and (seen is None or hit.tier is Tier.MATCH):
                    best[hit.id] = hit
                elif hit and seen:
                    best[hit.id] = replace(seen, shape=proposal.shape)
            if best or (tier is Tier.MATCH and self._by_views([asked], Tier.REVIEW, known)[0]):
                break  # something is found without flipped words
        return self._best_first(it for it in best.values() if tier in (it.tier, Tier.REVIEW))


def _looked_at(asked: Fingerprint, proposal: Proposal) -> Sequence[HashItem] | None:
    return asked.aligner.aligned(proposal.transform) if asked.aligner else None
