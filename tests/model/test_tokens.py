"""Tokens travel as JSON, whole or not at all, and show nothing of themselves."""

import base64
import json
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.errors import InvalidDocument, InvalidHash
from hashreg.model.fingerprints import Fingerprint, fingerprint_from_json
from hashreg.model.submissions import parse_document
from hashreg.model.tokens import (
    HEADER_BYTES,
    MOST_TOKENS,
    TOKEN_BYTES,
    TokenKind,
    Tokens,
    tokens_from_json,
)
from model.silence import echoes
from model.strategies import any_tokens, documents, json_values, patient, registered_tokens

SIZES = TOKEN_BYTES
REGISTERED, ASKED = TokenKind.REGISTERED, TokenKind.ASKED


def some(kind: TokenKind = REGISTERED, count: int = 20) -> Tokens:
    return Tokens(kind, secrets.token_bytes(HEADER_BYTES + count * SIZES[kind]))


def refusal(data: object) -> InvalidHash:
    with pytest.raises(InvalidHash) as caught:
        tokens_from_json(data, "items[3].tokens")
    return caught.value


@given(any_tokens)
@patient
def test_tokens_come_back_from_json_as_they_were(tokens: Tokens) -> None:
    data = json.loads(json.dumps(tokens.as_json()))
    assert set(data) == {"recipe", "kind", "data"}
    assert (tokens_from_json(data, "tokens") == tokens) is True


@given(any_tokens | st.none())
@patient
def test_a_fingerprint_keeps_its_tokens_even_where_there_are_none_in_them(
    tokens: Tokens | None,
) -> None:
    it = Fingerprint((), tokens=tokens)
    again = fingerprint_from_json(json.loads(json.dumps(it.as_json())), "items[0]")
    assert (again == it) is True
    assert (again.tokens is None) is (tokens is None)


@given(any_tokens)
@patient
def test_the_text_of_tokens_is_the_same_whatever_they_hold(tokens: Tokens) -> None:
    blank = Tokens(tokens.kind, bytes(len(tokens.data)))
    assert (repr(tokens) == repr(blank)) is True
    assert (str(tokens) == str(blank)) is True
    assert (repr(Fingerprint((), tokens=tokens)) == repr(Fingerprint((), tokens=blank))) is True


@given(registered_tokens)
@patient
def test_registered_tokens_are_never_more_than_240_bytes(tokens: Tokens) -> None:
    assert len(tokens.data) <= 240
    assert len(tokens.as_json()["data"]) <= 320


@pytest.mark.parametrize("kind", TokenKind)
def test_one_token_too_many_is_refused(kind: TokenKind) -> None:
    assert len(some(kind, MOST_TOKENS[kind])) == MOST_TOKENS[kind]
    with pytest.raises(InvalidHash) as caught:
        some(kind, MOST_TOKENS[kind] + 1)
    assert caught.value.field == "tokens"
    assert str(MOST_TOKENS[kind]) in str(caught.value)


@pytest.mark.parametrize("kind", TokenKind)
@given(length=st.integers(0, 3 * 12 + 2))
@patient
def test_part_of_a_token_is_refused(kind: TokenKind, length: int) -> None:
    data = bytes(length)
    if length >= HEADER_BYTES and (length - HEADER_BYTES) % SIZES[kind] == 0:
        assert len(Tokens(kind, data)) == (length - HEADER_BYTES) // SIZES[kind]
        return
    with pytest.raises(InvalidHash):
        Tokens(kind, data)


SECRET = some()
GOOD = SECRET.as_json()
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "cut off": ({"data": GOOD["data"][:-2]}, "data"),
    "cut at a group": ({"data": GOOD["data"][:-4]}, "tokens"),
    "another letter": ({"data": "*" + GOOD["data"][1:]}, "data"),
    "a space": ({"data": " " + GOOD["data"]}, "data"),
    "letters beyond ASCII": ({"data": "é" + GOOD["data"][1:]}, "data"),
    "no text": ({"data": 7}, "data"),
    "no data": ({"data": None}, "data"),
    "empty": ({"data": ""}, "tokens"),
    "too many": (
        {"data": base64.b64encode(SECRET.data[:2] + SECRET.data[2:] * 3).decode()},
        "tokens",
    ),
    "another recipe": ({"recipe": "tokens-2"}, "recipe"),
    "no recipe": ({"recipe": None}, "recipe"),
    "another kind": ({"kind": "kept"}, "kind"),
    "the kind in capitals": ({"kind": "REGISTERED"}, "kind"),
    "a kind that is a list": ({"kind": ["registered"]}, "kind"),
    "the wrong kind": ({"kind": "asked"}, "tokens"),
    "another field": ({"luma": GOOD["data"]}, "items[3].tokens"),
}


@pytest.mark.parametrize(("change", "field"), BAD.values(), ids=BAD)
def test_what_was_cut_edited_or_is_of_another_kind_is_refused_without_echo(
    change: dict[str, Any], field: str
) -> None:
    error = refusal(GOOD | change)
    assert error.field is not None
    assert error.field.endswith(field)
    assert not echoes(error, GOOD["data"])


@given(json_values)
@patient
def test_any_other_json_is_refused(value: object) -> None:
    assert refusal(value).field is not None


@given(documents.filter(lambda it: it.items[0].tokens is not None), st.integers(0, 40))
@patient
def test_asked_tokens_in_a_submission_are_refused(it: Any, count: int) -> None:  # noqa: ANN401
    data = json.loads(it.to_bytes())
    asked = some(ASKED, count).as_json()
    data["items"][0]["tokens"] = asked
    with pytest.raises(InvalidDocument) as caught:
        parse_document(json.dumps(data).encode())
    assert "items[0].tokens" in str(caught.value)
    assert not echoes(caught.value, asked["data"])


def test_tokens_in_a_submission_that_were_cut_off_are_refused() -> None:
    data = {"recipe": "tokens-1", "kind": "registered", "data": GOOD["data"][:-3]}
    with pytest.raises(InvalidHash) as caught:
        fingerprint_from_json(Fingerprint(()).as_json() | {"tokens": data}, "items[0]")
    assert caught.value.field == "items[0].tokens.data"
    assert not echoes(caught.value, GOOD["data"])
