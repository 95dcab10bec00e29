"""The last test of a run: no hash or token of a sample photo stands in anything that was said."""

import secrets

from hashreg.hashing import fingerprint
from support import secrecy
from support.needles import spellings
from support.program import SAMPLES

PIECE, PLACES = 24, (0, 24, 120)
"""Bytes of tokens that are looked for, in threes, so that base64 spells them alike anywhere."""


def test_no_hash_or_token_of_a_sample_photo_stands_in_a_log_line_or_error_text() -> None:
    photos = [path for path in SAMPLES.rglob("*") if path.suffix in (".jpg", ".png", ".webp")]
    photos = [path for path in photos if path.parent.name in ("originals", "unrelated", "edited")]
    assert len(photos) >= 20
    made = [fingerprint(path, views=views) for path in photos for views in ("query", "register")]
    digests = {h.digest for it in made for h in it.hashes}
    pieces = {it.tokens.data[place:][:PIECE] for it in made if it.tokens for place in PLACES}
    whole = {piece for piece in pieces if len(piece) == PIECE}
    leaking, count = secrecy.leaks(digests | whole, secrecy.all_said()), len(whole)
    assert leaking == 0
    assert count >= 100


def test_the_search_for_leaks_finds_every_spelling() -> None:
    digest = secrets.token_bytes(32)
    for spelling in spellings(digest):
        assert secrecy.leaks([digest], b"a line before\n..." + spelling + b"...") == 1
    assert secrecy.leaks([digest], b"nothing here") == 0
