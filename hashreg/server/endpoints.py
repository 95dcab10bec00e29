"""What an end point is: one row of the table that routes, rights and the OpenAPI document share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from hashreg.model.people import Scope

if TYPE_CHECKING:
    from litestar import Response

    from hashreg.server.call import Call

MEGABYTE = 1_000_000
MOST_BYTES = 8 * MEGABYTE
"""The length of a body with hashes, as the contract says; more goes as streamed JSON Lines."""
FEW_BYTES = 64 * 1024
"""The length of any other body."""

Schema = dict[str, object]
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}


def choice(default: str, choices: tuple[str, ...]) -> Schema:
    """Return the schema of a parameter that is one of some words."""
    return {"type": "string", "enum": list(choices), "default": default}


Answer = dict[str, object]
Streamed = Callable[["Call"], "Response[bytes]"]
Handler = Callable[["Call"], Awaitable["Answer | Response[bytes]"]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    ``scopes``: a key needs one of them; nobody needs a key where there are none. ``takes`` and
    ``gives`` are the bodies as they are documented; ``query`` names the parameters and their JSON
    schemas. ``streams`` takes JSON Lines, where they are taken, too.
    """

    method: Literal["GET", "POST"]
    path: str
    run: Handler
    summary: str
    gives: type[msgspec.Struct] | None
    scopes: frozenset[Scope] = frozenset()
    takes: type[msgspec.Struct] | None = None
    query: dict[str, dict[str, object]] = field(default_factory=dict)
    status: int = 200
    most: int = FEW_BYTES
    """Bytes that a body may have."""
    streams: Streamed | None = None
    once: bool = False
    """Whether an Idempotency-Key is heeded."""
    document: bool = False
    """Whether the body is a file, taken as the bytes that it has."""
