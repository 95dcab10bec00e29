"""``--server``: who is asked, with which key, and what is said where it goes wrong half-way."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from client.right_answers import ENTRY, TICKET
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hashreg.model.cases import parse_case_number, status_bytes
from hashreg.model.submissions import Kind, parse_document
from support.cases import picture, seeded
from support.journey import CODE, NUMBER, only
from support.odd_server import Asked, OddServer, Reply, odd_server, refusal, told
from support.program import SAMPLES, Done, hashreg
from support.shell import shell

CAT = SAMPLES / "originals" / "cat.png"
KEY = {"HASHREG_KEY": "hashreg_" + "k" * 43}


@pytest.fixture(scope="module")
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


def taken_in(asked: Asked) -> Reply:
    """Answer as a registry that takes everything in."""
    document = parse_document(asked.body)
    outcome = {Kind.SUBMISSION: "taken_in", Kind.WITHDRAWAL: "withdrawn"}[document.kind]
    counts = {"pictures": len(document.items), "matches": 0, "held": 0}
    kind = document.kind.value
    return told({"case": document.case, "kind": kind, "outcome": outcome, **counts})


def nothing_found(asked: Asked) -> Reply:
    """Answer as a registry that knows nothing."""
    names = [it["content_id"] for it in asked.json["items"]]
    rest: dict[str, object] = {"tier": None, "tickets": [], "align": [], "error": None}
    return told({"results": [{"content_id": name, **rest} for name in names]})


def lines_of(count: int) -> bytes:
    rng = seeded(1)
    lines = []
    for number in range(count):
        hashes = [it.as_json() for it in picture(rng).hashes]
        lines.append(json.dumps({"content_id": f"post-{number}", "hashes": hashes}))
    return "\n".join(lines).encode()


# Registering


def test_files_made_offline_are_handed_over_later_and_a_bad_one_is_named(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers_by(taken_in)
    assert hashreg("register", CAT, "-o", "C.hashreg", cwd=tmp_path).code == 0
    (tmp_path / "bad.hashreg").write_text("{}")
    files = ("bad.hashreg", "missing.hashreg", "C.hashreg")
    done = hashreg("submit", *files, "--server", odd.address, "--json", cwd=tmp_path)
    bad, missing, good = done.lines
    assert done.code == 2
    assert [it["file"] for it in done.lines] == list(files)
    assert bad["error"]["code"] == missing["error"]["code"] == "invalid_document"
    assert (good["outcome"], good["error"]) == ("taken_in", None)
    assert [(it.path, it.body) for it in odd.asked] == [
        ("/v1/submissions", (tmp_path / "C.hashreg").read_bytes())
    ]


def test_submitting_needs_a_server(tmp_path: Path) -> None:
    done = hashreg("submit", "C.hashreg", cwd=tmp_path)
    assert done.code == 2
    assert "--server URL" in done.errors


def test_registering_hands_the_very_file_over_that_stays(odd: OddServer, tmp_path: Path) -> None:
    odd.answers_by(taken_in)
    done = hashreg("register", CAT, "-o", "C.hashreg", "--server", odd.address, cwd=tmp_path)
    assert done.code == 0
    assert [(it.path, it.body) for it in odd.asked] == [
        ("/v1/submissions", (tmp_path / "C.hashreg").read_bytes())
    ]
    assert odd.address in done.text
    assert "taken in, matched from now on" in done.text.splitlines()[-1]
    assert only(CODE, done.text).encode() not in odd.asked[0].body


def test_with_json_standard_output_is_what_it_is_without_a_server(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers_by(taken_in)
    environ = {"HASHREG_SERVER": odd.address}
    done = hashreg("register", CAT, "-o", "C", "--json", cwd=tmp_path, environ=environ)
    (line,) = done.lines
    assert list(line) == ["case", "recovery_code", "submission", "items"]
    assert "taken in" in done.errors
    assert len(odd.asked) == 1


def test_a_file_that_was_not_handed_over_is_safe_and_the_person_told(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers(refusal(413, "too_large", "That is too much."))
    done = hashreg("register", CAT, "-o", "C.hashreg", "--server", odd.address, cwd=tmp_path)
    assert done.code == 2
    assert parse_document((tmp_path / "C.hashreg").read_bytes()).case == only(NUMBER, done.text)
    assert "nothing is lost" in done.errors
    assert "hashreg submit C.hashreg" in done.errors
    assert "That is too much." in done.errors


def test_a_case_whose_code_nobody_saw_is_not_handed_over(odd: OddServer, tmp_path: Path) -> None:
    odd.answers_by(taken_in)
    line = f"hashreg register '{CAT}' -o C.hashreg --server {odd.address} > /dev/full"
    done = shell(line, cwd=tmp_path)
    assert done.code == 2
    assert odd.asked == []
    assert not (tmp_path / "C.hashreg").exists()


def test_hashes_go_nowhere_in_the_clear_and_that_is_said_before_the_hashing(
    tmp_path: Path,
) -> None:
    for command in (["register", CAT, "-o", "C"], ["check", CAT], ["report", "-"]):
        done = hashreg(*command, "--server", "http://a.example", cwd=tmp_path, environ=KEY)
        assert (done.code, done.stdout) == (2, b"")
        assert "in the clear" in done.errors
    assert not (tmp_path / "C").exists()


# A case


def test_the_recovery_code_signs_a_challenge_and_stays_here(odd: OddServer, tmp_path: Path) -> None:
    number, code = "0000-0000-0000", "0000-0000-0000-0000-0"
    row = {"case": number, "state": "active", "pictures": 2, "held": 0, "refused": 0}
    row |= {"matches": {"open": 1, "something_new": 2}, "received_at": "2026-05-04T12:30:00+00:00"}
    odd.answers(
        told({"nonce": "n0nce", "expires_in": 300}), told(row), told({"nonce": "2"}), told(row)
    )
    asking = ("status", number, "--server", odd.address)
    done = hashreg(*asking, "--json", cwd=tmp_path, given=code.encode())
    not_told: dict[str, object] = {"platforms": [], "withdrawal": None}
    assert (done.code, done.lines) == (0, [row | not_told])
    challenge, question = odd.asked
    assert (challenge.path, challenge.body, question.path) == ("/v1/challenge", b"{}", "/v1/status")
    sent = question.json
    assert set(sent) == {"case", "nonce", "public_key", "signature"}
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(sent["public_key"]))
    key.verify(bytes.fromhex(sent["signature"]), status_bytes(parse_case_number(number), "n0nce"))
    said = hashreg(*asking, cwd=tmp_path, environ={"HASHREG_RECOVERY_CODE": code}).text
    assert "waiting for a person to look: 1" in said
    assert "something_new: 2" in said
    assert not any(b"0000-0000-0000-0000" in it.body for it in odd.asked)


def test_a_withdrawal_is_handed_over_signed(odd: OddServer, tmp_path: Path) -> None:
    odd.answers_by(taken_in)
    code = {"HASHREG_RECOVERY_CODE": "0000-0000-0000-0000-0"}
    asking = ("withdraw", "0000-0000-0000")
    done = hashreg(*asking, "--server", odd.address, cwd=tmp_path, environ=code)
    assert (done.code, "Its hashes are deleted" in done.text) == (0, True)
    assert parse_document(odd.asked[0].body).kind is Kind.WITHDRAWAL
    offline = hashreg(*asking, "-o", "W.hashreg", cwd=tmp_path, environ=code)
    assert (offline.code, len(odd.asked)) == (0, 1)
    assert parse_document((tmp_path / "W.hashreg").read_bytes()).kind is Kind.WITHDRAWAL


# Who is asked, and as whom


def test_a_server_and_a_registry_at_once_are_refused(odd: OddServer, tmp_path: Path) -> None:
    odd.answers(told({"matches": [], "next": None}))
    both = ("--server", odd.address, "--registry", "r.db")
    environ = {"HASHREG_SERVER": odd.address, "HASHREG_REGISTRY": "r.db"}
    for arguments, variables in ((both, KEY), ((), KEY | environ)):
        done = hashreg("review", "list", *arguments, cwd=tmp_path, environ=variables)
        assert (done.code, "--server and --registry" in done.errors) == (2, True)
    assert odd.asked == []


def test_what_is_typed_goes_before_what_the_environment_says(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers(told({"matches": [], "next": None}))
    hashreg("init", "--registry", "r.db", cwd=tmp_path)
    environ = KEY | {"HASHREG_REGISTRY": "nowhere.db"}
    done = hashreg("review", "list", "--server", odd.address, cwd=tmp_path, environ=environ)
    assert (done.code, len(odd.asked)) == (0, 1)
    environ = KEY | {"HASHREG_SERVER": odd.address}
    done = hashreg("review", "list", "--registry", "r.db", cwd=tmp_path, environ=environ)
    assert (done.code, len(odd.asked)) == (0, 1)


def test_a_key_comes_from_the_environment_or_a_line_of_input(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers(told({"matches": [], "next": None}))
    listing = ("review", "list", "--server", odd.address)
    hashreg(*listing, cwd=tmp_path, environ=KEY)
    hashreg(*listing, cwd=tmp_path, given=b" hashreg_typed \n")
    said = [it.headers["Authorization"] for it in odd.asked]
    assert said == [f"Bearer {KEY['HASHREG_KEY']}", "Bearer hashreg_typed"]
    for given in (b"", b" \n"):
        none = hashreg(*listing, cwd=tmp_path, given=given)
        assert (none.code, len(odd.asked)) == (2, 2)
        assert "Set HASHREG_KEY" in none.errors
    (tmp_path / "reports.jsonl").write_bytes(lines_of(1))
    for command in (("check", CAT), ("report", "reports.jsonl"), ("review", "show", "0" * 32)):
        none = hashreg(*command, "--server", odd.address, cwd=tmp_path)
        assert (none.code, len(odd.asked)) == (2, 2)
        assert "Set HASHREG_KEY" in none.errors
    wrong = hashreg(*listing, cwd=tmp_path, given="열쇠\n".encode())
    assert (wrong.code, len(odd.asked)) == (2, 2)
    assert "This is not a key" in wrong.errors


def test_a_key_is_not_looked_for_among_the_reports(odd: OddServer, tmp_path: Path) -> None:
    odd.answers_by(nothing_found)
    reporting = ("report", "--server", odd.address)
    done = hashreg(*reporting, "-", cwd=tmp_path, given=lines_of(1))
    assert (done.code, odd.asked) == (2, [])
    assert "HASHREG_KEY" in done.errors
    (tmp_path / "reports.jsonl").write_bytes(lines_of(1))
    done = hashreg(*reporting, "reports.jsonl", cwd=tmp_path, given=b"hashreg_typed\n")
    assert (done.code, done.text) == (0, "post-0: none\n")


def test_here_a_name_is_needed_and_at_a_server_the_key_says_it(
    odd: OddServer, tmp_path: Path
) -> None:
    odd.answers(refusal(401, "unauthorized"))
    here = {"HASHREG_REGISTRY": "r.db"}
    hashreg("init", cwd=tmp_path, environ=here)
    deciding = ("review", "decide", "0" * 32, "pending_review")
    assert "--as" in hashreg(*deciding, cwd=tmp_path, environ=here).errors
    assert "--platform" in hashreg("report", "-", cwd=tmp_path, environ=here).errors
    there = KEY | {"HASHREG_SERVER": odd.address}
    assert hashreg(*deciding, cwd=tmp_path, environ=there).code == 2
    assert odd.asked[0].path == f"/v1/tickets/{'0' * 32}/verdict"
    assert odd.asked[0].json == {"verdict": "pending_review", "reason": None}


@pytest.mark.parametrize("typed", ["lee", "Kim", " 김 선생 "])
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_server_that_wrote_down_another_name_than_the_one_typed_is_not_passed_over(
    odd: OddServer, tmp_path: Path, typed: str, as_json: tuple[str, ...]
) -> None:
    odd.answers(told(ENTRY))
    environ = KEY | {"HASHREG_SERVER": odd.address}
    deciding = ("review", "decide", TICKET, "blocked", "--reason", "non_consensual")
    done = hashreg(*deciding, "--as", typed, *as_json, cwd=tmp_path, environ=environ)
    assert f"by kim, whose key was given, and not by {typed}" in done.errors
    for right in (("--as", " kim "), ()):
        done = hashreg(*deciding, *right, *as_json, cwd=tmp_path, environ=environ)
        assert (done.code, done.errors) == (0, "")


# Files that are only written


SIGNING = {
    "withdraw": ("withdraw", "0000-0000-0000"),
    "delegate": ("delegate", "0000-0000-0000", "centre"),
    "undelegate": ("undelegate", "0000-0000-0000", "centre"),
}
CODE_TYPED = {"HASHREG_RECOVERY_CODE": "0000-0000-0000-0000-0"}


@pytest.mark.parametrize("command", SIGNING)
@pytest.mark.parametrize("place", ["--server", "--registry"])
def test_a_file_is_not_written_where_somebody_believes_that_it_is_handed_over(
    odd: OddServer, tmp_path: Path, command: str, place: str
) -> None:
    odd.answers_by(taken_in)
    typed = (place, odd.address if place == "--server" else "registry.db")
    for environ in (CODE_TYPED, CODE_TYPED | {"HASHREG_SERVER": odd.address}):
        done = hashreg(*SIGNING[command], "-o", "F", *typed, cwd=tmp_path, environ=environ)
        assert (done.code, done.stdout, odd.asked) == (2, b"", [])
        assert place in done.errors
        assert "hashreg submit FILE" in done.errors
        assert not (tmp_path / "F").exists()


@pytest.mark.parametrize("command", SIGNING)
def test_a_file_that_is_only_written_is_said_to_be_handed_to_nobody(
    odd: OddServer, tmp_path: Path, command: str
) -> None:
    odd.answers_by(taken_in)
    server, registry = {"HASHREG_SERVER": odd.address}, {"HASHREG_REGISTRY": "registry.db"}
    for number, places in enumerate((server, registry, server | registry)):
        name, environ = f"F{number}", CODE_TYPED | places
        done = hashreg(*SIGNING[command], "-o", name, cwd=tmp_path, environ=environ)
        assert (done.code, done.errors, odd.asked) == (0, "", [])
        said = done.text.splitlines()[-1]
        assert said.startswith("Nothing was handed over yet.")
        assert f"hashreg submit {name}" in said
        written = parse_document((tmp_path / name).read_bytes())
        assert written.case == "0000-0000-0000"
    done = hashreg(*SIGNING[command], "-o", "J", "--json", cwd=tmp_path, environ=environ)
    assert len(done.lines) == 1
    assert done.errors.startswith("Nothing was handed over yet.")
    environ = CODE_TYPED | registry
    done = hashreg(*SIGNING[command], "-o", "K", "--json", cwd=tmp_path, environ=environ)
    assert (len(done.lines), done.errors) == (1, "")
    done = hashreg(*SIGNING[command], "-o", "N", cwd=tmp_path, environ=CODE_TYPED)
    assert (done.code, done.errors) == (0, "")
    assert "Nothing was handed over" not in done.text


# Reports


@pytest.fixture(scope="module")
def broken_off(odd: OddServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, list[int]]:
    """Report 1,200 items to a server that answers a question and 500 items, and then no more."""
    asked: list[int] = []

    def answering(it: Asked) -> Reply:
        asked.append(len(it.json["items"]))
        return refusal(403, "forbidden") if len(asked) > 2 else nothing_found(it)

    odd.answers_by(answering)
    folder = tmp_path_factory.mktemp("broken")
    reporting = ("report", "--server", odd.address, "--json", "-")
    return hashreg(*reporting, cwd=folder, given=lines_of(1200), environ=KEY), asked


def test_a_report_that_breaks_off_says_how_to_go_on(broken_off: tuple[Done, list[int]]) -> None:
    done, asked = broken_off
    assert asked == [0, 500, 500]
    assert done.code == 2
    assert [it["content_id"] for it in done.lines] == [f"post-{it}" for it in range(500)]
    assert "--skip 500" in done.errors


def test_a_report_goes_on_behind_what_was_answered(
    broken_off: tuple[Done, list[int]], odd: OddServer, tmp_path: Path
) -> None:
    odd.answers_by(nothing_found)
    reporting = ("report", "--server", odd.address, "--keep-days", "7", "--skip", "500", "--json")
    done = hashreg(*reporting, "-", cwd=tmp_path, given=lines_of(1200), environ=KEY)
    assert done.code == 0
    assert [it["content_id"] for it in done.lines] == [f"post-{it}" for it in range(500, 1200)]
    bodies = [it.json for it in odd.asked[1:]]
    assert [len(it["items"]) for it in bodies] == [500, 200]
    assert {(it["align"], it["keep_days"]) for it in bodies} == {(False, 7)}
    assert all(it["items"][0]["tokens"] is None for it in bodies)


def test_bad_lines_are_named_here_and_the_others_are_sent(odd: OddServer, tmp_path: Path) -> None:
    odd.answers_by(nothing_found)
    one, two = lines_of(2).splitlines()
    given = b"\n".join([one, b'{"content_id": 7}', two])
    done = hashreg(
        "report", "--server", odd.address, "--json", cwd=tmp_path, given=given, environ=KEY
    )
    assert done.code == 2
    assert [it["content_id"] for it in done.lines] == ["post-0", None, "post-1"]
    assert done.lines[1]["error"]["line"] == 2
    assert len(odd.asked[1].json["items"]) == 2


def test_what_is_found_is_printed_as_it_is_here(odd: OddServer, tmp_path: Path) -> None:
    error = {"code": "too_plain", "message": "Too plain.", "field": None}
    row: dict[str, object] = {
        "content_id": "post-0",
        "tier": None,
        "tickets": [],
        "align": [],
        "error": error,
    }
    found = row | {"tier": "match", "tickets": ["0" * 32], "error": None}
    odd.answers(told({"results": []}), told({"results": [row]}))
    reporting = ("report", "--server", odd.address)
    plain = hashreg(*reporting, "--json", cwd=tmp_path, given=lines_of(1), environ=KEY)
    assert (plain.code, plain.lines[0]["error"]) == (
        2,
        {"code": "too_plain", "message": "Too plain."},
    )
    odd.answers(told({"results": []}), told({"results": [found]}))
    done = hashreg(*reporting, cwd=tmp_path, given=lines_of(1), environ=KEY)
    assert (done.code, done.text) == (1, f"post-0: match  {'0' * 32}\n")
