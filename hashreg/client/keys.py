"""From the recovery code to the key that signs for a case.

PBKDF2-HMAC-SHA256 (RFC 8018) with 600,000 rounds makes the 32-byte seed of an Ed25519 key
(RFC 8032): password = the code's 16 symbols without hyphens and check symbol, salt = the case
number as it is printed, both in ASCII. Browsers' WebCrypto has both. At 80 random bits the code
can't be guessed from the public key.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hashreg.model.cases import CaseNumber, RecoveryCode, status_bytes
from hashreg.model.submissions import PublicKeyHex, SignatureHex

ROUNDS = 600_000
SEED_BYTES = 32


def signing_key(case: CaseNumber, code: RecoveryCode) -> Ed25519PrivateKey:
    """Return the key of a case; takes about 0.2 s of CPU, on purpose."""
    password = code.replace("-", "")[:-1].encode("ascii")
    seed = hashlib.pbkdf2_hmac("sha256", password, case.encode("ascii"), ROUNDS, SEED_BYTES)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key_hex(key: Ed25519PrivateKey) -> PublicKeyHex:
    """Return the public half, as it travels in a submission."""
    return PublicKeyHex(key.public_key().public_bytes_raw().hex())


def signed_question(
    case: CaseNumber, code: RecoveryCode, nonce: str
) -> tuple[PublicKeyHex, SignatureHex]:
    """Return the public key and the signature that ask a server where a case stands.

    ``nonce`` is the server's challenge; raises InvalidInput where it is not ASCII.
    """
    key = signing_key(case, code)
    return public_key_hex(key), SignatureHex(key.sign(status_bytes(case, nonce)).hex())
