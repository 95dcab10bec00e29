"""The master key: it wraps the registry's data keys, and lies outside of the database.

A small text, ``hashreg key 1`` and then one ``version:base64`` for each key, the newest of which
wraps; older ones are there only while a rotation is under way. It comes from the environment
(``HASHREG_MASTER_KEY``), from a file that is named there (``HASHREG_MASTER_KEY_FILE``), from a
systemd credential named ``hashreg-master-key``, or else from a file beside the registry.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.messages import N_

HEADER = "hashreg key 1"
KEY_BYTES, NONCE_BYTES = 32, 12
"""AES-256-GCM: the key, and the random nonce that stands before what was sealed."""
VARIABLE, FILE_VARIABLE = "HASHREG_MASTER_KEY", "HASHREG_MASTER_KEY_FILE"
CREDENTIALS, CREDENTIAL = "CREDENTIALS_DIRECTORY", "hashreg-master-key"
SUFFIX = "-key"
MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class MasterKey:
    """Key-encryption keys of 32 bytes by their version."""

    keys: Mapping[int, bytes] = field(repr=False)

    @property
    def newest(self) -> int:
        """The version that wraps."""
        return max(self.keys)

    def wrap(self, name: bytes, key: bytes) -> tuple[int, bytes]:
        """Return the version that was used, and a data key sealed under its name."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.newest]).encrypt(nonce, key, _place(self.newest, name))
        return self.newest, nonce + sealed

    def unwrap(self, version: int, name: bytes, wrapped: bytes) -> bytes:
        """Return a data key; raises LookupError without its version, ValueError if changed."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self.keys[version]).decrypt(nonce, sealed, _place(version, name))
        except InvalidTag:
            raise ValueError("changed, of another name, or wrapped by another key") from None

    def as_text(self) -> str:
        """Return what stands in a key file."""
        lines = (f"{number}:{base64.b64encode(key).decode()}" for number, key in self.keys.items())
        return "\n".join((HEADER, *lines, ""))


def random_key() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(KEY_BYTES)


def key_file(registry: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that holds a registry's master key; None where the environment holds it."""
    if environ.get(VARIABLE):
        return None
    if environ.get(FILE_VARIABLE):
        return Path(environ[FILE_VARIABLE])
    credential = Path(environ.get(CREDENTIALS, "")) / CREDENTIAL
    if environ.get(CREDENTIALS) and credential.is_file():
        return credential
    return registry.with_name(f"{registry.name}{SUFFIX}")


def find_master_key(registry: Path, environ: Mapping[str, str] = os.environ) -> MasterKey:
    """Return a registry's master key; raises RegistryUnavailable, saying where it was sought."""
    path = key_file(registry, environ)
    if path is None:
        return _parsed(environ[VARIABLE], VARIABLE)
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise RegistryUnavailable(
            N_(
                "The key of this registry is not at {place}, or may not be read. Without it the "
                "hashes can't be read by anybody. Put the key file back, or name its place with "
                "HASHREG_MASTER_KEY_FILE."
            ),
            place=path,
        ) from error
    return _parsed(text, path)


def make_master_key(registry: Path, environ: Mapping[str, str] = os.environ) -> MasterKey:
    """Return the master key that is there, or a new one, written to its file.

    Raises RegistryUnavailable where the key that is there is none, OSError where none can be
    written.
    """
    path = key_file(registry, environ)
    if path is None or has_master_key(registry, environ):
        return find_master_key(registry, environ)
    made = MasterKey({1: random_key()})
    write_key_file(path, made)
    return made


def has_master_key(registry: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether there is a master key, or something in its place."""
    path = key_file(registry, environ)
    return path is None or path.exists()


def write_key_file(path: Path, key: MasterKey) -> None:
    """Write a key file, readable by its owner only, in place of the one before; raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.as_text())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parsed(text: str, place: object) -> MasterKey:
    try:
        header, entries = text[: len(HEADER)], text[len(HEADER) :].split()
        keys = {}
        for entry in entries:
            number, _, key = entry.partition(":")
            keys[int(number)] = base64.b64decode(key, validate=True)
    except (ValueError, binascii.Error):
        header, keys = "", {}
    if header != HEADER or not keys or {len(it) for it in keys.values()} != {KEY_BYTES}:
        raise RegistryUnavailable(
            N_(
                "What is at {place} is not a key of hashreg, or it was damaged. Put the right key "
                "there; a copy of it should be kept apart from the registry."
            ),
            place=place,
        )
    return MasterKey(keys)


def _place(version: int, name: bytes) -> bytes:
    return b"hashreg data key\0" + version.to_bytes(4, "big") + name
