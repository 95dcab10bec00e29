"""A victim seals the file for a registry; it takes it in, and nobody else could have read it."""

from pathlib import Path

from hashreg.client.sealing import sealed
from support.cases import Victim, picture, seeded
from support.program import SAMPLES, hashreg
from support.sent import told
from support.serving import served

PHOTO = SAMPLES / "originals" / "cat.png"


def test_from_the_key_to_the_withdrawal(tmp_path: Path) -> None:
    made = hashreg("init", "--registry", "registry.db", "--json", cwd=tmp_path).lines[0]
    shown = hashreg("key", "show", "--registry", "registry.db", cwd=tmp_path)
    assert shown.text.strip() == made["seal_to"]
    (tmp_path / "key").write_bytes(shown.stdout)
    where = ("--registry", "registry.db")
    done = hashreg(
        *("register", PHOTO, "-o", "a.hashreg", "--seal-to", "key", "--json"), cwd=tmp_path
    )
    case = done.lines[0]
    assert case["case"].encode() not in (tmp_path / "a.hashreg").read_bytes()
    taken = hashreg("intake", "a.hashreg", *where, "--json", cwd=tmp_path)
    assert taken.lines[0]["outcome"] == "taken_in"
    secret = {"HASHREG_RECOVERY_CODE": case["recovery_code"], "HASHREG_SEAL_TO": made["seal_to"]}
    gone = hashreg("withdraw", case["case"], "-o", "b.hashreg", cwd=tmp_path, environ=secret)
    assert gone.code == 0
    assert (tmp_path / "b.hashreg").read_bytes().startswith(b"age-encryption.org")
    withdrawn = hashreg("intake", "b.hashreg", *where, "--json", cwd=tmp_path)
    assert withdrawn.lines[0]["outcome"] == "withdrawn"


def test_a_bad_one_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    for name in ("one", "other"):
        assert hashreg("init", "--registry", f"{name}.db", cwd=tmp_path).code == 0
        key = hashreg("key", "show", "--registry", f"{name}.db", cwd=tmp_path).text.strip()
        file = ("-o", f"{name}.hashreg", "--seal-to", key)
        assert hashreg("register", PHOTO, *file, cwd=tmp_path).code == 0
    done = hashreg("intake", "other.hashreg", "one.hashreg", "--registry", "one.db", cwd=tmp_path)
    assert done.code == 2
    assert "other.hashreg: This file is sealed for another registry" in done.errors
    assert "one.hashreg" not in done.errors


def test_what_is_no_key_is_said_before_anything_is_hashed(tmp_path: Path) -> None:
    done = hashreg("register", PHOTO, "-o", "a", "--seal-to", "agent", cwd=tmp_path)
    assert (done.code, "begins with age1" in done.errors) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_service_takes_it_in_as_well(tmp_path: Path) -> None:
    with served(tmp_path) as service, service.client() as client:
        key = service.run("key", "show").text.strip()
        made = sealed(Victim().submission(picture(seeded(1))).to_bytes(), key)
        assert told(client.post("/v1/submissions", content=made))["outcome"] == "taken_in"
        answer = client.post("/v1/submissions", content=made[:-9])
        assert told(answer, 400)["error"]["code"] == "invalid_document"
