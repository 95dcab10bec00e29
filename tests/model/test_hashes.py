"""A hash that is not exactly right is refused, and the refusal never repeats it."""

import secrets
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidHash
from hashreg.model.hashes import (
    HEX_DIGITS,
    PERCEPTUAL,
    Algorithm,
    HashItem,
    hash_item,
    hash_item_from_json,
)
from model.silence import echoes
from model.strategies import algorithms, hash_items, hexes, patient

FULLWIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def refusal(algorithm: object, view: object, value: object, quality: object) -> InvalidHash:
    """Return the error that a stranger's hash meets."""
    with pytest.raises(InvalidHash) as caught:
        hash_item(algorithm, view, value, quality)
    return caught.value


def with_bits(ones: int) -> str:
    """Return a PDQ hash with so many bits set, scattered at random."""
    places = secrets.SystemRandom().sample(range(256), ones)
    return f"{sum(1 << place for place in places):064x}"


@given(hash_items())
@patient
def test_a_well_formed_hash_comes_back_from_json_as_it_was(item: HashItem) -> None:
    again = hash_item_from_json(item.as_json(), "hash")
    assert (again == item) is True
    assert set(item.as_json()) == {"algorithm", "view", "hash", "quality"}
    assert (item.digest.hex() == item.hash) is True


@given(algorithms, st.integers(0, 200), st.data())
@patient
def test_a_hash_of_another_length_is_refused_without_echo(
    algorithm: Algorithm, length: int, data: st.DataObject
) -> None:
    value = data.draw(st.text("0123456789abcdef", min_size=length, max_size=length))
    if length == HEX_DIGITS[algorithm]:
        view = "whole" if algorithm in PERCEPTUAL else "file"
        hash_item(algorithm.value, view, value, None)
        return
    error = refusal(algorithm.value, "whole", value, None)
    assert error.field == "hash"
    assert str(length) in str(error)
    if length >= 8:
        assert not echoes(error, value)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: text.upper(), id="upper case"),
        pytest.param(lambda text: text[:-1] + "g", id="a letter past f"),
        pytest.param(lambda text: text.translate(FULLWIDTH), id="full-width digits"),
        pytest.param(lambda text: text.translate(ARABIC), id="Arabic digits"),
        pytest.param(lambda text: text[:-1] + "\n", id="a line break at the end"),
        pytest.param(lambda text: " " + text[1:], id="a space in front"),
        pytest.param(lambda text: text + "\n", id="a line break after it"),
        pytest.param(lambda text: f" {text} ", id="spaces around it"),
        pytest.param(lambda text: text[:7] + "_" + text[8:], id="an underscore"),
        pytest.param(lambda text: "0x" + text[2:], id="a prefix"),
        pytest.param(lambda text: "+" + text[1:], id="a sign"),
        pytest.param(lambda text: text[:-1] + "\0", id="a NUL"),
        pytest.param(lambda text: text[:-1] + "ａ", id="a full-width letter"),
        pytest.param(lambda text: text[:-1] + "\ud800", id="half a surrogate pair"),
    ],
)
@given(algorithm=algorithms, data=st.data())
@patient
def test_a_hash_in_another_alphabet_is_refused_without_echo(
    spoil: Callable[[str], str], algorithm: Algorithm, data: st.DataObject
) -> None:
    digits = HEX_DIGITS[algorithm]
    text = "a0" + data.draw(hexes(digits - 4)) + "0a"  # a letter and a digit for each spoiler
    value = spoil(text)
    error = refusal(algorithm.value, "whole", value, None)
    assert error.field == "hash"
    assert not echoes(error, value)
    assert not echoes(error, text)


@given(
    st.none() | st.integers() | st.booleans() | st.floats() | st.binary() | st.lists(st.text()),
    hexes(64),
)
@patient
def test_a_value_of_another_type_is_refused_in_every_field(other: object, good: str) -> None:
    assert refusal(other, "whole", good, None).field == "algorithm"
    assert refusal("pdq", other, good, None).field == "hash"
    assert refusal("pdq", "whole", other, None).field == "hash"


