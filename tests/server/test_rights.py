"""Who may ask what: every end point with every sort of key, by a table written out by hand."""

from dataclasses import dataclass
from typing import Any

import pytest

from hashreg.model.people import SCOPES, Role, allowed
from hashreg.server.table import ENDPOINTS
from support.cases import Victim

from .house import PEOPLE, House

TICKET = "0f" * 16
UNKNOWN = Victim().number
ITEMS = {"items": [{"content_id": "a", "hashes": []}]}
CASE = {"case": UNKNOWN}
SIGNAL = {"signal_type": "video_md5", "signal": "0f" * 16}


@dataclass(frozen=True)
class Row:
    """``who`` may, by role and the scopes that suffice; ``status`` is what they get for ``body``.

    ``who`` None: everybody may, without a key.
    """

    who: dict[str, str] | None
    status: int
    body: dict[str, Any] | None = None


RIGHTS = {
    "GET /status": Row(None, 200),
    "GET /status/live": Row(None, 200),
    "POST /v1/challenge": Row(None, 200, {}),
    "POST /v1/submissions": Row(None, 400, {}),
    "POST /v1/status": Row(None, 400, CASE),
    "GET /v1/takedown-statistics": Row(None, 200),
    "POST /v1/lookup": Row({"platform": "lookup"}, 200, ITEMS),
    "POST /v1/reports": Row({"platform": "report"}, 200, ITEMS),
    "POST /v1/align": Row(
        {"platform": "lookup report", "moderator": "check"}, 200, {"items": [{"handle": "a"}]}
    ),
    "GET /v1/tickets": Row({"platform": "tickets"}, 200),
    "GET /v1/tickets/{ticket:str}": Row({"platform": "tickets"}, 404),
    "POST /v1/tickets/{ticket:str}/verdict": Row(
        {"platform": "tickets", "moderator": "queue"}, 404, {"verdict": "pending_review"}
    ),
    "POST /v1/tickets/{ticket:str}/removal": Row({"platform": "tickets"}, 404, {}),
    "GET /v1/orders": Row({"platform": "tickets"}, 200),
    "POST /v1/orders/{order:str}/acknowledge": Row(
        {"platform": "tickets", "moderator": "queue"}, 404, {}
    ),
    "POST /v1/orders/{order:str}/recheck": Row(
        {"platform": "tickets", "moderator": "queue"}, 404, {"present": True}
    ),
    "POST /hma/m/lookup": Row({"platform": "lookup"}, 200, SIGNAL),
    "GET /hma/m/lookup": Row({"platform": "lookup"}, 403),
    "GET /v1/feed": Row({"platform": "feed"}, 200),
    "GET /stopncii/FetchHashes": Row({"platform": "feed"}, 200),
    "POST /stopncii/SubmitFeedback": Row({"platform": "feed"}, 200, {"hashFeedbacks": []}),
    "POST /v1/check": Row({"moderator": "check"}, 200, ITEMS),
    "GET /v1/queue": Row({"moderator": "queue"}, 200),
    "GET /v1/queue/{ticket:str}": Row({"moderator": "queue"}, 404),
    "GET /v1/takedowns": Row({"moderator": "queue"}, 200),
    "POST /v1/orders/{order:str}/deliver": Row({"moderator": "queue"}, 404, {}),
    "GET /v1/held": Row({"moderator": "queue"}, 200),
    "POST /v1/held/{picture:str}": Row({"moderator": "queue"}, 404, {"decision": "admit"}),
    "GET /v1/cases": Row({"moderator": "cases", "operator": "cases"}, 200),
    "GET /v1/cases/{case:str}": Row({"moderator": "cases", "operator": "cases"}, 404),
    "GET /v1/people/{role:str}": Row({"operator": "people"}, 200),
    "POST /v1/people/{role:str}": Row({"operator": "people"}, 400, {"name": ""}),
    "POST /v1/people/{role:str}/{name:str}/keys": Row({"operator": "people"}, 404, {}),
    "POST /v1/people/{role:str}/{name:str}/revoke": Row({"operator": "people"}, 404, {}),
    "GET /v1/statistics": Row(
        {"moderator": "statistics", "operator": "statistics", "auditor": "statistics"}, 200
    ),
    "GET /v1/events": Row({"operator": "events", "auditor": "events"}, 200),
    "POST /v1/delegated/status": Row({"helper": "delegated"}, 404, CASE),
    "POST /v1/delegated/pictures": Row({"helper": "delegated"}, 404, CASE | {"items": []}),
    "POST /v1/delegated/withdrawal": Row({"helper": "delegated"}, 404, CASE),
}
"""The promise; ``hashreg.server.table`` has to keep it."""

NARROWED = [(role.value, scope.value) for role in Role for scope in allowed(role)]
BAD_KEYS = {
    "none": None,
    "empty": "",
    "unknown": "Bearer hashreg_aaaaaaaa_" + "A" * 43,
    "another scheme": "Basic aGFzaHJlZw==",
    "not ascii": "Bearer h\xe9",
    "no hidden part": "Bearer hashreg_aaaaaaaa",
}


