"""Rules of units, and of whatever was filled by a published form."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Refusal
from core.forms.check import CheckContext
from core.forms.registry import by_digest
from core.forms.sieve import first_error
from core.forms.spec import FormSpec
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


def _unit_values(hearing: Hearing) -> None:
    if hearing.public["form"]["id"] != "unit-record":
        raise Refusal("form_unknown")
    values = form_values(hearing, None)
    twin = hearing.world.unit_with_code(values.get("uscc", ""))
    if twin is not None and twin.id != hearing.action.subject:
        raise Refusal("unit_exists", unit=twin.id)


def _unit_registered(hearing: Hearing) -> None:
    _unit_values(hearing)
    if hearing.public["representative_no"] != 1:
        raise Refusal("representative_no_wrong")


def _unit_corrected(hearing: Hearing) -> None:
    _unit_values(hearing)
    unit = hearing.world.unit(hearing.action.subject)
    if unit is None or hearing.public["representative_no"] != unit.representative_no:
        raise Refusal("representative_no_wrong")


def _representative_changed(hearing: Hearing) -> None:
    """A new legal representative is one more than before, by name another, and has a stated basis."""
    _unit_values(hearing)
    unit = hearing.world.unit(hearing.action.subject)
    if unit is None or hearing.public["representative_no"] != unit.representative_no + 1:
        raise Refusal("representative_no_wrong")
    if hearing.private.get("representative_name") == unit.values.get("representative_name"):
        raise Refusal("representative_same")
    if not hearing.public["basis"].strip():
        raise Refusal("basis_missing")


RULES: Mapping[str, Rule] = {
    "unit_registered": _unit_registered,
    "unit_corrected": _unit_corrected,
    "representative_changed": _representative_changed,
}
