"""Areas and registration offices of Hainan, as data.

Three traps, each met by reading and never by computing (domain.md 3.4): the same 4690xx number meant
different counties before and after 2007; a level cannot be told from the digits; people and papers
carry codes that were abolished decades ago. So codes are looked up for their names, years are hints,
and offices state their level and parent themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.errors import UserError
from resources import read_text

HOME_PROVINCE = "46"
# First two digits of every province's codes: runs of neighbours, region by region.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)


@dataclass(frozen=True)
class Area:
    """One meaning of an area code; ``until`` is None while it is in force. Years are hints."""

    code: str
    name: str
    kind: str
    since: int | None
    until: int | None


@dataclass(frozen=True)
class Office:
    """A registration office (登记管理机关).

    ``name`` is the full name, ``registrar`` the short one under which it registers; both are defaults
    to edit. ``level`` is 省, 市, 县 or 区, ``parent`` the code of the office above it. Units of
    ``former_areas`` are its own.
    """

    code: str
    name: str
    registrar: str
    area_code: str
    level: str
    parent: str | None
    former_areas: tuple[str, ...]


@cache
def _areas() -> dict[str, tuple[Area, ...]]:
    found: dict[str, tuple[Area, ...]] = {}
    for row in json.loads(read_text("data/divisions.json"))["areas"]:
        found[row["code"]] = (*found.get(row["code"], ()), Area(**row))
    return found


@cache
def offices() -> tuple[Office, ...]:
    """Return every registration office of the province, the province's own first."""
    rows: list[dict[str, Any]] = json.loads(read_text("data/offices.json"))["offices"]
    return tuple(Office(**{**row, "former_areas": tuple(row["former_areas"])}) for row in rows)


def get_office(code: str) -> Office:
    """Return the office with this code. Raises ``UserError("office_not_listed")``."""
    for office in offices():
        if office.code == code:
            return office
    raise UserError("office_not_listed", office=code)


def all_areas() -> tuple[Area, ...]:
    """Return every meaning of every code, in the order of codes, the older meaning first."""
    return tuple(area for meanings in _areas().values() for area in meanings)


def current(code: str) -> Area | None:
    """Return the area that bears this code today, if any."""
    return next((area for area in _areas().get(code, ()) if area.until is None), None)


def names(code: str) -> str:
    """Return every name a code has borne, newest first, joined by ``、``; empty when not known."""
    return "、".join(dict.fromkeys(area.name for area in reversed(_areas().get(code, ()))))


def is_known(code: str) -> bool:
    """Say whether a number could start like this: any code ever used here, or any other province's."""
    return code in _areas() if code.startswith(HOME_PROVINCE) else code[:2] in _PROVINCES


@cache
def areas_of_office(area_code: str) -> frozenset[str]:
    """Return the area codes under which an office's units may be coded: its own and its former ones."""
    former = (office.former_areas for office in offices() if office.area_code == area_code)
    return frozenset({area_code}.union(*former))
