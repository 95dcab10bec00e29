"""What another process does between a report's two looks at the registry is not missed."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.model.submissions import Document
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.review import queue
from hashreg.takedown.store import Store
from support.asking import reported
from support.cases import NOW, Victim, copy_of, picture, seeded


def do_meanwhile(
    monkeypatch: pytest.MonkeyPatch, index: RegistryIndex, path: Path, work: Callable[[Store], None]
) -> None:
    """Do ``work`` over another connection, once, when the index is asked for the first time."""
    find = index.find_many
    done: list[bool] = []

    def find_many(asked: Sequence[Fingerprint], *, tier: Tier = Tier.REVIEW) -> list[list[CaseHit]]:
        found = find(asked, tier=tier)
        if not done:
            done.append(True)
            with closing(SqliteStore.open(path)) as other:
                work(other)
        return found

    monkeypatch.setattr(index, "find_many", find_many)


@pytest.mark.parametrize("known_before", [False, True])
def test_a_case_registered_meanwhile_is_found(
    store: SqliteStore,
    path: Path,
    index: RegistryIndex,
    monkeypatch: pytest.MonkeyPatch,
    known_before: bool,
) -> None:
    rng, kept = seeded(1), picture(seeded(2))
    if known_before:
        take_in(store, Victim().submission(picture(rng)), NOW)
    submission = Victim().submission(kept)
    do_meanwhile(monkeypatch, index, path, lambda other: _take_in_alone(other, submission))
    result = reported(store, index, "a", copy_of(kept, rng, 5))
    (entry,) = queue(store)
    assert [match.ticket for match in result.matches] == [entry.match.ticket]


def _take_in_alone(store: Store, submission: Document) -> None:
    assert take_in(store, submission, NOW).matches == 0


def test_a_case_withdrawn_meanwhile_is_not_found(
    store: SqliteStore, path: Path, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, victim = picture(seeded(3)), Victim()
    take_in(store, victim.submission(kept), NOW)
    do_meanwhile(monkeypatch, index, path, lambda other: _withdraw(other, victim))
    assert not reported(store, index, "a", kept).matches
    assert queue(store, None) == []


def _withdraw(store: Store, victim: Victim) -> None:
    take_in(store, victim.withdrawal(), NOW)


def test_a_picture_held_meanwhile_is_not_found(
    store: SqliteStore, path: Path, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = picture(seeded(6))
    take_in(store, Victim().submission(kept), NOW)
    do_meanwhile(monkeypatch, index, path, lambda other: _list_as_harmless(other, kept))
    assert not reported(store, index, "a", kept).matches
    assert queue(store, None) == []


def _list_as_harmless(store: Store, shared: Fingerprint) -> None:
    assert add_benign(store, shared, "", NOW).held == 1


def test_an_index_that_was_asked_in_vain_still_follows(
    store: SqliteStore, path: Path, index: RegistryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error between the looks leaves the index able to catch up."""
    rng, kept = seeded(4), picture(seeded(5))
    put = store.reports.put
    monkeypatch.setattr(store.reports, "put", None)
    with pytest.raises(TypeError):
        reported(store, index, "a", kept)
    monkeypatch.setattr(store.reports, "put", put)
    with closing(SqliteStore.open(path)) as other:
        take_in(other, Victim().submission(kept), NOW)
    assert reported(store, index, "a", copy_of(kept, rng, 5)).matches
