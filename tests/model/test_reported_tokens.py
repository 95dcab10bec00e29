"""A report may bring tokens, with hashes or alone; bad ones cost their line and are not echoed."""

import io
import json
import secrets
from collections.abc import Iterable

import pytest

from hashreg.model.fingerprints import MAX_HASHES
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.reports import MAX_LINE, BadLine, Report, read_reports
from hashreg.model.tokens import TokenKind, Tokens
from model.silence import echoes


def pdq(view: str = "whole") -> HashItem:
    return HashItem(Algorithm.PDQ, view, secrets.token_hex(32), 97)


def cells(name: str, item: HashItem) -> dict[str, object]:
    """Return one flat row of a report."""
    return {"content_id": name, **item.as_json()}


def read(content: bytes) -> list[Report | BadLine]:
    return list(read_reports(io.BytesIO(content), "sha256"))


def good(entries: Iterable[Report | BadLine]) -> list[str]:
    return [entry.content_id for entry in entries if isinstance(entry, Report)]


def bad(entries: Iterable[Report | BadLine]) -> list[int]:
    return [entry.line for entry in entries if isinstance(entry, BadLine)]


def a_token_line(**fields: object) -> bytes:
    return json.dumps({"content_id": "a"} | fields).encode()


def test_a_line_of_tokens_alone_is_a_report() -> None:
    tokens = Tokens(TokenKind.ASKED, secrets.token_bytes(2 + 12 * 100))
    (entry,) = read(a_token_line(tokens=tokens.as_json()))
    assert isinstance(entry, Report)
    assert entry.fingerprint.hashes == ()
    assert (entry.fingerprint.tokens == tokens) is True


def test_the_most_tokens_that_may_be_asked_fit_into_a_line_with_the_most_hashes() -> None:
    tokens = Tokens(TokenKind.ASKED, secrets.token_bytes(2 + 12 * 2048))
    views = [pdq(f"window:{'x' * 29}-{number}") for number in range(MAX_HASHES)]
    line = a_token_line(hashes=[it.as_json() for it in views], tokens=tokens.as_json())
    assert len(line) < MAX_LINE
    (entry,) = read(line)
    assert isinstance(entry, Report)
    assert len(entry.fingerprint.hashes) == MAX_HASHES
    assert (entry.fingerprint.tokens == tokens) is True


def test_a_row_whose_tokens_are_null_keeps_its_hash() -> None:
    item = pdq()
    (entry,) = read(json.dumps(cells("a", item) | {"tokens": None}).encode())
    assert isinstance(entry, Report)
    assert (entry.fingerprint.hashes == (item,)) is True


@pytest.mark.parametrize("change", [{"data": "AAAA"}, {"kind": "other"}, {"recipe": "tokens-0"}])
def test_bad_tokens_cost_their_line_alone(change: dict[str, str]) -> None:
    good_one = Tokens(TokenKind.ASKED, secrets.token_bytes(2 + 12 * 9)).as_json()
    bad_one = good_one | change
    lines = [a_token_line(tokens=it) for it in (good_one, bad_one, good_one)]
    entries = read(b"\n".join(lines))
    assert good(entries) == ["a", "a"]
    assert bad(entries) == [2]
    assert not any(echoes(e.error, good_one["data"]) for e in entries if isinstance(e, BadLine))
