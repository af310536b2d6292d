"""The one reviewed file that drives a ceremony, read strictly: what it does not say does not happen.

Every field has to be there, every unknown one is refused, because a misspelt word that is skipped over
is how a ceremony does something that nobody reviewed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from core.errors import UserError
from hub.certificates import OFFICE_DAYS, Terms

MAX_BYTES: Final = 1024 * 1024
PURPOSES: Final = frozenset({1, 2, 3})
CREATE, USE = "create", "use"
Row = TypeVar("Row")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Certify:
    """An office to be certified; ``fingerprint`` names its pending request, or ``office`` an enrolled one."""

    code: str
    name: str
    terms: Terms
    fingerprint: str = ""
    office: str = ""


@dataclass(frozen=True)
class Revoke:
    """A desk's key to be withdrawn."""

    kid: str
    office: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The reviewed file. ``hub`` holds issuer, rehearsal, signer, exchange and desk_authority."""

    name: str
    held_on: str
    hub: Mapping[str, Any]
    root: str
    root_fingerprint: str
    witnesses: tuple[str, ...]
    certify: tuple[Certify, ...]
    renew: tuple[Certify, ...]
    revoke: tuple[Revoke, ...]
    raw: Mapping[str, Any]


def read_plan(data: bytes) -> Plan:
    """Read the file. Raises ``UserError`` ceremony_malformed (``why``: the place), ceremony_witnesses."""
    raw = _object(data)
    _fields(raw, "ceremony held_on hub root witnesses certify renew revoke", "")
    hub = _mapping(raw["hub"], "issuer rehearsal signer exchange desk_authority", "hub")
    _typed(
        hub,
        {"rehearsal": bool} | dict.fromkeys(("issuer", "signer", "exchange", "desk_authority"), str),
        "hub",
    )
    root = _root(raw["root"])
    plan = Plan(
        name=_text(raw["ceremony"], "ceremony"),
        held_on=_text(raw["held_on"], "held_on"),
        hub=hub,
        root=root[0],
        root_fingerprint=root[1],
        witnesses=_witnesses(raw["witnesses"]),
        certify=_rows(raw["certify"], "certify", lambda row, place: _certify(row, "fingerprint", place)),
        renew=_rows(raw["renew"], "renew", lambda row, place: _certify(row, "office", place)),
        revoke=_rows(raw["revoke"], "revoke", _revoke),
        raw=raw,
    )
    if not _NAME.fullmatch(plan.name):
        raise _wrong("ceremony")
    _twice([item.fingerprint for item in plan.certify], "certify")
    _twice([item.office for item in plan.renew], "renew")
    _twice([f"{item.office} {item.kid}" for item in plan.revoke], "revoke")
    return plan


def _wrong(why: str) -> UserError:
    return UserError("ceremony_malformed", why=why)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _object(data: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(data[: MAX_BYTES + 1].decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as fault:
        raise _wrong("json") from fault
    if not isinstance(raw, dict):
        raise _wrong("json")
    return raw


def _fields(row: Mapping[str, Any], names: str, place: str) -> None:
    for name in sorted(set(names.split()) ^ set(row)):
        raise _wrong(f"{place}.{name[:40]}".lstrip("."))


def _mapping(value: Any, names: str, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place)
    _fields(value, names, place)
    return value


def _typed(row: Mapping[str, Any], kinds: Mapping[str, type], place: str) -> None:
    for name, kind in kinds.items():
        if type(row[name]) is not kind:
            raise _wrong(f"{place}.{name}")


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise _wrong(place)
    return value


def _rows(value: Any, place: str, read: Callable[[Any, str], Row]) -> tuple[Row, ...]:
    if not isinstance(value, list):
        raise _wrong(place)
    return tuple(read(row, f"{place}.{index}") for index, row in enumerate(value))


def _root(value: Any) -> tuple[str, str]:
    wanted = value.get("action") if isinstance(value, dict) else None
    if wanted == CREATE:
        _mapping(value, "action", "root")
        return CREATE, ""
    row = _mapping(value, "action fingerprint", "root")
    if wanted != USE:
        raise _wrong("root.action")
    return USE, _text(row["fingerprint"], "root.fingerprint")


def _witnesses(value: Any) -> tuple[str, ...]:
    names = _rows(value, "witnesses", lambda item, place: _text(item, place).strip())
    if len({"".join(name.split()).casefold() for name in names}) < max(2, len(names)):
        raise UserError("ceremony_witnesses", needed=2)
    return names


def _certify(value: Any, key: str, place: str) -> Certify:
    row = _mapping(value, f"{key} code name single_clerk days purposes", place)
    _typed(row, {"single_clerk": bool, "days": int, "purposes": list}, place)
    purposes = row["purposes"]
    known = all(type(item) is int and item in PURPOSES for item in purposes)
    if not purposes or not known or len(set(purposes)) != len(purposes):
        raise _wrong(f"{place}.purposes")
    if not 1 <= row["days"] <= OFFICE_DAYS:
        raise _wrong(f"{place}.days")
    terms = Terms(row["single_clerk"], row["days"], tuple(sorted(purposes)))
    named = {key: _text(row[key], f"{place}.{key}").strip().lower()}
    return Certify(_text(row["code"], f"{place}.code"), _text(row["name"], f"{place}.name"), terms, **named)


def _revoke(value: Any, place: str) -> Revoke:
    row = _mapping(value, "kid office reason", place)
    texts = [_text(row[name], f"{place}.{name}") for name in ("kid", "office", "reason")]
    return Revoke(texts[0].strip().lower(), texts[1], texts[2])


def _twice(keys: list[str], place: str) -> None:
    if len(set(keys)) != len(keys):
        raise _wrong(place)
