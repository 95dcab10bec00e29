"""Beside the service: what commands write to the same file is seen; stopping, and failing."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from support.cases import Victim, copy_of, picture, seeded
from support.program import Done, hashreg
from support.sent import ask, item, submit, told, withdraw
from support.serving import SEEN_WITHIN, Served, served
from support.sqlite import raw
from support.streaming import streaming

MANY = 700
"""Pictures; from 500 on the index is worth keeping."""


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("following")) as service:
        yield service


def until(is_so: Callable[[], bool], within: float = SEEN_WITHIN) -> float:
    """Wait until something is so; return the seconds that it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within, "it does not come to be so"
        time.sleep(0.05)
    return time.monotonic() - began


def is_found(service: Served, upload: Fingerprint) -> bool:
    with service.client("platform") as client:
        (found,) = ask(client, "/v1/lookup", item("asked", upload))
    return bool(found["tier"] == "match")


def test_what_a_command_takes_in_and_withdraws_is_followed(service: Served) -> None:
    victim, made = Victim(), picture(seeded(1))
    for document in (victim.submission(made), victim.withdrawal()):
        file = service.folder / f"{document.kind}.hashreg"
        file.write_bytes(document.to_bytes())
        assert is_found(service, made) is (document.kind == "withdrawal")
        service.run("intake", file)
        until(lambda: is_found(service, made) is (document.kind == "submission"))  # noqa: B023


def test_a_ticket_of_a_case_that_a_command_took_in_is_there(service: Served) -> None:
    victim, made = Victim(), picture(seeded(2))
    with service.client("platform") as client:
        ask(client, "/v1/reports", item("early", copy_of(made, seeded(3), 9)))
        file = service.folder / "later.hashreg"
        file.write_bytes(victim.submission(made).to_bytes())
        service.run("intake", file)
        (ticket,) = told(client.get("/v1/tickets"))["tickets"]
    assert (ticket["content_id"], ticket["tier"]) == ("early", "match")


def test_keys_that_come_and_go_are_followed(service: Served) -> None:
    service.keys["short"] = service.run("platform", "add", "short", "--json").lines[0]["key"]
    service.wait_for("short")
    service.run("platform", "revoke", "short")
    service.wait_for("short", known=False)
    with service.client("short") as client:
        assert told(client.get("/v1/tickets"), 401)["error"]["code"] == "unauthorized"


def test_two_services_on_one_file_follow_each_other(service: Served) -> None:
    second = Served(service.folder)
    second.keys, second.log = service.keys, service.folder / "second.log"
    second.start()
    try:
        made, other = picture(seeded(4)), picture(seeded(5))
        victim, another = submit(service, made), submit(second, other)
        for one in (service, second):
            until(lambda: is_found(one, made) and is_found(one, other))  # noqa: B023
        with second.client("platform", **{"Idempotency-Key": "both"}) as client:
            here = ask(client, "/v1/reports", item("both", made))
        with service.client("platform", **{"Idempotency-Key": "both"}) as client:
            assert ask(client, "/v1/reports", item("both", made)) == here
        withdraw(second, victim)
        withdraw(service, another)
        for one in (service, second):
            until(lambda: not is_found(one, made) and not is_found(one, other))  # noqa: B023
        assert second.stop() == 0
    finally:
        second.kill()


def test_what_was_begun_ends_when_the_service_is_asked_to_stop(tmp_path: Path) -> None:
    rng = seeded(6)
    uploads = [item(f"upload {at}", picture(rng)) for at in range(2000)]
    with served(tmp_path) as service:
        with streaming(service, "/v1/reports", service.keys["platform"]) as call:
            call.send(*uploads[:10])
            assert call.read() is not None
            stopped: list[int] = []
            stopping = threading.Thread(target=lambda: stopped.append(service.stop()))
            stopping.start()
            until(lambda: not _listens(service))
            call.send(*uploads[10:])
            call.finish()
            rows = call.rest()
        stopping.join(60)
        assert stopped == [0]
        assert [it["error"] for it in rows] == [None] * 1999
    assert json.loads(service.log.read_text().splitlines()[-1])["event"] == "closed"
    statistics = hashreg("stats", "--registry", service.registry, "--json", cwd=tmp_path).lines[0]
    assert statistics["reports_kept"] == 2000


def _listens(service: Served) -> bool:
    host, port = service.url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def test_calls_that_run_when_it_stops_are_answered(tmp_path: Path) -> None:
    rng = seeded(7)
    made = picture(rng)
    uploads = [item(str(at), picture(rng)) for at in range(3000)] + [item("known", made)]
    with served(tmp_path) as service:
        submit(service, made)

        def report(number: int) -> list[Any]:
            with service.client("platform", **{"Idempotency-Key": str(number)}) as client:
                return ask(client, "/v1/reports", *uploads)

        with ThreadPoolExecutor(3) as threads:
            asked = [threads.submit(report, number) for number in range(3)]
            until(lambda: any(it.done() for it in asked), within=60)
            assert service.stop() == 0
            answers = [it.result() for it in asked]
    assert all(it[-1]["tier"] == "match" for it in answers)
    assert answers[0] == answers[1] == answers[2]


