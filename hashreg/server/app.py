"""The service: every end point behind the same door, which knows who may pass."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from hashreg.model.errors import Forbidden, HashregError
from hashreg.model.messages import N_, use_language
from hashreg.model.people import Principal
from hashreg.page.build import PageFile
from hashreg.server.call import (
    JSON,
    JSONL,
    Call,
    announced,
    bearer,
    language_of,
    media_type,
    no_key,
    read_body,
    wants_msgpack,
)
from hashreg.server.desk import Desk, now
from hashreg.server.endpoints import Endpoint
from hashreg.server.failures import (
    INTERNAL,
    broken_json,
    error_json,
    headers_of,
    routing_json,
    status_of,
)
from hashreg.server.figures import figure_routes
from hashreg.server.handles import Handles
from hashreg.server.hma import status_route
from hashreg.server.limits import (
    LARGE_BYTES,
    LEAST_BYTES,
    PICTURES,
    WITH_KEY,
    WITHOUT_KEY,
    WRONG_KEY,
    Few,
    Limit,
)
from hashreg.server.openapi import document
from hashreg.server.options import USUAL, Options
from hashreg.server.pages import page_route
from hashreg.server.table import ENDPOINTS
from hashreg.server.written import HEADERS, encoded
from hashreg.takedown.sandbox import enter
from hashreg.takedown.store import Store

log = logging.getLogger("hashreg.server")
FORGOTTEN_EVERY = 30.0
"""Seconds between two looks for alignments that have expired."""
AnyRequest = Request[Any, Any, Any]


@dataclass(slots=True)
class Service:
    """The registry, a sandbox beside it for platforms that try things out, and who may ask."""

    desk: Desk
    sandbox: Desk
    handles: Handles = field(default_factory=Handles)
    with_key: Limit = field(default_factory=lambda: Limit(WITH_KEY))
    without_key: Limit = field(default_factory=lambda: Limit(WITHOUT_KEY))
    pictures: Limit = field(default_factory=lambda: Limit(PICTURES))
    wrong_key: Limit = field(default_factory=lambda: Limit(WRONG_KEY))
    large: Few = field(default_factory=Few)
    _in_sandbox: set[str] = field(default_factory=set)

    async def answer(self, endpoint: Endpoint, request: AnyRequest) -> Response[Any]:
        """Answer one question, whatever happens."""
        began = time.perf_counter()
        use_language(language_of(request))
        limits = self.with_key, self.pictures
        call = Call(request, self.desk, self.desk, self.handles, *limits)
        try:
            response = await self._answered(endpoint, call)
        except HashregError as error:
            response = _response(request, {"error": error_json(error)}, status_of(error))
            response.headers |= headers_of(error)
        except Exception:  # the door is where everything ends
            log.exception("fault", extra={"route": endpoint.path})
            response = _response(request, {"error": broken_json()}, INTERNAL)
        _write_down(endpoint, call, response, began)
        return response

    async def _answered(self, endpoint: Endpoint, call: Call) -> Response[Any]:
        call.who = self._admit(endpoint, call.request)
        if call.who is not None and call.who.sandbox:
            call.desk = self.sandbox
            await self._enter_sandbox(call.who.name)
        if endpoint.streams and media_type(call.request) == JSONL:
            return endpoint.streams(call)
        if endpoint.method == "GET":
            return await _run(endpoint, call)
        length = announced(call.request, endpoint.most)
        if call.who is not None:
            call.spend(LEAST_BYTES + (length or 0))
        if length is not None and length <= LARGE_BYTES:
            return await _run(endpoint, call)
        with self.large.one_of(_asker(call)):
            return await _run(endpoint, call)

    def _admit(self, endpoint: Endpoint, request: AnyRequest) -> Principal | None:
        """Return who asks; raises Unauthorized, Forbidden, TooManyRequests."""
        address = _address(request)
        if not endpoint.scopes:
            if endpoint.method == "POST":
                self.without_key.spend(address)
            return None
        who = self.desk.keyring.who(bearer(request) or "", now())
        if who is None:
            self.wrong_key.spend(address)
            raise no_key()
        if not endpoint.scopes & who.scopes:
            raise Forbidden(
                N_("This key may not be used for this. It needs one of these scopes: {scopes}."),
                field="Authorization",
                scopes=", ".join(sorted(endpoint.scopes)),
            )
        return who

    async def _enter_sandbox(self, platform: str) -> None:
        """Make a platform known in the sandbox, where it has nothing but its own doings."""
        if platform not in self._in_sandbox:
            await self.sandbox.write(lambda store: enter(store, platform, now()))
            self._in_sandbox.add(platform)


async def _run(endpoint: Endpoint, call: Call) -> Response[Any]:
    """Read the body and run what the end point does."""
    if endpoint.method == "POST":
        call.body = await read_body(call.request, endpoint.most)
    if endpoint.takes and not endpoint.document:
        await call.aside(lambda: call.fields)
    done = await endpoint.run(call)
    if isinstance(done, Response):
        return done
    return _response(call.request, done, endpoint.status)


def _asker(call: Call) -> str:
    who = call.who
    return _address(call.request) if who is None else f"{who.role}/{who.name}"


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def make_app(
    open_store: Callable[[], Store],
    open_sandbox: Callable[[], Store],
    files: Iterable[PageFile] = (),
    options: Options = USUAL,
) -> Litestar:
    """Return the ASGI application; the callables open the registry and the sandbox's.

    ``files`` are those of the victims' page.
    """
    desk = Desk(open_store, options)
    service = Service(desk, Desk(open_sandbox))

    @asynccontextmanager
    async def opened(_: Litestar) -> AsyncIterator[None]:
        try:
            await service.sandbox.open()
            await service.desk.open()
        except Exception:
            log.exception("not opened")
            raise
        forgetting = asyncio.create_task(_forget(service.handles))
        log.info("open")
        try:
            yield
        finally:
            forgetting.cancel()
            await service.desk.close()
            await service.sandbox.close()
            log.info("closed")

    routes = [_route(service, it) for it in ENDPOINTS]
    public = figure_routes(lambda: service.desk.figures)
    return Litestar(
        [*routes, _openapi(), status_route(desk), *public, *map(page_route, files)],
        exception_handlers={Exception: _unrouted},
        lifespan=[opened],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=None,
    )


async def _forget(handles: Handles) -> None:
    """Let go of expired alignments, which hold what devices sent."""
    while True:
        await asyncio.sleep(FORGOTTEN_EVERY)
        handles.forget()


def _route(service: Service, endpoint: Endpoint) -> HTTPRouteHandler:
    async def handler(request: AnyRequest) -> Response[Any]:
        return await service.answer(endpoint, request)

    return HTTPRouteHandler(
        endpoint.path, http_method=endpoint.method, status_code=endpoint.status
    )(handler)


def _openapi() -> HTTPRouteHandler:
    content = msgspec.json.encode(document(ENDPOINTS))

    async def handler() -> Response[bytes]:
        return Response(content, media_type=JSON)

    return HTTPRouteHandler("/openapi.json", http_method="GET")(handler)


def _response(request: AnyRequest, answer: object, status: int) -> Response[bytes]:
    content, kind = encoded(answer, packed=wants_msgpack(request))
    return Response(content, status_code=status, media_type=kind, headers=dict(HEADERS))


def _unrouted(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer what no end point answers."""
    use_language(language_of(request))
    status = error.status_code if isinstance(error, HTTPException) else INTERNAL
    if status >= INTERNAL:
        log.error("fault", exc_info=error)
        return _response(request, {"error": broken_json()}, INTERNAL)
    headers = error.headers if isinstance(error, HTTPException) else None
    response = _response(request, {"error": routing_json(status)}, status)
    response.headers |= headers or {}
    return response


def _write_down(endpoint: Endpoint, call: Call, response: Response[Any], began: float) -> None:
    line: dict[str, object] = {
        "method": endpoint.method,
        "route": endpoint.path,
        "status": response.status_code,
        "ms": round(1000 * (time.perf_counter() - began), 1),
    }
    if call.who is not None:
        line |= {"role": call.who.role.value, "key": call.who.prefix}
    log.info("answered", extra=line)
