"""A matcher that was saved finds by views, pHash, digests and tokens what it found before."""

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import Hit, Matcher, saved
from hashreg.matching.saved import BlockCipher
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import ShapeOnly
from matching.codes import seeded
from matching.pictures import Scene
from matching.pieces import holds_raw, share_held
from matching.sealing import Sealing
from matching.token_scenes import Lie, copy
from matching.token_scenes import picture as some_tokens
from matching.ways import way

PDQ, PHASH, SHA256, MD5 = Algorithm.PDQ, Algorithm.PHASH, Algorithm.SHA256, Algorithm.MD5
KIND = "matcher"


def reopened(matcher: Matcher, folder: Path, cipher: BlockCipher | None = None) -> Matcher:
    saved.save(folder, KIND, matcher.parts(), cipher)
    return Matcher.of_parts(saved.load(folder, KIND, cipher))


def fingerprint(scene: Scene, seed: int) -> Fingerprint:
    """Return a picture's hashes of all kinds and its tokens."""
    items = [scene.item(PDQ, view) for view in ("whole", "trimmed", "mirror")]
    items += [scene.item(PHASH), *(scene.item(it, "file", quality=None) for it in (SHA256, MD5))]
    return Fingerprint(tuple(items), 97, tokens=some_tokens(seeded(seed), 30))


def copies(scene: Scene, original: Fingerprint) -> list[Fingerprint]:
    """Return what is asked for copies that are found by each signal alone."""
    assert original.tokens is not None
    turned = copy(seeded(9), original.tokens, Lie(0.3, 0.9))
    return [
        Fingerprint((scene.item(PDQ, "whole", 20), scene.item(PHASH, "whole", 3)), 97),
        Fingerprint((scene.item(PDQ, "mirror", 45, code_of="trimmed"),), 97),
        Fingerprint((scene.item(PDQ, "whole", 60), scene.item(PHASH, "whole", 8)), 97),
        Fingerprint((scene.item(SHA256, "file", quality=None),), 97),
        Fingerprint((scene.item(MD5, "file", quality=None),), 97),
        Fingerprint((), tokens=turned),
    ]


SIGNALS = [[PDQ], [PDQ], [PHASH], [SHA256], [MD5], [ShapeOnly.TOKENS]]


def algorithms(found: Sequence[Sequence[Hit]]) -> list[list[object]]:
    return [[hit.algorithm for hit in hits] for hits in found]


@pytest.mark.parametrize("cipher", [None, Sealing(bytes(32))], ids=["open", "sealed"])
@pytest.mark.parametrize("name", ["numpy scan", "numpy ring"])
def test_a_saved_matcher_finds_by_each_signal_what_it_found_before(
    name: str, cipher: BlockCipher | None, tmp_path: Path
) -> None:
    scenes = [Scene(f"saved {number}") for number in range(3)]
    pictures = [fingerprint(scene, number) for number, scene in enumerate(scenes)]
    asked = [it for pair in zip(scenes, pictures, strict=True) for it in copies(*pair)]
    with way(name, ring_from=6):
        matcher = Matcher.of(pictures)
        expected = matcher.find_many(asked)
        assert algorithms(expected) == SIGNALS * 3
        matcher = reopened(matcher, tmp_path, cipher)
        assert matcher.find_many(asked) == expected
        matcher.remove([1])
        left = [[hit for hit in hits if hit.id != 1] for hits in expected]
        assert matcher.find_many(asked) == left
        matcher = reopened(matcher, tmp_path, cipher)
        assert matcher.find_many(asked) == left
        assert matcher.add([pictures[1]]) == range(3, 4)
        names = [it._whose.names for it in matcher._tables.values()]
        assert names == [("whole", "trimmed", "mirror"), ("whole",)]
        assert algorithms(matcher.find_many(asked)) == SIGNALS * 3
        assert algorithms(reopened(matcher, tmp_path, cipher).find_many(asked)) == SIGNALS * 3


@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from(["add", "add", "remove", "reopen"]), min_size=3, max_size=10),
)
@settings(patient, max_examples=25)
def test_saving_and_opening_a_matcher_at_any_moment_changes_no_answer(
    seed: int, steps: list[str]
) -> None:
    scene = Scene(seed)
    chance, saved_one, twin, ids = scene.chance, Matcher(), Matcher(), range(0)
    with tempfile.TemporaryDirectory() as folder:
        for step in [*steps, "reopen"]:
            if step == "add":
                new = [with_tokens(scene) for _ in range(chance.randrange(4))]
                ids = twin.add(new)
                assert saved_one.add(new) == ids
            elif step == "remove":
                gone = [chance.randrange(ids.stop + 2) for _ in range(2)]
                twin.remove(gone)
                saved_one.remove(gone)
            else:
                saved_one = reopened(saved_one, Path(folder))
            asked = [with_tokens(scene), scene.any_picture()]
            assert saved_one.find_many(asked) == twin.find_many(asked)


def with_tokens(scene: Scene) -> Fingerprint:
    """Return any picture; of three token sets that recur, one or none."""
    seed = scene.chance.randrange(4)
    tokens = some_tokens(seeded(seed), 20) if seed else None
    return dataclasses.replace(scene.any_picture(), tokens=tokens)


def test_a_matcher_that_is_saved_again_writes_only_what_is_new(tmp_path: Path) -> None:
    pictures = [fingerprint(Scene(f"again {number}"), number) for number in range(9)]
    with way("numpy ring", ring_from=6):
        matcher = reopened(Matcher.of(pictures[:8]), tmp_path)
        big = ("pdq/index/0", "phash/index/0", "tokens/0")
        before = {name: file_of(tmp_path, name) for name in big}
        matcher.add(pictures[8:])
        matcher = reopened(matcher, tmp_path)
        assert {name: file_of(tmp_path, name) for name in big} == before
        matcher.remove([0])
        reopened(matcher, tmp_path)
        assert not {file_of(tmp_path, name) for name in big} & set(before.values())


def file_of(folder: Path, section: str) -> tuple[str, int]:
    """Return the name of a section's file, and when it was written."""
    name = saved.load(folder, KIND, None).sections[section].entry["file"]
    return name, (folder / name).stat().st_mtime_ns


def test_no_file_holds_anything_of_a_removed_picture_once_the_matcher_is_saved(
    tmp_path: Path,
) -> None:
    scenes = [Scene(f"gone {number}") for number in range(3)]
    pictures = [fingerprint(scene, 10 + number) for number, scene in enumerate(scenes)]
    matcher = reopened(Matcher.of(pictures), tmp_path)
    assert [share_held(tmp_path, it) for it in pictures] == [1.0, 1.0, 1.0]
    matcher.remove([1])
    saved.save(tmp_path, KIND, matcher.parts(), None)
    assert [share_held(tmp_path, it) for it in pictures] == [1.0, 0.0, 1.0]
    assert not holds_raw(tmp_path, pictures[1])
