"""Errors as the service answers them: one shape, a status for each kind, nothing that was sent."""

from collections.abc import Mapping

from hashreg.model import errors
from hashreg.model.errors import HashregError
from hashreg.model.messages import N_, tr

STATUS: Mapping[type[HashregError], int] = {
    errors.InvalidInput: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.TooSlow: 408,
    errors.Refused: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.TooManyRequests: 429,
    errors.RegistryUnavailable: 503,
}
"""What a kind of error, and those below it, are answered with."""
INTERNAL = 500
RETRY_SECONDS = 5
"""When to try again where the registry can't be opened or written."""
CLOSING = frozenset({408, 413})
"""After these the connection ends, since the rest of the body is not read."""
_SENT = ("name", "helper", "path", "value")
"""Values of error texts that may be what was sent, or say how this machine is laid out."""

ROUTING = {
    404: N_("There is nothing at this address. The addresses are listed in /openapi.json."),
    405: N_("This address takes another method. The addresses are listed in /openapi.json."),
}
_CODES = {404: "not_found", 405: "method_not_allowed"}
_BROKEN = N_(
    "Something went wrong in the service; it was written down. Nothing was half done. Try again, "
    "and tell the registry's operator if it stays so."
)


def status_of(error: HashregError) -> int:
    """Return the HTTP status of an error."""
    kinds = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return next(kinds, INTERNAL)


def error_json(error: HashregError) -> dict[str, object]:
    """Return the one shape of an error, in the context's language."""
    hidden = {name: "…" if name in _SENT else value for name, value in error.values.items()}
    return {"code": error.code, "message": tr(error.text, **hidden), "field": error.field}


def headers_of(error: HashregError) -> dict[str, str]:
    """Return the headers that go with an error."""
    status = status_of(error)
    headers = {"connection": "close"} if status in CLOSING else {}
    if status == STATUS[errors.TooManyRequests]:
        headers["retry-after"] = str(error.values.get("seconds", 1))
    if status == STATUS[errors.RegistryUnavailable]:
        headers["retry-after"] = str(RETRY_SECONDS)
    if status == STATUS[errors.Unauthorized]:
        headers["www-authenticate"] = "Bearer"
    return headers


def routing_json(status: int) -> dict[str, object]:
    """Return the error of an address or method that is not served."""
    message = tr(ROUTING.get(status, ROUTING[404]))
    return {"code": _CODES.get(status, "invalid_input"), "message": message, "field": None}


def broken_json() -> dict[str, object]:
    """Return the error of a fault of ours."""
    return {"code": "internal_error", "message": tr(_BROKEN), "field": None}
