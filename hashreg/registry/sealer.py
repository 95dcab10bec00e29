"""Sealing what says something of a person: hashes, and which rows belong to one case.

Hashes of a case are sealed under the case's own data key, everything else under keys of the
registry (AES-256-GCM, a random nonce before the ciphertext). What a row holds is bound to its
table and key, so that no sealed value can stand in another's place. Where rows have to be found
by a case or picture, a keyed digest stands in place of its name, another one in each table.
"""

import dataclasses
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hashreg.model.errors import RegistryUnavailable
from hashreg.model.heads import Head
from hashreg.model.messages import N_
from hashreg.model.records import CaseId
from hashreg.model.submissions import PublicKeyHex, SignatureHex
from hashreg.registry.master import NONCE_BYTES
from hashreg.registry.vault import Vault

SEALED = 1
"""How columns are sealed, as the tables name it: all of what this module describes."""
OVERHEAD = NONCE_BYTES + 16
"""Bytes by which what is sealed is longer: the nonce and GCM's tag."""
TOKEN_BYTES = 16
LOOKUP, LINKS, REPORTS, BENIGN, INDEX, SALT, AUDIT = (
    name.encode() for name in ("lookup", "links", "reports", "benign", "index", "salt", "audit")
)
OWN_KEYS = (LOOKUP, LINKS, REPORTS, BENIGN, INDEX, SALT, AUDIT)
"""Names of the keys that belong to no case."""

CHANGED = N_(
    "Something in the registry at {path} was changed from outside, or its data keys are another "
    "registry's. Restore both from a backup; don't write to it any more."
)
KEY_GONE = N_(
    "The data key for something in the registry at {path} is missing. The file with the data keys "
    "is older than the registry, or damaged. Put its latest copy back."
)


class Sealer:
    """Seals and opens the values of one registry's rows."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path, self.vault = path, vault
        self._doomed: set[CaseId] = set()
        self.is_new = False
        """Whether the registry was sealed just now, by whoever opened it."""
        self.is_clean = True
        """Whether what stood there unsealed was overwritten then."""

    def token(self, table: str, value: bytes) -> bytes:
        """Return what stands for a value where rows of a table are found by it."""
        digest = hmac.digest(self._key(LOOKUP), table.encode() + b"\0" + value, hashlib.sha256)
        return digest[:TOKEN_BYTES]

    def seal(self, key: bytes, value: bytes, table: str, row: bytes) -> bytes:
        """Seal a value of a table's row under one of the registry's keys."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key(key)).encrypt(nonce, value, _place(table, row))

    def open(self, key: bytes, sealed: bytes, table: str, row: bytes) -> bytes:
        """Return what was sealed; raises RegistryUnavailable where it was changed or moved."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self._key(key)).decrypt(nonce, rest, _place(table, row))
        except (InvalidTag, ValueError):
            raise RegistryUnavailable(CHANGED, path=self._path) from None

    def keyed_digest(self, text: bytes, size: int, person: bytes = b"") -> bytes:
        """Return what stands for something that outsiders sent: BLAKE2b under a key of its own."""
        return hashlib.blake2b(text, key=self._key(SALT), digest_size=size, person=person).digest()

    def key_of(self, case_id: CaseId) -> bytes:
        """Return the name of a case's data key."""
        return self.token("keys", case_id)

    def has_case(self, case_id: CaseId) -> bool:
        """Tell whether a case's data key is there."""
        return self.vault.has(self.key_of(case_id))

    def begin_cases(self, cases: Iterable[CaseId]) -> None:
        """Make the data keys of new cases."""
        self.vault.make(map(self.key_of, cases))

    def doom(self, case_id: CaseId) -> None:
        """Destroy a case's data key as soon as the open transaction is kept."""
        self._doomed.add(case_id)

    def committed(self) -> None:
        """Destroy what was doomed. Where that fails, ``keep_only`` does it later."""
        if self._doomed:
            doomed, self._doomed = self._doomed, set()
            self.vault.destroy([self.key_of(case_id) for case_id in doomed])

    def rolled_back(self) -> None:
        """Doom nothing: what asked for it was undone."""
        self._doomed.clear()

    def renew_index_key(self) -> None:
        """Seal what is kept of the index from now on under a new key; the old one is destroyed."""
        self.vault.destroy([INDEX])
        self.vault.make([INDEX])

    def sign_head(self, head: Head) -> Head:
        """Return a head with the registry's signature (Ed25519, its seed is a data key)."""
        key = Ed25519PrivateKey.from_private_bytes(self._key(AUDIT))
        return dataclasses.replace(
            head,
            public_key=PublicKeyHex(key.public_key().public_bytes_raw().hex()),
            signature=SignatureHex(key.sign(head.signed_bytes()).hex()),
        )

    def keep_only(self, cases: Iterable[CaseId]) -> bool:
        """Destroy the data keys of all other cases; False where it must be tried again."""
        return self.vault.keep_only([*OWN_KEYS, *map(self.key_of, cases)])

    def index_key(self) -> bytes:
        """Return the key of what is kept of the index, as it is now: it is renewed at times."""
        return self._found(self.vault.now, INDEX)

    def _key(self, name: bytes) -> bytes:
        return self._found(self.vault.key, name)

    def _found(self, find: Callable[[bytes], bytes], name: bytes) -> bytes:
        try:
            return find(name)
        except KeyError:
            raise RegistryUnavailable(KEY_GONE, path=self._path) from None


class IndexCipher:
    """Seals the blocks of what is kept of the index, each bound to its place.

    One is for one saving or opening: it looks for the key once.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._sealer.index_key())

    def seal(self, block: bytes, place: bytes) -> bytes:
        """Return the block sealed; raises RegistryUnavailable where the key is gone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, block, _place("index", place))

    def open(self, block: memoryview, place: bytes) -> bytes:
        """Return what was sealed; raises ValueError if it was changed or belongs elsewhere."""
        nonce, rest = block[:NONCE_BYTES], block[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, _place("index", place))
        except (RegistryUnavailable, InvalidTag):
            raise ValueError("changed, or of another place") from None


def _place(table: str, row: bytes) -> bytes:
    return b"hashreg 1\0" + table.encode() + b"\0" + row
