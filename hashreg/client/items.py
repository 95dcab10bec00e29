"""Fingerprints as the items of a call, cut into calls that a server takes."""

import json
from collections.abc import Iterable, Iterator

from hashreg.model.errors import InvalidInput
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import FILE_VIEW, Algorithm
from hashreg.model.messages import N_
from hashreg.model.reports import ContentId

AT_ONCE = 500
"""Items of one call; the contract allows 10,000, but an answer shows progress."""
MOST_BYTES = 6_000_000
"""Of the items of one call; the contract allows 8 MB with all around them."""


def content_id_of(fingerprint: Fingerprint) -> ContentId:
    """Return the name that a file has in reports: its SHA-256; raises InvalidInput without one."""
    digest = fingerprint.get(Algorithm.SHA256, FILE_VIEW)
    if digest is None:
        raise InvalidInput(N_("A file without SHA-256 can't be reported."), field="hashes")
    return ContentId(digest.hash)


def item(content_id: str, fingerprint: Fingerprint) -> bytes:
    """Return one item of a call as JSON."""
    tokens = fingerprint.tokens
    value = {
        "content_id": content_id,
        "hashes": [it.as_json() for it in fingerprint.hashes],
        "tokens": tokens.as_json() if tokens else None,
        "quality": fingerprint.quality,
    }
    return json.dumps(value, separators=(",", ":")).encode()


def call(items: Iterable[bytes], **options: object) -> bytes:
    """Return the body of a call: items that are JSON already, and what is asked of them all."""
    rest = json.dumps(options).encode()
    return b'{"items":[' + b",".join(items) + b"]" + (b"," if options else b"") + rest[1:]


def calls(items: Iterable[bytes], most: int = AT_ONCE) -> Iterator[list[bytes]]:
    """Cut items into lists that fit one call each, in order."""
    batch: list[bytes] = []
    size = 0
    for it in items:
        if batch and (len(batch) >= most or size + len(it) > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(it)
        size += len(it) + 1
    if batch:
        yield batch
