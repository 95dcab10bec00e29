"""Asking for sure matches only gives the same hits without the possible ones."""

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import Hit, Matcher, engines
from hashreg.matching.asked import Asked
from hashreg.matching.explained import Picture
from hashreg.model.fingerprints import Fingerprint, merged
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import ShapeOnly, Tier
from hashreg.model.tokens import Tokens, Transform
from matching import naive_matcher
from matching.pictures import Scene
from matching.token_scenes import any_lie, copy
from matching.token_scenes import picture as some_tokens

PDQ, PHASH = Algorithm.PDQ, Algorithm.PHASH


@dataclass(frozen=True, slots=True)
class Looking:
    """An upload that shows the same windows wherever one looks."""

    items: Sequence[HashItem]

    def aligned(self, transform: Transform) -> Sequence[HashItem]:  # noqa: ARG002
        return self.items


class Uploads:
    """A few registered pictures with tokens, and uploads that are like one or the other."""

    def __init__(self, seed: int) -> None:
        self.scenes = [Scene(f"{seed} {number}") for number in range(2)]
        self.chance = self.scenes[0].chance
        self.tokens = [some_tokens(self.chance, 20, 3000) for _ in self.scenes]
        self.registered = {
            number: self._with(scene, tokens)
            for number, (scene, tokens) in enumerate(zip(self.scenes, self.tokens, strict=True))
        }

    def _with(self, scene: Scene, tokens: Tokens) -> Fingerprint:
        whole = (scene.item(PDQ), scene.item(PHASH))
        hashes = merged((*whole, *scene.any_picture().hashes))
        picture = Fingerprint(hashes, tokens=tokens)
        return picture if self.chance.random() < 0.8 else dataclasses.replace(picture, tokens=None)

    def any(self) -> Fingerprint:
        """Return an upload with views, or tokens, or both, that can be looked at or not."""
        chance = self.chance
        scene = chance.choice(self.scenes)
        by_phash = Fingerprint((scene.item(PDQ, "whole", 60), scene.item(PHASH)))
        views = chance.choice((scene.any_picture(), Fingerprint(()), by_phash))
        tokens = copy(
            chance,
            chance.choice(self.tokens),
            any_lie(chance),
            kept=chance.choice((0.3, 1)),
            flipped=chance.choice((0, 1)),
        )
        aligner = Looking(self._windows(chance)) if chance.random() < 0.7 else None
        return dataclasses.replace(views, tokens=tokens, aligner=aligner)

    def _windows(self, chance: random.Random) -> list[HashItem]:
        scene = chance.choice(self.scenes)
        bits = chance.choice((10, 45, 46, 60, 61))
        return [scene.item(PDQ, view, bits) for view in ("whole", "trimmed", "content")]


def sure(found: Sequence[Sequence[Hit]]) -> list[list[Hit]]:
    return [[hit for hit in hits if hit.tier is Tier.MATCH] for hits in found]


@given(st.integers(0, 2**32), st.integers(0, 8), st.integers(0, 4))
@settings(patient, max_examples=150)
def test_the_tier_of_sure_matches_gives_those_of_the_slow_twin(
    seed: int, count: int, asked: int
) -> None:
    scenes = [Scene(f"{seed} {number}") for number in range(3)]
    registered = {n: scenes[n % 3].any_picture() for n in range(count)}
    queries = [scenes[n % 3].any_picture() for n in range(asked)]
    matcher = Matcher.of(registered.values())
    expected = [naive_matcher.find(registered, query) for query in queries]
    assert matcher.find_many(queries, tier=Tier.REVIEW) == expected
    assert matcher.find_many(queries, tier=Tier.MATCH) == sure(expected)


@given(st.integers(0, 2**32))
@settings(patient, max_examples=150)
def test_the_tier_of_sure_matches_gives_the_same_hits_by_tokens_too(seed: int) -> None:
    uploads = Uploads(seed)
    matcher = Matcher.of(uploads.registered.values())
    asked = [uploads.any() for _ in range(4)]
    assert matcher.find_many(asked, tier=Tier.MATCH) == sure(matcher.find_many(asked))
    by_views = matcher.by_views(asked)
    assert matcher.by_views(asked, tier=Tier.MATCH) == sure(by_views)
    assert by_views == [naive_matcher.find(uploads.registered, it) for it in asked]
    assert by_views == matcher.find_many([dataclasses.replace(it, tokens=None) for it in asked])


def test_uploads_match_in_every_way_that_there_is() -> None:
    """What the property above goes through: sure and possible, by views, by tokens, by neither."""
    seen = set[object]()
    for seed in range(40):
        uploads = Uploads(seed)
        matcher = Matcher.of(uploads.registered.values())
        for asked in (uploads.any() for _ in range(4)):
            hits = matcher.find(asked)
            seen |= {(hit.tier, hit.algorithm, hit.query_view == "aligned") for hit in hits}
            seen |= {"nothing"} if not hits else set()
    assert seen >= {
        (Tier.MATCH, PDQ, False),
        (Tier.REVIEW, PDQ, False),
        (Tier.MATCH, PDQ, True),
        (Tier.REVIEW, PDQ, True),
        (Tier.REVIEW, ShapeOnly.TOKENS, False),
        (Tier.REVIEW, PHASH, False),
        "nothing",
    }
    assert seen & {(Tier.MATCH, it, False) for it in (Algorithm.SHA256, Algorithm.MD5)}


@given(st.integers(0, 2**32), st.integers(0, 5))
@settings(patient, max_examples=60)
def test_many_are_asked_in_the_orientations_in_which_the_twin_asks_one(
    seed: int, count: int
) -> None:
    scene = Scene(seed)
    pictures = [scene.any_picture() for _ in range(count)]
    asked = Asked(pictures)
    expected = {
        algorithm: sorted(
            (number, item.hash)
            for number, picture in enumerate(pictures)
            for item in naive_matcher.turned(picture).hashes
            if item.algorithm is algorithm and item.is_comparable
        )
        for algorithm in Algorithm
    }
    for algorithm in Algorithm:
        if algorithm is PDQ:
            them = asked.pdq()
        else:
            them = asked.phash() if algorithm is PHASH else asked.digests(algorithm)
        codes = [code.tobytes().hex() for code in them.codes]
        equal = sorted(zip(them.numbers.tolist(), codes, strict=True)) == expected[algorithm]
        assert equal
    for number, picture in enumerate(pictures):
        views = Picture.asked(picture).pdq.values()
        one = sorted((number, it.code.hex()) for it in views)
        equal = one == [it for it in expected[PDQ] if it[0] == number]
        assert equal


def test_a_warm_matcher_uses_the_compiled_search_from_the_first_one_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines._Account, "spent", 0.0)
    monkeypatch.setattr(engines._Account, "is_warm", False)
    with monkeypatch.context() as without:
        without.setattr(engines, "find_spec", lambda _: None)
        Matcher.warm()
        assert engines._Account.spent == 0
        assert engines.ring_from() == engines.RING_FROM
    Matcher.warm()
    monkeypatch.setattr(engines, "scan", None)  # NumPy's would fail now
    scene = Scene("warm")
    matcher = Matcher.of([scene.picture(whole=0)])
    assert [hit.distance for hit in matcher.find(scene.picture(whole=7))] == [7]
    assert engines.ring_from() < engines.RING_FROM
    assert np.array_equal(
        engines.to_words(np.zeros((9000, 32), np.uint8), "auto"), np.zeros((4, 9000))
    )
