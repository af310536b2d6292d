"""The one door through which screen, paper, review and hub ask about values.

The verdict is a pure function of (form, values, context): the hub, which trusts no desk, repeats it
word for word years later with the day on which the thing was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from core.forms.kinds import KINDS
from core.forms.rules import FIELD_RULES, FORM_RULES
from core.forms.spec import CheckContext, FieldSpec, Finding, FormSpec, Severity, Values, visible_fields

__all__ = [
    "CheckContext",
    "check_form",
    "check_typed",
    "has_errors",
    "missing",
    "normalise",
    "prefill",
    "progress",
]


def normalise(spec: FormSpec, typed: Mapping[str, str]) -> dict[str, str]:
    """Return the normal form of what was typed: every shown field, hidden and unknown ones left out."""
    values: dict[str, str] = {}
    for field in spec.fields():
        if field.shown_when is None or field.shown_when.holds(values):
            values[field.id] = KINDS[field.kind].parse(typed.get(field.id, ""))
    return values


def check_form(spec: FormSpec, values: Values, ctx: CheckContext) -> tuple[Finding, ...]:
    """Return all findings, in the order of the fields, errors first within a field.

    ``values`` must be in normal form; an unknown field, a hidden field with a value, or a value in
    another spelling is an error here, so that a hub needs no other question. An absent field is empty.
    """
    texts = {id: value for id, value in values.items() if isinstance(value, str)}
    shown = visible_fields(spec, texts)
    strangers = tuple(_strangers(spec, values, {field.id for field in shown}))
    if strangers:
        return strangers
    known = {field.id: values.get(field.id, "") for field in shown}
    found = [finding for field in shown for finding in _check_field(field, known[field.id], ctx)]
    for name in spec.form_rules:
        found += FORM_RULES[name](spec, known, ctx)
    order = {field.id: place for place, field in enumerate(shown)}
    weight = {severity: place for place, severity in enumerate(Severity)}
    return tuple(sorted(found, key=lambda each: (order[each.field], weight[each.severity])))


def check_typed(spec: FormSpec, typed: Mapping[str, str], ctx: CheckContext) -> tuple[Finding, ...]:
    """Check what stands in the editors right now: normalise, then :func:`check_form`."""
    return check_form(spec, normalise(spec, typed), ctx)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether anything found stops a submission."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def missing(spec: FormSpec, values: Values) -> tuple[str, ...]:
    """Return the ids of required fields that are shown and empty."""
    return tuple(field.id for field in _required(spec, values) if not values.get(field.id, ""))


def progress(spec: FormSpec, values: Values) -> tuple[int, int]:
    """Return how many required fields are filled in, and how many there are (必填 7 / 8)."""
    asked = len(_required(spec, values))
    return asked - len(missing(spec, values)), asked


def prefill(spec: FormSpec, unit: Values) -> dict[str, str]:
    """Return what a unit's record can fill in by itself, so that nobody writes it again."""
    return {field.id: unit[field.from_unit] for field in spec.fields() if unit.get(field.from_unit)}


def _required(spec: FormSpec, values: Values) -> tuple[FieldSpec, ...]:
    return tuple(field for field in visible_fields(spec, values) if field.required)


def _strangers(spec: FormSpec, values: Values, shown: set[str]) -> Iterator[Finding]:
    known = spec.by_id
    for id, value in values.items():
        if id not in known:
            yield Finding(id, "field_unknown")
        elif not isinstance(value, str) or KINDS[known[id].kind].parse(value) != value:
            yield Finding(id, "not_normal")
        elif value and id not in shown:
            yield Finding(id, "field_hidden")


def _check_field(field: FieldSpec, value: str, ctx: CheckContext) -> Iterator[Finding]:
    if not value:
        if field.required:
            yield Finding(field.id, "tick_required" if field.kind == "tick" else "required")
        return
    if len(value) > field.max_length:
        yield Finding(field.id, "too_long", params={"limit": field.max_length, "length": len(value)})
        return
    if field.choices and value not in {choice.code for choice in field.choices}:
        yield Finding(field.id, "choice_unknown")
        return
    findings = KINDS[field.kind].check(value, ctx)
    yield from (replace(each, field=field.id) for each in findings)
    if not findings or not has_errors(findings):
        for name in field.rules:
            yield from FIELD_RULES[name](field, value, ctx)
