"""Every file that hashreg reads, spoilt in every way: it reads as before, or one error is told.

Pictures have a battery of their own (``test_hostile_pictures``), and so do bodies over HTTP and
what a server answers (``tests/server``, ``tests/client``).
"""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.client.sealing import sealed
from hashreg.model.errors import HashregError
from hashreg.model.heads import parse_head
from hashreg.model.reports import Report, read_reports
from hashreg.model.submissions import parse_document
from hashreg.page.settings import read_settings
from hashreg.registry.backup import back_up, latest, restoring
from hashreg.registry.master import find_master_key
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import signed_head
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.restored import take_back
from hashreg.takedown.sealed import opened, public_key
from hashreg.takedown.signatures import check_signature
from support.asking import is_found
from support.cases import NOW, Victim, copy_of, picture, seeded
from support.sent import Item, item
from support.spoiling import spoiled

DOSE, ALL = 300, 20_000
FEW, MANY = 40, 2_000
"""Of what takes longer: a registry is opened each time."""
REGISTERED = picture(seeded(1))
CSV_ROWS = "content_id,algorithm,view,hash,quality"
FULL = (pytest.mark.slow, pytest.mark.torture, pytest.mark.timeout(3600))


@dataclass
class Read:
    """A file that is right, and how it is read: what comes out is what went in, or an error."""

    name: str
    right: bytes = field(repr=False)
    read: Callable[[bytes], object] = field(repr=False)
    is_signed: bool = False
    """Whether nothing else than what went in may come out."""


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a case, what is kept of its index, a backup, and a place to read from."""
    made = tmp_path_factory.mktemp("right")
    with closing(SqliteStore.create(made / "registry.db")) as store:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keys, "ROUNDS", 1)
            take_in(store, Victim().submission(REGISTERED), NOW)
        index = RegistryIndex(store.index_folder)
        with store.read():
            index.refresh(store)
        assert index.keep(store, least=0)
        back_up(store, made / "backup", signed_head(store, NOW), NOW)
    return made


@pytest.fixture
def files(folder: Path, tmp_path: Path) -> dict[str, Read]:
    """Every kind of file by its name."""
    store = SqliteStore.open(folder / "registry.db")

    def from_file(read: Callable[[Path], object]) -> Callable[[bytes], object]:
        def written(content: bytes) -> object:
            (tmp_path / "spoilt").write_bytes(content)
            return read(tmp_path / "spoilt")

        return written

    def document(content: bytes) -> object:
        found = parse_document(content)
        check_signature(found)
        return found

    made = Victim().submission(REGISTERED, picture(seeded(2))).to_bytes()
    key = folder / "registry.db-key"
    (manifest,) = (folder / "backup").glob("*.json")
    settings = {"address": "https://a.example", "seal_to": public_key(store), "help_lines": []}
    rows = [item(f"{number}.jpg", picture(seeded(number))) for number in range(3)]
    lines = b"".join(json.dumps(it).encode() + b"\n" for it in rows)
    kinds = [
        Read("submission", made, document, is_signed=True),
        Read(
            "sealed",
            sealed(made, public_key(store)),
            lambda content: opened(store, content),
            is_signed=True,
        ),
        Read("head", signed_head(store, NOW).to_bytes(), parse_head),
        Read(
            "key",
            key.read_bytes(),
            from_file(lambda path: find_master_key(path, {"HASHREG_MASTER_KEY_FILE": str(path)})),
        ),
        Read(
            "manifest",
            manifest.read_bytes(),
            from_file(lambda path: latest(path.rename(path.with_suffix(".json")))),
        ),
        Read("settings", json.dumps(settings).encode(), from_file(read_settings)),
        Read("JSONL", lines, reports),
        Read("CSV", csv(rows), reports),
    ]
    return {it.name: it for it in kinds}


def csv(rows: Sequence[Item]) -> bytes:
    lines = [
        f"{row['content_id']},{it['algorithm']},{it['view']},{it['hash']},{it['quality'] or ''}"
        for row in rows
        for it in row["hashes"]
    ]
    return "\n".join((CSV_ROWS, *lines)).encode()


def reports(content: bytes) -> list[str]:
    """Return what stands in each place: a report's name, or the words about a bad line."""
    entries = list(read_reports(content.splitlines(keepends=True)))
    return [it.content_id if isinstance(it, Report) else str(it.error) for it in entries]


