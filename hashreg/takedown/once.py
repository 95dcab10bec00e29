"""A request that is sent again, because its answer was lost on the way, does nothing twice."""

import datetime as dt
import hmac
import json
import re
from collections.abc import Callable
from typing import cast

from hashreg.model.errors import InvalidInput, Refused
from hashreg.model.messages import N_
from hashreg.model.records import StoredAnswer
from hashreg.model.retention import ANSWERS_KEPT
from hashreg.takedown.store import Store

Answer = dict[str, object]
FIELD = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,128}")


def once(
    store: Store,
    actor: str,
    request_key: str | None,
    request: bytes,
    now: dt.datetime,
    do: Callable[[], Answer],
) -> Answer:
    """Do what a request asks in one writer's turn, or return what it was answered before.

    ``actor`` names who asks, apart from all others; ``request`` is all that tells the request from
    another, such as its path and body. The answer is kept for a day under ``request_key``:
    nothing that gives a key out may be answered through here. Where ``do`` raises,
    nothing is kept and it can be tried again. Raises InvalidInput for a request key that can't be
    used, Refused where it was used for another request.
    """
    if request_key is not None and not _KEY.fullmatch(request_key):
        raise InvalidInput(
            N_("An Idempotency-Key has 1 to 128 visible ASCII characters without spaces."),
            field=FIELD,
        )
    with store.write():
        if request_key is None:
            return do()
        digest = store.answers.digest(request)
        kept = store.answers.find(actor, request_key)
        if kept is not None and now < kept.expires_at:
            return _again(kept, digest)
        answer = json.dumps(do()).encode()
        stored = StoredAnswer(digest, answer, now + ANSWERS_KEPT)
        store.answers.put(actor, request_key, stored)
        return _read(stored)


def _again(kept: StoredAnswer, digest: bytes) -> Answer:
    if not hmac.compare_digest(kept.request, digest):
        raise Refused(
            N_(
                "This Idempotency-Key was used for another request within the last 24 hours. "
                "Nothing was changed. Send a new key with each new request."
            ),
            field=FIELD,
        )
    return _read(kept)


def _read(stored: StoredAnswer) -> Answer:
    return cast("Answer", json.loads(stored.answer))
