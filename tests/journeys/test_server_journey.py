"""The journey with ``--server``: everything goes as it goes beside the registry's own file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.journey import Journey, unsure_copy
from support.program import SAMPLES, Done, hashreg
from support.serving import serving

HERE = {"HASHREG_REGISTRY": "registry.db"}


class Service:
    """A registry that is served, and what was done there with ``--server``."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.there = Journey(folder, {"HASHREG_SERVER": address})
        self.keys: dict[str, str] = {}

    def here(self, *arguments: str | Path, given: bytes = b"") -> Done:
        """Run a command at the registry's file."""
        return hashreg(*arguments, cwd=self.folder, environ=HERE, given=given)

    def go(self, step: str, who: str, *arguments: str | Path) -> Done:
        """Run a command at the server, with somebody's key on standard input."""
        return self.there.go(step, *arguments, given=f"{self.keys[who]}\n".encode())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    hashreg("init", cwd=folder, environ=HERE)
    with serving(folder / "registry.db", folder) as address:
        service = Service(folder, address)
        for role, name in (("platform", "examplegram"), ("moderator", "kim")):
            made = service.here(role, "add", name, "--json")
            service.keys[name] = made.lines[0]["key"]
        _walk(service)
        yield service


def _walk(service: Service) -> None:
    """Register, look up, report and decide at the server."""
    there, go = service.there, service.go
    originals, edited, odd = (SAMPLES / name for name in ("originals", "edited", "odd"))
    made = there.go("register", "register", originals, "-o", "C.hashreg", "--json").lines[0]
    there.case, there.code = made["case"], made["recovery_code"]
    uploads = [edited, SAMPLES / "unrelated", odd, unsure_copy(service.folder)]
    go("check", "kim", "check", *uploads, "--json")
    there.steps["check here"] = service.here("check", *uploads, "--json")
    go("check clear", "kim", "check", SAMPLES / "unrelated", "--json")
    named = ("check", "--report", "--platform", "examplegram", "--json")
    go("check report", "kim", *named, edited / "officer-small.jpg", edited / "cat-tilted.jpg")
    hashed = service.here("hash", "--views", "query", "--json", edited, SAMPLES / "unrelated")
    (service.folder / "reports.jsonl").write_bytes(hashed.stdout)
    go("report", "examplegram", "report", "reports.jsonl", "--json")
    there.steps["report here"] = service.here(
        "report", "reports.jsonl", "--platform", "examplegram", "--json"
    )
    go("queue", "kim", "review", "list", "--json")
    there.steps["queue here"] = service.here("review", "list", "--json")
    ticket = there["queue"].lines[0]["ticket"]
    deciding = ("review", "decide", ticket, "blocked", "--reason", "non_consensual")
    go("decide", "kim", *deciding, "--json")
    go("show", "kim", "review", "show", ticket, "--json")
    there.steps["show here"] = service.here("review", "show", ticket, "--json")
    there.go("status", "status", there.case, "--json", code=there.code)
    there.steps["status here"] = service.here("status", there.case, "--json")


def test_pictures_are_registered_at_once(service: Service) -> None:
    assert service.there["register"].code == 0
    assert "taken in" in service.there["register"].errors
    assert service.here("intake", "C.hashreg", "--json").lines[0]["outcome"] == "already"


def test_a_check_finds_at_a_server_what_it_finds_here(service: Service) -> None:
    there, here = service.there["check"], service.there["check here"]
    assert there.lines == here.lines
    assert there.code == here.code == 1
    assert {it["verdict"] for it in there.lines} >= {"match", "review", "clear", "unchecked"}
    assert service.there["check clear"].code == 0


def test_the_device_looked_where_the_server_proposed(service: Service) -> None:
    """Tilted copies are sure matches only by windows that were hashed after the first answer."""
    (tilted,) = [it for it in service.there["check"].lines if it["file"].endswith("cat-tilted.jpg")]
    assert tilted["verdict"] == "match"
    assert tilted["matches"][0]["query_view"] == "aligned"


