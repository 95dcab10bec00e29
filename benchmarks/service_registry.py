"""A registry of random whole-picture PDQ hashes, and questions whose answers are known."""

import datetime as dt
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashreg.model.cases import CaseState, new_case_number
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.people import Role
from hashreg.model.records import CaseId, CaseRecord, EventKind
from hashreg.model.submissions import PublicKeyHex
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.people import add_person

BITS, QUALITY, SEED = 256, 97, 7
PICTURES, MANY_PICTURES, MANY_EVERY = 10, 1000, 200
"""Pictures a case has, and each so manieth case."""
AT_ONCE = 20_000
"""Codes made, and pictures kept, in one turn."""
Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a registry lies, and what the benchmark knows of it."""

    folder: Path

    @property
    def registry(self) -> Path:
        """The registry's own file."""
        return self.folder / "registry.db"

    @property
    def index(self) -> Path:
        """What the service keeps of its index; without it, it begins with all rows."""
        return self.folder / "registry.db-index"

    @property
    def codes(self) -> Path:
        """The codes that are registered, as NumPy's file."""
        return self.folder / "codes.npy"

    @property
    def key(self) -> Path:
        """The key of a platform, of this registry of nobody's pictures."""
        return self.folder / "platform.key"


def random_codes(count: int, random: np.random.Generator) -> Codes:
    """Return codes (count, 32) with 128 of 256 bits set, as PDQ's are."""
    parts = []
    for start in range(0, count, AT_ONCE):
        values = random.random((min(AT_ONCE, count - start), BITS), np.float32)
        middle = np.partition(values, BITS // 2, axis=1)[:, BITS // 2, None]
        parts.append(np.packbits(values >= middle, axis=1))
    return np.concatenate(parts)


def flipped(code: Codes, bits: int, random: np.random.Generator) -> Codes:
    """Return a code (32,) with so many of its bits flipped."""
    flips = np.zeros(BITS, np.uint8)
    flips[random.choice(BITS, bits, replace=False)] = 1
    return code ^ np.packbits(flips)


def prepare(folder: Path, count: int) -> Place:
    """Return a registry of so many pictures, made now or by an earlier run in the same folder."""
    place = Place(folder / str(count))
    if not place.key.exists():
        place.folder.mkdir(parents=True, exist_ok=True)
        for old in place.folder.glob("registry.db*"):
            old.unlink()
        codes = random_codes(count, np.random.default_rng(SEED))
        np.save(place.codes, codes)
        _fill(place, codes)
    return place


def _fill(place: Place, codes: Codes) -> None:
    store, now = SqliteStore.create(place.registry), dt.datetime.now(dt.UTC)
    start = number = 0
    while start < len(codes):
        with store.write():
            for _ in range(AT_ONCE // PICTURES):
                pictures = PICTURES if number % MANY_EVERY else MANY_PICTURES
                _add_case(store, codes[start : start + pictures], now)
                start, number = start + pictures, number + 1
    key = add_person(store, Role.PLATFORM, "bench", now)
    store.close()
    place.key.write_text(key, encoding="ascii")


def _add_case(store: SqliteStore, codes: Codes, now: dt.datetime) -> None:
    if not len(codes):
        return
    case, key = CaseId(secrets.token_bytes(16)), PublicKeyHex(secrets.token_hex(32))
    state, document = CaseState.ACTIVE, secrets.token_hex(32)
    store.cases.add(CaseRecord(case, new_case_number(), state, key, document, now))
    hashes = (HashItem(Algorithm.PDQ, "whole", it.tobytes().hex(), QUALITY) for it in codes)
    for picture in store.cases.add_fingerprints(case, (Fingerprint((it,)) for it in hashes)):
        store.events.append(EventKind.FINGERPRINT_ADDED, picture.hex(), actor="victim", at=now)
