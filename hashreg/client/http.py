"""One call to a hashreg server: its retries, and the limits of what may come back.

A call is tried again where a server can't be reached or is busy, always with the same
``Idempotency-Key``, so that nothing happens twice. Redirects are not followed: what is sent is
secret and goes where it was meant to go. Proxies that the environment names are used for https,
which stays sealed on its way through them; what is asked of this machine goes through none.
"""

import json
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

from hashreg import __version__
from hashreg.client.address import api_key, server_address
from hashreg.client.extra import httpx
from hashreg.client.patience import ATTEMPTS, Patience
from hashreg.client.told import bad_answer, failure
from hashreg.model.errors import HashregError, InvalidInput, ServerUnavailable
from hashreg.model.messages import N_, language
from hashreg.model.strictjson import parse

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
MOST_SECONDS = 600.0
"""For one answer, however slowly it drips."""
MOST_BYTES = 64 * 1024 * 1024
"""Of an answer."""
RETRIED = frozenset({429, 502, 503, 504})
KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: the status, the wish to be asked later, and the body."""

    status: int
    retry_after: str | None
    body: bytes


class Server:
    """A hashreg server at an address; close it, or use it as a context manager.

    ``key`` is an API key, where what is asked needs one. Raises InvalidInput.
    """

    def __init__(
        self, address: str, key: str | None = None, *, patience: Patience | None = None
    ) -> None:
        self.address = server_address(address)
        self._patience = patience or Patience()
        headers = {"User-Agent": f"hashreg/{__version__}", "Accept-Encoding": "identity"}
        if key is not None:
            headers["Authorization"] = f"Bearer {api_key(key)}"
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            trust_env=self.address.startswith("https"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, **query: str) -> object:
        """Return the JSON at a path; raises ServerUnavailable, ServerRefused or BadAnswer."""
        return self._call(self._client.build_request("GET", self.address + path, params=query))

    def post(self, path: str, body: bytes | Mapping[str, object]) -> object:
        """Send JSON to a path and return the JSON that comes back; raises as ``get`` does."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_urlsafe(KEY_BYTES),
        }
        return self._call(
            self._client.build_request(
                "POST", self.address + path, content=content, headers=headers
            )
        )

    def _call(self, request: httpx.Request) -> object:
        """Try a request until it is answered, at most five times."""
        request.headers["Accept"] = "application/json"
        request.headers["Accept-Language"] = language()
        failures = 0
        while True:
            failures += 1
            retry_after = None
            try:
                answer = self._attempt(request)
            except httpx.HTTPError as error:
                problem = _unreachable(error)
                final = _is_final(error)
            else:
                if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
                    return _value(answer.body)
                problem, retry_after = failure(answer.status, answer.body), answer.retry_after
                final = answer.status not in RETRIED
            if final or failures == ATTEMPTS:
                raise problem
            self._patience.wait(failures, retry_after)

    def _attempt(self, request: httpx.Request) -> _Answer:
        response = self._client.send(request, stream=True)
        try:
            retry_after = response.headers.get("Retry-After")
            return _Answer(response.status_code, retry_after, self._body(response))
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        """Read an answer, and stop where it is too large, too slow, or packed."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise bad_answer(N_("it is packed, which was not asked for"))
        body = bytearray()
        begun = self._patience.clock()
        for piece in response.iter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                raise bad_answer(N_("it is larger than {limit} MB"), limit=MOST_BYTES >> 20)
            if self._patience.clock() - begun > MOST_SECONDS:
                raise bad_answer(N_("it does not come to an end"))
        return bytes(body)


def _value(body: bytes) -> object:
    try:
        return parse(body)
    except InvalidInput:
        raise bad_answer(N_("it is no JSON")) from None


def _is_final(error: httpx.HTTPError) -> bool:
    """Tell whether another attempt would end the same way."""
    return not isinstance(error, httpx.TransportError) or _is_untrusted(error)


def _is_untrusted(error: BaseException | None) -> bool:
    """Tell whether a server could not prove who it is."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _unreachable(error: httpx.HTTPError) -> HashregError:
    if _is_untrusted(error):
        return ServerUnavailable(
            N_(
                "The server could not prove that it is the one at this address (its certificate "
                "is not valid here), so nothing was sent. Ask whoever runs it."
            )
        )
    return ServerUnavailable(
        N_(
            "The server could not be reached, or broke off. Look whether this device is online "
            "and the address right, and try again."
        )
    )
