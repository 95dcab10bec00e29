"""A registry of generated pictures: random hashes of all views, and words like those of real ones.

Random hashes cost a search what those of unrelated pictures cost; tokens are drawn as in
``token_lookup.py``, so that as many are found for an upload as in a real registry.
"""

import datetime as dt
import itertools
import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from token_lookup import TOKENS_EACH, calibrated, luma, noisy, own_words, parts

from hashreg.hashing.tokens import asked_tokens, registered_tokens
from hashreg.hashing.views import REGISTERED
from hashreg.matching import tokens as packed
from hashreg.model.cases import CaseState, new_case_number
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HEX_DIGITS, Algorithm, HashItem
from hashreg.model.records import CaseId, CaseRecord, EventKind
from hashreg.model.submissions import PublicKeyHex
from hashreg.model.tokens import HEADER_BYTES, TokenKind, Tokens
from hashreg.registry.sqlite import SqliteStore

PICTURES_A_CASE, CASES_AT_ONCE = 10, 200
VIEWS = [
    (Algorithm.PDQ, "whole", 100),
    *((Algorithm.PDQ, f"window:{name}", 100) for name in REGISTERED),
    (Algorithm.PHASH, "whole", 100),
    (Algorithm.SHA256, "file", None),
    (Algorithm.MD5, "file", None),
]


def fill(path: Path, count: int, photos: list[Image.Image], seed: int = 7) -> None:
    """Make a registry with so many generated pictures, ten a case."""
    store, now = SqliteStore.create(path), dt.datetime.now(dt.UTC)
    pictures = generated(count, photos, seed)
    while batch := list(itertools.islice(pictures, PICTURES_A_CASE * CASES_AT_ONCE)):
        with store.write():
            for start in range(0, len(batch), PICTURES_A_CASE):
                case = CaseId(secrets.token_bytes(16))
                key, document = PublicKeyHex(secrets.token_hex(32)), secrets.token_hex(32)
                state = CaseState.ACTIVE
                store.cases.add(CaseRecord(case, new_case_number(), state, key, document, now))
                some = batch[start : start + PICTURES_A_CASE]
                for picture_id in store.cases.add_fingerprints(case, some):
                    kind = EventKind.FINGERPRINT_ADDED
                    store.events.append(kind, picture_id.hex(), actor="victim", at=now)
    store.close()


def generated(count: int, photos: list[Image.Image], seed: int) -> Iterator[Fingerprint]:
    """Yield fingerprints of pictures that there are not."""
    random = np.random.default_rng(seed)
    tokens = tokens_like(photos, count, random)
    for number in range(count):
        hashes = tuple(
            HashItem(algorithm, view, random.bytes(HEX_DIGITS[algorithm] // 2).hex(), quality)
            for algorithm, view, quality in VIEWS
        )
        yield Fingerprint(hashes, 100, tokens=tokens[number])


def tokens_like(photos: list[Image.Image], count: int, random: np.random.Generator) -> list[Tokens]:
    """Return tokens that an upload has as much in common with as with real pictures'."""
    pool = np.concatenate(
        [packed.registered(registered_tokens(luma(it)))[0] for it in parts(photos[::2], 150, 1)]
    )
    uploads = [asked_tokens(luma(it)) for it in parts(photos[1::2], 25, 2)]
    noise, own = calibrated(pool, uploads, random), own_words(uploads)
    words = noisy(pool, own, count * TOKENS_EACH, noise, random)
    rows: NDArray[np.uint8] = np.empty((len(words), 5), np.uint8)
    rows[:, :3] = words.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
    rows[:, 3:] = random.integers(0, 256, (len(words), 2), np.uint8)
    square = bytes(HEADER_BYTES)
    return [
        Tokens(TokenKind.REGISTERED, square + it.tobytes())
        for it in rows.reshape(count, TOKENS_EACH, 5)
    ]
