"""Hashes and tokens packed into one block of bytes come back exactly."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashreg.model.hashes import HEX_DIGITS, PERCEPTUAL, Algorithm, HashItem
from hashreg.model.tokens import HEADER_BYTES, MOST_TOKENS, TOKEN_BYTES, TokenKind, Tokens
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


def some_tokens(count: int, kind: TokenKind = TokenKind.REGISTERED) -> st.SearchStrategy[Tokens]:
    size = HEADER_BYTES + count * TOKEN_BYTES[kind]
    return st.binary(min_size=size, max_size=size).map(lambda data: Tokens(kind, data))


registered = st.integers(0, MOST_TOKENS[TokenKind.REGISTERED]).flatmap(some_tokens)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(st.lists(items(), max_size=30), st.none() | registered)
def test_what_was_packed_is_unpacked(hashes: list[HashItem], tokens: Tokens | None) -> None:
    whole = [*hashes, *([tokens] if tokens is not None else [])]
    assert same(list(unpack(pack(hashes, tokens))), whole)


@UNHURRIED
@given(st.lists(items(), max_size=5), st.lists(items(), max_size=5), registered)
def test_blocks_can_be_joined(one: list[HashItem], other: list[HashItem], tokens: Tokens) -> None:
    joined = pack(one, tokens) + pack(other, None)
    assert same(list(unpack(joined)), [*one, tokens, *other])


@pytest.mark.parametrize("count", [0, 1, 47, 2048])
def test_asked_tokens_are_never_packed(count: int) -> None:
    asked = Tokens(TokenKind.ASKED, bytes(HEADER_BYTES + count * TOKEN_BYTES[TokenKind.ASKED]))
    with pytest.raises(ValueError, match="never stored"):
        pack([], asked)


def test_a_quality_of_none_is_no_number() -> None:
    known, unknown = (HashItem(Algorithm.PHASH, "whole", "0" * 16, it) for it in (0, None))
    again = [it for it in unpack(pack([known, unknown], None)) if isinstance(it, HashItem)]
    assert [item.quality for item in again] == [0, None]
