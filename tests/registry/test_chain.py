"""The list of events can't be changed, cut off or written anew without somebody noticing."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.errors import InvalidDocument
from hashreg.model.heads import Head, parse_head
from hashreg.registry.chain import COLUMNS, START, link
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import Finding, signed_head, verify
from hashreg.takedown.intake import take_in
from hashreg.takedown.purge import purge
from support.cases import NOW, Victim, picture, seeded
from support.program import ROOT, hashreg
from support.sqlite import copied, raw

CASES = 4
ALONE = ROOT / "docs" / "audit" / "verify.py"


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A registry in which something has happened, with a withdrawal and its erasure."""
    path = tmp_path / "registry.db"
    with closing(SqliteStore.create(path)) as store:
        for number in range(CASES):
            victim = Victim()
            take_in(store, victim.submission(picture(seeded(number))), NOW)
        take_in(store, victim.withdrawal(), NOW)
        purge(store, NOW)
    return path


def tamper(path: Path, *statements: str) -> None:
    """Change the table as somebody would who can write the file."""
    with raw(path) as database:
        triggers = database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)


def found(path: Path, *heads: Head) -> tuple[Finding | None, int | None]:
    with closing(SqliteStore.open(path)) as store:
        result = verify(store, heads)
    return result.finding, result.sequence


def head_of(path: Path) -> Head:
    with closing(SqliteStore.open(path)) as store:
        return signed_head(store, NOW)


def alone(path: Path, *heads: Path) -> int:
    """Run the verifier that needs no hashreg."""
    command = [sys.executable, "-P", str(ALONE), str(path), *map(str, heads)]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_a_whole_list_is_whole_also_after_erasures(path: Path, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_bytes(head_of(path).to_bytes())
    assert found(path, head_of(path)) == (None, None)
    assert alone(path, tmp_path / "head.json") == 0


def test_every_entry_is_linked_to_the_one_before(path: Path) -> None:
    last = START
    with raw(path) as database:
        for *entry, chain in database.execute(f"SELECT {COLUMNS}, chain FROM events"):  # noqa: S608
            last = link(last, entry)
            assert chain == last
    assert last != START


UPDATE = "UPDATE events SET {} WHERE sequence = {}"
CHANGES = {
    "sequence": "sequence = 1000",
    "at": "at = '2020' || substr(at, 5)",
    "kind": "kind = 'verdict'",
    "actor": "actor = actor || 'x'",
    "subject": "subject = '00' || subject",
    "detail": "detail = detail || ' '",
    "chain": "chain = zeroblob(32)",
    "no chain": "chain = x''",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("entry", [1, 2, 5])
def test_a_changed_entry_is_found_by_both(path: Path, change: str, entry: int) -> None:
    tamper(path, UPDATE.format(CHANGES[change], entry))
    finding, sequence = found(path)
    assert finding is Finding.CHANGED
    assert sequence is not None
    assert sequence >= entry
    assert alone(path) == 1


def test_an_entry_that_was_taken_out_is_found_by_both(path: Path) -> None:
    tamper(path, "DELETE FROM events WHERE sequence = 2")
    assert found(path) == (Finding.CHANGED, 3)
    assert alone(path) == 1


def test_an_end_that_was_cut_off_is_noticed_by_whoever_holds_a_head(
    path: Path, tmp_path: Path
) -> None:
    head = head_of(path)
    (tmp_path / "head.json").write_bytes(head.to_bytes())
    tamper(path, "DELETE FROM events WHERE sequence > 5")
    assert found(path) == (None, None)  # nobody sees it by the table alone
    assert found(path, head) == (Finding.CUT_OFF, head.sequence)
    assert alone(path, tmp_path / "head.json") == 1


def test_a_list_that_was_written_anew_is_noticed_by_whoever_holds_a_head(
    path: Path, tmp_path: Path
) -> None:
    head = head_of(path)
    fork = copied(path, tmp_path / "fork")
    for place, number in ((path, 50), (fork, 51)):
        with closing(SqliteStore.open(place)) as store:
            take_in(store, Victim().submission(picture(seeded(number))), NOW)
    assert found(fork, head) == (None, None)
    later = head_of(path)
    assert found(fork, later) == (Finding.FORKED, later.sequence)


def test_a_head_of_another_registry_or_a_changed_one_proves_nothing(
    path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    SqliteStore.create(other).close()
    foreign = head_of(other)
    assert found(path, foreign) == (Finding.FOREIGN, foreign.sequence)
    head = head_of(path)
    changed = Head(head.sequence - 1, head.chain, head.at, head.public_key, head.signature)
    assert found(path, changed) == (Finding.FOREIGN, head.sequence - 1)


def test_an_older_copy_of_the_whole_registry_is_noticed(path: Path, tmp_path: Path) -> None:
    backup = copied(path, tmp_path / "backup")
    with closing(SqliteStore.open(path)) as store:
        take_in(store, Victim().submission(picture(seeded(60))), NOW)
    head = head_of(path)
    assert found(backup, head) == (Finding.CUT_OFF, head.sequence)


def test_a_head_comes_back_as_it_was_written(path: Path) -> None:
    head = head_of(path)
    assert parse_head(head.to_bytes()) == head


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"sequence": -1}'])
def test_what_is_no_head_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidDocument):
        parse_head(content)


def test_an_operator_keeps_heads_and_verifies(path: Path, tmp_path: Path) -> None:
    where = ("--registry", path)
    printed = hashreg("audit", "head", *where, cwd=tmp_path)
    (tmp_path / "monday.json").write_bytes(printed.stdout)
    whole = hashreg("audit", "verify", "--head", "monday.json", *where, "--json", cwd=tmp_path)
    assert (whole.code, whole.lines[0]["finding"]) == (0, None)
    shutil.copy(path, tmp_path / "untouched.db")
    tamper(path, "UPDATE events SET actor = 'eve' WHERE sequence = 3")
    changed = hashreg("audit", "verify", *where, cwd=tmp_path)
    assert changed.code == 1
    assert "Entry 3 was changed" in changed.text
    korean = hashreg("audit", "verify", *where, "--lang", "ko", cwd=tmp_path)
    assert "3" in korean.text
    assert korean.text != changed.text
