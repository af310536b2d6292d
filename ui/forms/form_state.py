"""What a form screen is told to show, as one frozen value; no Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.forms.spec import Finding, FormSpec, Severity, Values, visible_fields

_WEIGHT = {Severity.ERROR: 3, Severity.WARNING: 2, Severity.NOTE: 1}


@dataclass(frozen=True)
class FormState:
    """Values and findings of one form.

    ``values`` are in normal form. ``reveal`` shows what is missing also in fields nobody has touched yet
    (after a wish to submit). ``focus`` names the field that shall take the focus, once.
    """

    spec: FormSpec
    values: Values = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    read_only: bool = False
    reveal: bool = False
    focus: str = ""


def worst(findings: tuple[Finding, ...]) -> Mapping[str, Finding]:
    """Return the gravest finding of each field; of equals the first."""
    found: dict[str, Finding] = {}
    for each in findings:
        known = found.get(each.field)
        if known is None or _WEIGHT[each.severity] > _WEIGHT[known.severity]:
            found[each.field] = each
    return found


def first_error(state: FormState) -> str:
    """Return the first asked field with an error, in paper order, or empty."""
    wrong = {each.field for each in state.findings if each.severity is Severity.ERROR}
    return next((each.id for each in visible_fields(state.spec, state.values) if each.id in wrong), "")