@given(
    st.integers(max_value=-1)
    | st.integers(min_value=101)
    | st.booleans()
    | st.floats()
    | st.text()
    | st.lists(st.integers()),
    hexes(64),
)
@patient
def test_a_quality_is_a_whole_number_from_0_to_100_and_nothing_else(
    quality: object, good: str
) -> None:
    error = refusal("pdq", "whole", good, quality)
    assert error.field == "quality"
    assert not echoes(error, good)
    with pytest.raises(InvalidHash):
        HashItem(Algorithm.PDQ, "whole", good, cast("int", quality))


@pytest.mark.parametrize(
    "view", ["", "Whole", "whole\n", "w hole", "a/b", "a\\b", "-x", ":x", "x" * 41, "전체", "x\0"]
)
def test_a_view_is_a_short_plain_name(view: str) -> None:
    good = secrets.token_hex(32)
    error = refusal("pdq", view, good, None)
    assert error.field == "view"
    assert not echoes(error, good)
    if len(view) >= 8:
        assert not echoes(error, view)


def test_a_hash_sent_in_place_of_the_algorithm_or_view_is_not_echoed() -> None:
    secret = secrets.token_hex(32)
    assert not echoes(refusal(secret, "whole", secret, None), secret)
    assert not echoes(refusal("pdq", secret, secret, None), secret)
    assert not echoes(refusal("pdq", "whole", secret, secret), secret)


@given(hexes(64))
@patient
def test_an_unknown_field_is_refused_without_echo(secret: str) -> None:
    item = {"algorithm": "pdq", "view": "whole", "hash": secret, "quality": 90}
    for name in ("file", "path", "exif", secret):
        with pytest.raises(InvalidHash) as caught:
            hash_item_from_json(item | {name: secret}, "items[0].hashes[0]")
        assert caught.value.field == "items[0].hashes[0]"
        assert not echoes(caught.value, secret)


@pytest.mark.parametrize("data", [None, [], "pdq", 1, True])
def test_a_hash_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(InvalidHash):
        hash_item_from_json(data, "hashes[0]")


@pytest.mark.parametrize("algorithm", ["PDQ", "sha1", "pdq ", "Pdq", ""])
def test_an_algorithm_that_is_not_known_is_refused(algorithm: str) -> None:
    assert refusal(algorithm, "whole", secrets.token_hex(32), 90).field == "algorithm"


@given(hash_items())
@patient
def test_a_hash_is_never_shown_in_a_repr(item: HashItem) -> None:
    assert not any(item.hash[i : i + 8] in repr(item) for i in range(len(item.hash) - 7))


def test_a_hash_cant_be_changed_afterwards() -> None:
    item = HashItem(Algorithm.PDQ, "whole", secrets.token_hex(32), 90)
    with pytest.raises(AttributeError):
        item.quality = 100  # type: ignore[misc]


@pytest.mark.parametrize(
    ("algorithm", "quality", "comparable"),
    [
        (Algorithm.PDQ, 49, False),
        (Algorithm.PDQ, 50, True),
        (Algorithm.PDQ, 0, False),
        (Algorithm.PDQ, 100, True),
        (Algorithm.PDQ, None, True),
        (Algorithm.PHASH, 49, False),
        (Algorithm.PHASH, 50, True),
        (Algorithm.PHASH, None, True),
        (Algorithm.SHA256, 0, True),
        (Algorithm.MD5, None, True),
    ],
)
def test_the_quality_gate_stands_between_49_and_50_for_perceptual_hashes_only(
    algorithm: Algorithm, quality: int | None, comparable: bool
) -> None:
    value = with_bits(128)[: HEX_DIGITS[algorithm]]
    view = "file" if algorithm in (Algorithm.SHA256, Algorithm.MD5) else "whole"
    assert HashItem(algorithm, view, value, quality).is_comparable is comparable


@pytest.mark.parametrize(
    ("ones", "comparable"),
    [(0, False), (63, False), (64, True), (128, True), (192, True), (193, False), (256, False)],
)
@pytest.mark.parametrize("quality", [None, 50, 100])
def test_a_pdq_hash_that_only_flat_pictures_have_is_not_comparable(
    ones: int, comparable: bool, quality: int | None
) -> None:
    assert HashItem(Algorithm.PDQ, "whole", with_bits(ones), quality).is_comparable is comparable


def test_digests_are_comparable_whatever_their_bits() -> None:
    assert HashItem(Algorithm.SHA256, "file", "0" * 64, None).is_comparable
    assert HashItem(Algorithm.MD5, "file", "f" * 32, None).is_comparable
