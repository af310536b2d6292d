"""``unit add`` by the line, ``unit import`` a register whole; filled in is what the window would have."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.errors import Refusal, UserError
from core.forms.registry import latest
from core.forms.rules import ACTIVE
from core.forms.spec import Finding, Severity
from core.services import units
from core.services.register import import_units
from core.services.session import Session
from core.verbs.files import read_rows
from core.verbs.lines import each_line, only, texts
from core.verbs.outcome import DONE, REFUSED, Outcome

_WHAT = "unit"


def add(session: Session, options: argparse.Namespace) -> Outcome:
    """Register every unit of a file."""
    return each_line(read_rows(options.file, _WHAT), lambda row: add_unit(session, row))


def import_file(session: Session, options: argparse.Namespace) -> Outcome:
    """Register all units of a file, or none and say what is wrong with which line."""
    with session.read() as uow:
        office = session.office_state(uow)
    filled = {"office_name": office.name, "state": ACTIVE}
    known = [field.id for field in latest(units.UNIT_FORM).fields()]
    report = import_units(
        session, (_line(number, row, known, filled) for number, row in read_rows(options.file, _WHAT))
    )
    body: dict[str, Any] = {"done": report.done, "pages": report.pages, "refused": len(report.refused)}
    if report.refused:
        body["lines"] = [
            {"line": each.line, "fault": UserError(each.code, **each.params)} for each in report.refused
        ]
        body["fault"] = UserError("lines_refused", count=len(report.refused))
    return Outcome(REFUSED if report.refused else DONE, body)


def _line(
    number: int, row: dict[str, Any] | UserError, known: list[str], filled: dict[str, str]
) -> tuple[int, dict[str, str] | UserError]:
    if isinstance(row, UserError):
        return number, row
    try:
        given = texts(row["values"] if set(row) == {"values"} else row, _WHAT)
        only(given, known, _WHAT)
    except UserError as fault:
        return number, fault
    return number, filled | given


def add_unit(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """Register one unit: its values, flat or under ``values``, and ``handover`` where it has such a code.

    Raises ``Refusal``, input_malformed, handover_code_wrong.
    """
    code = texts({"handover": row.get("handover", "")}, _WHAT)["handover"]
    rest = {name: value for name, value in row.items() if name != "handover"}
    values = rest["values"] if set(rest) == {"values"} else rest
    with session.read() as uow:
        office = session.office_state(uow)
    given = texts(values, _WHAT)
    only(given, (field.id for field in latest(units.UNIT_FORM).fields()), _WHAT)
    typed = {"office_name": office.name, "state": ACTIVE, **given}
    found = units.check_unit(session, typed)
    try:
        unit = units.register_unit(session, typed, code)
    except Refusal as fault:
        tell_all(fault, found)
        raise
    return {"unit": unit, "uscc": units.get_unit(session, unit).values["uscc"], **told(found)}


def told(found: tuple[Finding, ...]) -> dict[str, Any]:
    """Return what the rules said, as ``{"findings": […]}``; nothing when they said nothing."""
    rows = [
        {"field": each.field, "code": each.code, "severity": each.severity.value, "params": dict(each.params)}
        for each in found
    ]
    return {"findings": rows} if rows else {}


def tell_all(fault: Refusal, found: tuple[Finding, ...]) -> None:
    """Put every error beside the first one, so that a file is corrected in one go."""
    if fault.code == "form_incomplete":
        fault.params |= told(tuple(each for each in found if each.severity is Severity.ERROR))
