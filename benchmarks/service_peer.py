"""The peer of ``service.py``: python-threatexchange's PDQ index behind the same kind of server.

``python benchmarks/service_peer.py CODES.npy`` loads the codes, listens at a free port of this
machine and prints where. It takes and gives what ``POST /v1/lookup`` does, without keys.
"""

import json
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import uvicorn
from litestar import Litestar, Request, Response, post
from threatexchange.signal_type.pdq.pdq_index import PDQIndex
from threatexchange.signal_type.pdq.signal import PdqSignal

NARROW, WIDE = 31, 45
"""Its own radius, and that of tier ``review``."""


class WiderIndex(PDQIndex[int]):  # type: ignore[misc]
    """The same index, asked for possible matches, too."""

    @classmethod
    def get_match_threshold(cls) -> int:
        """Return the radius."""
        return WIDE


class Peer:
    """The index, and what is answered by it."""

    def __init__(self, hashes: Sequence[str]) -> None:
        self._narrow: PDQIndex[int] = PDQIndex((it, number) for number, it in enumerate(hashes))
        self._wide = WiderIndex()
        self._wide.index = self._narrow.index
        self._wide.local_id_to_entry = self._narrow.local_id_to_entry

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a look-up."""
        asked = json.loads(body)
        index = self._narrow if asked.get("tier") == "match" else self._wide
        return json.dumps({"results": [self._row(index, it) for it in asked["items"]]}).encode()

    def _row(self, index: PDQIndex[int], item: dict[str, Any]) -> dict[str, object]:
        best = min(
            (
                found.similarity_info.distance
                for it in item["hashes"]
                if it["algorithm"] == "pdq"
                for found in index.query(PdqSignal.validate_signal_str(it["hash"]))
            ),
            default=None,
        )
        tier = None if best is None else "match" if best <= NARROW else "review"
        return {
            "content_id": item["content_id"],
            "tier": tier,
            "tickets": [],
            "align": [],
            "error": None,
        }


def application(peer: Peer) -> Litestar:
    """Return the ASGI application."""

    @post("/v1/lookup", status_code=200)
    async def lookup(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(peer.answer(await request.body()), media_type="application/json")

    return Litestar([lookup], openapi_config=None, request_max_body_size=None, logging_config=None)


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:
            host, port = sockets[0].getsockname()
            print(json.dumps({"listening": f"http://{host}:{port}"}), flush=True)


def main() -> None:
    """Run it."""
    faiss.omp_set_num_threads(1)
    codes = np.load(Path(sys.argv[1]))
    app = application(Peer([it.tobytes().hex() for it in codes]))
    config = uvicorn.Config(app, log_config=None, access_log=False)
    listening = socket.create_server(("127.0.0.1", 0))
    _Server(config).run([listening])


if __name__ == "__main__":
    main()
