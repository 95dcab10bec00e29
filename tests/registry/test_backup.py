"""A backup is made beside whoever writes, and what was put back is whole; erased stays erased."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.cases import CaseState
from hashreg.model.errors import HashregError, NotFound, Refused, RegistryUnavailable
from hashreg.model.people import Role
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry import backup
from hashreg.registry.backup import KEYS, Manifest, back_up, latest, restoring
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import signed_head, verify
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.restored import Restored, take_back
from hashreg.takedown.review import decide, queue
from hashreg.takedown.status import case_status
from support.asking import is_found, reported, ticket_of
from support.cases import DAY, NOW, Victim, picture, seeded
from support.sqlite import found_in_files, raw
from support.writing import running, submit_and_withdraw, wait_for_lines

STAYS, GOES = picture(seeded(1)), picture(seeded(2))


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "here" / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A registry with a case, a report of it, a match and a verdict."""
    with closing(SqliteStore.create(path)) as store:
        add_person(store, Role.PLATFORM, "bada", NOW)
        add_person(store, Role.MODERATOR, "kim", NOW)
        take_in(store, Victim().submission(STAYS), NOW)
        ticket = ticket_of(reported(store, RegistryIndex(), "a", STAYS, "bada"))
        decide(store, ticket, Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL), "kim", NOW)
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def backed_up(store: SqliteStore, folder: Path, now: dt.datetime = NOW) -> Manifest:
    return back_up(store, folder, signed_head(store, now), now)


def restored(source: Path, registry: Path, key: Path | None = None) -> Restored:
    """Put a backup back, with the master key beside the place where it belongs."""
    registry.parent.mkdir(exist_ok=True)
    if key is not None:
        shutil.copy(key, registry.with_name(f"{registry.name}-key"))
    folder, manifest = latest(source)
    with restoring(folder, manifest, registry) as store:
        return take_back(store, [manifest.head], NOW)


@pytest.fixture
def key(path: Path) -> Path:
    return path.with_name("registry.db-key")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "registry.db"


def test_what_was_backed_up_comes_back_whole(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path
) -> None:
    backed_up(store, folder)
    result = restored(folder, elsewhere, key)
    assert (result.pictures, result.withdrawn) == (1, 0)
    with closing(SqliteStore.open(elsewhere)) as again:
        assert is_found(again, STAYS)
        (entry,) = queue(again, None)
        assert entry.verdicts[0].actor == "kim"
        assert verify(again).finding is None
        assert take_in(again, Victim().submission(GOES), NOW).outcome is Outcome.TAKEN_IN
    names = sorted(it.name for it in elsewhere.parent.iterdir())
    assert names == ["registry.db", "registry.db-key", "registry.db-keys"]
    assert {it.stat().st_mode & 0o777 for it in elsewhere.parent.iterdir()} == {0o600}


