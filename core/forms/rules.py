"""Rules: what values mean for each other, for the day, and for the unit's record.

A rule is a pure function known by name; specs list the names, and a published name never changes its
verdict (a new meaning takes a new name). Rules see only normal values of fields that are shown, and
say nothing about a value that is missing: that is the business of ``required``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from core.forms.plain_kinds import YES, to_day
from core.forms.spec import CheckContext, FieldSpec, Finding, FormSpec, Severity, Values

FieldRule = Callable[[FieldSpec, str, CheckContext], Iterator[Finding]]
FormRule = Callable[[FormSpec, Values, CheckContext], Iterator[Finding]]

ACTIVE = "active"
"""State of a unit in the register that may apply."""


def not_in_future(field: FieldSpec, value: str, ctx: CheckContext) -> Iterator[Finding]:
    """The day of filling in has come."""
    day = to_day(value)
    if day and day > ctx.as_of:
        yield Finding(field.id, "date_in_future")


def within_a_year(field: FieldSpec, value: str, ctx: CheckContext) -> Iterator[Finding]:
    """The day is not more than a year ago; usually it is last year's number out of habit."""
    day = to_day(value)
    if day and (day.year + 1, day.month, day.day) < (ctx.as_of.year, ctx.as_of.month, ctx.as_of.day):
        yield Finding(field.id, "date_long_ago", Severity.WARNING)


def as_registered(field: FieldSpec, value: str, ctx: CheckContext) -> Iterator[Finding]:
    """The same characters as in the unit's record; a difference fails later at log-in."""
    registered = (ctx.unit or {}).get(field.from_unit, "")
    if registered and registered != value:
        yield Finding(field.id, "differs_from_record", Severity.WARNING)


def certificate_number(field: FieldSpec, value: str, ctx: CheckContext) -> Iterator[Finding]:
    """A former certificate number reads 事证第 + twelve digits + 号."""
    digits = value.removeprefix("事证第").removesuffix("号")
    if len(digits) + 4 != len(value) or len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        yield Finding(field.id, "certificate_no_shape", Severity.WARNING)


def manager_is_another(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """Attachment 1: the authorisation block is for someone else than the legal representative."""
    if _same(values, "representative_id", "manager_id"):
        yield Finding("manager_id", "manager_is_representative")


def same_number_same_name(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """Attachment 3: the representative may manage in person, but then under one name."""
    if not _same(values, "representative_id", "manager_id"):
        return
    if _differ(values, "representative_name", "manager_name"):
        yield Finding("manager_id", "same_id_other_name")
    elif values.get("manager_name"):
        yield Finding("manager_name", "representative_manages", Severity.NOTE)


def own_mobile_each(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """Two people with one phone is possible and suspicious; one person with one phone is neither."""
    if _same(values, "representative_mobile", "manager_mobile") and _two_people(values):
        yield Finding("manager_mobile", "mobile_shared", Severity.WARNING)


def namesakes(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """One name under two numbers: namesakes, or a slip in a number."""
    if _same(values, "representative_name", "manager_name") and _two_people(values):
        yield Finding("manager_name", "namesakes", Severity.NOTE)


def attendant_is_appointed(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """Attachment 1: nobody but the representative can stand at the counter unless appointed on this form."""
    if values.get("attendant") == "manager" and values.get("other_manager") != YES:
        yield Finding("attendant", "attendant_not_appointed")


def unit_may_apply(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """The unit is in the register, and its paper certificate has not run out unless it is being renewed."""
    unit = ctx.unit or {}
    if unit.get("state", ACTIVE) != ACTIVE:
        yield Finding("unit_name", "unit_not_active")
    end = to_day(unit.get("valid_to", ""))
    if end and end < ctx.as_of and values.get("occasion") != "renewal":
        yield Finding(
            "unit_name", "unit_certificate_expired", Severity.WARNING, {"valid_to": end.isoformat()}
        )


def period_in_order(form: FormSpec, values: Values, ctx: CheckContext) -> Iterator[Finding]:
    """A certificate ends after it begins; one that has ended already deserves a look."""
    begin, end = to_day(values.get("valid_from", "")), to_day(values.get("valid_to", ""))
    if begin and end and end <= begin:
        yield Finding("valid_to", "period_reversed")
    elif end and end < ctx.as_of and values.get("state") == ACTIVE:
        yield Finding("valid_to", "period_over", Severity.WARNING)


def _same(values: Values, one: str, other: str) -> bool:
    return bool(values.get(one)) and values.get(one) == values.get(other)


def _differ(values: Values, one: str, other: str) -> bool:
    return bool(values.get(one) and values.get(other)) and values.get(one) != values.get(other)


def _two_people(values: Values) -> bool:
    return _differ(values, "representative_id", "manager_id")


FIELD_RULES: Mapping[str, FieldRule] = {
    rule.__name__: rule for rule in (not_in_future, within_a_year, as_registered, certificate_number)
}
FORM_RULES: Mapping[str, FormRule] = {
    rule.__name__: rule
    for rule in (
        manager_is_another,
        same_number_same_name,
        own_mobile_each,
        namesakes,
        attendant_is_appointed,
        unit_may_apply,
        period_in_order,
    )
}
