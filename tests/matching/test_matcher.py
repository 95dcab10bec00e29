"""What matches is what the design's table says, explained, best first."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient
from numpy.typing import NDArray
from PIL import Image

from hashreg.hashing.pdq import pdq
from hashreg.matching import Hit, Matcher
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import Tier
from hashreg.model.orientation import TURNS
from matching import naive_matcher
from matching.pictures import WINDOWS, Scene

PDQ, PHASH, SHA256, MD5 = Algorithm.PDQ, Algorithm.PHASH, Algorithm.SHA256, Algorithm.MD5


def fingerprint(*items: HashItem) -> Fingerprint:
    return Fingerprint(items, 97)


def only(hits: list[Hit]) -> Hit:
    assert len(hits) == 1
    return hits[0]


@given(st.integers(0, 2**32), st.integers(0, 8), st.integers(0, 4))
@settings(patient, max_examples=200)
def test_the_matcher_finds_what_its_slow_twin_finds(seed: int, count: int, asked: int) -> None:
    scenes = [Scene(f"{seed} {number}") for number in range(3)]
    registered = {n: scenes[n % 3].any_picture() for n in range(count)}
    queries = [scenes[n % 3].any_picture() for n in range(asked)]
    found = Matcher.of(registered.values()).find_many(queries)
    assert found == [naive_matcher.find(registered, query) for query in queries]


@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from(["add", "remove", "find"]), min_size=3, max_size=14),
)
@patient
def test_adding_and_removing_in_any_order_leaves_the_matcher_equal_to_its_twin(
    seed: int, steps: list[str]
) -> None:
    scene = Scene(seed)
    matcher, twin, given_out = Matcher(), dict[int, Fingerprint](), 0
    for step in steps:
        if step == "add":
            new = [scene.any_picture() for _ in range(scene.chance.randrange(4))]
            ids = matcher.add(new)
            assert list(ids) == list(range(given_out, given_out + len(new)))
            given_out += len(new)
            twin.update(zip(ids, new, strict=True))
        elif step == "remove":
            gone = [scene.chance.randrange(given_out + 2) for _ in range(2)]
            matcher.remove(gone)
            for number in gone:
                twin.pop(number, None)
        asked = scene.any_picture()
        assert matcher.find(asked) == naive_matcher.find(twin, asked)


@given(st.integers(0, 2**32))
@patient
def test_asking_for_many_answers_as_asking_one_by_one(seed: int) -> None:
    scene = Scene(seed)
    matcher = Matcher.of(scene.any_picture() for _ in range(5))
    asked = [scene.any_picture() for _ in range(4)]
    assert matcher.find_many(asked) == [matcher.find(one) for one in asked]
    assert matcher.find_many([]) == []


@pytest.mark.parametrize(
    ("bits", "tier"), [(0, "match"), (31, "match"), (32, "review"), (45, "review"), (46, None)]
)
@pytest.mark.parametrize("view", ["whole", "mirror", "window:cut-left-5"])
def test_pdq_decides_the_tier_in_any_view(bits: int, tier: str | None, view: str) -> None:
    scene = Scene(f"{bits} {view}")
    matcher = Matcher.of([fingerprint(scene.item())])
    hits = matcher.find(fingerprint(scene.item(PDQ, view, bits, code_of="whole")))
    if tier is None:
        assert hits == []
        return
    hit = only(hits)
    assert (hit.id, hit.tier.value, hit.algorithm, hit.distance) == (0, tier, PDQ, bits)
    assert (hit.view, hit.query_view, hit.agreeing_views) == ("whole", view, 1)
    assert hit.suspicious is False


@pytest.mark.parametrize("view", ["whole", "trimmed", "mirror", "window:cut-left-5"])
@pytest.mark.parametrize(("phash", "pdq"), [(8, 72), (8, 46), (0, 72), (9, 72), (8, 73)])
def test_phash_finds_whole_and_trimmed_pictures_that_pdq_confirms(
    view: str, phash: int, pdq: int
) -> None:
    scene = Scene(f"{view} {phash} {pdq}")
    matcher = Matcher.of([fingerprint(scene.item(PDQ, view), scene.item(PHASH, view))])
    hits = matcher.find(fingerprint(scene.item(PDQ, view, pdq), scene.item(PHASH, view, phash)))
    if view not in ("whole", "trimmed") or phash > 8 or pdq > 72:
        assert hits == []
        return
    hit = only(hits)
    assert (hit.tier.value, hit.algorithm.value, hit.distance) == ("review", "phash", phash)
    assert (hit.view, hit.query_view) == (view, view)
    assert hit.second_signal == "agrees"


@pytest.mark.parametrize(("view", "tier"), [("trimmed", Tier.REVIEW), ("content", None)])
def test_phash_compares_whole_and_trimmed_pictures_only(view: str, tier: Tier | None) -> None:
    scene = Scene("views")
    matcher = Matcher.of([fingerprint(scene.item(PDQ, "whole"), scene.item(PHASH, "whole"))])
    asked = fingerprint(
        scene.item(PDQ, view, 60, code_of="whole"), scene.item(PHASH, view, 0, code_of="whole")
    )
    assert [hit.tier for hit in matcher.find(asked)] == ([tier] if tier else [])


def test_a_bare_hash_is_asked_in_all_orientations() -> None:
    """As platforms send them: PDQ of the whole upload, which is the registered picture turned."""
    for turn in TURNS.values():
        pixels = scene_pixels(1200, 900)
        registered = pdq(pixels).hash
        upload = pdq(pixels, turn).hash
        matcher = Matcher.of([fingerprint(HashItem(PDQ, "whole", registered, 100))])
        hit = only(matcher.find(fingerprint(HashItem(PDQ, "whole", upload, None))))
        assert hit.tier is Tier.MATCH
        assert hit.distance is not None
        assert hit.distance <= 31


def scene_pixels(width: int, height: int) -> NDArray[np.uint8]:
    """Return a textured picture, RGB."""
    noise = np.random.default_rng(5).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))


def test_phash_alone_is_no_hit() -> None:
    scene = Scene("alone")
    both = fingerprint(scene.item(PDQ), scene.item(PHASH))
    alone = fingerprint(scene.item(PHASH))
    assert Matcher.of([both]).find(alone) == []
    assert Matcher.of([alone]).find(both) == []
    assert Matcher.of([alone]).find(alone) == []


@pytest.mark.parametrize("algorithm", [SHA256, MD5])
def test_an_equal_file_matches_even_where_nothing_else_can_be_compared(
    algorithm: Algorithm,
) -> None:
    scene = Scene(algorithm.value)
    matcher = Matcher.of([fingerprint(scene.item(algorithm, "file", quality=None))])
    hit = only(matcher.find(fingerprint(scene.item(algorithm, "file", quality=None))))
    assert (hit.tier.value, hit.algorithm, hit.distance) == ("match", algorithm, 0)
    assert (hit.view, hit.query_view, hit.agreeing_views) == ("file", "file", 1)
    assert hit.second_signal is None
    assert matcher.find(fingerprint(scene.item(algorithm, "file", 1, quality=None))) == []


def test_an_equal_file_speaks_before_its_views_and_counts_them() -> None:
    scene = Scene("digest")
    registered = fingerprint(
        *scene.picture(whole=0, mirror=0).hashes,
        scene.item(PHASH),
        scene.item(SHA256, "file", quality=None),
        scene.item(MD5, "file", quality=None),
    )
    hit = only(Matcher.of([registered]).find(registered))
    assert (hit.algorithm, hit.agreeing_views, hit.second_signal) == (SHA256, 2, "agrees")


def test_a_digest_isnt_taken_for_one_of_another_algorithm() -> None:
    scene = Scene("kinds")
    digest = scene.item(SHA256, "file", quality=None)
    as_pdq = HashItem(PDQ, "whole", digest.hash, 97)
    assert Matcher.of([fingerprint(as_pdq)]).find(fingerprint(digest)) == []
    assert Matcher.of([fingerprint(digest)]).find(fingerprint(as_pdq)) == []


@pytest.mark.parametrize(
    ("phash", "signal"), [(0, "agrees"), (10, "agrees"), (11, "disagrees"), (64, "disagrees")]
)
@pytest.mark.parametrize("view", ["whole", "trimmed"])
def test_the_second_signal_says_whether_phash_agrees(view: str, phash: int, signal: str) -> None:
    scene = Scene(f"{view} {phash}")
    matcher = Matcher.of([fingerprint(scene.item(PDQ, view), scene.item(PHASH, view))])
    asked = fingerprint(scene.item(PDQ, view, 20), scene.item(PHASH, view, phash))
    assert only(matcher.find(asked)).second_signal == signal


def test_the_second_signal_is_null_where_phash_cant_say() -> None:
    scene = Scene("mirrored")
    registered = fingerprint(scene.item(PDQ), scene.item(PHASH))
    matcher = Matcher.of([registered])
    mirrored = fingerprint(scene.item(PDQ, "mirror", 4, code_of="whole"), scene.item(PHASH))
    assert only(matcher.find(mirrored)).second_signal is None
    without = fingerprint(scene.item(PDQ, bits=4))
    assert only(matcher.find(without)).second_signal is None
    window = fingerprint(
        scene.item(PDQ, "window:cut-left-5"), scene.item(PHASH, "window:cut-left-5")
    )
    assert only(Matcher.of([window]).find(window)).second_signal is None


@pytest.mark.parametrize(
    ("near", "far", "suspicious"),
    [(0, 3, True), (1, 2, True), (2, 1, False), (3, 0, False), (0, 2, False), (0, 0, False)],
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_hit_of_the_whole_picture_whose_windows_stay_far_apart_is_suspicious(
    near: int, far: int, suspicious: bool, mirrored: bool
) -> None:
    scene = Scene(f"{near} {far} {mirrored}")
    names = WINDOWS[: near + far]
    registered = fingerprint(scene.item(PDQ), *(scene.item(PDQ, name) for name in names))
    distances = [45] * near + [46] * far
    if mirrored:
        sides = {"window:cut-left-5": "window:cut-right-5", "window:cut-right-5": WINDOWS[0]}
        windows = [
            scene.item(PDQ, f"{sides.get(name, name)}:mirror", bits, code_of=name)
            for name, bits in zip(names, distances, strict=True)
        ]
        asked = fingerprint(scene.item(PDQ, "mirror", 20, code_of="whole"), *windows)
    else:
        windows = [scene.item(PDQ, name, it) for name, it in zip(names, distances, strict=True)]
        asked = fingerprint(scene.item(PDQ, "whole", 20), *windows)
    hit = only(Matcher.of([registered]).find(asked))
    assert (hit.distance, hit.agreeing_views) == (20, near + 1)
    assert hit.suspicious is suspicious


@pytest.mark.parametrize(
    ("trimmed", "suspicious"), [((0, 45), True), ((0, 46), False), ((0, None), True)]
)
def test_windows_say_nothing_where_borders_were_cut_differently(
    trimmed: tuple[int, int | None], suspicious: bool
) -> None:
    scene = Scene(f"{trimmed}")
    registered = fingerprint(*(scene.item(PDQ, name) for name in ("whole", "trimmed", *WINDOWS)))
    asked = [scene.item(PDQ, "whole", 20), *(scene.item(PDQ, name, 90) for name in WINDOWS)]
    if trimmed[1] is not None:
        asked.append(scene.item(PDQ, "trimmed", trimmed[1]))
    hit = only(Matcher.of([registered]).find(fingerprint(*asked)))
    assert hit.suspicious is suspicious


def test_a_hit_of_a_part_is_never_suspicious_for_a_crop_agrees_in_little() -> None:
    scene = Scene("crop")
    registered = fingerprint(*(scene.item(PDQ, name) for name in ("whole", *WINDOWS)))
    windows = [scene.item(PDQ, name, 90) for name in WINDOWS[1:]]
    near = scene.item(PDQ, "whole", 10, code_of=WINDOWS[0])
    hit = only(Matcher.of([registered]).find(fingerprint(near, *windows)))
    assert (hit.view, hit.suspicious) == (WINDOWS[0], False)


def test_the_nearest_view_explains_the_hit_and_all_near_ones_are_counted() -> None:
    scene = Scene("best")
    registered = scene.picture(whole=0, trimmed=0, mirror=0)
    hit = only(Matcher.of([registered]).find(scene.picture(whole=30, trimmed=7, mirror=46)))
    assert (hit.distance, hit.view, hit.query_view) == (7, "trimmed", "trimmed")
    assert hit.agreeing_views == 2


def test_a_view_that_several_asked_views_are_near_to_counts_once() -> None:
    scene = Scene("once")
    matcher = Matcher.of([scene.picture(whole=0)])
    asked = fingerprint(
        scene.item(PDQ, "mirror", 5, code_of="whole"),
        scene.item(PDQ, "whole", 5),
        scene.item(PDQ, "trimmed", 6, code_of="whole"),
    )
    hit = only(matcher.find(asked))
    assert hit.agreeing_views == 1
    assert hit.query_view == "whole"  # of two as near, the view of the same name


def test_hits_come_best_first_and_each_registered_picture_once() -> None:
    scene = Scene("order")
    matcher = Matcher.of(
        [
            scene.picture(whole=40),
            scene.picture(whole=20),
            scene.picture(whole=90),
            scene.picture(whole=20, trimmed=45, mirror=45),
            scene.picture(whole=20),
            fingerprint(scene.item(SHA256, "file", quality=None)),
            scene.picture(whole=0),
        ]
    )
    asked = fingerprint(
        *scene.picture(whole=0, trimmed=0, mirror=0).hashes,
        scene.item(SHA256, "file", quality=None),
    )
    hits = matcher.find(asked)
    assert [hit.id for hit in hits] == [5, 6, 3, 1, 4, 0]
    assert [hit.tier.value for hit in hits] == ["match"] * 5 + ["review"]


@pytest.mark.parametrize("quality", [0, 49])
@pytest.mark.parametrize("algorithm", [PDQ, PHASH])
def test_a_hash_below_the_quality_gate_never_matches_on_either_side(
    quality: int, algorithm: Algorithm
) -> None:
    scene = Scene(f"{quality} {algorithm}")
    far = 60 if algorithm is PHASH else 0  # so that only the other algorithm could find it
    good = fingerprint(scene.item(PDQ, bits=far), scene.item(PHASH))
    poor = fingerprint(
        scene.item(PDQ, quality=quality if algorithm is PDQ else 97),
        scene.item(PHASH, quality=quality if algorithm is PHASH else 97),
    )
    assert Matcher.of([poor]).find(good) == []
    assert Matcher.of([good]).find(poor) == []
    same = Matcher.of([poor]).find(poor)
    assert [hit.second_signal for hit in same] == ([] if algorithm is PDQ else [None])


@pytest.mark.parametrize("digit", ["0", "f"])
@pytest.mark.parametrize("quality", [None, 100])
def test_a_blank_picture_never_matches_another_blank_one(digit: str, quality: int | None) -> None:
    blank = fingerprint(
        HashItem(PDQ, "whole", digit * 64, quality), HashItem(PHASH, "whole", digit * 16, quality)
    )
    assert Matcher.of([blank]).find(blank) == []


def test_ids_count_up_and_never_recur() -> None:
    scene = Scene("ids")
    matcher = Matcher.of([scene.picture(whole=0), Fingerprint(())])
    assert matcher.add([scene.picture(whole=0)] * 2) == range(2, 4)
    matcher.remove(range(10))
    assert matcher.find(scene.picture(whole=0)) == []
    assert matcher.add([scene.picture(whole=0)]) == range(4, 5)
    assert only(matcher.find(scene.picture(whole=0))).id == 4


def test_a_removed_picture_matches_by_no_hash_at_once_and_the_others_stay() -> None:
    scene = Scene("removed")
    whole = fingerprint(
        *scene.picture(whole=0, mirror=0).hashes,
        scene.item(PHASH),
        scene.item(SHA256, "file", quality=None),
        scene.item(MD5, "file", quality=None),
    )
    matcher = Matcher.of([whole, whole, whole])
    matcher.remove([1])
    assert [hit.id for hit in matcher.find(whole)] == [0, 2]
    matcher.remove([0, 2])
    for item in whole.hashes:
        assert matcher.find(fingerprint(item)) == []
    assert matcher.find(whole) == []


def test_a_removed_pictures_hashes_are_gone_from_memory() -> None:
    scene = Scene("memory")
    digest = scene.item(SHA256, "file", quality=None)
    matcher = Matcher.of([fingerprint(scene.item(), scene.item(PHASH), digest)])
    matcher.remove([0])
    assert not any(len(it) or it._state.digests.any() for it in matcher._digests.values())
    assert all(len(table._index) == 0 for table in matcher._tables.values())
    tails = [it for table in matcher._tables.values() for it in table._index._segments]
    assert not any(tail.words.any() for tail in tails)


def test_a_picture_matches_itself_whatever_else_is_registered() -> None:
    scenes = [Scene(f"many {number}") for number in range(60)]
    pictures = [scene.picture(whole=0, mirror=0) for scene in scenes]
    matcher = Matcher.of(pictures)
    found = matcher.find_many(pictures)
    assert [[hit.id for hit in hits] for hits in found] == [[n] for n in range(60)]


def test_a_hit_holds_what_the_design_names() -> None:
    assert {field.name for field in dataclasses.fields(Hit)} == {
        "id",
        "tier",
        "algorithm",
        "distance",
        "view",
        "query_view",
        "agreeing_views",
        "second_signal",
        "suspicious",
        "shape",
    }
