"""Service matters (政务服务事项): what a person may be authorised for and a department may ask about.

The seed is the list of uses of domain.md 1.5; a hub may add to it (应用场景清单), so a code that is not
in the seed is judged by its spelling alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from resources import read_text

ALL_MATTERS = "*"
"""Instead of a list: every matter (全部事项)."""

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,15}")


@dataclass(frozen=True)
class Matter:
    """One service matter: its code, its name and the kind of department that handles it."""

    code: str
    name: str
    department: str


@cache
def seed_matters() -> dict[str, Matter]:
    """Return the matters that ship with the program, by code, in their order."""
    return {item["code"]: Matter(**item) for item in json.loads(read_text("data/matters.json"))}


def is_matter_code(text: str) -> bool:
    """Tell whether this could be a matter's code: 2 to 16 capitals and digits, a letter first."""
    return _CODE.fullmatch(text) is not None


def covers(granted: Collection[str], matter: str) -> bool:
    """Tell whether an authorisation for these codes (or ``*``) covers ``matter``."""
    return ALL_MATTERS in granted or matter in granted
