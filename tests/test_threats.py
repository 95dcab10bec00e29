"""Attacks on the whole that stand in no other file; SECURITY.md tells where the others are.

T1, T2, … are the rows of its table of attacks.
"""

import io
import random
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from forging import forge
from PIL import Image

from hashreg.client import keys
from hashreg.hashing import fingerprint
from hashreg.model.cases import CaseNumber
from hashreg.model.errors import HashregError, NotFound, Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.records import CaseId, EventKind, MatchState
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import Finding, verify
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.review import queue
from hashreg.takedown.tickets import ticket_of
from support.asking import is_found, reported
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.program import ROOT, SAMPLES
from support.sent import item, submit
from support.serving import SEEN_WITHIN, served
from support.sqlite import raw
from support.writing import running, submit_and_withdraw, wait_for_lines

FULL = (pytest.mark.slow, pytest.mark.torture, pytest.mark.timeout(3600))
PHOTOS = sorted((SAMPLES / "originals").iterdir())


def doses(few: int, all_: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("count", [few, pytest.param(all_, marks=FULL)])


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.create(path)) as store:
        add_person(store, Role.PLATFORM, "examplegram", NOW)
        yield store


@doses(100, 1000)
def test_registrations_of_widespread_pictures_are_held(store: SqliteStore, count: int) -> None:
    """T2: so many pictures that everybody knows, each registered as an edited copy."""
    known = [picture(seeded(number)) for number in range(count)]
    with store.write():
        for it in known:
            add_benign(store, it, "in every newspaper", NOW)
    copies = [copy_of(it, seeded(count + at), 20) for at, it in enumerate(known)]
    held = sum(
        take_in(store, Victim().submission(*copies[at : at + 50]), NOW).held
        for at in range(0, count, 50)
    )
    assert held >= 0.99 * count


