"""Log lines: JSON, a closed list of fields, and nothing of anybody."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashreg.server.log import FIELDS, Structured
from support import secrecy
from support.cases import Victim, picture, seeded

from .house import House, house, quick_keys
from .raw import asked as raw_asked

ALWAYS = {"time", "level", "event"}
EVENTS = {"open", "closed", "answered", "uvicorn.error"}
ADDRESS = "203.0.113.77"
NAME = "content-of-somebody"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """Go through all that a registry sees, good and bad, and stop it; give what was logged."""
    with house(tmp_path_factory.mktemp("log")) as made:
        journey(made)
        assert made.service.stop() == 0
        yield made, made.service.log.read_text()


def journey(house: House) -> None:
    place = {"X-Forwarded-For": ADDRESS}
    items = {"items": [{"content_id": NAME, "hashes": house.upload(0)}]}
    victim = Victim()
    with quick_keys():
        handed_in = victim.submission(picture(seeded(55))).to_bytes()
    with house.client(**place) as anybody:
        anybody.post("/v1/submissions", content=handed_in)
        anybody.post("/v1/submissions", content=handed_in[:-9])
        anybody.post("/v1/status", json={"case": victim.number})
        anybody.get(f"/v1/cases/{victim.number}")
        anybody.get(
            "/v1/tickets", headers={"Authorization": f"Bearer {house.service.keys['helper']}x"}
        )
    with house.client("platform", **place) as platform:
        for path in ("/v1/lookup", "/v1/reports"):
            platform.post(path, json=items)
            line = json.dumps(items["items"][0]).encode()
            platform.post(path, content=line, headers={"Content-Type": "application/x-ndjson"})
        platform.get(f"/v1/tickets/{house.tickets[0]}?after={NAME}")
        platform.post(f"/v1/tickets/{house.tickets[0]}/verdict", json={"verdict": NAME})
        platform.post("/v1/lookup", content=NAME.encode())
    with house.client("moderator", **place) as moderator:
        moderator.post("/v1/check", json=items)
        moderator.get(f"/v1/queue/{house.tickets[0]}")
        moderator.get(f"/v1/cases/{house.victims[0].number}")
        moderator.post(f"/v1/held/{house.held[0]}", json={"decision": "refuse"})
    with house.client("operator", **place) as operator:
        operator.post("/v1/people/platform", json={"name": NAME})
        operator.post(f"/v1/people/platform/{NAME}/revoke", json={})
        operator.get("/v1/events")
    with house.client("helper", **place) as helper:
        helper.post("/v1/delegated/status", json={"case": house.victims[0].number})
    raw_asked(house, b"rubbish " + NAME.encode() + b"\r\n\r\n")


def test_every_line_is_json_with_known_fields(said: tuple[House, str]) -> None:
    lines = [json.loads(line) for line in said[1].splitlines()]
    assert len(lines) > 20
    for line in lines:
        assert line.keys() >= ALWAYS
        assert line.keys() <= ALWAYS | set(FIELDS)
        assert line["event"] in EVENTS
        assert line["level"] in {"info", "warning"}
    assert {"open", "answered", "closed"} <= {line["event"] for line in lines}


def test_what_was_answered_is_told_by_route_status_and_role(said: tuple[House, str]) -> None:
    lines = [json.loads(line) for line in said[1].splitlines()]
    answered = [line for line in lines if line["event"] == "answered"]
    assert {"GET", "POST"} == {line["method"] for line in answered}
    routes = {line["route"] for line in answered}
    assert {"/v1/lookup", "/v1/tickets/{ticket:str}", "/v1/people/{role:str}"} <= routes
    for line in answered:
        assert 200 <= line["status"] < 500
        assert 0 <= line["ms"] < 60_000
        assert ("role" in line) == ("key" in line)
    assert {"platform", "moderator", "operator", "helper"} <= {it.get("role") for it in answered}


def test_no_line_holds_anything_of_anybody(said: tuple[House, str]) -> None:
    house, lines = said
    assert secrecy.leaks(house.canaries, lines.encode()) == 0
    for kept in (
        NAME,
        ADDRESS,
        "127.0.0.1",
        "examplegram",
        "kim",
        "centre",
        "photo-",
        *house.tickets,
        *house.held,
        *(victim.number for victim in house.victims),
    ):
        assert kept not in lines


def test_of_a_key_only_its_visible_beginning_is_logged(said: tuple[House, str]) -> None:
    house, lines = said
    prefixes = {it["key"] for it in map(json.loads, lines.splitlines()) if "key" in it}
    assert len(prefixes) >= 4
    assert all(len(prefix) == 8 for prefix in prefixes)
    for key in house.service.keys.values():
        secret = key.split("_", 2)[2]
        assert not any(secret[at : at + 8] in lines for at in range(len(secret) - 7))


def test_only_our_own_words_are_repeated() -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Structured())
    with pytest.raises(KeyError) as caught:
        dict[str, str]()[NAME]
    for name in ("somebody.else", "hashreg.server"):
        record = logging.LogRecord(name, logging.ERROR, "", 1, "fault", (), None)
        record.exc_info = (KeyError, caught.value, caught.tb)
        record.__dict__ |= {"content_id": NAME, "status": 500}
        handler.emit(record)
    others = logging.LogRecord("somebody.else", logging.ERROR, "", 1, f"got {NAME}", (), None)
    handler.emit(others)
    first, second, third = map(json.loads, lines.getvalue().splitlines())
    assert NAME not in lines.getvalue()
    assert (first["event"], second["event"]) == ("somebody.else", "fault")
    assert (first["what"], first["status"]) == ("KeyError", 500)
    assert first["at"].startswith(f"{Path(__file__).name}:")
    assert third["event"] == "somebody.else"
