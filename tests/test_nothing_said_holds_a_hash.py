"""The last test of a run: no hash of the sample photos stands in anything that was said."""

import secrets

from hashreg.hashing import fingerprint
from support import secrecy
from support.program import SAMPLES


def test_no_hash_of_a_sample_photo_stands_in_a_log_line_or_error_text() -> None:
    photos = [path for path in SAMPLES.rglob("*") if path.suffix in (".jpg", ".png", ".webp")]
    photos = [path for path in photos if path.parent.name in ("originals", "unrelated", "edited")]
    assert len(photos) >= 20
    digests = {h.digest for path in photos for h in fingerprint(path, views="query").hashes}
    assert secrecy.leaks(digests, secrecy.all_said()) == 0


def test_the_search_for_leaks_finds_every_spelling() -> None:
    digest = secrets.token_bytes(32)
    for spelling in secrecy.spellings(digest):
        assert secrecy.leaks([digest], b"a line before\n..." + spelling + b"...") == 1
    assert secrecy.leaks([digest], b"nothing here") == 0
