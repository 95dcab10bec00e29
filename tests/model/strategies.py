"""Generated hashes, fingerprints, documents and JSON, for property tests."""

import datetime as dt
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from hashreg.model.cases import CaseNumber, parse_case_number
from hashreg.model.crockford import ALPHABET, grouped
from hashreg.model.fingerprints import REGISTERED_VIEWS, Fingerprint
from hashreg.model.hashes import HEX_DIGITS, PERCEPTUAL, Algorithm, HashItem
from hashreg.model.names import HelperName, canonical_name, is_name
from hashreg.model.submissions import Document, Kind, PublicKeyHex, SignatureHex
from hashreg.model.tokens import HEADER_BYTES, MOST_TOKENS, TOKEN_BYTES, TokenKind, Tokens

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no reason to fail."""

algorithms = st.sampled_from(Algorithm)
views = st.sampled_from(["whole", "trimmed", "mirror", "window:c80", "0", "a" * 40, "a:b+c-d"])
qualities = st.none() | st.integers(0, 100)


def hexes(digits: int) -> st.SearchStrategy[str]:
    """Return lower-case hex texts of so many digits."""
    return st.binary(min_size=digits // 2, max_size=digits // 2).map(bytes.hex)


@st.composite
def hash_items(
    draw: Callable[[st.SearchStrategy[object]], object],
    of: st.SearchStrategy[Algorithm] = algorithms,
    views: st.SearchStrategy[str] = views,
) -> HashItem:
    """Return well-formed hashes of every algorithm."""
    algorithm = Algorithm(str(draw(of)))
    value = str(draw(hexes(HEX_DIGITS[algorithm])))
    quality = draw(qualities)
    view = str(draw(views)) if algorithm in PERCEPTUAL else "file"
    return HashItem(algorithm, view, value, quality if isinstance(quality, int) else None)


def tokens_of(kind: TokenKind) -> st.SearchStrategy[Tokens]:
    """Return well-formed tokens of a kind, from none of them to as many as there may be."""
    size = TOKEN_BYTES[kind]
    counts = st.sampled_from([0, 1, 2, 30, MOST_TOKENS[kind]])
    seeds = st.binary(min_size=HEADER_BYTES, max_size=4 * size)
    return st.builds(
        lambda seed, count: Tokens(
            kind, (seed * (count * size + 1))[: HEADER_BYTES + count * size]
        ),
        seeds,
        counts,
    )


registered_tokens = tokens_of(TokenKind.REGISTERED)
any_tokens = registered_tokens | tokens_of(TokenKind.ASKED)

fingerprints = st.builds(
    Fingerprint,
    st.lists(hash_items(), max_size=6, unique_by=lambda it: (it.algorithm, it.view)).map(tuple),
    qualities,
    st.sampled_from(["image", "video"]),
    tokens=st.none() | any_tokens,
)


registered = st.builds(
    Fingerprint,
    st.lists(
        hash_items(views=st.sampled_from(sorted(REGISTERED_VIEWS - {"file"}))),
        max_size=6,
        unique_by=lambda it: (it.algorithm, it.view),
    ).map(tuple),
    qualities,
    st.sampled_from(["image", "video"]),
    tokens=st.none() | registered_tokens,
)
"""As a case may hold them."""


def checked(number: int, symbols: int) -> str:
    """Return a number as a code, its check symbol (modulo 37) computed here, independently."""
    digits = [number // 32**place % 32 for place in reversed(range(symbols))]
    return grouped("".join(ALPHABET[digit] for digit in digits) + ALPHABET[number % 37])


def codes(symbols: int) -> st.SearchStrategy[str]:
    """Return well-formed codes of so many symbols and a check symbol."""
    numbers = st.integers(0, 32**symbols - 1).filter(lambda number: number % 37 < 32)
    return numbers.map(lambda number: checked(number, symbols))


case_numbers: st.SearchStrategy[CaseNumber] = codes(11).map(parse_case_number)

documents = st.builds(
    Document,
    st.sampled_from([Kind.SUBMISSION, Kind.ADDITION]),
    case_numbers,
    hexes(64).map(PublicKeyHex),
    st.dates(dt.date(2026, 1, 1)),
    st.lists(registered, min_size=1, max_size=3).map(tuple),
    hexes(128).map(SignatureHex),
)
"""Well-formed documents that bring pictures."""

helper_names = (
    st.text(st.sampled_from("aZ9_ .@+-한김é"), min_size=1, max_size=64)
    .map(canonical_name)
    .filter(is_name)
    .map(HelperName)
)

about_helpers = st.builds(
    Document,
    st.sampled_from([Kind.DELEGATION, Kind.REVOCATION]),
    case_numbers,
    hexes(64).map(PublicKeyHex),
    st.dates(dt.date(2026, 1, 1)),
    signature=hexes(128).map(SignatureHex),
    helper=helper_names,
    nonce=hexes(16),
)
"""Well-formed delegations and revocations."""

json_values: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=70)
    | st.sampled_from(["", "0" * 64, "0" * 16, "image", "pdq", "whole", "2026-01-01", 2**70]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
