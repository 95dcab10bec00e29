"""A submission file is read whole and exactly as it was signed, or refused."""

import copy
import dataclasses
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashreg.model.cases import new_case_number, parse_case_number
from hashreg.model.errors import InvalidDocument
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.names import HelperName
from hashreg.model.submissions import (
    ABOUT_A_HELPER,
    IN_ORDER,
    MAX_BYTES,
    MAX_ITEMS,
    WITH_PICTURES,
    Document,
    Kind,
    PublicKeyHex,
    SignatureHex,
    parse_document,
)
from hashreg.model.tokens import TokenKind, Tokens
from model.silence import echoes
from model.strategies import about_helpers, documents, json_values, patient

Step = str | int


def picture() -> Fingerprint:
    return Fingerprint(
        (
            HashItem(Algorithm.PDQ, "whole", secrets.token_hex(32), 97),
            HashItem(Algorithm.PHASH, "whole", secrets.token_hex(8), 97),
            HashItem(Algorithm.SHA256, "file", secrets.token_hex(32), None),
        ),
        97,
        tokens=Tokens(TokenKind.REGISTERED, secrets.token_bytes(2 + 5 * 47)),
    )


def document(kind: Kind = Kind.SUBMISSION) -> Document:
    return Document(
        kind,
        new_case_number(),
        PublicKeyHex(secrets.token_hex(32)),
        dt.date(2026, 3, 1),
        (picture(), picture()) if kind in WITH_PICTURES else (),
        SignatureHex(secrets.token_hex(64)),
        helper=HelperName("도움 1366" if kind in ABOUT_A_HELPER else ""),
        nonce=secrets.token_hex(8) if kind in ABOUT_A_HELPER else "",
    )


def as_data(it: Document) -> Any:  # noqa: ANN401
    return json.loads(it.to_bytes())


def refusal(content: bytes) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as caught:
        parse_document(content)
    return caught.value