@doses(6, 30)
def test_a_forged_collision_is_marked_and_waits_for_a_person(
    store: SqliteStore, count: int
) -> None:
    """T2, T3: a match alone removes nothing, and at least nine of ten forgeries are marked."""
    photos = [np.asarray(Image.open(it).convert("RGB")) for it in PHOTOS]
    pairs = [(at % len(photos), (at + 1 + at // len(photos)) % len(photos)) for at in range(count)]
    registered = [fingerprint(it, views="register") for it in PHOTOS]
    take_in(store, Victim().submission(*registered), NOW)
    index, hit = RegistryIndex(), 0
    for at, (target, other) in enumerate(pairs):
        made, _ = forge(Image.fromarray(photos[other]), registered[target].hashes[0].hash, 16)
        hit += bool(reported(store, index, f"{at}", asked(made)).matches)
    entries = queue(store)
    assert len(queue(store, None)) == len(entries)
    assert all(it.match.state is MatchState.OPEN and not it.verdicts for it in entries)
    forged = [it.match.explanation for it in entries if it.match.explanation.view == "whole"]
    assert hit >= 0.9 * count
    assert sum(it.suspicious for it in forged) >= 0.9 * len(forged)


def asked(image: Image.Image) -> Fingerprint:
    file = io.BytesIO()
    image.save(file, "PNG")
    return fingerprint(file.getvalue(), views="query")


@doses(300, 100_000)
def test_a_case_is_not_taken_over_by_guessing(store: SqliteStore, count: int) -> None:
    """T9: whoever knows the number alone neither withdraws nor adds, however often they try."""
    victim, secret = Victim(), picture(seeded(1))
    take_in(store, victim.submission(secret), NOW)
    for _ in range(count):
        with pytest.raises(Refused):
            take_in(store, Victim(victim.number).withdrawal(), NOW)
    assert is_found(store, secret)


@doses(2000, 1_000_000)
def test_no_ticket_is_found_by_chance(store: SqliteStore, count: int) -> None:
    """T6: names are 128 random bits; there is no first one and no next one."""
    secret = picture(seeded(1))
    take_in(store, Victim().submission(secret), NOW)
    ours = reported(store, RegistryIndex(), "a", secret).matches[0].ticket
    assert ours
    assert ticket_of(store, "examplegram", ours).as_json()["ticket"] == ours
    for _ in range(count):
        with pytest.raises(NotFound):
            ticket_of(store, "examplegram", Ticket(secrets.token_hex(16)))


ENTRIES = 10_000
TOLD = ("at", "kind", "actor", "subject", "detail", "chain")
SECOND = 1.0
"""In which a service sees that a key was revoked beside it."""


@doses(5, 300)
def test_any_changed_bit_of_ten_thousand_entries_is_found(
    store: SqliteStore, path: Path, count: int
) -> None:
    """T11: by verifying, whatever entry, column and bit."""
    with store.write():
        for number in range(ENTRIES):
            subject = number.to_bytes(16, "big").hex()
            store.events.append(EventKind.FINGERPRINT_ADDED, subject, actor="kim", at=NOW)
    assert verify(store).finding is None
    dice = seeded(count)
    with raw(path) as database:
        database.execute("DROP TRIGGER events_are_never_changed")
        for _ in range(count):
            entry, column = dice.randrange(1, ENTRIES), dice.choice(TOLD)
            row = "FROM events WHERE sequence = ?"
            (before,) = database.execute(f"SELECT {column} {row}", (entry,)).fetchone()
            put = f"UPDATE events SET {column} = ? WHERE sequence = ?"  # noqa: S608
            database.execute(put, (with_a_bit_changed(before, dice), entry))
            assert said(store) is Finding.CHANGED, (entry, column)
            database.execute(put, (before, entry))
    assert verify(store).finding is None


def said(store: SqliteStore) -> Finding | None:
    """Return what is found; a name that is sealed can't even be opened where it was changed."""
    try:
        return verify(store).finding
    except HashregError:
        return Finding.CHANGED


def with_a_bit_changed(value: str | bytes, dice: random.Random) -> str | bytes:
    content = bytearray(value.encode() if isinstance(value, str) else value)
    if not content:
        return "\x01"
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(7)  # so that text stays text
    return content.decode() if isinstance(value, str) else bytes(content)


@doses(30, 1000)
def test_a_key_that_is_destroyed_while_the_master_key_changes_stays_destroyed(
    store: SqliteStore, path: Path, tmp_path: Path, count: int
) -> None:
    """T7, T12: two take in and withdraw while a third changes the master key all the time."""
    kept = tmp_path / "kept"
    kept.touch()
    with ExitStack() as others:
        for seed in range(2):
            others.enter_context(running(submit_and_withdraw, path, kept, seed))
        for _ in range(count // 10):
            store.rotate_master_key()
        wait_for_lines(kept, count)
        store.rotate_master_key()
    told = [line.split() for line in kept.read_text().splitlines()]
    with closing(SqliteStore.open(path)) as again, again.read():
        again.check_files()
        assert again.cases.lost() == []
        assert verify(again).finding is None
        for word, number in told:
            case = again.cases.find(CaseNumber(number))
            assert case is not None
            if word == "withdrawn":
                assert not has_key(again, case.case_id)


def has_key(store: SqliteStore, case_id: CaseId) -> bool:
    return store._sealer.has_case(case_id)


def test_who_is_revoked_gets_no_answer_that_was_begun_afterwards(tmp_path: Path) -> None:
    """T16: eight ask without pause with a key that is revoked meanwhile."""
    secret = picture(seeded(1))
    with served(tmp_path) as service:
        submit(service, secret)
        over, late = threading.Event(), list[int]()

        def go_on() -> None:
            with service.client("platform") as client:
                while not over.is_set():
                    began = time.monotonic()
                    answer = client.post("/v1/lookup", json={"items": [item("a", secret)]})
                    if revoked and began > revoked[0] + SECOND:
                        late.append(answer.status_code)

        revoked: list[float] = []
        askers = [threading.Thread(target=go_on) for _ in range(8)]
        for it in askers:
            it.start()
        service.run("platform", "revoke", "examplegram")
        revoked.append(time.monotonic())
        deadline = revoked[0] + SEEN_WITHIN
        while len(late) < 16 and time.monotonic() < deadline:
            time.sleep(0.05)
        over.set()
        for it in askers:
            it.join()
    assert late
    assert set(late) <= {401, 429}  # wrong keys are slowed down, too


def test_every_threat_has_an_attack_that_there_is() -> None:
    """SECURITY.md names files of this folder, or says what is not covered."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (T\d+) \| (.*)$", text, re.MULTILINE))
    assert list(rows) == [f"T{number}" for number in range(1, 18)]
    for row in rows.values():
        folder = ""
        for named in re.findall(r"`((?:tests/)?[\w/]+\.py)`", row):
            folder = named.rpartition("/")[0] or folder
            assert (ROOT / folder / named.rpartition("/")[2]).is_file(), named
        assert folder or "`tests/" in row
