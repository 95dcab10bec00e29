"""Trying things out: a registry beside the real one, which neither learns anything of the other."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from support.cases import picture, seeded
from support.sent import JSONL, ask, item, lines, submit, told
from support.serving import Served, served
from support.sqlite import state_of

TRIED = tuple(f"hashreg sandbox {number}" for number in (1, 2, 3))
BLOCKED = {"verdict": "blocked", "reason": "non_consensual"}


def tried(words: str) -> Fingerprint:
    """Return what the documentation says is registered in the sandbox."""
    made = hashlib.sha256(words.encode()).hexdigest()
    return Fingerprint((HashItem(Algorithm.PDQ, "whole", made, 100),), 100)


@pytest.fixture(scope="module")
def real() -> Fingerprint:
    return picture(seeded(1))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, real: Fingerprint) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch, served(tmp_path_factory.mktemp("sandbox")) as it:
        patch.setattr(keys, "ROUNDS", 1)
        submit(it, real)
        with it.client("platform") as client:
            ask(client, "/v1/reports", item("real", real))
        yield it


@pytest.mark.parametrize("words", TRIED)
def test_the_three_pictures_match(service: Served, words: str) -> None:
    with service.client("sandbox") as client:
        (found,) = ask(client, "/v1/lookup", item(words, tried(words)))
    assert (found["tier"], found["tickets"], found["error"]) == ("match", [], None)


def test_nothing_else_matches(service: Served, real: Fingerprint) -> None:
    with service.client("sandbox") as client:
        found = ask(client, "/v1/lookup", item("4", tried("hashreg sandbox 4")), item("r", real))
    assert [it["tier"] for it in found] == [None, None]


def test_nothing_of_the_sandbox_is_in_the_registry(service: Served) -> None:
    with service.client("platform") as client:
        found = ask(client, "/v1/lookup", *(item(words, tried(words)) for words in TRIED))
    assert {it["tier"] for it in found} == {None}


def test_tickets_work_and_the_registry_does_not_change(service: Served) -> None:
    with service.client("operator") as client:
        statistics = told(client.get("/v1/statistics"))
    before = state_of(service.registry)
    with service.client("sandbox") as client:
        found = ask(client, "/v1/reports", *(item(words, tried(words)) for words in TRIED))
        tickets = [it["tickets"][0] for it in found]
        path = f"/v1/tickets/{tickets[0]}"
        assert told(client.post(f"{path}/verdict", json=BLOCKED))["verdict"] == "blocked"
        assert told(client.post(f"{path}/removal", json={}))["removed_at"]
        listed = told(client.get("/v1/tickets?state=all"))["tickets"]
        assert {it["ticket"] for it in listed} == set(tickets)
        assert told(client.get(path))["content_id"] == TRIED[0]
        opened = told(client.get("/v1/tickets"))["tickets"]
        assert {it["ticket"] for it in opened} == set(tickets[1:])
    with service.client("platform") as client:
        told(client.get(path), 404)
    with service.client("moderator") as client:
        told(client.get(f"/v1/queue/{tickets[1]}"), 404)
        told(client.post(f"/v1/tickets/{tickets[1]}/verdict", json=BLOCKED), 404)
        queue = told(client.get("/v1/queue?state=all"))["matches"]
        assert {it["content_id"] for it in queue} == {"real"}
    with service.client("operator") as client:
        assert told(client.get("/v1/statistics")) == statistics
    assert state_of(service.registry) == before


def test_nothing_real_is_in_the_sandbox(service: Served) -> None:
    with service.client("platform") as client:
        (ticket,) = told(client.get("/v1/tickets"))["tickets"]
    with service.client("sandbox") as client:
        listed = told(client.get("/v1/tickets?state=all"))["tickets"]
        assert ticket["ticket"] not in {it["ticket"] for it in listed}
        told(client.get(f"/v1/tickets/{ticket['ticket']}"), 404)


def test_platforms_in_the_sandbox_do_not_see_each_other(service: Served) -> None:
    with service.client("sandbox") as client:
        (found,) = ask(client, "/v1/reports", item("mine", tried(TRIED[0])))
    given = service.run("platform", "add", "second", "--sandbox", "--json").lines[0]["key"]
    service.keys["second"] = given
    service.wait_for("second")
    with service.client("second") as client:
        assert told(client.get("/v1/tickets?state=all"))["tickets"] == []
        told(client.get(f"/v1/tickets/{found['tickets'][0]}"), 404)


def test_what_was_tried_is_gone_when_the_service_starts_again(service: Served) -> None:
    with service.client("sandbox") as client:
        ask(client, "/v1/reports", item("tried", tried(TRIED[0])))
    assert service.stop() == 0
    service.start()
    with service.client("sandbox") as client:
        assert told(client.get("/v1/tickets?state=all"))["tickets"] == []
        (found,) = ask(client, "/v1/lookup", item("again", tried(TRIED[0])))
    assert found["tier"] == "match"


def test_json_lines_are_taken_in_the_sandbox_too(service: Served) -> None:
    sent = lines([item(words, tried(words)) for words in TRIED])
    with service.client("sandbox") as client:
        told_lines = client.post("/v1/lookup", content=sent, headers={"Content-Type": JSONL}).text
    assert [json.loads(line)["tier"] for line in told_lines.splitlines()] == ["match"] * 3


def test_many_reports_of_one_platform_hide_nothing_from_another(service: Served) -> None:
    flood = [item(f"copy {number}", tried(TRIED[2])) for number in range(150)]
    with service.client("sandbox") as client:
        ask(client, "/v1/reports", *flood)
        assert ask(client, "/v1/lookup", item("after", tried(TRIED[2])))[0]["tier"] == "match"
