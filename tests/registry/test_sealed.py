"""Encrypted at rest: what a thief of the files sees, what erasing erases, what is noticed."""

import base64
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from takedown.keeping import keep_folder, refreshed

from hashreg.client import keys
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.people import Role
from hashreg.model.records import PlatformName, ReportId, StoredReport
from hashreg.model.reports import ContentId
from hashreg.registry import master, vault
from hashreg.registry.master import HEADER, MasterKey, random_key
from hashreg.registry.sealer import OWN_KEYS
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.people import add_person
from support.asking import is_found, reported
from support.cases import DAY, NOW, Victim, copy_of, picture, seeded
from support.secrecy import leaks
from support.sqlite import copied, files_of, raw

CASES = 12


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


def everything(path: Path, *, keys: bool = False) -> bytes:
    """Return all that lies beside the registry; the keys only if they are asked for."""
    files = [it for it in path.parent.rglob("*") if it.is_file()]
    return b"\n".join(it.read_bytes() for it in files if keys or not it.name.endswith("-key"))


def refusal(path: Path) -> str:
    """Return why the pictures of a registry can't be read."""
    with closing(SqliteStore.open(path)) as store, store.read():
        with pytest.raises(RegistryUnavailable) as caught:
            list(store.cases.fingerprints())
        return str(caught.value)


def filled(store: SqliteStore) -> tuple[list[Victim], list[bytes]]:
    """Register, report and list; return who and every hash that was given."""
    victims, digests = [], []
    for number in range(CASES):
        victim, pictures = Victim(), [picture(seeded(10 * number + it)) for it in range(3)]
        take_in(store, victim.submission(*pictures), NOW)
        reported(store, refreshed(store), f"{number}.jpg", copy_of(pictures[0], seeded(number), 5))
        victims.append(victim)
        digests += [hash_.digest for it in pictures for hash_ in it.hashes]
    add_benign(store, meme := picture(seeded(999)), "a cat", NOW)
    return victims, [*digests, *(hash_.digest for hash_ in meme.hashes)]


def test_no_file_holds_a_hash_while_everything_is_found(store: SqliteStore, path: Path) -> None:
    _, digests = filled(store)
    keep_folder(store)
    assert len(digests) > 100
    assert leaks(digests, everything(path, keys=True)) == 0
    assert is_found(store, copy_of(picture(seeded(10)), seeded(5), 9))


def test_a_content_id_of_a_platform_stands_in_no_file(store: SqliteStore, path: Path) -> None:
    reported(store, refreshed(store), "photo-of-somebody.jpg", picture(seeded(3)))
    assert b"photo-of-somebody" not in everything(path, keys=True)


def test_without_the_master_key_a_copy_opens_for_nobody(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    filled(store)
    store.close()
    stolen = copied(path, tmp_path / "stolen")
    stolen.with_name("registry.db-key").unlink()
    with pytest.raises(RegistryUnavailable, match="key of this registry is not at"):
        SqliteStore.open(stolen)
    master.write_key_file(stolen.with_name("registry.db-key"), MasterKey({1: random_key()}))
    assert "master key does not open" in refusal(stolen)


def test_no_column_tells_which_pictures_belong_to_one_case(store: SqliteStore, path: Path) -> None:
    """Whatever value two rows of pictures share, rows of other cases share it, too."""
    filled(store)
    with raw(path) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM fingerprints")]
        others = [
            value
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'fingerprints'"
                " AND name NOT LIKE 'sqlite%'"
            ).fetchall()
            for row in connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
            for value in row
        ]
    shared = {name: len({row[name] for row in rows}) for name in rows[0]}
    assert shared == {
        "fingerprint_id": 3 * CASES,
        "link": 3 * CASES,
        "body": 3 * CASES,
        "media": 1,
        "recipe": 1,
        "quality": 1,
        "sealing": 1,
    }
    ids = {row["fingerprint_id"] for row in rows}
    text = [it.encode() if isinstance(it, str) else it for it in others]
    assert not ids & {it for it in text if isinstance(it, bytes)}
    assert not {it.hex().encode() for it in ids} & set(text)


