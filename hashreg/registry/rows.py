"""Between rows and values: times, sealed columns, fingerprints."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, cast

from hashreg.model.fingerprints import Fingerprint, Media
from hashreg.model.hashes import HashItem
from hashreg.model.tokens import Tokens
from hashreg.registry.packing import pack, unpack
from hashreg.registry.sealer import SEALED

Row = Mapping[str, Any]


def stamp(moment: dt.datetime) -> str:
    """Return a time as text that sorts: UTC, whole microseconds."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def moment(text: str) -> dt.datetime:
    """Return the time that ``stamp`` wrote."""
    return dt.datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> dt.datetime | None:
    """Return the time that ``stamp`` wrote, None where there is none."""
    return moment(text) if text else None


def fingerprint_columns(
    fingerprint: Fingerprint, seal: Callable[[bytes], bytes]
) -> dict[str, object]:
    """Return the columns that hold a fingerprint."""
    return {
        "media": fingerprint.media,
        "recipe": fingerprint.recipe,
        "quality": fingerprint.quality,
        "body": seal(pack(fingerprint.hashes, fingerprint.tokens)),
        "sealing": SEALED,
    }


def fingerprint_of(row: Row, body: bytes) -> Fingerprint:
    """Return the fingerprint of a row, whose body was opened."""
    parts = list(unpack(body))
    return Fingerprint(
        tuple(it for it in parts if isinstance(it, HashItem)),
        row["quality"],
        cast("Media", row["media"]),
        row["recipe"],
        next((it for it in parts if isinstance(it, Tokens)), None),
    )
