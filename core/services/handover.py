"""The hand-over code (移交码): what the receiving office needs to register a unit under the id drawn for it.

It names the former office, the former record and the new one, and proves nothing: the hub holds it against
its own record of the hand-over. Read by a scanner, typed from the notice, or given to ``unit add``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from core.claims import typed
from core.errors import UserError
from core.records.changes import HANDOVER
from core.records.states import ChangeStage, ChangeState

_PART: Final = 28
"""Symbols of one id: its 128 bits in base 29, and a check character of its own."""


@dataclass(frozen=True)
class Handover:
    """A unit's way from one office to another: ``unit`` was its record at ``office``, ``fresh`` is drawn."""

    office: str
    unit: str
    fresh: str


def handover_code(change: ChangeState) -> str:
    """Return the code of an approved hand-over in groups of four; empty for any other change."""
    if change.change != HANDOVER or change.stage is not ChangeStage.APPROVED:
        return ""
    return written(Handover(change.office, change.unit, str(change.details["unit"])))


def written(handover: Handover) -> str:
    """Return the code that names a hand-over, in groups of four; empty where an id is none of ours."""
    try:
        ids = [_symbols(name) for name in (handover.office, handover.unit, handover.fresh)]
    except ValueError:
        return ""
    return typed.grouped("".join(typed.with_check(each) for each in ids))


def read_handover(text: str) -> Handover:
    """Return what a code names. Raises ``UserError('handover_code_wrong')``."""
    symbols = typed.normalise(text)
    parts = [symbols[at : at + _PART] for at in range(0, 3 * _PART, _PART)]
    if len(symbols) != 3 * _PART or not all(typed.is_checked(part, _PART) for part in parts):
        raise UserError("handover_code_wrong")
    try:
        return Handover(*(str(uuid.UUID(int=typed.to_number(part[:-1]))) for part in parts))
    except ValueError as fault:
        raise UserError("handover_code_wrong") from fault


def _symbols(name: str) -> str:
    return typed.from_number(uuid.UUID(name).int, _PART - 1)
