"""Between rows and values: times, sealed columns, fingerprints."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from hashreg.model.fingerprints import Fingerprint, Media
from hashreg.registry.packing import pack, unpack

Row = Mapping[str, Any]
PLAIN = 0
"""The only way of sealing so far: not at all."""


def stamp(moment: dt.datetime) -> str:
    """Return a time as text that sorts: UTC, whole microseconds."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def moment(text: str) -> dt.datetime:
    """Return the time that ``stamp`` wrote."""
    return dt.datetime.fromisoformat(text)


def fingerprint_columns(fingerprint: Fingerprint) -> dict[str, object]:
    """Return the columns that hold a fingerprint."""
    return {
        "media": fingerprint.media,
        "recipe": fingerprint.recipe,
        "quality": fingerprint.quality,
        "body": pack(fingerprint.hashes),
        "sealing": PLAIN,
    }


def fingerprint_of(row: Row) -> Fingerprint:
    """Return the fingerprint of a row."""
    hashes = tuple(unpack(row["body"]))
    return Fingerprint(hashes, row["quality"], cast("Media", row["media"]), row["recipe"])
