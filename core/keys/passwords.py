"""A key wrapped under what a person knows: a password, or the recovery code on paper.

Argon2id with a floor compiled in (security.md T03): no file and no server can talk the desk into
weaker parameters. The parameters are authenticated with the wrapped bytes.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from typing import Any, Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.canonical import Json, canonical
from core.claims import typed
from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes, system_random
from core.keys.sealing import seal, unseal

MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 4
# A hostile file must not be able to hang the desk or eat its memory either.
MEMORY_KIB_CEILING: Final = 1024 * 1024
PASSES_CEILING: Final = 16
MINIMUM_LENGTH: Final = 8

_RECOVERY_LENGTH: Final = 28
_HEADER: Final = ("v", "kdf", "memory_kib", "passes", "lanes", "salt")


def _secret_bytes(secret: str) -> bytes:
    # NFKC: an input method left in full-width mode must not lock a clerk out (NIST SP 800-63B 5.1.1.2).
    plain = unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")
    if not plain:
        raise UserError("password_empty")
    return plain


def check_new_password(secret: str) -> None:
    """Refuse a new password shorter than eight characters (``UserError("password_too_short", minimum)``)."""
    if len(unicodedata.normalize("NFKC", secret)) < MINIMUM_LENGTH:
        raise UserError("password_too_short", minimum=MINIMUM_LENGTH)


def _derive(secret: bytes, salt: bytes, memory_kib: int, passes: int, lanes: int) -> bytes:
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib)
    return kdf.derive(secret)


def wrap(
    secret: str,
    payload: bytes,
    random: RandomBytes = system_random,
    *,
    memory_kib: int = MEMORY_KIB,
    passes: int = PASSES,
) -> dict[str, Json]:
    """Return ``payload`` wrapped under ``secret`` as a JSON-able dict with its parameters.

    Takes about 0.2 s on purpose. Raises ``UserError("password_empty")`` and
    ``EnvironmentFault("kdf_below_floor")`` for parameters below 64 MiB and 3 passes.
    """
    header: dict[str, Json] = {
        "v": 1,
        "kdf": "argon2id",
        "memory_kib": memory_kib,
        "passes": passes,
        "lanes": LANES,
        "salt": base64.b64encode(random(16)).decode("ascii"),
    }
    key = _key_for(secret, header)
    sealed = seal(key, payload, canonical(header), random)
    return {**header, "sealed": base64.b64encode(sealed).decode("ascii")}


def _key_for(secret: str, header: dict[str, Json]) -> bytes:
    memory, passes, lanes, salt = (header[name] for name in ("memory_kib", "passes", "lanes", "salt"))
    if header["v"] != 1 or header["kdf"] != "argon2id":
        raise EnvironmentFault("wrap_damaged")
    if type(memory) is not int or type(passes) is not int or type(lanes) is not int:
        raise EnvironmentFault("wrap_damaged")
    if not isinstance(salt, str):
        raise EnvironmentFault("wrap_damaged")
    if memory < MEMORY_KIB or passes < PASSES:
        raise EnvironmentFault("kdf_below_floor", memory_kib=memory, passes=passes)
    if memory > MEMORY_KIB_CEILING or passes > PASSES_CEILING or not 1 <= lanes <= 16:
        raise EnvironmentFault("wrap_damaged")
    salt_bytes = _unbase64(salt)
    if len(salt_bytes) != 16:
        raise EnvironmentFault("wrap_damaged")
    return _derive(_secret_bytes(secret), salt_bytes, memory, passes, lanes)


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EnvironmentFault("wrap_damaged") from error


def unwrap(secret: str, wrapped: dict[str, Any]) -> bytes:
    """Return what :func:`wrap` wrapped.

    Raises ``UserError("wrong_password")`` (also when the sealed bytes are damaged: the two cannot
    be told apart), ``EnvironmentFault("wrap_damaged")`` for a dict that is no wrap, and
    ``EnvironmentFault("kdf_below_floor")`` for parameters below the compiled floor.
    """
    if not isinstance(wrapped, dict) or set(wrapped) != {*_HEADER, "sealed"}:
        raise EnvironmentFault("wrap_damaged")
    if not isinstance(wrapped["sealed"], str):
        raise EnvironmentFault("wrap_damaged")
    header = {name: wrapped[name] for name in _HEADER}
    sealed = _unbase64(wrapped["sealed"])
    key = _key_for(secret, header)
    try:
        return unseal(key, sealed, canonical(header))
    except EnvironmentFault as fault:
        if fault.code != "sealed_damaged":
            raise
        raise UserError("wrong_password") from fault


def recovery_code(random: RandomBytes = system_random) -> str:
    """Return a new recovery code: 128 random bits in seven groups of four, last one a check character."""
    # 27 symbols of 29 values hold 131 bits, so the 128 always fit.
    number = int.from_bytes(random(16), "big")
    symbols = typed.from_number(number, _RECOVERY_LENGTH - 1)
    return typed.grouped(typed.with_check(symbols))


def parse_recovery_code(text: str) -> str:
    """Return the one spelling of a typed recovery code, ready for :func:`unwrap`.

    Forgives lower case, spaces, dashes, full-width characters and look-alikes (O for 0, I or L for
    1, Z for 2, S for 5, B for 8, U for V). Raises ``UserError("recovery_code_wrong")``.
    """
    symbols = typed.normalise(text)
    if not typed.is_checked(symbols, _RECOVERY_LENGTH):
        raise UserError("recovery_code_wrong")
    return typed.grouped(symbols)
