"""Saved indexes: a folder with a file of arrays for each section, and a manifest that names them.

Files are never changed: what is new is written under new random names, and renaming the manifest
takes it in, so that a crash at any moment leaves the index as it was. Sections that were saved
there before are not written again. A cipher seals everything in blocks; then nothing is mapped
into memory and opening means decrypting.
"""

import contextlib
import json
import math
import os
import secrets
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from hashreg.matching.bits import SEED
from hashreg.model.errors import UnusableIndex
from hashreg.model.messages import N_

FORMAT, VERSION = "hashreg index", [1, SEED]
"""The version of the files, and of the order of bits."""
MANIFEST = "manifest"
ALIGNMENT = 64
"""Bytes that arrays are aligned to in a file: a line of the cache."""
BLOCK = 1 << 20
"""Bytes that are written and sealed at a time."""
MOST_OVERHEAD = 1024
"""Bytes by which a cipher may make a block longer."""
LENGTH_BYTES, CHECKSUM_BYTES = 4, 4
ARRAYS, NEW = ".arrays", ".new"

MISSING = N_("There is no saved index at {path}.")
FOREIGN = N_(
    "The saved index at {path} is of another kind or was made by another version. "
    "Make it anew from the registry."
)
DAMAGED = N_("The saved index at {path} is damaged or not whole. Make it anew from the registry.")
STALE = N_(
    "The saved index at {path} belongs to another state of the registry. "
    "Make it anew from the registry."
)

Arrays = dict[str, NDArray[Any]]
Meta = Mapping[str, Any]


class BlockCipher(Protocol):
    """Seals blocks; ``place`` is bound to each, so that none can stand in another's place.

    What is opened is taken to be whole: nothing else looks for changes in it.
    """

    def seal(self, block: bytes, place: bytes) -> bytes:
        """Return the block sealed; it may be longer."""

    def open(self, block: memoryview, place: bytes) -> bytes:
        """Return what was sealed; raises ValueError if it was changed or belongs elsewhere."""


@dataclass(eq=False)
class Section:
    """Arrays that are saved as one file and never change; ``entry`` is their manifest's line."""

    arrays: Arrays
    entry: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What is saved of a thing: numbers and words for the manifest, and its sections by name."""

    meta: Meta
    sections: Mapping[str, Section] = field(default_factory=dict)

    @classmethod
    def nested(cls, parts: Mapping[str, "Saved"]) -> "Saved":
        """Return things that have names as one."""
        named = [
            (f"{name}/{inner}", it)
            for name, part in parts.items()
            for inner, it in part.sections.items()
        ]
        return cls({name: part.meta for name, part in parts.items()}, dict(named))

    def part(self, name: str) -> "Saved":
        """Return one of the things that were nested."""
        prefix = f"{name}/"
        named = {
            it.removeprefix(prefix): section
            for it, section in self.sections.items()
            if it.startswith(prefix)
        }
        return Saved(self.meta[name], named)


def save(folder: Path, kind: str, saved: Saved, cipher: BlockCipher | None) -> None:
    """Write sections and a manifest, and delete every file of the folder that it doesn't name.

    One at a time may save in a folder. Raises OSError where the disk is full or the folder may not
    be written; the index that was saved before is there then as it was.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _named(folder, cipher)
    written: list[Path] = []
    try:
        for section in saved.sections.values():
            if section.entry.get("file") not in before:
                written.append(folder / f"{secrets.token_hex(16)}{ARRAYS}")
                section.entry = _write(written[-1], section.arrays, cipher)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "kind": kind,
            "byte_order": sys.byteorder,
            "meta": saved.meta,
            "sections": {name: section.entry for name, section in saved.sections.items()},
        }
        written.append(folder / f"{secrets.token_hex(16)}{NEW}")
        _write_manifest(written[-1], manifest, cipher)
        written[-1].replace(folder / MANIFEST)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    _sync(folder)
    named = {section.entry["file"] for section in saved.sections.values()}
    for path in folder.iterdir():  # also what a broken off attempt or another manifest has left
        if path.suffix in {ARRAYS, NEW} and path.name not in named:
            path.unlink()


def load(folder: Path, kind: str, cipher: BlockCipher | None) -> Saved:
    """Return what was saved, every byte of it checked.

    Raises UnusableIndex where there is nothing, or where something is cut off, changed, of another
    kind or of another version.
    """
    try:
        manifest = _manifest(folder, cipher)
        found = [manifest[it] for it in ("format", "version", "kind", "byte_order")]
        if found != [FORMAT, VERSION, kind, sys.byteorder]:
            raise UnusableIndex(FOREIGN, path=folder)
        sections = {
            name: Section(_read(folder / entry["file"], entry, cipher), entry)
            for name, entry in manifest["sections"].items()
        }
        return Saved(manifest["meta"], sections)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnusableIndex(DAMAGED, path=folder) from error


