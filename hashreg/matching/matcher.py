"""Views, tiers and signals together, in memory: from an asked fingerprint to explained hits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from hashreg.matching import policy
from hashreg.matching.digests import DigestTable
from hashreg.matching.dihedral import in_all_orientations
from hashreg.matching.forgery import is_suspicious
from hashreg.matching.hits import Hit, confirmed
from hashreg.matching.saved import Saved
from hashreg.matching.shapes import Proposal, proposals
from hashreg.matching.table import HashTable, distance
from hashreg.matching.token_index import TokenIndex
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import FILE_VIEW, HEX_DIGITS, Algorithm, HashItem
from hashreg.model.matches import SecondSignal, Tier
from hashreg.model.tokens import Tokens


@dataclass(frozen=True, slots=True)
class _Near:
    """One asked view close to one registered view."""

    distance: int
    view: str
    query_view: str

    @property
    def rank(self) -> tuple[int, bool, bool, str, str]:
        """Sort key: nearest first, then the whole picture, then views of the same name."""
        whole, same = self.view == "whole", self.view == self.query_view
        return self.distance, not whole, not same, self.view, self.query_view


class Matcher:
    """Registered fingerprints in memory, and the policy that compares others with them."""

    def __init__(self) -> None:
        self._next_id = 0
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
        first = self._next_id
        entries: dict[Algorithm, list[tuple[int, HashItem]]] = defaultdict(list)
        tokens: list[tuple[int, Tokens]] = []
        for fingerprint in fingerprints:
            for item in fingerprint.comparable().hashes:
                entries[item.algorithm].append((self._next_id, item))
            if fingerprint.tokens:
                tokens.append((self._next_id, fingerprint.tokens))
            self._next_id += 1
        self._tokens.add(tokens)
        for algorithm, table in self._tables.items():
            table.add(entries[algorithm])
        for algorithm, digests in self._digests.items():
            digests.add([(owner, item.digest) for owner, item in entries[algorithm]])
        return range(first, self._next_id)

    def remove(self, ids: Iterable[int]) -> None:
        """Forget these fingerprints at once. Ids that are not there are ignored."""
        owners = np.array(sorted(set(ids)), np.int64)
        for table in self._tables.values():
            table.remove(owners)
        for digests in self._digests.values():
            digests.remove(owners)
        self._tokens.remove(owners)

    def merge(self) -> None:
        """Bring the indexes into shape, and drop what was removed; searches go on meanwhile."""
        for table in self._tables.values():
            table.merge()

    def parts(self) -> Saved:
        """Return what is to be saved."""
        hashes = {it.value: table.parts() for it, table in self._tables.items()}
        digests = {it.value: table.parts() for it, table in self._digests.items()}
        next_id = Saved({"next_id": self._next_id})
        tokens = {"tokens": self._tokens.parts(), "matcher": next_id}
        return Saved.nested({**hashes, **digests, **tokens})

    @classmethod
    def of_parts(cls, parts: Saved) -> Self:
        """Return the matcher that ``parts`` gave."""
        matcher = cls()
        matcher._next_id = parts.part("matcher").meta["next_id"]
        for it in matcher._tables:
            matcher._tables[it] = HashTable.of_parts(it, parts.part(it.value))
        for it in matcher._digests:
            matcher._digests[it] = DigestTable.of_parts(parts.part(it.value))
        matcher._tokens = TokenIndex.of_parts(parts.part("tokens"))
        return matcher

    def find(self, fingerprint: Fingerprint) -> list[Hit]:
        """Return the registered fingerprints that this one matches, best first, one hit each."""
        return self.find_many([fingerprint])[0]

    def find_many(self, fingerprints: Sequence[Fingerprint]) -> list[list[Hit]]:
        """Return ``find`` of each fingerprint; faster than asking one by one."""
        asked = [in_all_orientations(fingerprint.comparable()) for fingerprint in fingerprints]
        pdq = self._near(asked, Algorithm.PDQ, policy.REVIEW_RADIUS)
        phash = self._near(asked, Algorithm.PHASH, policy.PHASH_RADIUS)
        return [
            self._with_shapes(fingerprint, self._hits(fingerprint, pdq[number], phash[number]))
            for number, fingerprint in enumerate(asked)
        ]

    def proposals(self, fingerprint: Fingerprint, *, flipped: bool) -> list[Proposal]:
        """Return the registered pictures that the tokens propose, the surest first.

        ``flipped`` asks words with one unsure bit flipped as well.
        """
        if fingerprint.tokens is None:
            return []
        return proposals(self._tokens, fingerprint.tokens, flipped=flipped)

    def confirm(self, proposal: Proposal, aligned: Sequence[HashItem] | None) -> Hit | None:
        """Return the hit of a proposal by the aligned windows (None: nobody could look), if any."""
        registered = self._tables[Algorithm.PDQ].of(proposal.owner)
        return confirmed(proposal, registered, aligned)

    def _with_shapes(self, asked: Fingerprint, hits: list[Hit]) -> list[Hit]:
        """Return the hits of views, and those of tokens; one for each registered picture."""
        best = {hit.id: hit for hit in hits}
        for flipped in (False, True):
            for proposal in self.proposals(asked, flipped=flipped):
                known = best.get(proposal.owner)
                if known and known.tier is Tier.MATCH:
                    best[known.id] = replace(known, shape=proposal.shape)
                    continue
                hit = self.confirm(proposal, _looked_at(asked, proposal))
                if hit and (known is None or hit.tier is Tier.MATCH):
                    best[hit.id] = hit
                elif hit and known:
                    best[hit.id] = replace(known, shape=proposal.shape)
            if best:
                break
        return sorted(best.values(), key=lambda hit: (hit.rank, hit.id))

    def _near(
        self, asked: Sequence[Fingerprint], algorithm: Algorithm, radius: int
    ) -> list[dict[int, list[_Near]]]:
        """Return, for each asked fingerprint, what is near it, by owner."""
        items = [
            (number, item)
            for number, fingerprint in enumerate(asked)
            for item in fingerprint.hashes
            if item.algorithm is algorithm
        ]
        result: list[dict[int, list[_Near]]] = [defaultdict(list) for _ in asked]
        table = self._tables[algorithm]
        for query, owner, view, bits in table.near([item for _, item in items], radius):
            number, item = items[query]
            result[number][owner].append(_Near(bits, view, item.view))
        return result

    def _hits(
        self,
        asked: Fingerprint,
        pdq: dict[int, list[_Near]],
        phash: dict[int, list[_Near]],
    ) -> list[Hit]:
        digests = self._equal_digests(asked)
        hits = []
        for owner in digests.keys() | pdq.keys() | phash.keys():
            hit = (
                self._by_digest(owner, digests.get(owner), pdq.get(owner, []), asked)
                or self._by_pdq(owner, pdq.get(owner, []), asked)
                or self._by_phash(owner, phash.get(owner, []), asked)
            )
            if hit:
                hits.append(hit)
        return sorted(hits, key=lambda hit: (hit.rank, hit.id))

    def _equal_digests(self, asked: Fingerprint) -> dict[int, Algorithm]:
        """Return the owners of a file with an equal digest; SHA-256 speaks first."""
        found: dict[int, Algorithm] = {}
        for algorithm in policy.DIGESTS:
            item = asked.get(algorithm, FILE_VIEW)
            for owner in self._digests[algorithm].owners(item.digest) if item else ():
                found.setdefault(owner, algorithm)
        if asked.get(Algorithm.SHA256, FILE_VIEW):  # MD5 speaks where SHA-256 can't
            return {
                owner: algorithm
                for owner, algorithm in found.items()
                if algorithm is Algorithm.SHA256 or not self._digests[Algorithm.SHA256].has(owner)
            }
        return found

    def _by_digest(
        self, owner: int, algorithm: Algorithm | None, near: list[_Near], asked: Fingerprint
    ) -> Hit | None:
        if algorithm is None:
            return None
        same = _Near(0, "whole", "whole")
        signal = self._second_signal(owner, [same], asked)
        views = max(1, _agreeing(near))
        return Hit(Tier.MATCH, algorithm, 0, "file", "file", views, signal, False, owner)

    def _by_pdq(self, owner: int, near: list[_Near], asked: Fingerprint) -> Hit | None:
        if not near:
            return None
        best = min(near, key=lambda n: n.rank)
        tier = policy.pdq_tier(best.distance)
        if tier is None:
            return None
        agreeing = _agreeing(near)
        return Hit(
            tier,
            Algorithm.PDQ,
            best.distance,
            best.view,
            best.query_view,
            agreeing,
            self._second_signal(owner, near, asked),
            self._is_suspicious(owner, best, agreeing, asked),
            owner,
        )

    def _by_phash(self, owner: int, near: list[_Near], asked: Fingerprint) -> Hit | None:
        """Return the hit of whole or trimmed pictures that pHash found, if PDQ confirms it."""
        registered = self._tables[Algorithm.PDQ].of(owner) if near else {}
        for n in sorted(near, key=lambda n: n.rank):
            code, pdq = registered.get(n.view), asked.get(Algorithm.PDQ, n.query_view)
            if code is None or pdq is None or not {n.view, n.query_view} <= policy.PHASH_VIEWS:
                continue
            tier = policy.phash_tier(n.distance, distance(code, pdq.digest))
            if tier:
                algorithm, agrees = Algorithm.PHASH, SecondSignal.AGREES
                views = _agreeing(near)
                return Hit(
                    tier, algorithm, n.distance, n.view, n.query_view, views, agrees, False, owner
                )
        return None

    def _second_signal(
        self, owner: int, near: list[_Near], asked: Fingerprint
    ) -> SecondSignal | None:
        """Return what pHash says of the nearest whole or trimmed pictures, None if it can't."""
        registered = self._tables[Algorithm.PHASH].of(owner)
        for n in sorted(near, key=lambda n: n.rank):
            phash = asked.get(Algorithm.PHASH, n.query_view)
            if {n.view, n.query_view} <= policy.PHASH_VIEWS and n.view in registered and phash:
                agrees = distance(registered[n.view], phash.digest) <= policy.AGREE_RADIUS
                return SecondSignal.AGREES if agrees else SecondSignal.DISAGREES
        return None

    def _is_suspicious(self, owner: int, best: _Near, agreeing: int, asked: Fingerprint) -> bool:
        codes = {it.view: it.digest for it in asked.hashes if it.algorithm is Algorithm.PDQ}
        registered = self._tables[Algorithm.PDQ].of(owner)
        return is_suspicious(best.view, best.query_view, agreeing, registered, codes)


def _looked_at(asked: Fingerprint, proposal: Proposal) -> Sequence[HashItem] | None:
    return asked.aligner.aligned(proposal.transform) if asked.aligner else None


def _agreeing(near: Iterable[_Near]) -> int:
    """Return how many registered views some asked view is close to."""
    return len({n.view for n in near})
