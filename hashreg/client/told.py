"""What a server says went wrong, as one of our errors; it can't make us print what is secret."""

import re
from http import HTTPStatus

from hashreg.model.errors import BadAnswer, HashregError, InvalidInput, ServerRefused
from hashreg.model.errors import ServerUnavailable as Unavailable
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields, parse

MOST_CHARACTERS = 1000
_CODE = re.compile(r"[a-z][a-z_]{0,39}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,79}")
_SECRET = re.compile(r"[0-9A-Fa-f]{16}|[A-Za-z0-9+/=_-]{28}|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-")
"""Pieces of hashes, tokens, keys, tickets and recovery codes: no error text of ours has them."""


def failure(status: int, body: bytes) -> HashregError:
    """Return the error of an answer that is none of the 200s."""
    told = _told(body)
    if told is not None:
        return told
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return BadAnswer(
            N_(
                "The server sends callers to another address, and hashes are not sent on. Ask "
                "whoever runs it for its right address, and give that one."
            )
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return Unavailable(
            N_("The server can't answer now (status {status}). Try again later."), status=status
        )
    return bad_answer(N_("it has the status {status}"), status=status)


def item_failure(data: object, place: str) -> ServerRefused:
    """Return the error that a server tells of one item; raises InvalidInput."""
    fields = Fields(data, place)
    code, message = fields.text("code"), fields.text("message")
    field = fields.text("field") if fields.has("field") else None
    if not _CODE.fullmatch(code) or (field and not _FIELD.fullmatch(field)):
        raise InvalidInput(N_("{place} is no error of hashreg."), field=place, place=place)
    if len(message) > MOST_CHARACTERS or _SECRET.search(message):
        message = code
    told = ServerRefused(N_("The server says: {message}"), field=field, message=message)
    told.code = code
    return told


def bad_answer(reason: str, **values: object) -> BadAnswer:
    """Return the error of an answer that is nothing hashreg says; ``reason`` is a sentence."""
    why = BadAnswer(reason)
    why.values = values
    return BadAnswer(
        N_(
            "What the server answered is nothing that a hashreg server says ({reason}). Look "
            "whether the address is right, and the server's version the same as this program's."
        ),
        reason=why,
    )


def _told(body: bytes) -> ServerRefused | None:
    try:
        return item_failure(Fields(parse(body), "").raw("error"), "error")
    except InvalidInput:
        return None
