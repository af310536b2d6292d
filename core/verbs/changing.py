"""``change add``, ``preview``, ``approve``, ``return``, ``withdraw``: life-cycle changes of units."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.errors import UserError
from core.forms.registry import latest
from core.services import changes, units
from core.services.dying import Dying
from core.services.handover import handover_code
from core.services.session import Session
from core.verbs.files import read_rows, read_text
from core.verbs.lines import each_line, only, texts
from core.verbs.outcome import Outcome, UsageFault

_WHAT = "change"
_KEYS = ("kind", "unit", "values", "basis", "reason", "office", "identity_checked")
_DETAILS = ("reason", "office", "identity_checked")
_LONGEST_REMARK = 500


def add(session: Session, options: argparse.Namespace) -> Outcome:
    """File every change of a file."""
    return each_line(read_rows(options.file, _WHAT), lambda row: add_change(session, row))


def add_change(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """File one change. Raises ``Refusal``, input_malformed, unit_unknown."""
    only(row, _KEYS, _WHAT)
    plain = texts({name: value for name, value in row.items() if name != "values"}, _WHAT)
    values = row.get("values", {})
    if not isinstance(values, dict):
        raise UserError("input_malformed", file=_WHAT, why="values")
    only(values, (field.id for field in latest(units.UNIT_FORM).fields()), _WHAT)
    named = plain.get("unit", "")
    found = units.unit_by_code(session, named) or units.get_unit(session, named)
    change = changes.file_change(
        session,
        found.id,
        plain.get("kind", ""),
        values=texts(values, _WHAT),
        basis=plain.get("basis", ""),
        details={name: plain[name] for name in _DETAILS if name in plain},
    )
    detail = changes.change_detail(session, change)
    told = {"change": change, "unit": found.id, "kind": detail.change.change}
    return {**told, "dying": _dying(detail.dying)}


def preview(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``change preview``: exactly what the approval will end; names of people are left out."""
    detail = changes.change_detail(session, options.change)
    return {
        "change": detail.change.id,
        "unit": detail.unit.id,
        "kind": detail.change.change,
        "stage": detail.change.stage,
        "dying": _dying(changes.preview_change(session, options.change)),
        "steps": {each.step: each.code for each in detail.steps},
    }


def _dying(found: Dying) -> dict[str, Any]:
    return {
        "voids": found.voids,
        "suspends": found.suspends,
        "resumes": found.resumes,
        "certificates": [
            {"certificate": each.certificate.id, "case_no": each.case_no} for each in found.certificates
        ],
        "delegations": [each.id for each in found.delegations],
        "afterwards": found.afterwards,
        "claims": [claim.id for claim in found.claims],
        "cases": [line.case_no for line in found.cases],
    }


def approve(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``change approve``: approval, effect and voiding in one act."""
    ended = changes.preview_change(session, options.change)
    effect = changes.approve_change(session, options.change)
    detail = changes.change_detail(session, options.change)
    told = {"change": detail.change.id, "unit": detail.unit.id, "stage": detail.change.stage}
    code = handover_code(detail.change)
    told |= {"handover": code} if code else {}
    return {**told, "effect": effect, "single": detail.change.single, "dying": _dying(ended)}


def send_back(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``change return``."""
    known = changes.CHANGE_RETURN_REASONS
    if any(reason not in known for reason in options.reason):
        raise UsageFault("reason_unknown", reasons=list(known))
    remark = "" if options.remark_file is None else read_text(options.remark_file, "remark").strip()
    if len(remark) > _LONGEST_REMARK:
        raise UserError("too_long", field="remark", limit=_LONGEST_REMARK, length=len(remark))
    changes.return_change(session, options.change, options.reason, remark)
    return _stage(session, options.change)


def withdraw(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``change withdraw``."""
    changes.withdraw_change(session, options.change)
    return _stage(session, options.change)


def _stage(session: Session, change: str) -> dict[str, Any]:
    return {"change": change, "stage": changes.change_detail(session, change).change.stage}
