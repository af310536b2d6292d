"""Kinds: what a value looks like, in three pure faces (read it, judge it, show it).

The editor of a kind is the user interface's affair; everything else about it is here. ``parse`` folds
what a person typed or pasted into the one normal form and is idempotent; ``check`` judges a normal,
non-empty value and never raises; nothing is ever cut short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.forms.number_kinds import IdNumber, Mobile, Uscc
from core.forms.plain_kinds import Amount, Day, Option, Tick
from core.forms.spec import CheckContext, FieldSpec, Finding, Grade
from core.forms.text_kinds import LongText, PersonName, Text, UnitName


class Kind(Protocol):
    """The faces every kind has. Findings come without a field id; ``check_form`` puts it in."""

    def parse(self, text: str) -> str:
        """Return the normal form of what was typed; what makes no sense is returned tidied, not judged."""

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        """Judge a non-empty value in normal form."""

    def format(self, value: str) -> str:
        """Return the value as paper and screen show it."""

    def mask(self, value: str) -> str:
        """Return the value as lists and the customer's screen may show it."""

    def summary(self, value: str) -> str:
        """Return a word of confirmation for a valid value (``1949-12-31 女``), or an empty text."""


KINDS: Mapping[str, Kind] = {
    "text": Text(),
    "long_text": LongText(),
    "unit_name": UnitName(),
    "office_name": UnitName(),
    "person_name": PersonName(),
    "uscc": Uscc(),
    "id_number": IdNumber(),
    "mobile": Mobile(),
    "date": Day(),
    "choice": Option(),
    "tick": Tick(),
    "money": Amount(),
}


def display(field: FieldSpec, value: str) -> str:
    """Return a field's value as people read it; choices by their label."""
    return field.choice_label(value) if field.choices else KINDS[field.kind].format(value)


def masked(field: FieldSpec, value: str) -> str:
    """Return a field's value as it may be shown by default: public values whole, personal ones covered."""
    if not value or field.grade is Grade.PUBLIC:
        return display(field, value)
    covered = KINDS[field.kind].mask(value)
    return covered if covered != value else "***"
