"""A citizen's ID number inside a certificate: enough to confirm a person, too slow to try all numbers.

The claims `manager.id_digest` and `person.id_digest` hold this text. Whoever is shown it and knows the
number can compare; whoever only has the text must spend one scrypt (16 MiB, tens of milliseconds) a guess.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from core.credentials.jose import Malformed, b64u, unb64u
from core.forms.number_kinds import IdNumber

SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_COST, _BLOCK, _LANES, _MEMORY = 1 << 14, 8, 1, 64 << 20


def normal_id_number(text: str) -> str:
    """Return an ID number in the form that is digested: no spaces, half-width, the check character as X."""
    return IdNumber().parse(text)


def person_digest(id_number: str, salt: bytes) -> str:
    """Return ``base64url(salt).base64url(scrypt(normal number))`` for a random ``salt`` of 16 bytes.

    Raises ``ValueError`` for another length of salt or an empty number.
    """
    normal = normal_id_number(id_number)
    if len(salt) != SALT_BYTES or not normal:
        raise ValueError("salt or number")
    return f"{b64u(salt)}.{b64u(_stretch(normal, salt))}"


def matches(digest: object, id_number: str) -> bool:
    """Tell whether ``digest`` was made of this ID number; anything that is no digest matches nothing."""
    try:
        salt, expected = (unb64u(part) for part in str(digest).split("."))
    except (Malformed, ValueError):
        return False
    normal = normal_id_number(id_number)
    if len(salt) != SALT_BYTES or len(expected) != _HASH_BYTES or not normal:
        return False
    return hmac.compare_digest(_stretch(normal, salt), expected)


def _stretch(normal: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        normal.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=_MEMORY, dklen=_HASH_BYTES
    )
