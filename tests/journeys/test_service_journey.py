"""The main job over HTTP: victim, platform and moderator, a program each, and a server."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from support.journey import unsure_copy
from support.program import SAMPLES, Done, hashreg
from support.sent import told
from support.serving import Served, served
from support.shell import shell

ORIGINALS, EDITED = SAMPLES / "originals", SAMPLES / "edited"
NAMED = "content-of-today"


class Travelled:
    """A server, and what everybody printed who asked it."""

    def __init__(self, service: Served, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.steps: dict[str, Done] = {}
        self.told: dict[str, Any] = {}
        self.case = self.code = ""

    def go(self, step: str, who: str | None, *arguments: str | Path, **more: str) -> Done:
        """Run a command of somebody, who has a key if the role has one, in a folder of theirs."""
        home = self.folder / (who or "victim")
        home.mkdir(exist_ok=True)
        environ = {"HASHREG_SERVER": self.service.url} | more
        if who:
            environ["HASHREG_KEY"] = self.service.keys[who]
        self.steps[step] = hashreg(*arguments, cwd=home, environ=environ)
        return self.steps[step]

    def ask(self, step: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask as a platform's own program does."""
        with self.service.client("platform") as client:
            self.told[step] = told(client.request(method, path, json=body))
        return dict(self.told[step])

    def __getitem__(self, step: str) -> Done:
        return self.steps[step]