def ask(
    house: House, route: str, *, who: str | None = None, key: str | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    """Ask an end point as it is meant to be asked; return the status and the answer."""
    method, _, path = route.partition(" ")
    for part, value in (
        ("ticket", TICKET),
        ("order", TICKET),
        ("picture", TICKET),
        ("case", UNKNOWN),
        ("role", "platform"),
        ("name", "nobody"),
    ):
        path = path.replace(f"{{{part}:str}}", value)
    if key is not None:
        headers["Authorization"] = key
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    with house.client(who) as client:
        response = client.request(method, path, json=RIGHTS[route].body, headers=sent)
    answer: dict[str, Any] = response.json()
    return response.status_code, answer


def assert_refused(answered: tuple[int, dict[str, Any]], status: int, code: str) -> None:
    """Check that an answer is the one error, of this status."""
    assert answered[0] == status
    error = answered[1].pop("error")
    assert answered[1] == {}
    assert error["code"] == code
    assert error["message"]
    assert error.keys() == {"code", "message", "field"}
    assert error["field"] == "Authorization"


def test_the_table_here_names_every_end_point() -> None:
    assert list(RIGHTS) == [f"{it.method} {it.path}" for it in ENDPOINTS]


@pytest.mark.parametrize("who", [*PEOPLE, "sandbox"])
@pytest.mark.parametrize("route", RIGHTS)
def test_a_role_may_ask_what_the_table_says_and_nothing_else(
    at: House, route: str, who: str
) -> None:
    row = RIGHTS[route]
    role = "platform" if who == "sandbox" else PEOPLE[who][0].value
    answered = ask(at, route, who=who)
    if row.who is None or row.who.get(role, "feed") != "feed":
        assert answered[0] == row.status
    else:
        assert_refused(answered, 403, "forbidden")


@pytest.mark.parametrize("route", RIGHTS)
def test_a_key_of_one_scope_is_good_for_that_scope_only(at: House, route: str) -> None:
    row = RIGHTS[route]
    for role, scope in NARROWED:
        answered = ask(at, route, who=f"{role} {scope}")
        if row.who is None or scope in row.who.get(role, "").split():
            assert answered[0] == row.status, (role, scope)
        else:
            assert_refused(answered, 403, "forbidden")


@pytest.mark.parametrize("route", RIGHTS)
def test_a_key_that_is_not_good_opens_nothing_and_closes_nothing_that_is_public(
    at: House, route: str
) -> None:
    row = RIGHTS[route]
    tried = [ask(at, route, key=key) for key in BAD_KEYS.values()]
    tried += [
        ask(at, route, who=f"{what} {role}") for what in ("expired", "revoked") for role in SCOPES
    ]
    assert len(tried) == len(BAD_KEYS) + 10
    for answered in tried:
        if row.who is None:
            assert answered[0] == row.status
        else:
            assert_refused(answered, 401, "unauthorized")


@pytest.mark.parametrize("route", ["POST /v1/lookup", "POST /v1/reports", "POST /v1/check"])
def test_streams_have_the_same_door(at: House, route: str) -> None:
    lines = {"Content-Type": "application/x-ndjson"}
    assert_refused(ask(at, route, **lines), 401, "unauthorized")
    assert_refused(ask(at, route, who="expired platform", **lines), 401, "unauthorized")
    assert_refused(ask(at, route, who="helper", **lines), 403, "forbidden")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "GET"])
def test_another_method_opens_nothing(at: House, method: str) -> None:
    with at.client("operator") as client:
        for endpoint in ENDPOINTS:
            other = "POST" if method == "GET" else "GET"
            both = endpoint.path.startswith(("/v1/people/{role:str}", "/hma"))
            if endpoint.method == other and not both:
                answer = client.request(method, endpoint.path)
                assert answer.status_code in {404, 405}, endpoint.path
                if method != "HEAD" and answer.status_code == 405:
                    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("spelled", ["/v1/queue/", "//v1/queue", "/v1//queue", "/v1/./queue"])
def test_another_spelling_of_a_path_goes_through_the_same_door(at: House, spelled: str) -> None:
    with at.client("platform") as client:
        response = client.get(at.service.url + spelled)
    assert response.status_code in {403, 404}
    assert "matches" not in response.json()


def test_who_is_revoked_is_out_at_once(at: House) -> None:
    with at.client("operator") as operator, at.client("moderator") as moderator:
        made = operator.post("/v1/people/auditor", json={"name": "for a minute"})
        assert made.status_code == 201
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        assert moderator.get("/v1/events", headers=key).status_code == 200
        operator.post("/v1/people/auditor/for%20a%20minute/revoke", json={})
        assert moderator.get("/v1/events", headers=key).status_code == 401


def test_the_sandbox_knows_nothing_of_the_registry(at: House) -> None:
    sent = {"items": [{"content_id": "photo", "hashes": at.upload(0)}]}
    with at.client("platform") as real, at.client("sandbox") as sandbox:
        assert real.post("/v1/lookup", json=sent).json()["results"][0]["tier"] == "match"
        assert sandbox.post("/v1/lookup", json=sent).json()["results"][0]["tier"] is None
        assert real.get(f"/v1/tickets/{at.tickets[0]}").status_code == 200
        assert sandbox.get(f"/v1/tickets/{at.tickets[0]}").status_code == 404
        kept = sandbox.post("/v1/reports", json=sent)
        assert kept.json()["results"][0]["tickets"] == []


def test_another_platform_knows_nothing_of_a_ticket(at: House) -> None:
    path = f"/v1/tickets/{at.tickets[0]}"
    with at.client("other platform") as other:
        assert other.get(path).status_code == 404
        assert other.post(f"{path}/verdict", json={"verdict": "pending_review"}).status_code == 404
        assert other.post(f"{path}/removal", json={}).status_code == 404
        unknown = other.get(f"/v1/tickets/{TICKET}")
        assert unknown.content == other.get(path).content
