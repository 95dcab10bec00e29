"""Hashes packed into one block of bytes come back exactly."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model.hashes import HEX_DIGITS, PERCEPTUAL, Algorithm, HashItem
from hashreg.registry.packing import pack, unpack
from support.cases import same


def is_not_file(view: str) -> bool:
    return view != "file"


@st.composite
def items(draw: st.DrawFn) -> HashItem:
    algorithm = draw(st.sampled_from(Algorithm))
    size = HEX_DIGITS[algorithm] // 2
    value = draw(st.binary(min_size=size, max_size=size)).hex()
    view = draw(st.from_regex(r"[a-z0-9][a-z0-9:+-]{0,39}", fullmatch=True).filter(is_not_file))
    view = view if algorithm in PERCEPTUAL else "file"
    return HashItem(algorithm, view, value, draw(st.none() | st.integers(0, 100)))


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(st.lists(items(), max_size=30))
def test_what_was_packed_is_unpacked(hashes: list[HashItem]) -> None:
    assert same(list(unpack(pack(hashes))), hashes)


@UNHURRIED
@given(st.lists(items(), max_size=5), st.lists(items(), max_size=5))
def test_blocks_can_be_joined(one: list[HashItem], other: list[HashItem]) -> None:
    assert same(list(unpack(pack(one) + pack(other))), one + other)


def test_a_quality_of_none_is_no_number() -> None:
    known, unknown = (HashItem(Algorithm.PHASH, "whole", "0" * 16, it) for it in (0, None))
    assert [item.quality for item in unpack(pack([known, unknown]))] == [0, None]
