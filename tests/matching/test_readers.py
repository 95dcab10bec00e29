"""Threads search while one adds, removes and merges: each picture is seen whole or not at all."""

import dataclasses
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from hashreg.matching import Hit, Matcher
from hashreg.matching import matcher as matcher_module
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier
from matching.codes import seeded
from matching.pictures import Scene
from matching.steps import after_steps
from matching.token_scenes import Lie, copy
from matching.token_scenes import picture as some_tokens
from matching.ways import way

PDQ, PHASH, SHA256, MD5 = Algorithm.PDQ, Algorithm.PHASH, Algorithm.SHA256, Algorithm.MD5
ROUNDS, SEARCHES = 40, 40
"""What there are at least of: of the writer's rounds, and of each reader's searches."""
CONTENTS = 3


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class Content:
    """A picture that comes and goes, uploads of it, and what a search says of each of them."""

    def __init__(self, number: int) -> None:
        scene = Scene(f"content {number}")
        items = [scene.item(PDQ, view) for view in ("whole", "trimmed", "mirror")]
        items += [scene.item(PHASH), scene.item(PHASH, "trimmed")]
        items += [scene.item(it, "file", quality=None) for it in (SHA256, MD5)]
        tokens = some_tokens(seeded(number), 20)
        self.picture = Fingerprint(tuple(items), 97, tokens=tokens)
        turned = copy(seeded(9), tokens, Lie(0.3, 0.9))
        near = [scene.item(PDQ, view, 20) for view in ("whole", "trimmed", "mirror")]
        alike = [scene.item(PHASH, view, 3) for view in ("whole", "trimmed")]
        self.uploads = [
            dataclasses.replace(self.picture, tokens=turned),
            Fingerprint((*near, *alike), 97, tokens=turned),
            Fingerprint((scene.item(PDQ, "whole", 60), *alike), 97),
            Fingerprint((), tokens=turned),
        ]
        alone = Matcher.of([self.picture])
        self.answers = [alone.find(it) for it in self.uploads]
        self.sure = [alone.find(it, tier=Tier.MATCH) for it in self.uploads]
        self.by_views = [alone.by_views([it])[0] for it in self.uploads]
        (self.proposal,) = alone.proposals(self.uploads[3], flipped=False)


class Registry:
    """What the writer has done so far, for readers to compare an answer with."""

    def __init__(self, contents: list[Content]) -> None:
        self.contents, self.matcher = contents, Matcher()
        self.content_of: dict[int, int] = {}
        self.there: frozenset[int] = frozenset()
        """Whose adding has ended, and whose removal hasn't begun."""
        self.gone: frozenset[int] = frozenset()
        """Whose removal has ended."""

    def add(self, contents: list[int]) -> range:
        first = len(self.content_of)
        self.content_of |= dict(enumerate(contents, first))
        ids = self.matcher.add(self.contents[it].picture for it in contents)
        assert ids == range(first, first + len(contents))
        self.there |= frozenset(ids)
        return ids

    def remove(self, ids: range) -> None:
        self.there -= frozenset(ids)
        self.matcher.remove(ids)
        self.gone |= frozenset(ids)

    def check(self, content: int, expected: list[Hit], find: Callable[[], list[Hit]]) -> None:
        """Search once, and look whether the answer is one that there may be."""
        before, gone = self.there, self.gone
        hits = find()
        found = [hit.id for hit in hits]
        assert len(set(found)) == len(found)
        right = {number for number in before & self.there if self.content_of[number] == content}
        assert (set(found) >= right) or not expected
        assert not set(found) & gone
        for hit in hits:
            assert self.content_of[hit.id] == content
            assert dataclasses.replace(hit, id=0) == expected[0]


def search(registry: Registry, turn: int) -> None:
    """Ask for one upload in every way."""
    matcher, number = registry.matcher, turn % CONTENTS
    content = registry.contents[number]
    nth = turn // CONTENTS % len(content.uploads)
    upload = content.uploads[nth]
    registry.check(number, content.answers[nth], lambda: matcher.find(upload))
    registry.check(number, content.sure[nth], lambda: matcher.find(upload, tier=Tier.MATCH))
    registry.check(number, content.by_views[nth], lambda: matcher.by_views([upload])[0])
    proposed = content.answers[3]
    registry.check(number, proposed, lambda: confirmed(matcher, content.uploads[3]))


def confirmed(matcher: Matcher, upload: Fingerprint) -> list[Hit]:
    hits = [matcher.confirm(it, None) for it in matcher.proposals(upload, flipped=False)]
    return [hit for hit in hits if hit is not None]


@pytest.mark.parametrize("name", ["numpy scan", "numba ring"])
def test_a_search_beside_a_writer_sees_each_picture_whole_or_not_at_all(name: str) -> None:
    registry = Registry([Content(number) for number in range(CONTENTS)])
    with way(name, ring_from=16), ThreadPoolExecutor(2) as pool:
        registry.add([0, 1, 2])  # these stay
        stop, done = threading.Event(), [0, 0]

        def read(reader: int) -> None:
            for turn in itertools.count(reader):
                search(registry, turn)
                done[reader] += 1
                if stop.is_set():
                    return

        reading = [pool.submit(read, reader) for reader in range(2)]
        try:
            chance = seeded("writer")
            for turn in itertools.count():
                ids = registry.add([chance.randrange(CONTENTS) for _ in range(3)])
                if turn % 3 == 0:
                    registry.matcher.merge()
                registry.remove(ids)
                enough = turn >= ROUNDS and min(done) >= SEARCHES
                if enough or any(it.done() for it in reading):
                    break
        finally:
            stop.set()
        for it in reading:
            it.result()
        found = [registry.matcher.find(it.picture) for it in registry.contents]
        assert [[hit.id for hit in hits] for hits in found] == [[0], [1], [2]]


def test_a_proposal_of_a_picture_that_was_removed_since_is_confirmed_by_nothing() -> None:
    content = Content(0)
    matcher = Matcher.of([content.picture])
    assert matcher.confirm(content.proposal, None) is not None
    matcher.remove([0])
    assert matcher.confirm(content.proposal, None) is None
    assert matcher.confirm(content.proposal, content.picture.hashes) is None


@pytest.mark.parametrize("nth", [0, 1])
def test_whatever_comes_or_goes_in_the_middle_of_a_search_is_seen_whole_or_not_at_all(
    nth: int,
) -> None:
    content = Content(0)
    upload, (expected,) = content.uploads[nth], content.answers[nth]
    for count in itertools.count(1 + nth, 5):
        its = Matcher.of([content.picture] * 2)
        read, write = partial(its.find, upload), partial(come_and_go, its, content)
        enough, hits = after_steps(count, read, write, matcher_module)
        assert [dataclasses.replace(hit, id=0) for hit in hits] == [expected] * len(hits)
        assert {hit.id for hit in hits} in ({0}, {0, 1}, {0, 2})
        if not enough:
            break
    assert count > 100


def come_and_go(matcher: Matcher, content: Content) -> None:
    matcher.add([content.picture])
    matcher.remove([1])
