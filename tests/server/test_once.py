"""A request that is sent again does nothing twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

import pytest

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import EventKind
from hashreg.registry.sqlite import SqliteStore
from support.cases import Victim, picture, seeded
from support.sent import ask, item, submit, told
from support.serving import Served, served

AT_ONCE = 20
BLOCKED = {"verdict": "blocked", "reason": "non_consensual"}
HARMLESS = {"verdict": "not_blocked", "reason": "consensual"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("once")) as service:
        yield service


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


def registered(service: Served, seed: int) -> Fingerprint:
    """Register a picture and return what an upload of it is asked with."""
    made = picture(seeded(seed))
    submit(service, made)
    return made


def ticket(service: Served, seed: int) -> str:
    """Report a registered picture and return the ticket."""
    sent = item(f"upload {seed}", registered(service, seed))
    with service.client("platform") as client:
        (result,) = ask(client, "/v1/reports", sent)
    return str(result["tickets"][0])


def events(service: Served) -> Counter[EventKind]:
    """Count what happened so far."""
    with closing(SqliteStore.open(service.registry)) as store, store.read():
        return Counter(event.kind for event in store.events.after(0))


def happened(service: Served, before: Counter[EventKind]) -> Counter[EventKind]:
    return events(service) - before


def test_a_report_that_is_sent_again_gets_its_answer_again(service: Served) -> None:
    body = {"items": [item("twice", registered(service, 1)), {"content_id": 7}]}
    before = events(service)
    with service.client("platform", **{"Idempotency-Key": "first"}) as client:
        answers = [client.post("/v1/reports", json=body).content for _ in range(3)]
    assert len(set(answers)) == 1
    assert happened(service, before)[EventKind.REPORT_KEPT] == 1


def test_without_a_key_a_report_is_kept_again(service: Served) -> None:
    sent = item("each time", registered(service, 2))
    before = events(service)
    with service.client("platform") as client:
        first, second = (ask(client, "/v1/reports", sent) for _ in range(2))
    assert first == second
    assert happened(service, before)[EventKind.REPORT_KEPT] == 2


@pytest.mark.parametrize(("second", "seed"), [("another body", 20), ("another path", 30)])
def test_a_key_is_good_for_one_request(service: Served, second: str, seed: int) -> None:
    one, other = ticket(service, seed), ticket(service, seed + 1)
    with service.client("platform", **{"Idempotency-Key": f"used-{seed}"}) as client:
        told(client.post(f"/v1/tickets/{one}/verdict", json=BLOCKED))
        before = events(service)
        answer = (
            client.post(f"/v1/tickets/{one}/verdict", json=HARMLESS)
            if second == "another body"
            else client.post(f"/v1/tickets/{other}/verdict", json=BLOCKED)
        )
        error = told(answer, 409)["error"]
        assert (error["code"], error["field"]) == ("refused", "Idempotency-Key")
        assert told(client.get(f"/v1/tickets/{one}"))["verdict"] == "blocked"
        assert told(client.get(f"/v1/tickets/{other}"))["verdict"] is None
    assert not happened(service, before)


def test_others_may_use_the_same_key(service: Served) -> None:
    found = registered(service, 5)
    tickets = set()
    for who in ("platform", "other platform"):
        with service.client(who, **{"Idempotency-Key": "common"}) as client:
            (result,) = ask(client, "/v1/reports", item(f"of {who}", found))
            assert result["content_id"] == f"of {who}"
            tickets.update(result["tickets"])
    assert len(tickets) == 2


def test_an_old_verdict_that_is_replayed_changes_nothing(service: Served) -> None:
    name = ticket(service, 6)
    path = f"/v1/tickets/{name}/verdict"
    with service.client("platform") as client:
        old = told(client.post(path, json=HARMLESS, headers={"Idempotency-Key": "old"}))
        told(client.post(path, json=BLOCKED, headers={"Idempotency-Key": "new"}))
        before = events(service)
        assert told(client.post(path, json=HARMLESS, headers={"Idempotency-Key": "old"})) == old
        assert told(client.get(f"/v1/tickets/{name}"))["verdict"] == "blocked"
    assert not happened(service, before)


def test_what_was_refused_may_be_tried_again_with_its_key(service: Served) -> None:
    name = ticket(service, 7)
    path = f"/v1/tickets/{name}/verdict"
    with service.client("platform", **{"Idempotency-Key": "again"}) as client:
        told(client.post(path, json={"verdict": "blocked", "reason": None}), 400)
        assert told(client.post(path, json=BLOCKED))["verdict"] == "blocked"


def test_a_removal_counts_once(service: Served) -> None:
    path = f"/v1/tickets/{ticket(service, 8)}/removal"
    before = events(service)
    with service.client("platform", **{"Idempotency-Key": "gone"}) as client:
        answers = [told(client.post(path, json={"removed_at": None})) for _ in range(3)]
    assert answers == answers[:1] * 3
    assert happened(service, before) == {EventKind.CONTENT_REMOVED: 1}


def test_a_check_that_is_kept_is_kept_once(service: Served) -> None:
    sent = item("seen by a moderator", registered(service, 9))
    before = events(service)
    with service.client("moderator", **{"Idempotency-Key": "checked"}) as client:
        answers = [ask(client, "/v1/check", sent, platform="examplegram") for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][0]["matches"][0]["ticket"]
    assert happened(service, before)[EventKind.REPORT_KEPT] == 1


def test_twenty_at_once_have_one_effect(service: Served) -> None:
    body = {"items": [item("all at once", registered(service, 10))]}
    before, ready = events(service), Barrier(AT_ONCE)

    def report(_: int) -> dict[str, Any]:
        with service.client("platform", **{"Idempotency-Key": "rush"}) as client:
            client.get("/status/live")  # so that all are connected
            ready.wait(60)
            return told(client.post("/v1/reports", json=body))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(report, range(AT_ONCE)))
    assert answers == answers[:1] * AT_ONCE
    counted = happened(service, before)
    assert counted[EventKind.REPORT_KEPT] == 1
    assert counted[EventKind.MATCH_FOUND] == 1


def test_twenty_submissions_of_one_file_make_one_case(service: Served) -> None:
    victim, ready = Victim(), Barrier(AT_ONCE)
    sent = victim.submission(picture(seeded(11))).to_bytes()
    before = events(service)

    def hand_in(_: int) -> str:
        with service.client() as client:
            ready.wait(60)
            return str(told(client.post("/v1/submissions", content=sent))["outcome"])

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = Counter(threads.map(hand_in, range(AT_ONCE)))
    assert outcomes["taken_in"] == 1
    assert happened(service, before)[EventKind.FINGERPRINT_ADDED] == 1


@pytest.mark.parametrize("key", [b"", b"with space", b"x" * 129, b"\xe9"])
def test_a_key_that_can_not_be_one_is_said(service: Served, key: bytes) -> None:
    body = {"items": [item("odd key", picture(seeded(12)))]}
    with service.client("platform") as client:
        answer = client.post("/v1/reports", json=body, headers={b"Idempotency-Key": key})
    assert told(answer, 400)["error"]["field"] == "Idempotency-Key"
