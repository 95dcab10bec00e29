"""Pictures found by shape: as the slow twin finds them, and lying as they really lie."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient
from PIL import Image, ImageOps

from hashreg.hashing import fingerprint
from hashreg.matching import Hit, Matcher, shapes, token_index, votes
from hashreg.matching.table import distance
from hashreg.matching.tokens import first_of_equals
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Shape, ShapeOnly, Tier
from hashreg.model.tokens import TokenKind, Tokens
from matching import naive_votes
from matching.codes import seeded
from matching.token_scenes import Lie, any_lie, copy, joined, picture
from support.program import SAMPLES

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
PHOTOS = sorted((SAMPLES / "originals").iterdir())


def bare(tokens: Tokens) -> Fingerprint:
    return Fingerprint((), tokens=tokens)


def twin_hits(registered: dict[int, Tokens], asked: Tokens) -> list[naive_votes.Answer]:
    """Return the hits of tokens alone: from four on; flipped words only where nothing was found."""
    for flipped in (False, True):
        found = naive_votes.find(registered, asked, flipped=flipped)
        hits = [it for it in found if it[1] >= 4]
        if hits:
            return hits
    return []


def answers(hits: Sequence[Hit]) -> list[naive_votes.Answer]:
    return [
        (it.id, it.shape.points, it.shape.mirrored)
        for it in sorted(hits, key=lambda it: (-it.shape.points if it.shape else 0, it.id))
        if it.shape
    ]


@given(st.integers(0, 2**32), st.integers(1, 10))
@settings(patient, max_examples=60)
def test_the_matcher_finds_by_tokens_what_a_twin_finds_that_tries_every_picture(
    seed: int, count: int
) -> None:
    chance = seeded(seed)
    registered = {n: picture(chance, chance.randrange(30), 600) for n in range(count)}
    parts = [
        copy(
            chance,
            registered[chance.randrange(count)],
            any_lie(chance),
            kept=chance.choice((0.2, 0.5, 0.9)),
            flipped=chance.choice((0, 0.3, 1)),
        )
        for _ in range(chance.randrange(1, 3))
    ]
    asked = joined(*parts)
    try:
        expected = twin_hits(registered, asked)
    except naive_votes.Doubtful:
        return
    hits = Matcher.of(map(bare, registered.values())).find(bare(asked))
    assert answers(hits) == expected
    assert {(it.tier, it.algorithm, it.distance) for it in hits} <= {
        (Tier.REVIEW, ShapeOnly.TOKENS, None)
    }


@given(st.integers(0, 2**32))
@patient
def test_the_transform_lays_a_made_up_copy_where_it_lies(seed: int) -> None:
    chance = seeded(seed)
    original, lie = picture(chance, 47), any_lie(chance)
    index = Matcher.of([bare(original)])
    asked = copy(chance, original, lie)
    if len(asked) < 12:
        return
    (found,) = index.proposals(bare(asked), flipped=False)
    a, b, c, d, e, f = found.transform
    off = max(
        math.dist((a * u + b * v + c, d * u + e * v + f), lie.placed(u, v)) for u, v in CORNERS
    )
    assert off <= 0.1 * lie.scale
    assert found.shape.mirrored is lie.mirrored
    assert found.shape.points >= len(asked) - 2
    turned = math.remainder(found.shape.turned - math.degrees(lie.turn), 360)
    assert abs(turned) <= 4


def test_words_are_flipped_only_where_nothing_was_found_otherwise() -> None:
    chance = seeded("flips")
    one, other = picture(chance, 20), picture(chance, 20)
    matcher = Matcher.of([bare(one), bare(other)])
    exact = copy(chance, one, Lie())
    flipped = copy(chance, other, Lie(), flipped=1)
    assert [hit.id for hit in matcher.find(bare(flipped))] == [1]
    assert [hit.id for hit in matcher.find(bare(joined(exact, flipped)))] == [0]


def test_a_removed_picture_is_found_by_no_token() -> None:
    chance = seeded("removed")
    original = picture(chance, 40)
    matcher = Matcher.of([bare(original), bare(original)])
    asked = bare(copy(chance, original, Lie(0.3)))
    matcher.remove([0])
    assert [hit.id for hit in matcher.find(asked)] == [1]
    matcher.remove([1])
    assert matcher.find(asked) == []


def test_at_most_eight_pictures_are_proposed_the_surest_first() -> None:
    chance = seeded("eight")
    original = picture(chance, 30)
    parts = [Tokens(original.kind, original.data[: 2 + 5 * count]) for count in range(4, 16)]
    found = Matcher.of(map(bare, parts)).proposals(
        bare(copy(chance, original, Lie())), flipped=False
    )
    assert [it.owner for it in found] == list(range(11, 3, -1))


def test_a_word_repeated_on_both_sides_costs_little() -> None:
    """Whoever registers one word 47 times and uploads it 2,000 times must not stop the registry."""
    chance = seeded("repeated")
    registered = Tokens(
        TokenKind.REGISTERED, bytes(2) + b"".join(b"abc" + chance.randbytes(2) for _ in range(47))
    )
    asked = Tokens(
        TokenKind.ASKED,
        bytes(2) + b"".join(b"abc" + bytes(3) + chance.randbytes(6) for _ in range(2048)),
    )
    counts, vote = list[int](), votes.vote

    def counting(pairs: votes.Pairs) -> votes.Vote:
        counts.append(len(pairs))
        return vote(pairs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(votes, "vote", counting)
        Matcher.of([bare(registered)]).find(bare(asked))
    assert max(counts, default=0) <= token_index.MOST_EQUAL * shapes.MOST_EQUAL


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 5))
def test_of_equal_words_the_first_ones_are_kept(words: list[int], most: int) -> None:
    kept = first_of_equals(np.array(words, np.uint32), most).tolist()
    assert kept == [n for n, word in enumerate(words) if words[:n].count(word) < most]


@pytest.fixture(scope="module")
def registered() -> Matcher:
    return Matcher.of(fingerprint(path, views="register") for path in PHOTOS)


def photo(name: str) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(SAMPLES / "originals" / name)).convert("RGB")


def found_shape(matcher: Matcher, copy_of: Image.Image, name: str) -> Shape:
    """Return how a photo lies in its copy; it must be a match, and the only one."""
    buffer = io.BytesIO()
    copy_of.save(buffer, "JPEG", quality=85)
    (hit,) = matcher.find(fingerprint(buffer.getvalue(), views="query"))
    assert (PHOTOS[hit.id].name, hit.tier) == (name, Tier.MATCH)
    assert hit.shape is not None
    return hit.shape


@pytest.mark.parametrize("degrees", [-170, -90, -12, 5, 33, 120])
def test_a_photo_turned_by_a_known_angle_says_so(registered: Matcher, degrees: int) -> None:
    turned = photo("officer.jpg").rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
    shape = found_shape(registered, turned, "officer.jpg")
    assert abs(math.remainder(shape.turned - degrees, 360)) <= 2
    assert shape.share == 1
    assert shape.mirrored is False


@pytest.mark.parametrize(
    ("cuts", "share"),
    [
        ((0.1, 0, 0, 0), 0.9),
        ((0.2, 0, 0, 0), 0.8),
        ((0, 0, 0, 0.2), 0.8),
        ((0.2, 0.1, 0.05, 0.1), 0.6),
        ((0.15, 0.15, 0.15, 0.15), 0.49),
    ],
)
def test_a_cropped_photo_says_how_much_of_it_is_left(
    registered: Matcher, cuts: tuple[float, float, float, float], share: float
) -> None:
    original = photo("astronaut.jpg")
    width, height = original.size
    left, top, right, bottom = cuts
    box = (width * left, height * top, width * (1 - right), height * (1 - bottom))
    shape = found_shape(registered, original.crop(box), "astronaut.jpg")
    assert abs(shape.share - share) <= 0.05
    assert abs(shape.turned) <= 2


def test_a_mirrored_and_tilted_photo_says_so(registered: Matcher) -> None:
    tilted = ImageOps.mirror(photo("boats.jpg")).rotate(-8, Image.Resampling.BICUBIC, expand=True)
    shape = found_shape(registered, tilted, "boats.jpg")
    assert shape.mirrored is True
    assert abs(abs(shape.turned) - 8) <= 2


def test_a_photo_in_a_photo_is_found_whole(registered: Matcher) -> None:
    ground = Image.open(SAMPLES / "unrelated" / "alps.jpg").convert("RGB").resize((1000, 700))
    ground.paste(photo("cat.png").resize((500, 350)), (300, 100))
    shape = found_shape(registered, ground, "cat.png")
    assert shape.share == 1


@pytest.mark.parametrize("path", sorted((SAMPLES / "unrelated").iterdir()), ids=lambda it: it.name)
def test_an_unrelated_photo_is_proposed_nothing(registered: Matcher, path: Path) -> None:
    asked = fingerprint(path, views="query")
    assert registered.proposals(asked, flipped=True) == []


def test_aligned_windows_of_a_copy_are_near_the_registered_ones(registered: Matcher) -> None:
    buffer = io.BytesIO()
    photo("cat.png").rotate(7, Image.Resampling.BICUBIC, expand=True).save(buffer, "PNG")
    asked = fingerprint(buffer.getvalue(), views="query")
    (proposal,) = registered.proposals(asked, flipped=False)
    assert asked.aligner is not None
    aligned = asked.aligner.aligned(proposal.transform)
    original = fingerprint(SAMPLES / "originals" / "cat.png", views="register")
    away = dict[str, int]()
    for item in aligned:
        own = original.get(Algorithm.PDQ, item.view)
        if own:
            bits = distance(own.digest, item.digest)
            away[item.view] = min(bits, away.get(item.view, bits))
    bits_of_all = sorted(away.values())
    assert len(bits_of_all) >= 14
    assert bits_of_all[len(bits_of_all) // 2] <= 31
    assert bits_of_all[-1] <= 60


def test_every_picture_of_a_gallery_on_a_screen_is_found(registered: Matcher) -> None:
    """A screenshot is asked at a larger size: what it shows is small in it."""
    screen = Image.new("RGB", (1080, 1600), "white")
    names = ("astronaut.jpg", "cat.png", "officer.jpg", "rotated-phone.jpg")
    for number, name in enumerate(names):
        small = ImageOps.contain(photo(name), (500, 500))
        screen.paste(small, (20 + 530 * (number % 2), 300 + 530 * (number // 2)))
    buffer = io.BytesIO()
    screen.save(buffer, "PNG")
    hits = registered.find(fingerprint(buffer.getvalue(), views="query"))
    assert {PHOTOS[hit.id].name for hit in hits} == set(names)
    assert all(hit.shape and hit.shape.share == 1 for hit in hits)
