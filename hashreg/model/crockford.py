"""Codes that people copy by hand: Crockford's base 32 with his check symbol.

https://www.crockford.com/base32.html: no I, L, O or U; small or wide letters, spaces and hyphens
don't matter; the check symbol is the number modulo 37. Numbers whose check symbol would be one of
``*~$=U`` are never handed out, so every code is letters and digits.
"""

import secrets
import unicodedata

from hashreg.model.errors import InvalidCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_MODULUS = 37
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "\N{MINUS SIGN}": None})
_SEPARATORS = {"Pd", "Zs", "Cf"}
"""Unicode categories of what stands between symbols: hyphens and dashes, spaces, joiners."""
_GROUP = 4


def random_code(symbols: int) -> str:
    """Return ``symbols`` random symbols (5 bits each) and their check symbol, in groups of 4."""
    while True:
        number = secrets.randbits(5 * symbols)
        check = number % _CHECK_MODULUS
        if check < len(ALPHABET):
            return grouped(_encode(number, symbols) + ALPHABET[check])


def parse_code(text: str, symbols: int, error: InvalidCode) -> str:
    """Return the code in its one canonical form, ``XXXX-XXXX-…``; raises ``error``."""
    typed = unicodedata.normalize("NFKC", text).strip().upper()
    symbols_only = "".join(c for c in typed if unicodedata.category(c) not in _SEPARATORS)
    plain = symbols_only.translate(_LOOK_ALIKES)
    if len(plain) != symbols + 1 or not set(plain) <= set(ALPHABET):
        raise error
    number = 0
    for symbol in plain[:-1]:
        number = number * 32 + ALPHABET.index(symbol)
    if number % _CHECK_MODULUS != ALPHABET.index(plain[-1]):
        raise error
    return grouped(plain)


def grouped(plain: str) -> str:
    """Return the symbols in groups of four, joined by hyphens."""
    return "-".join(plain[i : i + _GROUP] for i in range(0, len(plain), _GROUP))


def _encode(number: int, symbols: int) -> str:
    return "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(symbols)))
