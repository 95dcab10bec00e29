"""The public key that the page seals files to, as age writes it: Bech32 (BIP 173) of 32 bytes.

The page is made where nothing that encrypts need be installed, and a mistyped key would make files
that nobody can open: so its checksum is looked at here.
"""

from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_

PREFIX = "age"
KEY_BYTES = 32
_SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CHECKSUM_SYMBOLS = 6
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

NOT_A_KEY = N_(
    "This is not the public key of a registry, or a letter of it is wrong. It begins with age1; "
    "`hashreg key show` prints it."
)


def recipient_bytes(key: str) -> bytes:
    """Return the 32 bytes of an X25519 public key, ``age1…``; raises InvalidInput."""
    prefix, _, symbols = key.partition("1")
    values = [_SYMBOLS.find(it) for it in symbols]
    expanded = [ord(it) >> 5 for it in PREFIX] + [0] + [ord(it) & 31 for it in PREFIX]
    if prefix != PREFIX or -1 in values or _checksum([*expanded, *values]) != 1:
        raise InvalidInput(NOT_A_KEY, field="seal_to")
    number = 0
    for value in values[:-_CHECKSUM_SYMBOLS]:
        number = number << 5 | value
    bits = 5 * (len(values) - _CHECKSUM_SYMBOLS)
    padding = bits - 8 * KEY_BYTES
    if padding not in range(5) or number & ((1 << padding) - 1):
        raise InvalidInput(NOT_A_KEY, field="seal_to")
    return (number >> padding).to_bytes(KEY_BYTES, "big")


def _checksum(values: list[int]) -> int:
    """Return BIP 173's remainder; it is 1 where no letter is wrong."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            check ^= term if top >> bit & 1 else 0
    return check