def test_a_withdrawal_destroys_the_cases_key_for_every_copy_of_the_rows(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    victim, kept = Victim(), picture(seeded(4))
    take_in(store, victim.submission(kept), NOW)
    take_in(store, Victim().submission(stays := picture(seeded(5))), NOW)
    store.close()
    backup = copied(path, tmp_path / "backup")
    with closing(SqliteStore.open(path)) as again:
        take_in(again, victim.withdrawal(), NOW)
    shutil.copy(vault.vault_path(path), vault.vault_path(backup))  # the latest copy of the keys
    with closing(SqliteStore.open(backup)) as old, old.read():
        readable, gone = 0, 0
        for case in old.cases.all():
            try:
                ids = old.cases.fingerprint_ids(case.case_id)
                readable += len([old.cases.fingerprint(it) for it in ids])
            except RegistryUnavailable:
                gone += 1
        assert (readable, gone) == (1, 1)
    assert leaks([it.digest for it in (*kept.hashes, *stays.hashes)], everything(backup)) == 0


def test_keys_of_what_was_never_kept_are_swept_up(store: SqliteStore, path: Path) -> None:
    take_in(store, Victim().submission(picture(seeded(6))), NOW)
    with raw(vault.vault_path(path)) as connection:
        connection.execute("INSERT INTO keys VALUES (?, 1, ?)", (b"of nothing", b"x" * 60))
        before = connection.execute("SELECT count(*) FROM keys").fetchone()[0]
        assert store.forget_deleted()
        assert connection.execute("SELECT count(*) FROM keys").fetchone()[0] == before - 1
    with store.read():
        assert len(list(store.cases.fingerprints())) == 1


def test_a_destroyed_key_is_overwritten(store: SqliteStore, path: Path) -> None:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(7))), NOW)
    place = vault.vault_path(path)
    with raw(place) as connection:
        before = {bytes(it) for (it,) in connection.execute("SELECT wrapped FROM keys")}
    take_in(store, victim.withdrawal(), NOW)
    content = b"".join(it.read_bytes() for it in files_of(place))
    with raw(place) as connection:
        after = {bytes(it) for (it,) in connection.execute("SELECT wrapped FROM keys")}
    assert len(before - after) == 1
    assert not any(it in content for it in before - after)


