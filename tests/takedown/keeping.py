"""Registries whose index is kept, and what is asked of it."""

import dataclasses
import errno
from pathlib import Path

import pytest
from matching.token_scenes import Lie, copy
from matching.token_scenes import picture as some_tokens

from hashreg.matching import Hit
from hashreg.model.fingerprints import Fingerprint
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.live import CaseHit, RegistryIndex
from support.cases import copy_of, picture, seeded


def registered(seed: int) -> Fingerprint:
    """Return a picture's hashes and tokens."""
    whole = picture(seeded(seed), ("whole", "mirror"))
    return dataclasses.replace(whole, tokens=some_tokens(seeded(seed + 100), 30))


def upload(original: Fingerprint, seed: int = 1) -> list[Fingerprint]:
    """Return what is asked for copies: by hashes, by digests and by tokens."""
    assert original.tokens is not None
    rng = seeded(seed)
    digests = tuple(it for it in original.hashes if it.view == "file")
    tokens = copy(rng, original.tokens, Lie(0.3, 0.9))
    return [
        copy_of(original, rng, 20),
        Fingerprint(digests, original.quality),
        Fingerprint((), tokens=tokens),
    ]


def refreshed(store: SqliteStore, folder: Path | None = None) -> RegistryIndex:
    index = RegistryIndex(folder)
    with store.read():
        index.refresh(store)
    return index


def keep(store: SqliteStore) -> RegistryIndex:
    """Return an index of the registry that was kept."""
    index = refreshed(store, store.index_folder)
    assert index.keep(store, least=0)
    return index


def keep_folder(store: SqliteStore) -> Path:
    keep(store)
    return store.index_folder


def opened(store: SqliteStore) -> RegistryIndex:
    """Return the index that was kept, opened and not loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegistryIndex, "_load", _never)
        return refreshed(store, store.index_folder)


def _never(index: RegistryIndex, store: SqliteStore) -> None:
    raise AssertionError("the registry is loaded")


def loaded(store: SqliteStore) -> bool:
    """Tell whether a new command loads the registry."""
    with pytest.MonkeyPatch.context() as patch:
        calls = []
        patch.setattr(RegistryIndex, "_load", lambda _, store: calls.append(store))
        refreshed(store, store.index_folder)
    return bool(calls)


def answers_alike(store: SqliteStore, index: RegistryIndex, pictures: list[Fingerprint]) -> bool:
    """Tell whether an index answers as one that is loaded from the registry now."""
    asked = [it for one in pictures for it in upload(one)]
    answers = (it.find_many(asked) for it in (index, refreshed(store)))
    one, other = ([{_told(hit) for hit in hits} for hits in every] for every in answers)
    return one == other


def _told(hit: CaseHit) -> tuple[object, ...]:
    """Return all that a hit says; a matcher's own number of a picture is nobody's business."""
    assert isinstance(hit.explanation, Hit)
    return hit.case_id, hit.fingerprint_id, dataclasses.replace(hit.explanation, id=0)


def found(index: RegistryIndex, pictures: list[Fingerprint]) -> list[list[int]]:
    """Return how many cases copies of each picture find: by hashes, digests and tokens."""
    return [[len(hits) for hits in index.find_many(upload(it))] for it in pictures]


EVERY, NONE = [1, 1, 1], [0, 0, 0]


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