def _write(path: Path, arrays: Arrays, cipher: BlockCipher | None) -> dict[str, Any]:
    """Write arrays one after the other, and return what the manifest says of them."""
    places: dict[str, int] = {}
    length = checksum = 0
    with _new_file(path) as file:
        for number, (name, piece) in enumerate(_pieces(arrays)):
            places.setdefault(name, length)
            length, checksum = length + len(piece), zlib.crc32(piece, checksum)
            if cipher:
                sealed = cipher.seal(piece, _place(path, number))
                file.write(len(sealed).to_bytes(LENGTH_BYTES, "big"))
                file.write(sealed)
            else:
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    described = [[name, it.dtype.str, it.shape, places[name]] for name, it in arrays.items()]
    return {"file": path.name, "bytes": length, "crc32": checksum, "arrays": described}


def _pieces(arrays: Arrays) -> Iterator[tuple[str, bytes]]:
    """Yield the arrays' bytes in blocks, each array aligned, with the array's name."""
    for name, array in arrays.items():
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for first in range(0, max(1, len(flat)), BLOCK):
            piece = flat[first : first + BLOCK].tobytes()
            yield name, piece + bytes(-len(piece) % ALIGNMENT)


def _read(path: Path, entry: Meta, cipher: BlockCipher | None) -> Arrays:
    """Return the arrays of a file; mapped into memory, and private to this process."""
    if cipher:
        content = _unsealed(path, entry["bytes"], cipher)
    elif entry["bytes"]:
        content = np.memmap(path, np.uint8, "c").view(np.ndarray)
    else:
        content = np.fromfile(path, np.uint8)
    is_whole = cipher is not None or zlib.crc32(content.data) == entry["crc32"]
    if len(content) != entry["bytes"] or not is_whole:
        raise UnusableIndex(DAMAGED, path=path.parent)
    arrays = {}
    for name, dtype, shape, first in entry["arrays"]:
        bytes_of_it = np.dtype(dtype).itemsize * math.prod(shape)
        arrays[name] = content[first : first + bytes_of_it].view(dtype).reshape(shape)
    return arrays


def _unsealed(path: Path, length: int, cipher: BlockCipher) -> NDArray[np.uint8]:
    content = np.empty(length, np.uint8)
    buffer = memoryview(bytearray(BLOCK + MOST_OVERHEAD))
    first = number = 0
    with path.open("rb", buffering=0) as file:
        while head := file.read(LENGTH_BYTES):
            sealed = buffer[: int.from_bytes(head, "big")]
            block = cipher.open(sealed[: file.readinto(sealed)], _place(path, number))
            content[first : first + len(block)] = np.frombuffer(block, np.uint8)
            first, number = first + len(block), number + 1
    return content[:first]


def _place(path: Path, number: int) -> bytes:
    return f"{path.name}:{number}".encode()


def _write_manifest(path: Path, manifest: Meta, cipher: BlockCipher | None) -> None:
    text = json.dumps(manifest).encode()
    content = zlib.crc32(text).to_bytes(CHECKSUM_BYTES, "big") + text
    with _new_file(path) as file:
        file.write(cipher.seal(content, MANIFEST.encode()) if cipher else content)
        file.flush()
        os.fsync(file.fileno())


def _manifest(folder: Path, cipher: BlockCipher | None) -> dict[str, Any]:
    """Return the manifest; raises UnusableIndex, or ValueError where it was tampered with."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UnusableIndex(MISSING, path=folder) from None
    if cipher:
        content = cipher.open(memoryview(content), MANIFEST.encode())
    if zlib.crc32(content[CHECKSUM_BYTES:]) != int.from_bytes(content[:CHECKSUM_BYTES], "big"):
        raise UnusableIndex(DAMAGED, path=folder)
    manifest: dict[str, Any] = json.loads(content[CHECKSUM_BYTES:])
    return manifest


def _named(folder: Path, cipher: BlockCipher | None) -> set[str]:
    """Return the files that the manifest names now; none where it can't be read."""
    try:
        return {it["file"] for it in _manifest(folder, cipher)["sections"].values()}
    except (UnusableIndex, OSError, ValueError, LookupError, TypeError, AttributeError):
        return set()


def _new_file(path: Path) -> BinaryIO:
    """Make a file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _sync(folder: Path) -> None:
    """Make renames in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