def test_a_check_that_is_kept_gives_tickets(service: Service) -> None:
    lines = service.there["check report"].lines
    tickets = {match["ticket"] for line in lines for match in line["matches"]}
    assert len(tickets) == len(lines) == 2
    assert tickets <= {it["ticket"] for it in service.there["queue"].lines}


def test_a_report_answers_at_a_server_as_it_does_here(service: Service) -> None:
    there, here = service.there["report"], service.there["report here"]
    assert there.lines == here.lines
    assert there.code == here.code == 1


def test_the_queue_and_its_decisions_are_the_same(service: Service) -> None:
    assert service.there["queue"].lines == service.there["queue here"].lines
    decided = service.there.object("decide")
    assert decided == service.there.object("show") == service.there.object("show here")
    assert [(it["verdict"], it["as"]) for it in decided["verdicts"]] == [("blocked", "kim")]


def test_orders_are_followed_at_a_server_as_they_are_here(service: Service) -> None:
    go, listed = service.go, ("takedown", "list", "--json")
    (order,) = go("orders", "kim", *listed).lines
    assert service.here(*listed).lines == [order]
    assert go("orders in words", "kim", "takedown", "list").text == service.here(*listed[:2]).text
    steps = [
        (("deliver", order["order"]), "reached_at"),
        (("acknowledge", order["order"]), "acknowledged_at"),
        (("recheck", "gone", order["order"]), "removed_at"),
    ]
    for step, moment in steps:
        assert order[moment] is None
        done = go(step[0], "kim", "takedown", *step, "--as", "lee", "--json")
        assert (done.code, "not under --as" in done.errors) == (0, True)
        (order,) = service.here(*listed).lines
        assert done.lines == [order]
        assert order[moment]
    back = go("back", "kim", "takedown", "recheck", "present", order["order"], "--json").lines[0]
    assert (back["state"], back["reappeared"]) == ("open", 1)
    assert go("urgent", "kim", *listed, "--escalated").code == 0
    alone = go("alone", "kim", "takedown", "deliver")
    assert (alone.code, "A server sends by itself" in alone.errors) == (2, True)


def test_a_victim_sees_where_the_case_stands(service: Service) -> None:
    assert service.there["status"].code == 0
    assert service.there.object("status") == service.there.object("status here")
    assert service.there.object("status")["matches"]["blocked"] == 1


def test_another_code_is_told_what_nobody_is_told(service: Service) -> None:
    wrong = service.there.go("wrong", "status", service.there.case, code="0000-0000-0000-0000-0")
    unknown = service.there.go("unknown", "status", "0000-0000-0000", code=service.there.code)
    assert (wrong.code, unknown.code) == (2, 2)
    assert wrong.errors == unknown.errors


def test_a_platforms_key_opens_nothing_else(service: Service) -> None:
    cat = SAMPLES / "originals" / "cat.png"
    for command in (("check", cat), ("review", "list"), ("takedown", "list")):
        done = service.go("not theirs", "examplegram", *command)
        assert (done.code, done.stdout) == (2, b"")
    korean = service.go("korean", "examplegram", "review", "list", "--lang", "ko")
    assert any("가" <= letter <= "힣" for letter in korean.errors)


def test_a_withdrawal_at_a_server_ends_it_there(service: Service) -> None:
    folder, there = service.folder, service.there
    made = there.go("register again", "register", SAMPLES / "unrelated" / "alps.jpg", "--json")
    case, code = made.lines[0]["case"], made.lines[0]["recovery_code"]
    alps = ("check", SAMPLES / "unrelated" / "alps.jpg", "--json")
    assert service.go("before", "kim", *alps).code == 1
    assert there.go("withdraw", "withdraw", case, "--json", code=code).code == 0
    assert there.object("withdraw")["outcome"] == "withdrawn"
    assert service.go("after", "kim", *alps).code == 0
    assert (folder / f"{case}.hashreg").exists()