def test_what_could_not_be_overwritten_is_overwritten_the_next_time_by_anybody(
    store: SqliteStore, path: Path
) -> None:
    """While others read the file, it can't be written anew; without need it is not."""
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(7))), NOW)
    keys_of_it = store._sealer.vault
    keys_of_it._connection.execute("PRAGMA busy_timeout = 0")
    with raw(vault.vault_path(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM keys").fetchone()
        assert not keys_of_it.keep_only(OWN_KEYS)
    assert keys_of_it.keep_only(OWN_KEYS)
    written = version_of(path)
    assert keys_of_it.keep_only(OWN_KEYS)
    assert version_of(path) == written
    with closing(SqliteStore.open(path)) as other:
        assert other._sealer.vault.keep_only(OWN_KEYS)
    assert version_of(path) > written


def version_of(path: Path) -> int:
    """Return how often the file with the data keys was changed, as its header says."""
    return int.from_bytes(vault.vault_path(path).read_bytes()[24:28], "big")


ROWS = {
    "fingerprints": ("fingerprint_id", "body"),
    "reports": ("report_id", "body"),
    "benign": ("benign_id", "body"),
    "matches": ("ticket", "content"),
}


def put_in(path: Path, table: str, row: object, value: bytes) -> None:
    """Write a sealed value past hashreg's own code."""
    name, column = ROWS[table]
    statement = f"UPDATE {table} SET {column} = ? WHERE {name} = ?"  # noqa: S608
    with raw(path) as connection:
        connection.execute(statement, (value, row))


def sealed(path: Path, table: str) -> list[tuple[object, bytes]]:
    """Return the names of a table's rows and what is sealed in them."""
    name, column = ROWS[table]
    with raw(path) as connection:
        return connection.execute(f"SELECT {name}, {column} FROM {table}").fetchall()  # noqa: S608


@pytest.mark.parametrize("table", ROWS)
def test_a_sealed_value_in_another_rows_place_is_refused(
    store: SqliteStore, path: Path, table: str
) -> None:
    filled(store)
    add_benign(store, picture(seeded(998)), "a dog", NOW)
    (first, _), (_, other), *_ = sealed(path, table)
    put_in(path, table, first, other)
    with pytest.raises(RegistryUnavailable, match="changed from outside"):
        read_all(store)


@pytest.mark.parametrize("table", ROWS)
def test_a_changed_bit_is_found(store: SqliteStore, path: Path, table: str) -> None:
    filled(store)
    row, value = sealed(path, table)[0]
    put_in(path, table, row, bytes((*value[:-1], value[-1] ^ 1)))
    with pytest.raises(RegistryUnavailable, match="changed from outside"):
        read_all(store)


def read_all(store: SqliteStore) -> None:
    with store.read():
        list(store.cases.fingerprints())
        list(store.reports.kept(NOW))
        list(store.benign.all())
        list(store.matches.queue(None))


def test_the_master_key_is_changed_while_others_use_the_registry(
    store: SqliteStore, path: Path
) -> None:
    filled(store)
    before = master.key_file(path)
    assert before is not None
    old = before.read_text()
    with closing(SqliteStore.open(path)) as other:
        with other.read():
            assert len(list(other.cases.fingerprints())) == 3 * CASES
        store.rotate_master_key()
        take_in(store, Victim().submission(picture(seeded(8))), NOW)
        with other.read():
            assert len(list(other.cases.fingerprints())) == 3 * CASES + 1
        take_in(other, Victim().submission(picture(seeded(9))), NOW)
    assert before.read_text() != old
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    with closing(SqliteStore.open(path)) as again, again.read():
        assert len(list(again.cases.fingerprints())) == 3 * CASES + 2
    before.write_text(old)
    assert "master key does not open" in refusal(path)


def test_a_case_that_is_withdrawn_while_all_are_read_is_passed_over(
    store: SqliteStore, path: Path
) -> None:
    """Its key is gone at once, its rows stay in the view that was taken before."""
    goes, stays = Victim(), Victim()
    take_in(store, goes.submission(picture(seeded(1))), NOW)
    take_in(store, stays.submission(picture(seeded(2))), NOW)
    with closing(SqliteStore.open(path)) as other, other.read():
        assert other.cases.count_fingerprints() == 2
        take_in(store, goes.withdrawal(), NOW, clean=False)
        assert other.cases.count_fingerprints() == 2
        (found,) = other.cases.fingerprints()
        (case_id,) = (it.case_id for it in other.cases.all() if it.number == stays.number)
        assert found.case_id == case_id
    with closing(SqliteStore.open(path)) as other, other.read():
        store._sealer.vault.destroy([store._sealer.key_of(case_id)])
        with pytest.raises(RegistryUnavailable, match="data key"):
            list(other.cases.fingerprints())


def test_who_has_not_noticed_a_change_of_the_master_key_wraps_nothing_by_the_old_one(
    store: SqliteStore, path: Path
) -> None:
    """Such a case could be read until that process ends, and never again."""
    with closing(SqliteStore.open(path)) as other:
        take_in(other, Victim().submission(picture(seeded(8))), NOW)
        store.rotate_master_key()
        take_in(other, Victim().submission(picture(seeded(9))), NOW)
    with closing(SqliteStore.open(path)) as again, again.read():
        again.check_files()
        assert len(list(again.cases.fingerprints())) == 2


@pytest.mark.parametrize("at", ["first", "second"])
def test_a_change_of_the_master_key_that_breaks_off_loses_nothing(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    filled(store)
    calls = Counter[str]()
    write = master.write_key_file

    def broken(place: Path, key: MasterKey) -> None:
        calls["write"] += 1
        if calls["write"] == (1 if at == "first" else 2):
            raise OSError("the disk is full")
        write(place, key)

    with monkeypatch.context() as patch:
        patch.setattr("hashreg.registry.sqlite.write_key_file", broken)
        with pytest.raises(RegistryUnavailable):
            store.rotate_master_key()
    with closing(SqliteStore.open(path)) as again:
        with again.read():
            assert len(list(again.cases.fingerprints())) == 3 * CASES
        again.rotate_master_key()
    with closing(SqliteStore.open(path)) as again, again.read():
        assert len(list(again.cases.fingerprints())) == 3 * CASES


@pytest.mark.parametrize("how", ["variable", "file", "credential"])
def test_the_master_key_may_lie_elsewhere(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    text, elsewhere = MasterKey({1: random_key()}).as_text(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    if how == "variable":
        monkeypatch.setenv(master.VARIABLE, text)
    elif how == "file":
        (elsewhere / "key").write_text(text)
        monkeypatch.setenv(master.FILE_VARIABLE, str(elsewhere / "key"))
    else:
        (elsewhere / master.CREDENTIAL).write_text(text)
        monkeypatch.setenv(master.CREDENTIALS, str(elsewhere))
    with closing(SqliteStore.create(path)) as store:
        take_in(store, Victim().submission(picture(seeded(1))), NOW)
    assert not path.with_name("registry.db-key").exists()
    with closing(SqliteStore.open(path)) as store, store.read():
        assert len(list(store.cases.fingerprints())) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a password",
        HEADER,
        f"{HEADER}\n1:short",
        f"{HEADER}\n1:{base64.b64encode(bytes(31)).decode()}",
        f"{HEADER}\nx:{base64.b64encode(bytes(32)).decode()}",
        f"hashreg key 2\n1:{base64.b64encode(bytes(32)).decode()}",
    ],
)
def test_what_is_no_key_is_said_and_not_repeated(path: Path, text: str) -> None:
    SqliteStore.create(path).close()
    path.with_name("registry.db-key").write_text(text)
    with pytest.raises(RegistryUnavailable, match="is not a key of hashreg") as caught:
        SqliteStore.open(path)
    assert not text or text not in str(caught.value)


def test_a_registry_without_its_data_keys_says_so(path: Path) -> None:
    SqliteStore.create(path).close()
    vault.vault_path(path).unlink()
    with pytest.raises(RegistryUnavailable, match="data keys is missing"):
        SqliteStore.open(path)


def test_older_data_keys_than_the_registry_are_noticed(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    store.vault_copy(tmp_path / "old-keys")
    take_in(store, Victim().submission(picture(seeded(2))), NOW)
    store.close()
    for it in files_of(vault.vault_path(path)):
        it.unlink()
    shutil.copy(tmp_path / "old-keys", vault.vault_path(path))
    assert "is older than the registry" in refusal(path)


def test_an_expired_report_is_sealed_until_it_goes(store: SqliteStore, path: Path) -> None:
    asked = picture(seeded(3))
    kept = StoredReport(
        ReportId(b"r" * 16), PlatformName("examplegram"), ContentId("1"), asked, NOW + DAY
    )
    with store.write():
        store.reports.put(kept, NOW)
    with store.read():
        (found,) = store.reports.kept(NOW)
    assert found == kept
    assert leaks([it.digest for it in asked.hashes], everything(path, keys=True)) == 0
