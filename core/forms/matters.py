"""Service matters (政务服务事项): what a person may be authorised for and a department may ask about.

The seed is the list of uses of domain.md 1.5. The list that counts is kept at the hub (应用场景清单), which
adds to it and takes off it; a desk keeps the newest it was given. A matter taken off is still known by its
name: authorisations from before name it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from resources import read_text

ALL_MATTERS = "*"
"""Instead of a list: every matter (全部事项)."""

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,15}")


@dataclass(frozen=True)
class Matter:
    """One service matter: its code, its name and the kind of department that handles it.

    ``removed``: it was taken off the list; nothing new is authorised for it.
    """

    code: str
    name: str
    department: str
    removed: bool = False


@cache
def seed_matters() -> dict[str, Matter]:
    """Return the matters that ship with the program, by code, in their order."""
    return {item["code"]: Matter(**item) for item in json.loads(read_text("data/matters.json"))}


def offered(known: Mapping[str, Matter]) -> dict[str, Matter]:
    """Return those that stand on the list, by code, in their order."""
    return {code: matter for code, matter in known.items() if not matter.removed}


def matters_text(codes: Collection[str], known: Mapping[str, Matter]) -> str:
    """Return what an authorisation covers as a person reads it; a code nobody knows stands for itself."""
    if ALL_MATTERS in codes:
        return "全部事项"
    return "、".join(known[code].name if code in known else str(code) for code in codes)


def matters_json(known: Mapping[str, Matter]) -> list[dict[str, Any]]:
    """Return a list as :func:`read_matters` reads it."""
    return [vars(matter) for matter in known.values()]


def read_matters(items: Iterable[Mapping[str, Any]]) -> dict[str, Matter]:
    """Return a list from its JSON value. Raises ``ValueError`` for what is none."""
    try:
        found = [Matter(**item) for item in items]
        shaped = all(is_matter_code(m.code) and m.name and type(m.removed) is bool for m in found)
    except TypeError as fault:
        raise ValueError("matters") from fault
    if not found or not shaped:
        raise ValueError("matters")
    return {matter.code: matter for matter in found}


def is_matter_code(text: str) -> bool:
    """Tell whether this could be a matter's code: 2 to 16 capitals and digits, a letter first."""
    return _CODE.fullmatch(text) is not None


def covers(granted: Collection[str], matter: str) -> bool:
    """Tell whether an authorisation for these codes (or ``*``) covers ``matter``."""
    return ALL_MATTERS in granted or matter in granted
