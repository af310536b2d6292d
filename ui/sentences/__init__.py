"""What is said to a person, per code, by room. A sentence may carry its remedy after ``｜``.

Placeholders are the parameters of the error (``{count}``); one that is missing shows as …, never as a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

ROOMS = (
    "general",
    "forms",
    "records",
    "keys",
    "claims",
    "credentials",
    "documents",
    "intake",
    "store",
    "sync",
    "halts",
    "carrying",
    "witness",
    "services",
    "hub",
    "trust",
    "register",
    "delegation",
    "parties",
    "changes",
    "verifying",
)


def gather(rooms: tuple[str, ...] = ROOMS) -> Mapping[str, str]:
    """Return code → sentence of all rooms. Raises ``ValueError`` when two rooms claim one code."""
    found: dict[str, str] = {}
    for room in rooms:
        table: Mapping[str, str] = import_module(f"{__name__}.{room}").SENTENCES
        twice = found.keys() & table.keys()
        if twice:
            raise ValueError(f"codes with two sentences: {sorted(twice)}")
        found.update(table)
    return found
