"""What victims and their helpers ask: taking documents in, and where a case stands."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable

from hashreg.model.cases import parse_case_number
from hashreg.model.errors import InvalidDocument, InvalidInput, Refused
from hashreg.model.fingerprints import fingerprint_from_json
from hashreg.model.messages import N_
from hashreg.model.retention import CHALLENGES_KEPT
from hashreg.model.submissions import MAX_ITEMS, Document, is_sealed, parse_document
from hashreg.server.call import Call, check_shape
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.takedown.channels import WEB
from hashreg.takedown.delegation import helper_add, helper_status, helper_withdraw
from hashreg.takedown.intake import IntakeResult, take_in
from hashreg.takedown.sealed import opened
from hashreg.takedown.status import signed_status
from hashreg.takedown.store import Store

_SECRET = secrets.token_bytes(32)
"""Marks our own nonces; a new one each time the service starts."""
_NONCE = re.compile(r"([0-9]{1,12})-([0-9a-f]{32})")
LIFETIME = int(CHALLENGES_KEPT.total_seconds())


async def challenge(call: Call) -> Answer:  # noqa: ARG001
    """Return a nonce to sign; nothing is kept of it."""
    until = str(int(time.monotonic()) + LIFETIME)
    return {"nonce": f"{until}-{_mark(until)}", "expires_in": LIFETIME}


async def submissions(call: Call) -> Answer:
    """Take a signed document in."""
    body = call.body
    if is_sealed(body):
        body = await call.desk.read(lambda store: opened(store, body))
    document = await call.aside(lambda: _document(body))
    call.spend_pictures(len(document.items))
    return await _taken_in(
        call, lambda store: take_in(store, document, now(), channel=WEB, clean=False)
    )


async def status(call: Call) -> Answer:
    """Return where a case stands, to whoever holds its key."""
    fields = call.fields
    number = parse_case_number(fields.text("case"))
    nonce, key, signature = (fields.text(it) for it in ("nonce", "public_key", "signature"))
    _check_nonce(nonce)
    found = await call.desk.read(lambda store: signed_status(store, number, nonce, key, signature))
    return found.as_json()


async def delegated_status(call: Call) -> Answer:
    """Return where a case stands, to a helper whom its victim named."""
    number, helper = parse_case_number(call.fields.text("case")), call.asker.name
    return (await call.desk.read(lambda store: helper_status(store, helper, number))).as_json()


async def delegated_pictures(call: Call) -> Answer:
    """Add pictures to a case, by a helper."""
    number, helper = parse_case_number(call.fields.text("case")), call.asker.name
    items = [
        fingerprint_from_json(it, f"items[{at}]")
        for at, it in enumerate(call.fields.items("items", MAX_ITEMS))
    ]
    return await _taken_in(call, lambda store: helper_add(store, helper, number, items, now()))


async def delegated_withdrawal(call: Call) -> Answer:
    """Withdraw a case, by a helper."""
    number, helper = parse_case_number(call.fields.text("case")), call.asker.name
    return await _taken_in(
        call, lambda store: helper_withdraw(store, helper, number, now(), clean=False)
    )


async def _taken_in(call: Call, work: Callable[[Store], IntakeResult]) -> Answer:
    result = await call.desk.write(work)
    call.desk.unclean |= not result.cleaned
    return result.as_json()


def _document(body: bytes) -> Document:
    check_shape(body, InvalidDocument)
    return parse_document(body)


def _check_nonce(nonce: str) -> None:
    """Raise unless we gave this nonce out, not long ago."""
    found = _NONCE.fullmatch(nonce)
    if not found or not hmac.compare_digest(_mark(found[1]), found[2]):
        raise InvalidInput(
            N_("This nonce is not one of this service. Ask for one at /v1/challenge."),
            field="nonce",
        )
    if int(found[1]) < time.monotonic():
        raise Refused(
            N_("This nonce has expired. Ask for a new one at /v1/challenge."), field="nonce"
        )


def _mark(until: str) -> str:
    return hmac.new(_SECRET, until.encode(), hashlib.sha256).hexdigest()[:32]
