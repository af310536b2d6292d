"""Rules of units, and of whatever was filled by a published form."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Refusal
from core.forms.check import CheckContext
from core.forms.registry import by_digest
from core.forms.rules import ACTIVE
from core.forms.sieve import first_error
from core.forms.spec import FormSpec
from core.records.changes import HANDED_OVER
from core.records.hearing import Hearing, Rule, Values
from core.records.states import UnitState


def _form_of(hearing: Hearing) -> FormSpec:
    spec = by_digest(hearing.public["form"]["digest"])
    if spec is None or (spec.id, spec.version) != (
        hearing.public["form"]["id"],
        hearing.public["form"]["version"],
    ):
        raise Refusal("form_unknown")
    return spec


def form_values(hearing: Hearing, unit: UnitState | None) -> Values:
    """Check the split into public and personal fields, then the form's own rules as of that day."""
    spec = _form_of(hearing)
    personal = spec.personal_ids
    clear, covered = hearing.public["values"].keys(), hearing.action.commitments.keys()
    if clear & personal or not clear <= spec.by_id.keys() or not covered <= personal:
        raise Refusal("action_malformed", why="grade")
    values = {**hearing.public["values"], **hearing.private}
    facts = dict(unit.values) if unit else None
    context = CheckContext(as_of=hearing.as_of, office_area=hearing.office.code[:6], unit=facts)
    first = first_error(spec, values, context)
    if first is not None:
        raise Refusal("form_incomplete", field=first.field, finding=first.code)
    return values


def unit_of(hearing: Hearing, unit_id: str) -> UnitState:
    """Return a unit of the office, or raise ``Refusal('unit_unknown')``."""
    unit = hearing.world.unit(unit_id)
    if unit is None:
        raise Refusal("unit_unknown")
    return unit


def open_unit(hearing: Hearing, unit_id: str) -> UnitState:
    """Return a unit whose record is not closed. Raises ``Refusal`` unit_unknown, unit_closed."""
    unit = unit_of(hearing, unit_id)
    if unit.closed:
        raise Refusal("unit_closed", how=unit.closed)
    return unit


def unit_values(hearing: Hearing) -> Values:
    """Return a unit record's values, checked by its form; no other unit may have the credit code.

    One that was handed over gives way to a unit that comes back with its own hand-over (``former``), and to
    none else: whoever has the unit now would have a twin here.
    """
    if hearing.public["form"].get("id") != "unit-record":
        raise Refusal("form_unknown")
    values = form_values(hearing, None)
    subject = hearing.public.get("unit", hearing.action.subject)
    twin = hearing.world.unit_with_code(values.get("uscc", ""))
    if twin is None or twin.id == subject:
        return values
    if twin.closed != HANDED_OVER:
        raise Refusal("unit_exists", unit=twin.id)
    if not hearing.public.get("former"):
        raise Refusal("unit_handed_over", unit=twin.id)
    return values


def _unit_registered(hearing: Hearing) -> None:
    unit_values(hearing)
    if hearing.public["representative_no"] != 1:
        raise Refusal("representative_no_wrong")


def _unit_corrected(hearing: Hearing) -> None:
    """A typing fault is mended; a unit's life is changed by acts of their own."""
    values = unit_values(hearing)
    unit = open_unit(hearing, hearing.action.subject)
    if hearing.public["representative_no"] != unit.representative_no:
        raise Refusal("representative_no_wrong")
    if values.get("state") != ACTIVE and unit.values.get("state", ACTIVE) == ACTIVE:
        raise Refusal("unit_state_apart")


RULES: Mapping[str, Rule] = {
    "unit_registered": _unit_registered,
    "unit_corrected": _unit_corrected,
}