def test_the_index_is_kept_and_the_next_start_opens_it(tmp_path: Path) -> None:
    rng = seeded(8)
    made = [picture(rng) for _ in range(MANY)]
    with served(tmp_path) as service:
        for at in range(0, MANY, 50):
            submit(service, *made[at : at + 50])
        assert service.stop() == 0
        kept = service.registry.with_name("registry.db-index")
        files = {it: it.stat().st_mtime_ns for it in kept.rglob("*") if it.is_file()}
        assert files
        service.start()
        assert is_found(service, made[-1])
        assert service.stop() == 0
    assert {it: it.stat().st_mtime_ns for it in kept.rglob("*") if it.is_file()} == files


def test_a_second_request_to_stop_does_not_wait(tmp_path: Path) -> None:
    with (
        served(tmp_path) as service,
        streaming(service, "/v1/lookup", service.keys["platform"]) as call,
    ):
        call.send(item("one", picture(seeded(9))))
        assert call.read() is not None
        service.interrupt()
        until(lambda: not _listens(service))
        service.interrupt()
        assert service.wait() == 0


def serve(*arguments: str | Path, cwd: Path) -> Done:
    return hashreg("serve", *arguments, cwd=cwd)


def test_a_registry_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = serve("--registry", "nowhere.db", "--port", "0", cwd=tmp_path)
    assert (done.code, done.stdout) == (2, b"")
    assert "hashreg init" in done.errors


def test_a_file_that_is_no_registry_is_said(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(b"nothing of the kind" * 100)
    done = serve("--registry", "registry.db", "--port", "0", cwd=tmp_path)
    assert (done.code, done.stdout) == (2, b"")
    assert "not a registry" in done.errors


def test_a_port_that_is_taken_is_said(service: Served) -> None:
    port = service.url.rpartition(":")[2]
    done = serve("--registry", service.registry, "--port", port, cwd=service.folder)
    assert (done.code, done.stdout) == (2, b"")
    assert done.errors.startswith("hashreg: ")
    assert "--port" in done.errors


def test_a_registry_that_is_moved_away_is_missed_until_it_is_back(tmp_path: Path) -> None:
    made, aside = picture(seeded(10)), tmp_path / "aside.db"
    with served(tmp_path) as service, service.client("platform") as client:
        submit(service, made)
        service.registry.rename(aside)
        answer = client.post("/v1/reports", json={"items": [item("lost?", made)]})
        assert told(answer, 503)["error"]["code"] == "registry_unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert str(tmp_path) not in answer.text
        assert is_found(service, made)  # the index is in memory
        aside.rename(service.registry)
        (found,) = ask(client, "/v1/reports", item("kept", made))
        assert found["tier"] == "match"


@pytest.mark.slow
def test_the_status_says_that_the_registry_is_missed(tmp_path: Path) -> None:
    aside = tmp_path / "aside.db"
    with served(tmp_path) as service, service.client() as client:
        assert told(client.get("/status"))["status"] == "ok"
        service.registry.rename(aside)
        until(lambda: client.get("/status").status_code == 503, within=60)
        status = told(client.get("/status"), 503)
        assert status["status"] == "behind"
        assert status["behind_seconds"] >= 15
        assert told(client.get("/status/live"))["status"] == "live"
        aside.rename(service.registry)
        until(lambda: client.get("/status").status_code == 200)


def test_a_registry_that_is_replaced_takes_nothing_in_vain(tmp_path: Path) -> None:
    """What is written into a file that has no name any more would be lost."""
    with served(tmp_path) as service, service.client("platform") as client:
        copy = tmp_path / "copy.db"
        copy.write_bytes(service.registry.read_bytes())
        copy.rename(service.registry)
        answer = client.post("/v1/reports", json={"items": [item("a", picture(seeded(11)))]})
        assert told(answer, 503)["error"]["code"] == "registry_unavailable"


def test_whoever_asks_whether_it_is_well_is_a_witness(tmp_path: Path) -> None:
    """The head that the service gives out is found again by `audit verify`."""
    with served(tmp_path) as service:
        with service.client() as client:
            head = told(client.get("/status"))["head"]
        kept = tmp_path / "head.json"
        kept.write_text(json.dumps(head))
        whole = service.run("audit", "verify", "--head", kept, "--json")
        assert whole.lines[0]["finding"] is None
        with raw(service.registry) as database:
            database.execute("DROP TRIGGER events_are_never_deleted")
            database.execute("DELETE FROM events WHERE sequence = ?", [head["sequence"]])
        cut = service.run("audit", "verify", "--head", kept, "--json", code=1)
        assert cut.lines[0]["finding"] == "cut_off"
