"""A cipher for saved indexes, as an operator may bring one: AES-GCM, nonces before the blocks."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Sealing:
    """Seals blocks with a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def seal(self, block: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, block, place)

    def open(self, block: memoryview, place: bytes) -> bytes:
        try:
            return self._key.decrypt(block[:NONCE_BYTES], block[NONCE_BYTES:], place)
        except InvalidTag:
            raise ValueError("changed, of another place, or sealed with another key") from None
