"""Tokens in the workflow: they propose, a person decides, and what says too much is not kept."""

import base64
import dataclasses
from pathlib import Path

import pytest
from matching.token_scenes import Lie, copy
from matching.token_scenes import picture as some_tokens

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import ShapeOnly, Tier
from hashreg.model.records import StoredReport
from hashreg.model.tokens import MOST_TOKENS, TokenKind, Tokens
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from hashreg.takedown.purge import purge
from hashreg.takedown.report import RETENTION
from hashreg.takedown.review import queue
from support.asking import reported
from support.cases import DAY, NOW, Victim, picture, same, seeded
from support.sqlite import bodies, files_of

TURNED = Lie(0.3, 0.9)


def bare(tokens: Tokens) -> Fingerprint:
    return Fingerprint((), tokens=tokens)


def registered(seed: int, count: int = 30) -> Fingerprint:
    """Return hashes and tokens as a case holds them."""
    return dataclasses.replace(picture(seeded(seed)), tokens=some_tokens(seeded(seed + 100), count))


def upload(original: Fingerprint, count: int = 30, lie: Lie = TURNED) -> Fingerprint:
    """Return what a copy is asked with whose views are all unlike: so many of its tokens."""
    assert original.tokens is not None
    data = original.tokens.data[: 2 + 5 * count]
    part = Tokens(TokenKind.REGISTERED, data)
    return bare(copy(seeded(9), part, lie))


def kept(store: SqliteStore) -> list[StoredReport]:
    with store.read():
        return list(store.reports.kept(NOW))


def records(tokens: Tokens | None, size: int) -> list[bytes]:
    assert tokens is not None
    return [tokens.data[start : start + size] for start in range(2, len(tokens.data), size)]


def on_disk(path: Path, pieces: list[bytes]) -> int:
    """Return how many of these lie on the disk, as they are, in hex or in base64."""
    content = b"\n".join(file.read_bytes() for file in files_of(path))
    return sum(
        any(it in content for it in (piece, piece.hex().encode(), base64.b64encode(piece)))
        for piece in pieces
    )


def test_a_later_case_finds_a_report_of_tokens_alone(
    store: SqliteStore, index: RegistryIndex
) -> None:
    original = registered(1)
    result = reported(store, index, "crop", upload(original))
    assert result.matches == []
    assert result.error is None
    assert take_in(store, Victim().submission(registered(2), original), NOW).matches == 1
    (entry,) = queue(store)
    explanation = entry.match.explanation
    assert (entry.match.content_id, explanation.tier) == ("crop", Tier.REVIEW)
    assert (explanation.algorithm, explanation.distance) == (ShapeOnly.TOKENS, None)
    assert explanation.shape is not None
    assert explanation.shape.points >= 20
    assert abs(explanation.shape.turned - 17) <= 5  # 0.3 radians, from one coarse side to another
    assert explanation.shape.mirrored is False


@pytest.mark.parametrize(("count", "found"), [(3, 0), (4, 1), (8, 1)])
def test_four_tokens_must_agree_where_nobody_can_look_at_the_upload(
    store: SqliteStore, index: RegistryIndex, count: int, found: int
) -> None:
    """The same for a report before and after the case, and for a look-up."""
    original, asked = registered(3), upload(registered(3), count, Lie())
    reported(store, index, "before", asked)
    assert take_in(store, Victim().submission(original), NOW).matches == found
    assert len(reported(store, index, "after", asked).matches) == found
    (hits,) = look_up(store, index, [asked])
    assert [(it.explanation.tier, it.ticket) for it in hits] == [(Tier.REVIEW, None)] * found


def test_other_pictures_tokens_find_nothing(store: SqliteStore, index: RegistryIndex) -> None:
    take_in(store, Victim().submission(registered(4)), NOW)
    assert look_up(store, index, [upload(registered(5))]) == [[]]


def test_a_report_keeps_capped_tokens_only(
    store: SqliteStore, index: RegistryIndex, path: Path
) -> None:
    asked = upload(registered(6), lie=Lie())
    large = bytes(range(30, 36)) + bytes((40, 41, 42, 43, 200, 9))  # far above the cap
    more = Tokens(TokenKind.ASKED, (asked.tokens or Tokens(TokenKind.ASKED, b"")).data + large)
    reported(store, index, "a", bare(more))
    (report,) = kept(store)
    tokens = report.fingerprint.tokens
    assert tokens is not None
    assert tokens.kind is TokenKind.REGISTERED
    assert len(tokens) == 30
    assert on_disk(path, records(more, 12)) == 0
    assert on_disk(path, [large[:6], large[:3]]) == 0
    assert on_disk(path, records(tokens, 5)) == 0  # those that are kept are sealed


def test_of_many_asked_tokens_no_more_are_kept_than_a_case_may_hold(
    store: SqliteStore, index: RegistryIndex
) -> None:
    tokens = Tokens(TokenKind.ASKED, bytes(2) + (b"word" + bytes(6) + b"\x36\0") * 2048)
    reported(store, index, "a", bare(tokens))
    (report,) = kept(store)
    assert report.fingerprint.tokens is not None
    assert len(report.fingerprint.tokens) == MOST_TOKENS[TokenKind.REGISTERED]


def test_a_report_whose_tokens_are_none_at_all_is_kept(
    store: SqliteStore, index: RegistryIndex
) -> None:
    result = reported(store, index, "a", bare(Tokens(TokenKind.ASKED, bytes(2))))
    assert (result.error, result.matches) == (None, [])
    (report,) = kept(store)
    assert report.fingerprint.tokens is not None
    assert report.fingerprint.tokens.kind is TokenKind.REGISTERED


def test_a_second_report_without_tokens_keeps_those_of_the_first(
    store: SqliteStore, index: RegistryIndex
) -> None:
    original = registered(7)
    reported(store, index, "a", upload(original))
    (before,) = kept(store)
    reported(store, index, "a", picture(seeded(8)))
    (after,) = kept(store)
    assert same(before.fingerprint.tokens, after.fingerprint.tokens)
    assert len(after.fingerprint.hashes) > 0
    assert take_in(store, Victim().submission(original), NOW).matches == 1


def test_a_registered_picture_comes_back_with_its_tokens(
    store: SqliteStore, index: RegistryIndex
) -> None:
    original = registered(10)
    take_in(store, Victim().submission(original), NOW)
    with store.read():
        (stored,) = store.cases.fingerprints()
    assert same(stored.fingerprint, original)


def test_withdrawing_deletes_the_tokens_from_the_disk(
    store: SqliteStore, index: RegistryIndex, path: Path
) -> None:
    victim, original = Victim(), registered(11)
    asked = upload(original)
    take_in(store, victim.submission(original), NOW)
    reported(store, index, "a", asked)
    sealed = bodies(path)
    assert on_disk(path, sealed) == len(sealed) == 2
    take_in(store, victim.withdrawal(), NOW)
    purge(store, NOW + RETENTION + DAY)
    assert on_disk(path, [*sealed, *records(original.tokens, 5)]) == 0
    assert look_up(store, index, [asked]) == [[]]


def test_tokens_alone_never_hold_a_registered_picture(
    store: SqliteStore, index: RegistryIndex
) -> None:
    """A harmless picture collides by what matches for certain, and tokens alone never do."""
    original = registered(12)
    take_in(store, Victim().submission(original), NOW)
    harmless = dataclasses.replace(picture(seeded(13)), tokens=original.tokens)
    assert add_benign(store, harmless, "", NOW).held == 0
    assert len(look_up(store, index, [upload(original)])[0]) == 1
