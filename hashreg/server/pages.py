"""Serving the files of the victims' page: they are made once, and the same for everybody."""

import gzip
from typing import Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from hashreg.page.build import PageFile
from hashreg.server.written import HEADERS

_HEADERS = HEADERS | {"vary": "accept-encoding"}


def page_route(file: PageFile) -> HTTPRouteHandler:
    """Return what answers at a file's path."""
    packed = gzip.compress(file.content, mtime=0)
    headers = _HEADERS | file.headers

    async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
        if "gzip" in request.headers.get("accept-encoding", ""):
            more = {"content-encoding": "gzip"}
            return Response(packed, media_type=file.media_type, headers=headers | more)
        return Response(file.content, media_type=file.media_type, headers=headers)

    return HTTPRouteHandler(file.path, http_method="GET")(handler)
