"""The vocabulary in which a form is written down.

One spec feeds the screen, the checks, the review, the paper, the export and the hub, so that none of
them can disagree. A spec is data: it names kinds and rules, it does not hold code. Once published a
version never changes; its digest is pinned in a test. For that to mean anything, the kinds and rules
it names never change their verdict either: a new meaning takes a new name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as attribute
from datetime import date
from enum import StrEnum
from functools import cached_property

from core.canonical import Json, canonical, digest

Values = Mapping[str, str]
"""Field id -> text in normal form: dates ``yyyy-mm-dd``, ticks ``yes`` or empty, choices their code."""


class DataClass(StrEnum):
    """Protection class of a field (分类分级, security.md §2): C1 public facts … C4 secrets."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"


class Grade(StrEnum):
    """Whether a signed action may hold the value in clear, or only a salted commitment to it."""

    PUBLIC = "public"
    PERSONAL = "personal"


class Severity(StrEnum):
    """ERROR stops submission and makes the hub refuse; WARNING asks for a second look; NOTE informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing a rule has to say about one field.

    ``code`` is turned into a sentence by ``ui/messages.py``; ``params`` are JSON-able and never hold a
    person's name, ID number or phone.
    """

    field: str
    code: str
    severity: Severity = Severity.ERROR
    params: Mapping[str, Json] = attribute(default_factory=dict)


@dataclass(frozen=True)
class CheckContext:
    """All that a verdict may depend on besides form and values; the hub rebuilds it from the record.

    ``as_of`` is the calendar date in China on which the thing was done, ``office_area`` the six-digit
    area of the office, ``unit`` the values of its ``unit-record`` form, or None when not known.
    """

    as_of: date
    office_area: str
    unit: Values | None = None


@dataclass(frozen=True)
class Condition:
    """Holds when the field has exactly this value."""

    field: str
    equals: str

    def holds(self, values: Values) -> bool:
        """Say whether the condition holds; a field without value counts as empty."""
        return values.get(self.field, "") == self.equals


@dataclass(frozen=True)
class Choice:
    """One answer of a ``choice`` field: what is stored, and what people read."""

    code: str
    label: str


@dataclass(frozen=True)
class FieldSpec:
    """One question.

    ``kind`` names an entry of ``KINDS``, ``rules`` entries of ``FIELD_RULES``. ``shown_when`` refers to a
    field asked earlier; a field not shown has no value. ``printed`` says whether the value appears on
    the paper. ``from_unit`` is the ``unit-record`` field that fills this one in. ``max_length`` counts
    characters (code points), so that 𬱖 is one.
    """

    id: str
    kind: str
    label: str
    required: bool = True
    shown_when: Condition | None = None
    data_class: DataClass = DataClass.C1
    grade: Grade = Grade.PUBLIC
    rules: tuple[str, ...] = ()
    printed: bool = True
    max_length: int = 200
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    from_unit: str = ""

    def choice_label(self, code: str) -> str:
        """Return what people read for a stored choice; an unknown code is returned as it is."""
        return next((choice.label for choice in self.choices if choice.code == code), code)


@dataclass(frozen=True)
class Section:
    """A group of questions under one heading."""

    id: str
    title: str
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True)
class FormSpec:
    """A form in one published version. ``form_rules`` name entries of ``FORM_RULES``."""

    id: str
    version: int
    title: str
    sections: tuple[Section, ...]
    form_rules: tuple[str, ...] = ()

    @cached_property
    def _fields(self) -> tuple[FieldSpec, ...]:
        return tuple(each for section in self.sections for each in section.fields)

    @cached_property
    def by_id(self) -> Mapping[str, FieldSpec]:
        """All fields by their ids."""
        return {each.id: each for each in self._fields}

    @cached_property
    def personal_ids(self) -> frozenset[str]:
        """Ids of the fields whose values never appear in clear in an action."""
        return personal_fields(self._fields)

    def fields(self) -> tuple[FieldSpec, ...]:
        """Return all fields in the order in which they are asked."""
        return self._fields

    def field(self, id: str) -> FieldSpec:
        """Return one field. Raises ``KeyError`` when the form does not ask it."""
        for each in self.fields():
            if each.id == id:
                return each
        raise KeyError(id)

    def digest(self) -> str:
        """Return the hex SHA-256 (domain ``form/1``) of the canonical JSON of everything above."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return digest("form/1", canonical(asdict(self))).hex()


def visible_fields(spec: FormSpec, values: Values) -> tuple[FieldSpec, ...]:
    """Return the fields that are asked under these values; a hidden field cannot show another."""
    shown: list[FieldSpec] = []
    known: dict[str, str] = {}
    for each in spec.fields():
        if each.shown_when is None or each.shown_when.holds(known):
            shown.append(each)
            known[each.id] = values.get(each.id, "")
    return tuple(shown)


def personal_fields(fields: Iterable[FieldSpec]) -> frozenset[str]:
    """Return the ids of those fields whose values never appear in clear in an action."""
    return frozenset(each.id for each in fields if each.grade is Grade.PERSONAL)
