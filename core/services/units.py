"""Units (事业单位): entered and corrected by hand, found by name, initials or code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.clock import china_date
from core.errors import Refusal, UserError
from core.forms.check import CheckContext, check_form, normalise
from core.forms.registry import latest
from core.forms.spec import Finding, FormSpec, Grade
from core.ids import new_id
from core.records.states import UnitState
from core.services.handover import read_handover
from core.services.recording import record
from core.services.session import Session
from core.store.lists import UnitLine

UNIT_FORM = "unit-record"


def split_values(spec: FormSpec, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Part filled values into (public, personal) by the grade their fields declare."""
    filled = {name: value for name, value in values.items() if value}
    personal = {field.id for field in spec.fields() if field.grade is Grade.PERSONAL}
    known = {field.id for field in spec.fields()}
    return (
        {name: value for name, value in filled.items() if name in known - personal},
        {name: value for name, value in filled.items() if name in personal},
    )


def form_reference(spec: FormSpec) -> dict[str, str | int]:
    """Return how an action names the form it was filled by."""
    return {"id": spec.id, "version": spec.version, "digest": spec.digest()}


def check_unit(session: Session, typed: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what the rules say of a unit's values as typed."""
    spec = latest(UNIT_FORM)
    with session.read() as uow:
        office = session.office_state(uow)
    context = CheckContext(china_date(session.now()), office.code[:6])
    return check_form(spec, normalise(spec, typed), context)


def register_unit(session: Session, typed: Mapping[str, str], handover: str = "") -> str:
    """Enter a unit; return its id. Raises ``Refusal`` form_incomplete, unit_exists, role_missing.

    A unit handed over by another office comes with its ``handover`` code (移交码): under the id drawn there,
    and it names its former record. So does one that comes back to the office that handed it over; without its
    code it is refused (``unit_handed_over``). ``UserError('handover_code_wrong')`` for what is no such code.
    """
    if not handover.strip():
        unit_id = new_id(session.random)
        _write(session, unit_id, "unit_registered", typed, 1)
        return unit_id
    found = read_handover(handover)
    with session.read() as uow:
        if uow.projection.unit(found.fresh) is not None:
            raise Refusal("unit_exists", unit=found.fresh)
    former = {"office": found.office, "unit": found.unit}
    _write(session, found.fresh, "unit_registered", typed, 1, former)
    return found.fresh


def correct_unit(session: Session, unit_id: str, typed: Mapping[str, str]) -> None:
    """Correct a unit's facts (a typing fault; a change of registration is another act)."""
    unit = get_unit(session, unit_id)
    _write(session, unit_id, "unit_corrected", typed, unit.representative_no)


def _write(
    session: Session,
    unit_id: str,
    kind: str,
    typed: Mapping[str, str],
    representative_no: int,
    former: Mapping[str, str] | None = None,
) -> None:
    spec = latest(UNIT_FORM)
    public, personal = split_values(spec, normalise(spec, typed))
    facts: dict[str, Any] = {"form": form_reference(spec), "values": public}
    facts["representative_no"] = representative_no
    if former:
        facts["former"] = dict(former)
    with session.begin() as uow:
        record(session, uow, "unit", unit_id, kind, facts, personal)


def find_units(session: Session, query: str = "", limit: int = 200) -> list[UnitLine]:
    """Find units by a piece of the name, pinyin initials or the beginning of the credit code."""
    with session.read() as uow:
        return uow.lists.units(query, limit)


def get_unit(session: Session, unit_id: str) -> UnitState:
    """Return a unit. Raises ``UserError('unit_unknown')``."""
    with session.read() as uow:
        unit = uow.projection.unit(unit_id)
    if unit is None:
        raise UserError("unit_unknown")
    return unit


def unit_by_code(session: Session, uscc: str) -> UnitState | None:
    """Find the unit that has this credit code; one that was handed over only if no other has it."""
    with session.read() as uow:
        return uow.world(session.office, False).unit_with_code(uscc)
