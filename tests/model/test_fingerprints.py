"""A fingerprint holds each hash once, travels as JSON, and says whether it can be compared."""

import json
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import FileProblem, InvalidHash, Refused, UnreadableFile
from hashreg.model.fingerprints import (
    MAX_HASHES,
    Fingerprint,
    fingerprint_from_json,
    fingerprint_line,
    merged,
)
from hashreg.model.hashes import Algorithm, HashItem
from model.silence import echoes
from model.strategies import fingerprints, hash_items, json_values, patient

FIELDS = {"media", "recipe", "quality", "hashes", "tokens"}
LINE_FIELDS = {"file", "media", "recipe", "quality", "hashes", "tokens", "error"}


def plain_pdq() -> str:
    """Return a random PDQ hash with 128 bits set, as pictures have."""
    places = secrets.SystemRandom().sample(range(256), 128)
    return f"{sum(1 << place for place in places):064x}"


def pdq(view: str = "whole", quality: int | None = 90) -> HashItem:
    return HashItem(Algorithm.PDQ, view, plain_pdq(), quality)


def sha256() -> HashItem:
    return HashItem(Algorithm.SHA256, "file", secrets.token_hex(32), None)


@given(fingerprints)
@patient
def test_a_fingerprint_comes_back_from_json_as_it_was(fingerprint: Fingerprint) -> None:
    data = json.loads(json.dumps(fingerprint.as_json()))
    assert set(data) == FIELDS
    assert (fingerprint_from_json(data, "items[0]") == fingerprint) is True


@given(fingerprints)
@patient
def test_a_repr_of_a_fingerprint_shows_no_hash(fingerprint: Fingerprint) -> None:
    assert not any(item.hash in repr(fingerprint) for item in fingerprint.hashes)


@given(fingerprints)
@patient
def test_only_comparable_hashes_are_left_for_matching_and_nothing_else_is_lost(
    fingerprint: Fingerprint,
) -> None:
    kept = fingerprint.comparable()
    assert all(item.is_comparable for item in kept.hashes)
    dropped = [item for item in fingerprint.hashes if item not in kept.hashes]
    assert not any(item.is_comparable for item in dropped)
    assert (kept.quality, kept.media, kept.recipe) == (
        fingerprint.quality,
        fingerprint.media,
        fingerprint.recipe,
    )
    assert kept.is_comparable is fingerprint.is_comparable


@pytest.mark.parametrize(
    ("hashes", "comparable"),
    [
        ((), False),
        ((sha256(),), False),
        ((sha256(), pdq(quality=49)), False),
        ((sha256(), pdq(quality=50)), True),
        ((pdq("whole", 10), pdq("mirror", 60)), True),
        ((HashItem(Algorithm.PHASH, "whole", secrets.token_hex(8), 50),), True),
        ((HashItem(Algorithm.PDQ, "whole", "0" * 64, 100),), False),
    ],
)
def test_a_picture_is_comparable_by_a_view_and_never_by_its_digests_alone(
    hashes: tuple[HashItem, ...], comparable: bool
) -> None:
    assert Fingerprint(hashes).is_comparable is comparable


def test_two_hashes_of_one_algorithm_and_view_are_refused_without_echo() -> None:
    first, second = pdq(), pdq()
    with pytest.raises(InvalidHash) as caught:
        Fingerprint((first, second))
    assert not echoes(caught.value, first.hash)
    assert not echoes(caught.value, second.hash)
    assert len(Fingerprint((first, pdq("mirror"), sha256())).hashes) == 3


def test_so_many_hashes_fit_and_one_more_is_refused() -> None:
    items = tuple(pdq(f"v{number}") for number in range(MAX_HASHES + 1))
    assert len(Fingerprint(items[:-1]).hashes) == MAX_HASHES
    with pytest.raises(InvalidHash):
        Fingerprint(items)
    data = Fingerprint(items[:-1]).as_json() | {"hashes": [item.as_json() for item in items]}
    with pytest.raises(InvalidHash):
        fingerprint_from_json(data, "items[0]")


def test_a_hash_is_found_by_its_algorithm_and_view() -> None:
    whole, mirror, file = pdq(), pdq("mirror"), sha256()
    fingerprint = Fingerprint((whole, mirror, file))
    assert fingerprint.get(Algorithm.PDQ, "mirror") is mirror
    assert fingerprint.get(Algorithm.SHA256, "file") is file
    assert fingerprint.get(Algorithm.PHASH, "whole") is None


@given(st.lists(hash_items(), max_size=12))
@patient
def test_of_two_hashes_for_one_view_the_later_counts(items: list[HashItem]) -> None:
    kept = merged(items)
    assert len({(item.algorithm, item.view) for item in kept}) == len(kept)
    for item in kept:
        latest = [it for it in items if (it.algorithm, it.view) == (item.algorithm, item.view)][-1]
        assert item is latest
    assert len(kept) == len({(item.algorithm, item.view) for item in items})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("media", "audio"),
        ("media", None),
        ("recipe", "hashreg-2"),
        ("recipe", None),
        ("quality", -1),
        ("quality", 101),
        ("quality", True),
        ("quality", "90"),
        ("hashes", None),
        ("hashes", {}),
        ("hashes", [None]),
        ("tokens", {}),
        ("tokens", "AAAA"),
        ("file", "a.jpg"),
        ("path", "/home/kim/a.jpg"),
        ("exif", {"GPS": 1}),
        ("error", None),
    ],
)
def test_a_field_that_is_wrong_or_does_not_belong_is_refused_with_its_place(
    name: str, value: object
) -> None:
    data = Fingerprint((pdq(), sha256()), 90).as_json()
    with pytest.raises(InvalidHash) as caught:
        fingerprint_from_json(data | {name: value}, "items[7]")
    assert str(caught.value.values["place"]).startswith("items[7]")
    assert "kim" not in str(caught.value)


@given(json_values)
@patient
def test_json_of_any_other_shape_is_refused(data: object) -> None:
    with pytest.raises(InvalidHash):
        fingerprint_from_json(data, "items[0]")


def test_a_line_of_a_hashed_picture_has_the_fields_of_the_design() -> None:
    line = fingerprint_line("a.jpg", Fingerprint((pdq(), sha256()), 98))
    assert set(line) == LINE_FIELDS
    assert (line["file"], line["media"], line["recipe"], line["quality"]) == (
        "a.jpg",
        "image",
        "hashreg-1",
        98,
    )
    assert line["tokens"] is None
    assert line["error"] is None


def test_a_line_of_a_file_that_cant_be_hashed_has_no_hashes_and_says_why() -> None:
    line = fingerprint_line("a.jpg", UnreadableFile(FileProblem.DAMAGED))
    assert set(line) == LINE_FIELDS
    assert line["hashes"] == []
    assert line["error"] == {"code": "damaged", "message": str(UnreadableFile(FileProblem.DAMAGED))}
    other = fingerprint_line("a.jpg", Refused("no"))
    assert other["error"] == {"code": "refused", "message": "no"}


def test_a_line_of_a_picture_that_is_too_plain_says_so_with_its_quality() -> None:
    line = fingerprint_line("dark.jpg", Fingerprint((sha256(),), 12))
    assert isinstance(line["error"], dict)
    assert line["error"]["code"] == "too_plain"
    assert "12" in line["error"]["message"]
    assert "50" in line["error"]["message"]
