"""The feed over HTTP: who may hold it, what StopNCII's own client makes of it, and canaries."""

import importlib.util
from collections.abc import Iterator

import httpx
import pytest

from hashreg.model.feeds import page_digest
from hashreg.model.hashes import Algorithm
from support.cases import Victim, picture, seeded
from support.secrecy import leaks
from support.serving import Served, served

from .house import quick_keys

FEED = "feed"
CURSOR_ERRORS = ("since=x", "page=1", "limit=0", "limit=1001", "since=1-&page=y")


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("feed")) as made:
        given = made.run("platform", "key", "examplegram", "--scope", "feed", "--json")
        made.keys[FEED] = given.lines[0]["key"]
        made.wait_for(FEED)
        yield made


def hash_of(number: int, algorithm: Algorithm = Algorithm.PDQ) -> str:
    return next(it.hash for it in picture(seeded(number)).hashes if it.algorithm is algorithm)


def register(http: httpx.Client, *numbers: int) -> Victim:
    victim = Victim()
    with quick_keys():
        document = victim.submission(*(picture(seeded(it)) for it in numbers))
    http.post("/v1/submissions", content=document.to_bytes()).raise_for_status()
    return victim


def withdraw(http: httpx.Client, victim: Victim) -> None:
    with quick_keys():
        document = victim.withdrawal()
    http.post("/v1/submissions", content=document.to_bytes()).raise_for_status()


def events(service: Served, kind: str) -> list[dict[str, object]]:
    with service.client("auditor") as http:
        told = http.get("/v1/events", params={"limit": 1000}).json()["events"]
    return [it for it in told if it["kind"] == kind]


def test_pages_follow_each_other_and_what_is_gone_is_told(service: Served) -> None:
    with service.client(FEED) as http:
        victim = register(http, 1, 2)
        register(http, 3)
        first = http.get("/v1/feed", params={"limit": 2}).json()
        second = http.get("/v1/feed", params={"limit": 2, "page": first["cursor"]}).json()
        assert (first["more"], second["more"]) == (True, False)
        assert all(page_digest(it["records"]) == it["digest"] for it in (first, second))
        records = [*first["records"], *second["records"]]
        hashes = {it["hash"] for record in records for it in record["hashes"]}
        assert {hash_of(it) for it in (1, 2, 3)} <= hashes
        assert len(records) == 4  # and the canary
        withdraw(http, victim)
        third = http.get("/v1/feed", params={"since": second["cursor"]}).json()
        assert [it["deleted"] for it in third["records"]] == [True, True]
        assert {it["record"] for it in third["records"]} < {it["record"] for it in records}
        fourth = http.get("/v1/feed", params={"since": third["cursor"]}).json()
        assert (fourth["records"], fourth["restart"]) == ([], False)
        orders = http.get("/v1/orders").status_code
    assert orders == 403  # the key is good for the feed and for nothing else
    assert len(events(service, "feed_page")) == 3
    said = [bytes.fromhex(hash_of(it)) for it in (1, 2, 3)]
    assert leaks(said, service.log.read_bytes()) == 0


@pytest.mark.parametrize("query", CURSOR_ERRORS)
def test_what_is_no_cursor_is_refused(service: Served, query: str) -> None:
    with service.client(FEED) as http:
        answer = http.get(f"/v1/feed?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] in ("since", "page", "limit")


def test_a_platform_has_no_feed_by_itself(service: Served) -> None:
    with service.client("platform") as http:
        assert http.get("/v1/feed").status_code == 403
        assert http.get("/stopncii/FetchHashes").status_code == 403


@pytest.mark.skipif(
    importlib.util.find_spec("threatexchange") is None, reason="threatexchange is not here"
)
def test_the_client_of_stopncii_needs_another_address_and_no_more(service: Served) -> None:
    from threatexchange.exchanges.clients.stopncii import api  # noqa: PLC0415

    client = api.StopNCIIAPI(
        "any",
        service.keys[FEED],
        {api.StopNCIIEndpoint.SubmitFeedback: service.keys[FEED]},
        base_url_override=f"{service.url}/stopncii",
    )
    with service.client() as http:
        victim = register(http, 1, 2)
        (page,) = client.fetch_hashes_iter()
        found = {it.hashValue: it for it in page.hashRecords}
        assert {hash_of(1), hash_of(2)} < found.keys()
        assert {it.signalType for it in found.values()} == {api.StopNCIISignalType.ImagePDQ}
        assert {it.hashStatus for it in found.values()} == {api.StopNCIICaseStatus.Active}
        pdq, value = api.StopNCIISignalType.ImagePDQ, api.StopNCIICSPFeedbackValue.Blocked
        client.submit_feedback(pdq, hash_of(1), value, {"x"})
        withdraw(http, victim)
        (after,) = client.fetch_hashes_iter(page.nextSetTimestamp)
        assert {it.hashValue for it in after.hashRecords} == {hash_of(1), hash_of(2)}
        assert {it.hashStatus for it in after.hashRecords} == {api.StopNCIICaseStatus.Withdrawn}
        (last,) = client.fetch_hashes_iter(after.nextSetTimestamp)
        assert last.hashRecords == []
    assert len(events(service, "feed_feedback")) == 1
    assert len(events(service, "verdict")) == 1


def test_feedback_that_can_not_be_taken_is_said_one_by_one(service: Served) -> None:
    with service.client(FEED) as http:
        register(http, 1)
        sent = [
            {"hashValue": hash_of(1), "feedbackValue": "Undefined", "tags": ["a", 3]},
            {"hashValue": "zz", "feedbackValue": "Blocked"},
            "x",
            {"hashValue": hash_of(9), "feedbackValue": "Blocked"},
            {"hashValue": hash_of(1).upper(), "feedbackValue": "NotBlocked", "tags": []},
        ]
        answer = http.post("/stopncii/SubmitFeedback", json={"count": 5, "hashFeedbacks": sent})
        told = answer.json()
    codes = [it["error"] and it["error"]["code"] for it in told["results"]]
    assert codes == [None, "invalid_hash", "invalid_input", "not_found", None]
    assert told["count"] == 2
    assert leaks([bytes.fromhex(hash_of(it)) for it in (1, 9)], answer.content) == 0


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/reports", "/hma/m/lookup"])
def test_a_canary_that_turns_up_is_noted_and_nobody_sees_it(service: Served, path: str) -> None:
    with service.client(FEED) as http:
        (canary,) = http.get("/v1/feed").json()["records"]
    item = next(it for it in canary["hashes"] if it["algorithm"] == "pdq")
    body: dict[str, object] = {"items": [{"content_id": "a", "hashes": [item]}]}
    if path.startswith("/hma"):
        body = {"signal_type": "pdq", "signal": item["hash"]}
    with service.client("other platform") as http:
        answer = http.post(path, json=body)
    assert answer.status_code == 200
    (seen,) = events(service, "canary_seen")
    assert (seen["detail"], seen["actor"]) == ("examplegram", "platform:otherbook")
    assert leaks([bytes.fromhex(item["hash"])], service.log.read_bytes()) == 0
