"""The typed fallback: eight characters a holder types when a phone cannot read the QR.

It is only a name for a claim code registered at the hub, so it needs no signature; the hub limits
the rate of tries and still asks for the six digits.
"""

from __future__ import annotations

from typing import Final

from core.claims import typed
from core.errors import UserError
from core.ids import RandomBytes, system_random

LENGTH: Final = 8


def make(random: RandomBytes = system_random) -> str:
    """Return a new code of eight symbols: seven random (34 bits) and a check character."""
    return typed.with_check(typed.random_symbols(LENGTH - 1, random))


def parse(text: str) -> str:
    """Return the eight symbols meant by ``text``, forgiving case, width, separators and look-alikes.

    Raises ``UserError("short_code_wrong")``; every single wrong character and every exchange of two
    characters is found.
    """
    symbols = typed.normalise(text)
    if not typed.is_checked(symbols, LENGTH):
        raise UserError("short_code_wrong")
    return symbols


def shown(code: str) -> str:
    """Return the code as ``XXXX-XXXX``."""
    return typed.grouped(code)
