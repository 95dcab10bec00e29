"""Asking in two steps finds what is found where the upload's own device asks and looks."""

import dataclasses
from collections.abc import Sequence

import pytest
from matching.token_scenes import copy

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import Tier
from hashreg.model.tokens import TokenKind, Tokens, Transform
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.alignment import Question, ask
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from support.cases import NOW, Victim, copy_of, seeded

from .test_shapes import TURNED, registered


@dataclasses.dataclass(frozen=True)
class Device:
    """Sees the windows of one registered picture, some bits away, wherever it looks."""

    seen: Fingerprint

    def aligned(self, _: Transform) -> Sequence[HashItem]:
        return [it for it in self.seen.hashes if it.algorithm is Algorithm.PDQ]


@pytest.fixture
def known(store: SqliteStore, index: RegistryIndex) -> Fingerprint:
    """Register four pictures, each a case of its own, and return the first."""
    pictures = [registered(seed) for seed in range(1, 5)]
    for picture in pictures:
        take_in(store, Victim().submission(picture), NOW)
    with store.read():
        index.refresh(store)
    return pictures[0]


def upload(original: Fingerprint, tokens: int, apart: int) -> Fingerprint:
    """Return a copy of whose tokens so many are left, and the device that can look at it."""
    assert original.tokens is not None
    part = Tokens(TokenKind.REGISTERED, original.tokens.data[: 2 + 5 * tokens])
    device = Device(copy_of(original, seeded(7), apart))
    return Fingerprint((), tokens=copy(seeded(9), part, TURNED), aligner=device)


def looked_at(question: Question, upload: Fingerprint) -> int:
    """Look wherever is proposed until nothing is; return how often."""
    looks = 0
    while question.open:
        assert upload.aligner is not None
        proposal = question.open[0]
        question.looked(proposal, upload.aligner.aligned(proposal.transform))
        looks += 1
    return looks


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("apart", [0, 45, 46, 60, 61, 90])
@pytest.mark.parametrize("tokens", [0, 2, 3, 4, 5, 30])
def test_both_ways_find_the_same(
    index: RegistryIndex, known: Fingerprint, tokens: int, apart: int, tier: Tier
) -> None:
    asked = upload(known, tokens, apart)
    (question,) = ask(index, [dataclasses.replace(asked, aligner=None)], tier)
    assert question.cases() == []  # nothing is said before somebody has looked
    looked_at(question, asked)
    assert question.cases() == index.find_many([asked], tier=tier)[0]


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("tokens", [3, 4, 30])
def test_where_nobody_looks_tokens_alone_decide(
    index: RegistryIndex, known: Fingerprint, tokens: int, tier: Tier
) -> None:
    asked = dataclasses.replace(upload(known, tokens, 0), aligner=None)
    (question,) = ask(index, [asked], tier)
    assert question.cases_unseen() == index.find_many([asked], tier=tier)[0]


def test_who_has_looked_is_not_asked_again(index: RegistryIndex, known: Fingerprint) -> None:
    asked = upload(known, 30, 0)
    (question,) = ask(index, [asked])
    proposal = question.open[0]
    assert asked.aligner is not None
    seen = asked.aligner.aligned(proposal.transform)
    question.looked(proposal, seen)
    found = question.cases()
    assert len(found) == 1
    assert question.looked(proposal, []) == []
    assert question.cases() == found
