"""A mistake of ours: one answer, and a log line that tells where and not what was sent."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import NoReturn

import pytest

from hashreg.model.errors import RegistryUnavailable
from hashreg.server import app, streams
from hashreg.server.call import Call
from hashreg.server.table import ENDPOINTS

from .here import Here, here, logged

CANARY = "can4ry0f5h0u1dn0tb3t01d"


def not_there() -> NoReturn:
    raise RegistryUnavailable(CANARY)


async def broken(_: Call) -> NoReturn:
    raise ValueError(CANARY)


def faults(service: Here) -> list[dict[str, str]]:
    said = service.lines.getvalue()
    assert CANARY not in said
    assert "Traceback" not in said
    return [line for line in map(json.loads, said.splitlines()) if line["level"] == "error"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_fault_is_answered_with_the_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    changed = [
        dataclasses.replace(it, run=broken) if it.path == "/v1/lookup" else it for it in ENDPOINTS
    ]
    monkeypatch.setattr(app, "ENDPOINTS", changed)
    with here(tmp_path) as service, service.client() as client:
        body = {"items": [{"content_id": CANARY}]}
        answer = client.post("/v1/lookup", json=body, headers={"Accept-Language": language})
        well = client.get("/status")
    assert answer.status_code == 500
    error = answer.json().pop("error")
    assert answer.json().keys() == {"error"}
    assert (error["code"], error["field"]) == ("internal_error", None)
    assert error["message"].isascii() == (language == "en")
    assert CANARY not in answer.text
    (line,) = faults(service)
    assert (line["event"], line["what"], line["route"]) == ("fault", "ValueError", "/v1/lookup")
    assert "test_faults.py:" in line["at"]
    assert well.status_code == 200


def test_a_fault_in_the_middle_of_lines_ends_them_with_the_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "find", broken)
    with here(tmp_path) as service, service.client() as client:
        lines = {"Content-Type": "application/x-ndjson"}
        answer = client.post("/v1/lookup", content=b'{"content_id": "a"}\n', headers=lines)
    assert answer.status_code == 200
    (last,) = map(json.loads, answer.text.splitlines())
    assert last["error"]["code"] == "internal_error"
    (line,) = faults(service)
    assert line["route"] == "/v1/lookup"


def test_a_fault_before_the_door_is_answered_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.Service, "answer", broken)
    with here(tmp_path) as service, service.client() as client:
        answer = client.get("/status")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert len(faults(service)) == 1


def test_a_registry_that_can_not_be_opened_is_told_with_its_place() -> None:
    async def start() -> None:
        async with app.make_app(not_there, not_there).lifespan():
            pass

    with logged() as lines:
        with pytest.raises(ExceptionGroup):
            asyncio.run(start())
        line = json.loads(lines.getvalue().splitlines()[-1])
    assert (line["event"], line["what"]) == ("not opened", "RegistryUnavailable")
    assert CANARY not in lines.getvalue()
