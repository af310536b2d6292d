"""Disclosures of an SD-JWT (RFC 9901, 4.2): hidden claims out, shown claims back in.

Pure JSON work; signatures are `sdjwt`'s business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Final

from core.credentials.jose import Malformed, b64u, read_json, unb64u, write_json
from core.ids import RandomBytes

SALT_BYTES: Final = 16
_RESERVED: Final = ("_sd", "...", "_sd_alg")
_DEPTH: Final = 8


def digests_of(disclosures: Collection[str]) -> list[str]:
    """Return the digests that stand for encoded disclosures: base64url of SHA-256.

    Raises ``UnicodeEncodeError`` for other characters than ASCII's.
    """
    # Spelled in one go: a zero byte after each makes 44 characters of it, the last of which says nothing.
    hashed = [hashlib.sha256(text.encode("ascii")).digest() for text in disclosures]
    spelled = b64u(b"".join([each + b"\0" for each in hashed]))
    return [spelled[start : start + 43] for start in range(0, len(spelled), 44)]


def conceal(
    claims: Mapping[str, Any], disclosable: Collection[str], random: RandomBytes, prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Return (the object with digests, the disclosures) for the dotted paths in ``disclosable``.

    Each path's value becomes one disclosure with a 128-bit salt; objects around it stay, so that a
    holder can show ``unit.name`` alone. Digests are sorted, which hides the order of the claims.
    """
    shown: dict[str, Any] = {}
    digests: list[str] = []
    disclosures: list[str] = []
    for name, value in claims.items():
        if name in _RESERVED:
            raise ValueError(name)
        path = f"{prefix}{name}"
        if path in disclosable:
            disclosure = b64u(write_json([b64u(random(SALT_BYTES)), name, value]))
            digests += digests_of([disclosure])
            disclosures.append(disclosure)
        elif isinstance(value, Mapping):
            shown[name], inner = conceal(value, disclosable, random, f"{path}.")
            disclosures += inner
        else:
            shown[name] = value
    if digests:
        shown["_sd"] = sorted(digests)
    return shown, disclosures


class Reveal:
    """One pass over a signed payload that puts the disclosed claims in (RFC 9901, 7.1 step 3)."""

    def __init__(self, disclosures: list[str]) -> None:
        """Parse the encoded disclosures. Raises :class:`Malformed` (``disclosure…``)."""
        self._waiting: dict[str, list[Any]] = {}
        self._seen: set[str] = set()
        parsed = [_parse(text) for text in disclosures]
        self._waiting.update(zip(digests_of(disclosures), parsed, strict=True))
        if len(self._waiting) != len(disclosures):
            raise Malformed("disclosure_repeated")

    def apply(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload with every disclosure in its place, digests removed.

        Raises :class:`Malformed`: ``digest_repeated``, ``disclosure_unsigned`` for one that no digest
        stands for, ``disclosure_name`` for a reserved or already present name, ``disclosure_shape``.
        """
        top = dict(payload)
        if top.pop("_sd_alg", "sha-256") != "sha-256":
            raise Malformed("sd_alg")
        result = self._object(top, _DEPTH)
        if self._waiting:
            raise Malformed("disclosure_unsigned")
        return result

    def _take(self, digest: Any) -> list[Any] | None:
        if not isinstance(digest, str):
            raise Malformed("digest_shape")
        if digest in self._seen:
            raise Malformed("digest_repeated")
        self._seen.add(digest)
        return self._waiting.pop(digest, None)

    def _any(self, value: Any, depth: int) -> Any:
        if depth < 0:
            raise Malformed("depth")
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list):
            return self._array(value, depth)
        return value

    def _object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        if "..." in value or "_sd_alg" in value:
            raise Malformed("digest_shape")
        result = {
            name: item if type(item) is str else self._any(item, depth - 1)
            for name, item in value.items()
            if name != "_sd"
        }
        digests = value.get("_sd", [])
        if not isinstance(digests, list):
            raise Malformed("digest_shape")
        for digest in digests:
            parts = self._take(digest)
            if parts is None:
                continue
            if len(parts) != 3:
                raise Malformed("disclosure_shape")
            _, name, item = parts
            if not isinstance(name, str) or name in _RESERVED or name in result:
                raise Malformed("disclosure_name")
            result[name] = self._any(item, depth - 1)
        return result

    def _array(self, value: list[Any], depth: int) -> list[Any]:
        result = []
        for item in value:
            if not (isinstance(item, dict) and "..." in item):
                result.append(self._any(item, depth - 1))
                continue
            if len(item) != 1:
                raise Malformed("digest_shape")
            parts = self._take(item["..."])
            if parts is None:
                continue
            if len(parts) != 2:
                raise Malformed("disclosure_shape")
            result.append(self._any(parts[1], depth - 1))
        return result


def _parse(text: str) -> list[Any]:
    parts = read_json(unb64u(text))
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not isinstance(parts[0], str):
        raise Malformed("disclosure_shape")
    return parts