def places(data: object, way: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield the way to every node of a JSON value, the value itself first."""
    yield way
    entries: list[tuple[Step, object]] = []
    if isinstance(data, dict):
        entries = list(data.items())
    elif isinstance(data, list):
        entries = list(enumerate(data))
    for step, inner in entries:
        yield from places(inner, (*way, step))


def at(data: Any, way: tuple[Step, ...]) -> Any:  # noqa: ANN401
    for step in way:
        data = data[step]
    return data


def replaced(data: Any, way: tuple[Step, ...], value: object) -> Any:  # noqa: ANN401
    """Return a copy with the node at ``way`` replaced."""
    if not way:
        return value
    changed = copy.deepcopy(data)
    at(changed, way[:-1])[way[-1]] = value
    return changed


@given(documents | about_helpers)
@patient
def test_a_document_comes_back_from_its_file_as_it_was(it: Document) -> None:
    again = parse_document(it.to_bytes())
    assert (again == it) is True
    assert (again.signed_bytes() == it.signed_bytes()) is True
    assert (again.digest() == it.digest()) is True


def test_a_withdrawal_comes_back_from_its_file_as_it_was() -> None:
    it = document(Kind.WITHDRAWAL)
    assert (parse_document(it.to_bytes()) == it) is True


def test_a_file_says_what_it_is_and_holds_nothing_but_the_fields_of_the_design() -> None:
    data = as_data(document())
    assert set(data) == {
        "format",
        "version",
        "kind",
        "case",
        "public_key",
        "created",
        "items",
        "signature",
    }
    assert (data["format"], data["version"], data["kind"]) == ("hashreg", 1, "submission")
    assert set(data["items"][0]) == {"media", "recipe", "quality", "hashes", "tokens"}


def test_the_signature_covers_every_field_but_itself() -> None:
    it = dataclasses.replace(document(Kind.DELEGATION), items=document().items)
    others: dict[str, object] = {
        "kind": Kind.REVOCATION,
        "case": new_case_number(),
        "public_key": secrets.token_hex(32),
        "created": dt.date(2026, 3, 2),
        "items": it.items[:1],
        "helper": "another",
        "nonce": secrets.token_hex(8),
    }
    names = {field.name for field in dataclasses.fields(Document)}
    assert set(others) == names - {"signature"}
    for name, value in others.items():
        changed = dataclasses.replace(it, **{name: value})  # type: ignore[arg-type]
        assert (changed.signed_bytes() == it.signed_bytes()) is False, name
        assert (changed.digest() == it.digest()) is False, name
    signed_again = dataclasses.replace(it, signature=SignatureHex(secrets.token_hex(64)))
    assert (signed_again.signed_bytes() == it.signed_bytes()) is True


def test_the_signature_covers_every_value_of_every_picture() -> None:
    """A changed value either makes no document at all, or breaks the signature."""
    it = document()
    data = as_data(it)
    changes: dict[Step, object] = {
        "media": "video",
        "quality": 51,
        "algorithm": None,
        "view": "trimmed",
        "hash": None,
    }
    seen = refused = 0
    for way in places(data["items"]):
        if not way or way[-1] not in changes:
            continue
        value = changes[way[-1]]
        old = at(data["items"], way)
        if way[-1] == "hash":
            value = secrets.token_hex(len(old) // 2)
        elif way[-1] == "algorithm":
            if old != "pdq":
                continue
            value = "sha256"
        changed = json.dumps(data | {"items": replaced(data["items"], way, value)}).encode()
        try:
            other = parse_document(changed)
        except InvalidDocument:
            refused += 1  # a digest of another view, a hash of the view file
            continue
        assert (other.signed_bytes() == it.signed_bytes()) is False, way
        seen += 1
    assert seen + refused == 2 * (1 + 1 + 3 + 3 + 3 + 1)
    assert refused == 2 * (1 + 1)
    swapped = dataclasses.replace(it, items=it.items[::-1])
    assert (swapped.signed_bytes() == it.signed_bytes()) is False


def test_what_is_signed_cant_be_taken_for_anything_else() -> None:
    signed = document().signed_bytes()
    assert signed.startswith(b"hashreg document 1\n")
    assert signed.split(b"\n", 1)[1].startswith(b"{")


@pytest.mark.parametrize("name", ["file", "path", "exif", "name", "thumbnail", "Items", ""])
def test_an_unknown_field_is_refused_at_every_level(name: str) -> None:
    data = as_data(document())
    levels = [way for way in places(data) if isinstance(at(data, way), dict)]
    assert len(levels) == 1 + 2 + 6 + 2
    for way in levels:
        changed = replaced(data, way, at(data, way) | {name: "kim-at-home.jpg"})
        error = refusal(json.dumps(changed).encode())
        assert not echoes(error, "kim-at-home.jpg")
        assert "edited" in str(error)


def test_a_field_that_is_missing_is_refused_unless_it_may_be_null() -> None:
    data = as_data(document())
    for way in places(data):
        if not way or isinstance(way[-1], int):
            continue
        changed = copy.deepcopy(data)
        del at(changed, way[:-1])[way[-1]]
        if way[-1] in ("quality", "tokens"):
            parse_document(json.dumps(changed).encode())
        else:
            refusal(json.dumps(changed).encode())


def test_a_newer_version_is_told_apart_from_a_damaged_file() -> None:
    data = as_data(document()) | {"version": 2, "something": "new"}
    error = refusal(json.dumps(data).encode())
    assert error.field == "version"
    assert "newer" in str(error)
    for version in (0, -1, True, 1.0, "1", None, 2**40):
        other = refusal(json.dumps(data | {"version": version}).encode())
        assert "newer" not in str(other)


@pytest.mark.parametrize("data", [[], {}, None, 1, "hashreg", {"format": "zip"}, {"version": 1}])
def test_a_file_of_another_kind_is_told_so(data: object) -> None:
    refusal(json.dumps(data).encode())


def test_a_file_cut_off_anywhere_is_refused() -> None:
    content = document().to_bytes().rstrip()
    for length in range(len(content)):
        refusal(content[:length])
    parse_document(content)


def test_a_cut_off_file_is_not_repeated_in_the_error() -> None:
    it = document()
    content = it.to_bytes()
    for length in range(0, len(content), 97):
        error = refusal(content[:length])
        assert not any(echoes(error, h.hash) for item in it.items for h in item.hashes)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\xff\xd8\xff\xe0" * 100,
        b"PK\x03\x04",
        b'{"format": "hashreg", "version": NaN}',
        b'{"format": "hashreg", "version": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": "hashreg", "items": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b"9" * 10_000,
        b'{"format": "hashreg", "version": ' + b"9" * 10_000 + b"}",
        b'{"format": "\xff"}',
        b"\x00" * 1000,
        '{"format": "hashreg"}'.encode("utf-16"),
        '{"format": "hashreg"}'.encode("utf-32-be"),
    ],
    ids=lambda junk: repr(junk[:12]),
)
def test_junk_is_refused(junk: bytes) -> None:
    refusal(junk)


def test_ten_megabytes_of_junk_are_refused_at_once() -> None:
    refusal(secrets.token_bytes(10_000_000))
    refusal(b" " * 10_000_000)
    refusal(b'{"format": "hashreg", "version": 1, "items": "' + b"x" * 10_000_000 + b'"}')


def test_a_file_larger_than_any_submission_is_refused_unread() -> None:
    error = refusal(bytes(MAX_BYTES + 1))
    assert "64 MB" in str(error)


def test_more_pictures_than_a_file_may_hold_are_refused() -> None:
    data = as_data(document())
    small = data["items"][0] | {"hashes": []}
    parse_document(json.dumps(data | {"items": [small] * MAX_ITEMS}).encode())
    error = refusal(json.dumps(data | {"items": [small] * (MAX_ITEMS + 1)}).encode())
    assert error.field == "items"


def test_a_key_that_stands_twice_is_refused() -> None:
    content = document().to_bytes()
    for key in (b'"version"', b'"case"', b'"quality"', b'"hash"'):
        assert key in content
        doubled = content.replace(key, key + b": 1, " + key, 1)
        assert json.loads(doubled)
        refusal(doubled)


def test_a_value_that_is_no_number_of_json_is_refused() -> None:
    content = document().to_bytes()
    for constant in (b"NaN", b"Infinity", b"-Infinity"):
        edited = content.replace(b'"quality": 97', b'"quality": ' + constant, 1)
        assert edited != content
        refusal(edited)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("withdrawal", 1),
        ("submission", 0),
        ("addition", 0),
        ("delegation", 1),
        ("revocation", 1),
        ("appeal", 1),
    ],
)
def test_a_submission_and_an_addition_hold_pictures_and_the_others_none(
    kind: str, count: int
) -> None:
    data = as_data(document())
    about = {"helper": "help line", "nonce": "0" * 16}
    more = about if kind in set(ABOUT_A_HELPER) else {}
    wrong = data | {"kind": kind, "items": data["items"][:count]} | more
    assert refusal(json.dumps(wrong).encode()).field == ("kind" if kind == "appeal" else "items")


GOLDEN = {
    Kind.SUBMISSION: "b14c8209d13b5cc93aec0962242db3bdb8fe21ce4d24afa79db5b45ecbca685b",
    Kind.ADDITION: "4ab425e5bf9c80f19e8c5f0bf7521f23a527df8dc0474f0b3d8d4eb857cae6ac",
    Kind.WITHDRAWAL: "f6f9dae7c0fb47fcae8a0b4b5465a3e5fbaf23d9969ff90beaa308169a35c8dd",
}
"""SHA-256 of files as hashreg wrote them before there were delegations."""


@pytest.mark.parametrize("kind", GOLDEN)
def test_files_of_the_first_three_kinds_are_what_they_were_to_the_byte(kind: Kind) -> None:
    made_up = (
        HashItem(Algorithm.PDQ, "whole", "0f" * 32, 97),
        HashItem(Algorithm.SHA256, "file", "1e" * 32, None),
    )
    tokens = Tokens(TokenKind.REGISTERED, bytes(2 + 5 * 3))
    it = Document(
        kind,
        parse_case_number("0000-0000-0011"),
        PublicKeyHex("ab" * 32),
        dt.date(2026, 3, 1),
        (Fingerprint(made_up, 97, tokens=tokens),) if kind in WITH_PICTURES else (),
        SignatureHex("cd" * 64),
    )
    assert hashlib.sha256(it.to_bytes()).hexdigest() == GOLDEN[kind]


def test_every_kind_has_its_place_in_the_order() -> None:
    assert sorted(IN_ORDER) == sorted(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_exactly_delegations_and_revocations_name_a_helper_and_carry_a_nonce(kind: Kind) -> None:
    data = as_data(document(kind))
    about = {"helper": "help line", "nonce": "0123456789abcdef"}
    for name, value in about.items():
        if kind in ABOUT_A_HELPER:
            assert refusal(json.dumps(_without(data, name)).encode()).field == name
        else:
            assert name not in data
            assert "edited" in str(refusal(json.dumps(data | {name: value}).encode()))


def _without(data: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in data.items() if key != name}


@pytest.mark.parametrize(
    "name",
    ["", " ", "a ", "-a", "a" * 65, "a\nb", "a/b", "a:b", "\u1112\u1161", "\ud800", 7, None],
    ids=ascii,
)
def test_a_helper_has_a_name_in_its_one_spelling(name: object) -> None:
    """Decomposed letters would be a second spelling of the same name."""
    data = as_data(document(Kind.DELEGATION))
    assert refusal(json.dumps(data | {"helper": name}).encode()).field == "helper"


@pytest.mark.parametrize("nonce", ["0" * 15, "0" * 17, "A" * 16, "g" * 16, "", 0, None])
def test_a_nonce_is_exact_lower_case_hex(nonce: object) -> None:
    data = as_data(document(Kind.REVOCATION))
    assert refusal(json.dumps(data | {"nonce": nonce}).encode()).field == "nonce"


@pytest.mark.parametrize(
    "date",
    ["2026-02-30", "26-01-01", "20260101", "2026-W01-1", "2026-01-01T00:00", "２０２６-01-01", ""],
)
def test_a_date_is_a_day_and_no_time(date: str) -> None:
    error = refusal(json.dumps(as_data(document()) | {"created": date}).encode())
    assert error.field == "created"


@pytest.mark.parametrize("name", ["public_key", "signature"])
def test_keys_and_signatures_are_exact_lower_case_hex(name: str) -> None:
    data = as_data(document())
    good = "a0" + data[name][2:]
    wrong = (good.upper(), good[:-1], good + "0", good[:-1] + "\n", "g" + good[1:], "٠" + good[1:])
    for value in wrong:
        error = refusal(json.dumps(data | {name: value}).encode())
        assert error.field == name
        assert not echoes(error, value)


@given(documents, st.data(), json_values)
@settings(patient, max_examples=200)
def test_any_value_in_any_place_makes_a_document_or_a_refusal_that_keeps_the_hashes(
    it: Document, data: st.DataObject, value: object
) -> None:
    whole = as_data(it)
    way = data.draw(st.sampled_from(list(places(whole))))
    content = json.dumps(replaced(whole, way, value)).encode()
    try:
        read = parse_document(content)
    except InvalidDocument as error:
        refused = error
    else:
        assert (parse_document(read.to_bytes()) == read) is True
        return
    assert not any(echoes(refused, h.hash) for item in it.items for h in item.hashes)
    assert not echoes(refused, it.signature)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
@patient
def test_any_bytes_are_refused(content: bytes) -> None:
    refusal(content)


def test_a_view_that_no_case_registers_is_refused() -> None:
    """Views are names, and a name could carry anything: a file's, or a thousand of them."""
    for view in ("mirror", "anna-smith-jpg", "window:c80"):
        picture = Fingerprint((HashItem(Algorithm.PDQ, view, secrets.token_hex(32), 97),), 97)
        document = Document(
            Kind.SUBMISSION,
            new_case_number(),
            PublicKeyHex("0" * 64),
            dt.date(2026, 5, 4),
            (picture,),
            SignatureHex("0" * 128),
        )
        with pytest.raises(InvalidDocument, match="a view that no case registers") as caught:
            parse_document(document.to_bytes())
        assert view not in str(caught.value)