NAMES = ("submission", "sealed", "head", "key", "manifest", "settings", "JSONL", "CSV")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rounds", [DOSE, pytest.param(ALL, marks=FULL)])
def test_a_spoilt_file_reads_as_before_or_one_error_is_told(
    files: dict[str, Read], name: str, rounds: int
) -> None:
    file, dice = files[name], seeded(rounds)
    right = file.read(file.right)
    told: list[str] = []
    for _ in range(rounds):
        spoilt = spoiled(file.right, dice)
        try:
            found = file.read(spoilt)
        except HashregError as error:
            told.append(str(error))
        else:
            assert not file.is_signed or found == right, "what was changed passed for signed"
    assert told or name in ("JSONL", "CSV")
    assert not any(it.hash in words for it in REGISTERED.hashes for words in told)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_file_of_ours_at_all_is_told(files: dict[str, Read], name: str) -> None:
    dice = seeded(3)
    for size in (0, 1, 16, 1000, 100_000):
        for content in (dice.randbytes(size), b"[" * size, b"\xff\xfe" * size, b"9" * size):
            try:
                files[name].read(content)
            except HashregError:
                continue
            assert name in ("JSONL", "CSV")


@pytest.mark.parametrize("rounds", [FEW, pytest.param(MANY, marks=FULL)])
def test_a_spoilt_index_is_made_anew(folder: Path, tmp_path: Path, rounds: int) -> None:
    """A file that is cut, changed, longer, or gone: it is found what is registered all the same."""
    asked, dice, refused = copy_of(REGISTERED, seeded(5), 10), seeded(rounds), 0
    copied = shutil.copytree(folder, tmp_path / "copy")
    with closing(SqliteStore.open(copied / "registry.db")) as store:
        for _ in range(rounds):
            shutil.rmtree(store.index_folder)
            shutil.copytree(folder / store.index_folder.name, store.index_folder)
            path = dice.choice(sorted(store.index_folder.iterdir()))
            path.write_bytes(spoiled(path.read_bytes(), dice))
            index = RegistryIndex(store.index_folder)
            with store.read():
                refused += not index.open(store)
                index.refresh(store)
            assert index.find_many([asked])[0]
    assert refused >= 0.9 * rounds  # some of what is written anew is as it was


@pytest.mark.parametrize("rounds", [FEW, pytest.param(MANY, marks=FULL)])
def test_a_spoilt_backup_is_restored_whole_or_not_at_all(
    folder: Path, tmp_path: Path, rounds: int
) -> None:
    dice, restored = seeded(rounds), 0
    for round_ in range(rounds):
        source = shutil.copytree(folder / "backup", tmp_path / "backup")
        place = tmp_path / str(round_) / "registry.db"
        place.parent.mkdir()
        shutil.copy(folder / "registry.db-key", place.with_name("registry.db-key"))
        path = dice.choice(sorted(source.iterdir()))
        path.write_bytes(spoiled(path.read_bytes(), dice))
        try:
            where, manifest = latest(source)
            with restoring(where, manifest, place) as store:
                take_back(store, [manifest.head], NOW)
                assert is_found(store, REGISTERED)
                store.check_files()
        except HashregError:
            assert not place.exists()
        else:
            restored += 1
            database = manifest.database
            right = (folder / "backup" / database).read_bytes()
            assert (source / database).read_bytes() == right
        shutil.rmtree(source)
    assert 0 < restored < rounds
