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
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import EventKind
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.chain import COLUMNS, START, link
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import Finding, signed_head, verify
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.purge import purge
from hashreg.takedown.review import decide
from support.asking import reported, ticket_of
from support.cases import NOW, Victim, copy_of, picture, seeded
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


BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
HARMLESS = Decision(Verdict.NOT_BLOCKED, Reason.CONSENSUAL)


@pytest.fixture
def decided(path: Path) -> list[Ticket]:
    """Two matches, decided by a moderator; the tickets."""
    rng, tickets = seeded(70), []
    with closing(SqliteStore.open(path)) as store:
        add_person(store, Role.PLATFORM, "bada", NOW)
        add_person(store, Role.MODERATOR, "kim", NOW)
        for number, decision in enumerate((BLOCKED, HARMLESS)):
            shared = copy_of(picture(seeded(number)), rng, 5)
            found = reported(store, RegistryIndex(), str(number), shared, "bada")
            tickets.append(ticket_of(found))
            decide(store, tickets[-1], decision, "kim", NOW)
    return tickets


VERDICTS = {
    "another verdict": "UPDATE verdicts SET verdict = 'blocked' WHERE ticket = '{}'",
    "another reason": "UPDATE verdicts SET reason = 'abusive_claim' WHERE ticket = '{}'",
    "somebody else's": "UPDATE verdicts SET actor = 'lee' WHERE ticket = '{}'",
    "another time": "UPDATE verdicts SET decided_at = 'before' WHERE ticket = '{}'",
    "taken out": "DELETE FROM verdicts WHERE ticket = '{}'",
    "put in": "INSERT INTO verdicts SELECT 9, ticket, verdict, reason, actor, decided_at"
    " FROM verdicts WHERE ticket = '{}'",
}


@pytest.mark.parametrize("change", VERDICTS)
def test_a_changed_verdict_is_found_by_both(path: Path, decided: list[Ticket], change: str) -> None:
    assert found(path) == (None, None)
    assert alone(path) == 0
    tamper(path, VERDICTS[change].format(decided[1]))
    with closing(SqliteStore.open(path)) as store:
        result = verify(store)
    assert (result.finding, result.ticket) == (Finding.VERDICT, decided[1])
    assert alone(path) == 1
    told = hashreg("audit", "verify", "--registry", path, cwd=path.parent)
    assert (told.code, decided[1] in told.text) == (1, True)


@pytest.mark.usefixtures("decided")
def test_nobodys_name_stands_where_it_can_never_be_forgotten(path: Path) -> None:
    with raw(path) as database:
        for table in ("events", "verdicts"):
            kept = repr(database.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608
            assert "kim" not in kept
            assert "bada" not in kept
        database.execute("DELETE FROM people WHERE name = 'kim'")
    with closing(SqliteStore.open(path)) as store, store.read():
        events = list(store.events.after(0, [EventKind.VERDICT]))
        assert [it.actor.startswith("~") for it in events] == [True, True]
    assert found(path) == (None, None), "the chain is whole without the name"


@pytest.mark.usefixtures("decided")
def test_a_name_is_shown_as_long_as_somebody_has_it(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store, store.read():
        events = list(store.events.after(0))
        assert {it.actor for it in events} == {"case", "purge", "operator", "bada", "kim"}
        added = [it for it in events if it.kind in (EventKind.MODERATOR_ADDED, EventKind.KEY_ADDED)]
        assert [it.subject.split("/")[:2] for it in added] == [
            ["platform", "bada"],
            ["kim"],
            ["moderator", "kim"],
        ]
