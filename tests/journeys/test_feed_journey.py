"""A platform fetches the feed at the command line, an operator takes others' in, a list leaks."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server.house import quick_keys

from support.cases import Victim, picture, seeded
from support.program import Done, hashreg
from support.sent import told
from support.serving import Served, served


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("feed")) as made:
        given = made.run("platform", "key", "examplegram", "--scope", "feed", "--json")
        made.keys["feed"] = given.lines[0]["key"]
        made.wait_for("feed")
        yield made


def register(service: Served, *numbers: int) -> Victim:
    victim = Victim()
    with quick_keys(), service.client() as http:
        document = victim.submission(*(picture(seeded(it)) for it in numbers))
        told(http.post("/v1/submissions", content=document.to_bytes()))
    return victim


def withdraw(service: Served, victim: Victim) -> None:
    with quick_keys(), service.client() as http:
        told(http.post("/v1/submissions", content=victim.withdrawal().to_bytes()))


def fetch(service: Served, *arguments: str, who: str = "feed", code: int = 0) -> Done:
    environ = {"HASHREG_SERVER": service.url, "HASHREG_KEY": service.keys[who]}
    done = hashreg("feed", *arguments, cwd=service.folder, environ=environ)
    assert done.code == code, done.errors
    return done


def pdq(number: int) -> str:
    return picture(seeded(number)).hashes[0].hash


def test_a_platform_fetches_drops_and_confirms(service: Served) -> None:
    victim = register(service, 1, 2)
    *records, last = fetch(service, "--json").lines
    held = {it["record"] for it in records if pdq(1) in str(it) or pdq(2) in str(it)}
    assert len(held) == 2
    withdraw(service, victim)
    *records, after = fetch(service, "--since", last["cursor"]).lines
    assert {it["record"] for it in records} == held
    assert all(it["deleted"] for it in records)
    done = fetch(service, "--since", after["cursor"])
    assert "--since" in done.errors
    assert len(done.lines) == 1


def test_what_it_prints_comes_in_elsewhere_in_every_form(service: Served, tmp_path: Path) -> None:
    register(service, 11, 12)
    other = tmp_path / "other.db"
    assert hashreg("init", "--registry", other, cwd=tmp_path).code == 0
    for number, form in enumerate(("jsonl", "csv", "local_file")):
        printed = fetch(service, "--format", form).stdout
        file = tmp_path / form
        file.write_bytes(printed)
        arguments = ("feed", "import", file, "--source", form, "--registry", other, "--json")
        done = hashreg(*arguments, cwd=tmp_path)
        assert (done.code, done.errors) == (0, "")
        counts = done.lines[-1]
        assert counts["added"] >= 3, form
        assert counts["damaged"] == 0
        again = hashreg(*arguments, cwd=tmp_path).lines[-1]
        assert (again["added"], again["changed"], again["withdrawn"]) == (0, 0, 0)
        lines = [{"content_id": str(number), "hashes": [picture(seeded(11)).hashes[0].as_json()]}]
        hashreg("platform", "add", f"p{number}", "--registry", other, cwd=tmp_path)
        given = "\n".join(map(json.dumps, lines)).encode()
        report = ("report", "-", "--platform", f"p{number}", "--registry", other, "--json")
        found = hashreg(*report, cwd=tmp_path, given=given)
        assert found.lines[0]["tier"] == "match"
        assert len(found.lines[0]["tickets"]) == number + 1


def test_damaged_records_are_named_and_the_others_come_in(tmp_path: Path) -> None:
    registry = tmp_path / "registry.db"
    hashreg("init", "--registry", registry, cwd=tmp_path)
    (tmp_path / "list").write_text(f"pdq {pdq(1)}\npdq {pdq(2)[:9]}\nurl http://a\n{pdq(3)}\n")
    done = hashreg(
        *("feed", "import", "list", "--source", "partner", "--registry", registry), cwd=tmp_path
    )
    assert done.code == 2
    assert "line 2: " in done.errors
    assert pdq(2)[:9] not in done.errors
    assert "Added: 2" in done.text
    assert "Damaged: 1" in done.text
    korean = hashreg(
        *("feed", "import", "list", "--source", "partner", "--registry", registry),
        *("--lang", "ko"),
        cwd=tmp_path,
    )
    assert "전과 같음: 2" in korean.text


def test_a_feed_that_was_taken_in_can_be_forgotten(tmp_path: Path) -> None:
    place = ("--source", "partner", "--registry", tmp_path / "registry.db")
    hashreg("init", *place[2:], cwd=tmp_path)
    (tmp_path / "list").write_text(f"{pdq(1)}\n{pdq(2)}\n")
    hashreg("feed", "import", "list", *place, cwd=tmp_path)
    again = hashreg(
        *("feed", "import", "-", *place, "--json"),
        cwd=tmp_path,
        given=(tmp_path / "list").read_bytes(),
    )
    assert again.lines[-1]["unchanged"] == 2
    done = hashreg("feed", "forget", *place, "--json", cwd=tmp_path)
    assert (done.code, done.lines) == (0, [{"source": "partner", "withdrawn": 2}])
    stats = hashreg("stats", *place[2:], "--json", cwd=tmp_path).lines[0]
    assert (stats["partner_records"], stats["pictures"]) == ({"withdrawn": 2}, 0)
    again = hashreg("feed", "forget", *place, cwd=tmp_path)
    assert (again.code, "of this name" in again.errors) == (2, True)
    taken = hashreg("feed", "import", "list", *place, "--json", cwd=tmp_path).lines[-1]
    assert taken["added"] == 2


def test_a_list_that_leaked_says_whose_it_is(service: Served) -> None:
    register(service, 21)
    leaked = service.folder / "leaked.txt"
    leaked.write_bytes(fetch(service, "--format", "csv").stdout.upper())
    done = service.run("feed", "canary", leaked, "--json", code=1)
    assert done.lines == [{"platform": "examplegram"}]
    leaked.write_text(f"{pdq(21)}\n")
    assert "No platform" in service.run("feed", "canary", leaked).text


@pytest.mark.parametrize("form", ["jsonl", "csv", "local_file"])
def test_what_it_prints_does_not_come_back_to_itself(service: Served, form: str) -> None:
    """As another's it would go on being matched after its victim has withdrawn it."""
    register(service, 22)
    file = service.folder / "own"
    file.write_bytes(fetch(service, "--format", form).stdout)
    done = service.run("feed", "import", file, "--source", "partner", code=2)
    assert "came out of this registry" in done.errors
    assert "examplegram" in done.errors
    assert pdq(22) not in done.errors + done.text
    assert service.run("feed", "import", service.folder / "leaked.txt", "--source", "x").code == 0


