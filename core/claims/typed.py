"""Codes that people read aloud and type: 29 symbols, no two of which look alike, and a check character.

29 is prime, so a sum with distinct weights modulo 29 finds every single wrong character and every
exchange of two characters, for codes of up to 28 symbols.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from core.ids import RandomBytes

# Ten digits and the letters that resemble none of them nor each other; the others are read as their twin.
SYMBOLS: Final = "0123456789ACDEFGHJKMNPQRTVWXY"
BASE: Final = len(SYMBOLS)
_VALUE: Final = {symbol: value for value, symbol in enumerate(SYMBOLS)}
_TWINS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "U": "V"})
_UNFAIR: Final = 256 - 256 % BASE


def random_symbols(count: int, random: RandomBytes) -> str:
    """Return ``count`` symbols, each equally likely."""
    found = ""
    while len(found) < count:
        # Bytes above the last whole multiple of 29 would favour the first symbols.
        found += "".join(SYMBOLS[byte % BASE] for byte in random(count) if byte < _UNFAIR)
    return found[:count]


def from_number(number: int, count: int) -> str:
    """Return ``number`` in exactly ``count`` symbols. Raises ``ValueError`` if it does not fit."""
    symbols = ""
    for _ in range(count):
        number, value = divmod(number, BASE)
        symbols = SYMBOLS[value] + symbols
    if number:
        raise ValueError("number too large")
    return symbols


def to_number(symbols: str) -> int:
    """Return the number that :func:`from_number` wrote. ``symbols`` are all of :data:`SYMBOLS`."""
    number = 0
    for symbol in symbols:
        number = number * BASE + _VALUE[symbol]
    return number


def _weighted(symbols: str) -> int:
    return sum(weight * _VALUE[symbol] for weight, symbol in enumerate(symbols, start=1)) % BASE


def with_check(symbols: str) -> str:
    """Return ``symbols`` (at most 27) with the check character appended."""
    if len(symbols) >= BASE - 1:
        raise ValueError("weights would repeat")
    last = len(symbols) + 1
    return symbols + SYMBOLS[-_weighted(symbols) * pow(last, -1, BASE) % BASE]


def is_checked(symbols: str, length: int) -> bool:
    """Return whether ``symbols`` are ``length`` symbols whose check character is right."""
    return len(symbols) == length and all(s in _VALUE for s in symbols) and _weighted(symbols) == 0


def normalise(text: str) -> str:
    """Return what a person meant: upper case, half-width, without spaces and dashes, twins resolved."""
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = (c for c in plain if unicodedata.category(c) not in ("Zs", "Pd", "Cc", "Cf") and c != "_")
    return "".join(kept).translate(_TWINS)


def grouped(symbols: str) -> str:
    """Return ``symbols`` in groups of four joined by dashes, as shown and printed."""
    return "-".join(symbols[i : i + 4] for i in range(0, len(symbols), 4))
