"""Looking at a SQLite registry from outside, past hashreg's own code."""

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

OLDER = Path(__file__).parents[1] / "registry" / "older"
SEALED_TABLES = ("fingerprints", "reports", "benign")
BEGINNING = 32


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to the file as any program could."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def state_of(path: Path) -> str:
    """Return a digest of everything that the registry holds."""
    with raw(path) as connection:
        dump = sorted(connection.iterdump())  # VACUUM gives the tables another order
        return hashlib.sha256("\n".join(dump).encode()).hexdigest()


def files_of(path: Path) -> list[Path]:
    """Return the registry's file and those that SQLite keeps beside it."""
    return sorted(path.parent.glob(f"{path.name}*"))


def found_in_files(path: Path, digests: Iterable[bytes]) -> int:
    """Return how many of these hashes stand in the registry's files, raw or in hex."""
    content = b"\n".join(file.read_bytes() for file in files_of(path))
    return sum(it in content or it.hex().encode() in content.lower() for it in digests)


def bodies(path: Path) -> list[bytes]:
    """Return how each picture's and report's sealed hashes begin; long ones lie on many pages."""
    asked = " UNION ALL ".join(f"SELECT body FROM {it}" for it in SEALED_TABLES)  # noqa: S608
    with raw(path) as connection:
        return [body[:BEGINNING] for (body,) in connection.execute(asked)]


def copied(path: Path, folder: Path) -> Path:
    """Copy a registry with its keys to another folder; return where its file is there."""
    folder.mkdir(exist_ok=True)
    for name in (path.name, f"{path.name}-key", f"{path.name}-keys"):
        shutil.copy(path.with_name(name), folder / name)
    return folder / path.name


def restored(path: Path, version: str = "m005") -> Path:
    """Make the registry of an earlier version, the last that did not encrypt if none is named."""
    _execute(path, OLDER / f"{version}.sql")
    keys, key = OLDER / f"{version}-keys.sql", OLDER / f"{version}-key"
    if keys.exists():
        _execute(path.with_name(f"{path.name}-keys"), keys)
        shutil.copy(key, path.with_name(f"{path.name}-key"))
    return path


def _execute(path: Path, script: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(script.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