def test_a_backup_is_for_its_owner_only_and_holds_no_master_key(
    store: SqliteStore, folder: Path, key: Path
) -> None:
    made = backed_up(store, folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    names = {made.database, made.database.replace(".db", ".json"), KEYS}
    assert {it.name for it in folder.iterdir()} == names
    assert {it.stat().st_mode & 0o777 for it in folder.iterdir()} == {0o600}
    secret = key.read_text().split(":")[-1].strip()
    assert not [it for it in folder.iterdir() if secret.encode() in it.read_bytes()]
    digests = [it.digest for it in STAYS.hashes]
    for file in folder.iterdir():
        assert found_in_files(file, digests) == 0


def test_erased_stays_erased_whichever_backup_comes_back(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path
) -> None:
    """An older database with the latest keys: the case that was withdrawn since is not in it."""
    victim = Victim()
    take_in(store, victim.submission(GOES), NOW)
    first = backed_up(store, folder)
    take_in(store, victim.withdrawal(), NOW)
    backed_up(store, folder, NOW + DAY)
    result = restored(folder / first.database, elsewhere, key)
    assert (result.pictures, result.withdrawn) == (1, 1)
    with closing(SqliteStore.open(elsewhere)) as again:
        assert is_found(again, STAYS)
        assert not is_found(again, GOES)
        assert case_status(again, victim.number).state is CaseState.WITHDRAWN
        assert take_in(again, victim.submission(GOES), NOW).outcome is Outcome.WITHDRAWN
        assert verify(again, [first.head]).finding is None
    with raw(elsewhere) as database:
        assert database.execute("SELECT count(*) FROM fingerprints").fetchone() == (1,)


def test_the_latest_is_taken_of_a_folder_and_an_older_one_by_name(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path, tmp_path: Path
) -> None:
    first = backed_up(store, folder)
    take_in(store, Victim().submission(GOES), NOW)
    second = backed_up(store, folder, NOW + DAY)
    assert latest(folder)[1] == second
    assert latest(folder / first.database)[1] == first
    assert restored(folder, elsewhere, key).pictures == 2
    older = tmp_path / "older" / "registry.db"
    assert restored(folder / first.database, older, key).pictures == 1


def test_a_registry_that_is_there_is_not_touched(
    store: SqliteStore, folder: Path, path: Path
) -> None:
    backed_up(store, folder)
    before = path.read_bytes()
    with pytest.raises(Refused, match="already"):
        restored(folder, path)
    assert path.read_bytes() == before
    assert is_found(store, STAYS)


@pytest.mark.parametrize("with_key", [False, True])
def test_without_the_right_master_key_nothing_is_put_back(
    store: SqliteStore, folder: Path, elsewhere: Path, tmp_path: Path, with_key: bool
) -> None:
    backed_up(store, folder)
    other = tmp_path / "other.db"
    SqliteStore.create(other).close()
    with pytest.raises(RegistryUnavailable, match="key"):
        restored(folder, elsewhere, tmp_path / "other.db-key" if with_key else None)
    assert [it.name for it in elsewhere.parent.iterdir()] == ["registry.db-key"] * with_key


def test_any_byte_that_was_flipped_is_refused_or_harmless(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path
) -> None:
    backed_up(store, folder)
    rng = seeded(3)
    refused = 0
    for file in sorted(folder.iterdir()):
        good = file.read_bytes()
        for place in rng.sample(range(len(good)), 40):
            bad = bytearray(good)
            bad[place] ^= 1 << rng.randrange(8)
            file.write_bytes(bad)
            try:
                restored(folder, elsewhere, key)
            except HashregError:
                refused += 1
                assert not elsewhere.exists()
                continue
            with closing(SqliteStore.open(elsewhere)) as again:
                assert is_found(again, STAYS)
            shutil.rmtree(elsewhere.parent)
        file.write_bytes(good)
    assert refused > 60


@pytest.mark.parametrize("missing", ["database", KEYS, "manifest"])
def test_what_is_missing_of_a_backup_is_said(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path, missing: str
) -> None:
    made = backed_up(store, folder)
    names = {"database": made.database, "manifest": made.database.replace(".db", ".json")}
    (folder / names.get(missing, missing)).unlink()
    with pytest.raises(NotFound):
        restored(folder, elsewhere, key)
    assert not elsewhere.exists()


def test_a_backup_that_breaks_off_leaves_the_one_before(
    store: SqliteStore,
    folder: Path,
    key: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = backed_up(store, folder)
    for step in ("copy_database", "vault_copy"):
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, step, _full)
            with pytest.raises(RegistryUnavailable, match="No space left"):
                backed_up(store, folder, NOW + DAY)
    with monkeypatch.context() as patch:
        patch.setattr(backup, "_sync", _full)
        with pytest.raises(RegistryUnavailable, match="No space left"):
            backed_up(store, folder, NOW + DAY)
    assert latest(folder)[1] == first
    assert [it.name for it in folder.iterdir() if it.name.startswith(".")] == []
    assert restored(folder, elsewhere, key).pictures == 1


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_restore_that_breaks_off_leaves_nothing_in_the_way(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(store, folder)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", _full)
        with pytest.raises(RegistryUnavailable):
            restored(folder, elsewhere, key)
    left = elsewhere.with_name("registry.db-restoring")
    left.mkdir(exist_ok=True)  # as a program that was killed leaves it
    (left / "registry.db").write_bytes(b"half")
    assert restored(folder, elsewhere, key).pictures == 1
    assert not left.exists()


def test_a_manifest_that_names_a_file_elsewhere_is_refused(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path
) -> None:
    made = backed_up(store, folder)
    manifest = (folder / made.database).with_suffix(".json")
    text = manifest.read_text()
    for name in ("../other.db", "/etc/passwd", "x"):
        manifest.write_text(text.replace(made.database, name))
        with pytest.raises(HashregError):
            restored(manifest, elsewhere, key)


def test_a_backup_from_before_a_changed_master_key_comes_back_with_the_latest_keys(
    store: SqliteStore, folder: Path, key: Path, elsewhere: Path
) -> None:
    first = backed_up(store, folder)
    store.rotate_master_key()
    backed_up(store, folder, NOW + DAY)
    assert restored(folder / first.database, elsewhere, key).pictures == 1


def test_backups_beside_writers_are_whole_each(tmp_path: Path) -> None:
    """Two programs register and withdraw while it is copied: every copy fits its keys."""
    registry, kept, folder = tmp_path / "registry.db", tmp_path / "kept", tmp_path / "backups"
    SqliteStore.create(registry).close()
    kept.touch()
    made = []
    with ExitStack() as writers, closing(SqliteStore.open(registry)) as store:
        for number in range(2):
            writers.enter_context(running(submit_and_withdraw, registry, kept, number))
        for number in range(6):
            wait_for_lines(kept, 3 * number + 1)
            made.append(backed_up(store, folder, NOW + number * DAY))
    for number, each in enumerate(made):
        place = tmp_path / str(number) / "registry.db"
        result = restored(folder / each.database, place, tmp_path / "registry.db-key")
        assert result.audit.entries >= each.head.sequence
        with closing(SqliteStore.open(place)) as again, again.read():
            assert again.cases.lost() == []
            assert sum(1 for _ in again.cases.fingerprints()) == result.pictures
