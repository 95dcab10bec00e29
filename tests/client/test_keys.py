"""The recovery code gives the key that signs for a case, and nothing else does."""

import hashlib
import secrets

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from hashreg.client.keys import public_key_hex, signed_question, signing_key
from hashreg.model.cases import (
    new_case_number,
    new_recovery_code,
    parse_case_number,
    parse_recovery_code,
)
from hashreg.model.errors import InvalidInput

CASE = parse_case_number("0000-0000-0011")
CODE = parse_recovery_code("0123-4567-89AB-CDEF-K")
PUBLIC = "f0adfe91f58c886b4ab85dc3e7eadd0a5d9fd666bbec0380889a68d6232bc875"
"""The public key of this case and code."""


def test_the_key_is_made_as_the_design_says() -> None:
    seed = hashlib.pbkdf2_hmac("sha256", b"0123456789ABCDEF", b"0000-0000-0011", 600_000, 32)
    independent = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert public_key_hex(signing_key(CASE, CODE)) == independent.hex()


def test_the_key_of_a_code_never_changes() -> None:
    assert public_key_hex(signing_key(CASE, CODE)) == PUBLIC


def test_another_code_or_another_case_gives_another_key() -> None:
    case, code = new_case_number(), new_recovery_code()
    keys = {
        public_key_hex(signing_key(case, code)),
        public_key_hex(signing_key(new_case_number(), code)),
        public_key_hex(signing_key(case, new_recovery_code())),
    }
    assert len(keys) == 3


def test_a_code_typed_small_and_with_spaces_gives_the_same_key() -> None:
    typed = parse_recovery_code(" o123 4567 89ab cdef k\n")
    assert public_key_hex(signing_key(CASE, typed)) == PUBLIC


def test_the_public_key_verifies_what_the_private_one_signed() -> None:
    key = signing_key(CASE, CODE)
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex(key)))
    message = secrets.token_bytes(40)
    public.verify(key.sign(message), message)
    with pytest.raises(InvalidSignature):
        public.verify(key.sign(message), message + b" ")


def test_a_question_is_signed_as_the_contract_says() -> None:
    """The bytes are spelled out here, for other programs sign them, too."""
    key, signature = signed_question(CASE, CODE, "1234-abcd")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    assert key == PUBLIC
    public.verify(bytes.fromhex(signature), b"hashreg status 1\n0000-0000-0011\n1234-abcd")
    with pytest.raises(InvalidSignature):
        public.verify(bytes.fromhex(signature), b"hashreg status 1\n0000-0000-0011\n1234-abce")


def test_a_challenge_that_is_no_ascii_is_not_signed() -> None:
    with pytest.raises(InvalidInput) as caught:
        signed_question(CASE, CODE, "１２３４")
    assert caught.value.field == "nonce"