def copies(folder: Path) -> list[Path]:
    """Make copies that are tilted, cropped, pasted elsewhere, and hardly there."""
    with Image.open(ORIGINALS / "cat.png") as opened:
        cat = opened.convert("RGB")
    with Image.open(SAMPLES / "unrelated" / "alps.jpg") as opened:
        ground = opened.convert("RGB").resize((900, 700))
    ground.paste(cat.resize((500, 500 * cat.height // cat.width)), (330, 60))
    made = {
        "tilted.jpg": cat.rotate(12, Image.Resampling.BICUBIC, expand=True),
        "cut.jpg": cat.crop((cat.width // 5, 0, cat.width, cat.height)),
        "pasted.jpg": ground,
    }
    for name, copy in made.items():
        copy.save(folder / name, quality=85)
    return [*(folder / name for name in made), unsure_copy(folder)]


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    folder = tmp_path_factory.mktemp("service")
    with served(folder) as service:
        journey = Travelled(service, folder)
        for part in (_report_early, _register, _check, _report, _decide, _withdraw):
            part(journey)
        yield journey


def _report_early(journey: Travelled) -> None:
    """A platform reports an upload before anybody has registered it."""
    files = [EDITED / "astronaut-messenger.jpg", SAMPLES / "unrelated" / "alps.jpg"]
    line = f"hashreg hash --views query --json {files[0]} {files[1]} | hashreg report - --json"
    keys = journey.service.keys
    environ = {"HASHREG_SERVER": journey.service.url, "HASHREG_KEY": keys["platform"]}
    journey.steps["report early"] = shell(line, cwd=journey.folder, environ=environ)
    journey.ask("no tickets", "GET", "/v1/tickets")


def _register(journey: Travelled) -> None:
    journey.go("register", None, "register", ORIGINALS, "-o", "CASE.hashreg", "--json")
    made = journey["register"].lines[0]
    journey.case, journey.code = made["case"], made["recovery_code"]
    code = {"HASHREG_RECOVERY_CODE": journey.code}
    journey.go("status", None, "status", journey.case, "--json", **code)
    journey.go("status human", None, "status", journey.case, **code)
    journey.go("status of another", None, "status", "0000-0000-0000", **code)
    journey.ask("tickets", "GET", "/v1/tickets")


def _check(journey: Travelled) -> None:
    files = [*copies(journey.folder), EDITED, SAMPLES / "unrelated", SAMPLES / "odd"]
    journey.go("check", "moderator", "check", *files, "--json")
    journey.steps["check here"] = journey.service.run("check", *files, "--json", code=1)
    journey.go("check human", "moderator", "check", files[0])
    journey.go("check without a key", "auditor", "check", files[0])


def _report(journey: Travelled) -> None:
    made = journey.go("hash", None, "hash", "--views", "query", "--json", EDITED / "cat-border.jpg")
    item = {"content_id": NAMED, "hashes": made.lines[0]["hashes"]}
    journey.ask("lookup", "POST", "/v1/lookup", {"items": [item]})
    journey.ask("report", "POST", "/v1/reports", {"items": [item]})


def _decide(journey: Travelled) -> None:
    journey.go("queue", "moderator", "review", "list", "--json")
    early = journey.told["tickets"]["tickets"][0]["ticket"]
    journey.go("show", "moderator", "review", "show", early, "--json")
    decided = ("blocked", "--reason", "non_consensual", "--json")
    journey.go("decide", "moderator", "review", "decide", early, *decided)
    own = journey.told["report"]["results"][0]["tickets"][0]
    body = {"verdict": "blocked", "reason": "non_consensual"}
    journey.ask("verdict", "POST", f"/v1/tickets/{own}/verdict", body)
    journey.ask("removal", "POST", f"/v1/tickets/{own}/removal", {})
    journey.go("show removed", "moderator", "review", "show", own, "--json")
    journey.go("queue after", "moderator", "review", "list", "--json")
    journey.ask("all tickets", "GET", "/v1/tickets?state=all")


def _withdraw(journey: Travelled) -> None:
    code = {"HASHREG_RECOVERY_CODE": journey.code}
    journey.go("withdraw", None, "withdraw", journey.case, "--json", **code)
    journey.told["within"] = _seconds_until_nothing_matches(journey)
    journey.go("status withdrawn", None, "status", journey.case, "--json", **code)
    journey.go("check withdrawn", "moderator", "check", EDITED, "--json")
    journey.ask("tickets withdrawn", "GET", "/v1/tickets?state=closed")


def _seconds_until_nothing_matches(journey: Travelled) -> float:
    began = time.monotonic()
    item = {"content_id": NAMED, "hashes": journey["hash"].lines[0]["hashes"]}
    while time.monotonic() - began < 30:
        with journey.service.client("platform") as client:
            found = told(client.post("/v1/lookup", json={"items": [item]}))["results"][0]
        if found["tier"] is None:
            break
    return time.monotonic() - began


def test_an_upload_that_nobody_registered_matches_nothing(travelled: Travelled) -> None:
    done = travelled["report early"]
    assert done.stderr == b""
    assert [(it["tier"], it["tickets"]) for it in done.lines] == [(None, []), (None, [])]
    assert done.code == 0
    assert travelled.told["no tickets"]["tickets"] == []


def test_a_case_that_is_registered_at_a_server_is_active(travelled: Travelled) -> None:
    assert travelled["register"].code == 0, travelled["register"].errors
    assert (travelled.folder / "victim" / "CASE.hashreg").exists()
    status = travelled["status"].lines[0]
    assert (status["case"], status["state"]) == (travelled.case, "active")
    assert travelled.case in travelled["status human"].text
    assert travelled["status of another"].code == 2


def test_the_registration_finds_the_report_of_the_day_before(travelled: Travelled) -> None:
    (ticket,) = travelled.told["tickets"]["tickets"]
    assert ticket["content_id"] == travelled["report early"].lines[0]["content_id"]
    assert (ticket["tier"], ticket["state"]) == ("match", "open")


def test_a_check_at_a_server_says_what_a_check_of_its_file_says(travelled: Travelled) -> None:
    there, here = travelled["check"].lines, travelled["check here"].lines
    assert len(there) == len(here) > 20
    for one, other in zip(there, here, strict=True):
        assert one == other, one["file"]
    assert (travelled["check"].code, travelled["check"].errors) == (1, "")
    assert {it["verdict"] for it in there} >= {"match", "review", "clear", "unchecked"}


def test_copies_that_only_their_shape_gives_away_are_found_over_http(travelled: Travelled) -> None:
    lines = {Path(it["file"]).name: it for it in travelled["check"].lines}
    for name in ("tilted.jpg", "cut.jpg", "pasted.jpg"):
        assert lines[name]["verdict"] == "match"
        assert lines[name]["matches"][0]["shape"]["points"] >= 3
    assert lines["tilted.jpg"]["matches"][0]["query_view"] == "aligned"
    assert travelled["check human"].code == 1


def test_who_may_not_check_is_told_so(travelled: Travelled) -> None:
    done = travelled["check without a key"]
    assert (done.code, done.stdout) == (2, b"")
    assert "check" in done.errors


def test_a_platform_looks_up_reports_and_answers(travelled: Travelled) -> None:
    (looked,), (reported,) = (travelled.told[it]["results"] for it in ("lookup", "report"))
    assert (looked["tier"], looked["tickets"]) == ("match", [])
    assert reported["tier"] == "match"
    (ticket,) = reported["tickets"]
    assert travelled.told["verdict"]["verdict"] == "blocked"
    assert travelled.told["removal"]["removed_at"]
    assert travelled.told["removal"]["state"] == "decided"
    shown = travelled["show removed"].lines[0]
    assert shown["removed_at"] == travelled.told["removal"]["removed_at"]
    assert [it["as"] for it in shown["verdicts"]] == ["platform:examplegram"]
    assert ticket in {it["ticket"] for it in travelled.told["all tickets"]["tickets"]}


def test_a_moderator_decides_and_the_platform_is_told(travelled: Travelled) -> None:
    (ticket,) = travelled.told["tickets"]["tickets"]
    queue = [it["ticket"] for it in travelled["queue"].lines]
    assert ticket["ticket"] in queue
    assert travelled["show"].lines[0]["content_id"] == ticket["content_id"]
    assert travelled["decide"].lines[0]["verdicts"][0]["as"] == "kim"
    assert travelled["queue after"].lines == []
    told_to_platform = {it["ticket"]: it for it in travelled.told["all tickets"]["tickets"]}
    assert told_to_platform[ticket["ticket"]]["verdict"] == "blocked"


def test_after_a_withdrawal_nothing_matches_within_a_second(travelled: Travelled) -> None:
    assert travelled["withdraw"].code == 0, travelled["withdraw"].errors
    assert travelled.told["within"] < 1
    assert travelled["status withdrawn"].lines[0]["state"] == "withdrawn"
    assert travelled["check withdrawn"].code == 0
    assert {it["verdict"] for it in travelled["check withdrawn"].lines} == {"clear"}


def test_nobody_printed_a_trace_and_the_log_holds_no_secret(travelled: Travelled) -> None:
    for done in travelled.steps.values():
        assert b"Traceback" not in done.stderr
    log = travelled.service.log.read_text()
    assert '"fault"' not in log
    secrets = [travelled.case, travelled.code, NAMED, *travelled.service.keys.values()]
    assert not [at for at, secret in enumerate(secrets) if secret in log]
