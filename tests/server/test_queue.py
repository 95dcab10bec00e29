"""The queue over HTTP, page by page."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.house import House, house
from support.sent import told


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service of its own: these tests decide what others wait for."""
    with house(tmp_path_factory.mktemp("queue")) as made:
        yield made


def page(ours: House, **query: str) -> dict[str, Any]:
    with ours.client("moderator") as client:
        return dict(told(client.get("/v1/queue", params=query)))


def names(answer: dict[str, Any]) -> list[str]:
    return [it["ticket"] for it in answer["matches"]]


def test_the_next_page_goes_on_although_the_last_ticket_was_decided(ours: House) -> None:
    every = names(page(ours))
    first = page(ours, limit="2")
    assert (names(first), first["next"]) == (every[:2], every[1])
    with ours.client("moderator") as client:
        verdict = {"verdict": "blocked", "reason": "non_consensual"}
        told(client.post(f"/v1/tickets/{every[1]}/verdict", json=verdict))
    rest = page(ours, after=every[1])
    assert (names(rest), rest["next"]) == (every[2:], None)


@pytest.mark.parametrize(("after", "status"), [("zzz", 400), ("0" * 32, 404)])
def test_a_cursor_that_is_no_ticket_or_an_unknown_one_is_said(
    ours: House, after: str, status: int
) -> None:
    with ours.client("moderator") as client:
        answer = client.get("/v1/queue", params={"after": after})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["field"] == "ticket"
    assert after not in error["message"]
    assert "review list" not in error["message"]


def test_orders_come_page_by_page_although_the_last_one_ended(ours: House) -> None:
    with ours.client("moderator") as client:
        for ticket in names(page(ours, state="all")):
            verdict = {"verdict": "blocked", "reason": "non_consensual"}
            told(client.post(f"/v1/tickets/{ticket}/verdict", json=verdict))

        def orders(**query: str) -> tuple[list[str], str | None]:
            answer = told(client.get("/v1/takedowns", params=query))
            return [it["order"] for it in answer["orders"]], answer["next"]

        every, _ = orders()
        first, after = orders(limit="2")
        assert (first, after) == (every[:2], every[1])
        ticket = told(client.get("/v1/takedowns"))["orders"][1]["tickets"][0]
        verdict = {"verdict": "not_blocked", "reason": "consensual"}
        told(client.post(f"/v1/tickets/{ticket}/verdict", json=verdict))
        assert set(orders(after=every[1])[0]) >= set(every[2:])
        assert every[1] not in orders()[0]
        assert every[1] in orders(state="all")[0]
        assert orders(escalated="true") == ([], None)
        answer = client.get("/v1/takedowns", params={"after": "0" * 32})
        assert (answer.status_code, answer.json()["error"]["field"]) == (404, "order")


def test_an_order_that_its_platform_fetched_has_reached_it(ours: House) -> None:
    """And what it has to do nothing about for now is not among what is wanted of it."""
    with ours.client("moderator") as moderator, ours.client("platform") as platform:
        ticket = names(page(ours, state="all"))[0]
        for verdict in ("pending_review", "blocked"):
            reason = "non_consensual" if verdict == "blocked" else None
            body = {"verdict": verdict, "reason": reason}
            told(moderator.post(f"/v1/tickets/{ticket}/verdict", json=body))

        def seen(state: str) -> list[dict[str, Any]]:
            every = told(platform.get("/v1/orders", params={"state": state}))["orders"]
            return [it for it in every if it["kind"] == "removal" and ticket in it["tickets"]]

        every = told(moderator.get("/v1/takedowns"))["orders"]
        assert [it["reached_at"] for it in every if it["tickets"] == [ticket]][-1] is None
        (order,) = seen("wanted")
        assert order["reached_at"]
        assert seen("live") == [order]
        told(platform.post(f"/v1/tickets/{ticket}/removal", json={}))
        assert seen("wanted") == []
        assert [it["state"] for it in seen("live")] == ["removed"]
