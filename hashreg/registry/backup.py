"""Copies of a registry that is in use, and putting one back.

A folder of backups holds, for each, a copy of the database and a manifest, and one file with the
data keys: of these only the latest copy is kept, so a withdrawal reaches every backup with the next
one. The database is copied before the keys, so that each case of it has its key, unless it was
withdrawn in between. The master key is not copied: it belongs elsewhere.
"""

import contextlib
import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hashreg import __version__
from hashreg.model.errors import InvalidDocument, NotFound, Refused, RegistryUnavailable
from hashreg.model.heads import Head, head_of_fields
from hashreg.model.messages import N_
from hashreg.model.strictjson import Fields, parse
from hashreg.registry.sqlite import SqliteStore
from hashreg.registry.vault import vault_path

KEYS = "data-keys"
"""The file with the data keys in a folder of backups."""
MOST_BYTES = 10_000
"""Of a manifest."""
_CHUNK = 1 << 20
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one backup is: ``database`` names its file, ``head`` was signed before it was copied."""

    version: str
    made_at: dt.datetime
    database: str
    size: int
    sha256: str
    head: Head

    def to_bytes(self) -> bytes:
        """Return the manifest as it is written."""
        return json.dumps(self.as_json(), indent=1).encode() + b"\n"

    def as_json(self) -> dict[str, object]:
        """Return the object that `hashreg backup --json` prints."""
        return {
            "hashreg": self.version,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "database": self.database,
            "bytes": self.size,
            "sha256": self.sha256,
            "head": self.head.as_json(),
        }


def back_up(store: SqliteStore, folder: Path, head: Head, now: dt.datetime) -> Manifest:
    """Copy a registry into a folder of backups, beside whoever writes to it.

    ``head`` is the head of its events, signed just now. Raises RegistryUnavailable; the backups
    that are there are untouched then.
    """
    name = f"{now.astimezone(dt.UTC).strftime(_STAMP)}.db"
    with _in_words(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _new_file(folder / name) as made:
            store.copy_database(made)
            manifest = Manifest(__version__, now, name, made.stat().st_size, _digest(made), head)
        with _new_file(folder / KEYS) as made:
            store.vault_copy(made)
        with _new_file((folder / name).with_suffix(".json")) as made:
            made.write_bytes(manifest.to_bytes())
    return manifest


def latest(source: Path) -> tuple[Path, Manifest]:
    """Return the folder and the manifest of a backup: the one that is named, or a folder's latest.

    Raises NotFound, InvalidDocument.
    """
    if source.suffix == ".db":
        source = source.with_suffix(".json")
    if source.is_dir():
        found = sorted(source.glob("*.json"))
        if not found:
            raise NotFound(
                N_(
                    "There is no whole backup in this folder. Each backup has a file that ends in "
                    ".json."
                ),
                field="source",
            )
        source = found[-1]
    try:
        with source.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError:
        raise NotFound(
            N_("There is no backup here, or it may not be read. Check the name and permissions."),
            field="source",
        ) from None
    return source.parent, _manifest(content)


@contextlib.contextmanager
def restoring(folder: Path, manifest: Manifest, registry: Path) -> Iterator[SqliteStore]:
    """Open a copy of a backup beside the place where the registry belongs.

    Where the block raises nothing, it is put there; otherwise nothing is left. Raises Refused where
    a registry is there already, RegistryUnavailable.
    """
    if registry.exists() or vault_path(registry).exists():
        raise Refused(
            N_(
                "There is a registry at {path} already, or its data keys, and it was not touched. "
                "Move it away first, or name another place with --registry."
            ),
            field="registry",
            path=registry,
        )
    place = registry.with_name(f"{registry.name}-restoring") / registry.name
    try:
        with _in_words(registry):
            shutil.rmtree(place.parent, ignore_errors=True)  # of an attempt that broke off
            place.parent.mkdir(parents=True, mode=0o700)
            _copy_in(folder, manifest, place)
        with contextlib.closing(SqliteStore.open(place, home=registry)) as store:
            yield store
        with _in_words(registry):
            for one, there in ((vault_path(place), vault_path(registry)), (place, registry)):
                one.rename(there)
                _sync(registry.parent)
    finally:
        shutil.rmtree(place.parent, ignore_errors=True)


def _copy_in(folder: Path, manifest: Manifest, place: Path) -> None:
    """Copy a backup's files; raises InvalidDocument where the database is another one."""
    for name, there in ((manifest.database, place), (KEYS, vault_path(place))):
        try:
            with (
                (folder / name).open("rb") as source,
                os.fdopen(os.open(there, _NEW, 0o600), "wb") as target,
            ):
                shutil.copyfileobj(source, target, _CHUNK)
        except FileNotFoundError:
            raise NotFound(
                N_("The backup lacks its file {name}. Nothing was restored."),
                field="source",
                name=name,
            ) from None
    if _digest(place) != manifest.sha256:
        raise InvalidDocument(
            N_(
                "The database of this backup is not the one that its manifest tells of: it was "
                "damaged or changed. Nothing was restored; take another backup."
            ),
            field="source",
        )
    with contextlib.closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = WAL")


def _manifest(content: bytes) -> Manifest:
    fields = Fields(parse(content, InvalidDocument), "", InvalidDocument)
    fields.only(("hashreg", "made_at", "database", "bytes", "sha256", "head"))
    name = fields.text("database")
    try:
        made_at = dt.datetime.fromisoformat(fields.text("made_at"))
    except ValueError:
        made_at = None
    if made_at is None or Path(name).name != name or Path(name).suffix != ".db":
        raise InvalidDocument(N_("This is not a manifest of a backup."), field="source")
    return Manifest(
        fields.text("hashreg"),
        made_at,
        name,
        fields.whole_number("bytes", 0, 1 << 60),
        fields.text("sha256"),
        head_of_fields(Fields(fields.raw("head"), "head", InvalidDocument)),
    )


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Give a place for a new file; once it is written it stands at ``path``, or nothing does."""
    made = path.with_name(f".{path.name}.new")
    made.unlink(missing_ok=True)
    try:
        yield made
        made.chmod(0o600)
        _sync(made)
        made.rename(path)
        _sync(path.parent)
    finally:
        made.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _in_words(place: Path) -> Iterator[None]:
    """Say where a backup could not be written or read, and why."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        number = errno.ENOSPC if full else getattr(error, "errno", None) or errno.EIO
        raise RegistryUnavailable(
            N_(
                "The backup could not be written to or read at {place}: {reason}. What was there "
                "before is untouched."
            ),
            place=place,
            reason=os.strerror(number),
        ) from error