def test_without_a_grant_there_is_no_feed(service: Served) -> None:
    done = fetch(service, who="platform", code=2)
    assert "feed" in done.errors
    refused = service.run("feed", "--platform", "otherbook", code=2)
    assert "hashreg platform key otherbook --scope feed" in refused.errors
    nobody = service.run("feed", code=2)
    assert "--platform" in nobody.errors
    wrong = service.run("feed", "--platform", "examplegram", "--since", "x", code=2)
    assert "cursor" in wrong.errors
    local = service.run("feed", "--platform", "examplegram", "--json")
    assert "cursor" in local.lines[-1]


def test_what_a_form_can_not_say_is_not_confirmed_by_it(service: Served) -> None:
    (*_, last) = fetch(service).lines
    done = fetch(service, "--format", "local_file", "--since", last["cursor"], code=2)
    assert "local_file can't say what must be dropped" in done.errors
    assert "--since" not in fetch(service, "--format", "local_file").errors


def test_a_cursor_of_another_past_is_told_where_programs_read(service: Served) -> None:
    first, *records, _ = fetch(service, "--since", "5-0f0f0f0f").lines
    assert first == {"restart": True}
    assert records
    done = fetch(service, "--since", "5-0f0f0f0f", "--format", "csv", code=2)
    assert "ask again without --since" in done.errors
    assert len(done.text.splitlines()) == 1


def test_a_file_that_is_not_there_is_said(service: Served) -> None:
    done = service.run("feed", "import", "nothing", "--source", "a", code=2)
    assert "can't be read" in done.errors
