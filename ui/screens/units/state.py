"""What the register page shows and says, as frozen values and pure functions. No Qt, no services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.forms.kinds import display, masked
from core.forms.spec import FieldSpec, Finding, FormSpec, Severity
from core.records.changes import DEREGISTERED, HANDED_OVER
from ui.messages import Message, sentence
from ui.record_words import FORM_WORDS, LIFECYCLE_TONES, LIFECYCLE_WORDS, action_words, moment, who_words
from ui.widgets.fact_grid import Fact
from ui.widgets.line_list import Line

NEW = ""
"""Stands for a unit that is not in the register yet."""
_ENDED = {
    DEREGISTERED: "该单位已注销，不能申领。",
    HANDED_OVER: "该单位已移交其他登记管理机关，这里是移交前的记录，不能再办理业务。",
}


@dataclass(frozen=True)
class HistoryEntry:
    """One action on a unit. ``changed`` are the fields whose public value differs from before."""

    kind: str
    who: str
    at: str
    public: Mapping[str, object]
    changed: tuple[str, ...] = ()
    sent: str = "pending"


@dataclass(frozen=True)
class CaseEntry:
    """One application of a unit."""

    case: str
    case_no: str
    form: str
    lifecycle: str
    changed_at: str


@dataclass(frozen=True)
class UnitFacts:
    """A unit with everything that stands beside it."""

    unit: str
    values: Mapping[str, str]
    findings: tuple[Finding, ...]
    cases: tuple[CaseEntry, ...]
    history: tuple[HistoryEntry, ...]
    open_case: str
    may_write: bool
    erased: bool = False
    closed: str = ""

    @property
    def ended(self) -> str:
        """How the record was closed, by a change or in what the unit's values say; empty while it goes on."""
        return self.closed or (DEREGISTERED if self.values.get("state") == DEREGISTERED else "")

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.values.get("name", "")

    def obstacle(self) -> str:
        """Return why no application can be begun, or empty."""
        if not self.may_write:
            return "只有受理人员可以办理。"
        if self.ended:
            return _ENDED[self.ended]
        if self.open_case:
            return "这个单位已有一件在办申请，请先办结或撤回那一件。"
        return ""


def covered(field: FieldSpec, value: str) -> str:
    """Return a value as lists and read-only views show it: names of persons covered."""
    return masked(field, value)


def fact_rows(spec: FormSpec, facts: UnitFacts) -> tuple[Fact, ...]:
    """Return the register's entry, section by section; empty optional fields are left out."""
    said = {each.field: each for each in facts.findings if each.severity is not Severity.NOTE}
    rows: list[Fact] = []
    for section in spec.sections:
        rows.append(Fact(section.title, heading=True))
        for field in section.fields:
            value = facts.values.get(field.id, "")
            finding = said.get(field.id)
            if not value and not field.required and finding is None:
                continue
            tone = "" if finding is None else "bad" if finding.severity is Severity.ERROR else "warn"
            note = "" if finding is None else sentence(finding).whole()
            rows.append(Fact(field.label, covered(field, value), display(field, value), tone=tone, note=note))
    return tuple(rows)


def history_lines(spec: FormSpec, entries: Sequence[HistoryEntry]) -> tuple[Line, ...]:
    """Return a unit's history in words, newest first."""
    labels = {field.id: field.label for field in spec.fields()}
    lines = []
    for number, entry in enumerate(entries):
        what = action_words(entry.kind, dict(entry.public))
        fields = "、".join(labels.get(each, each) for each in entry.changed)
        title = f"{what}：{fields}" if fields else what
        mark, tone = ("被退", "bad") if entry.sent == "rejected" else ("", "")
        lines.append(Line(str(number), title, f"{moment(entry.at)}　{who_words(entry.who)}", mark, tone))
    return tuple(lines)


def case_lines(entries: Sequence[CaseEntry]) -> tuple[Line, ...]:
    """Return a unit's applications as rows."""
    return tuple(
        Line(
            each.case,
            FORM_WORDS.get(each.form, each.form),
            f"{each.case_no}　{moment(each.changed_at)}",
            LIFECYCLE_WORDS.get(each.lifecycle, ""),
            LIFECYCLE_TONES.get(each.lifecycle, ""),
        )
        for each in entries
    )


def changed_fields(newer: Mapping[str, object], older: Mapping[str, object]) -> tuple[str, ...]:
    """Return which public values differ between two actions; personal ones are not in an action."""
    after, before = newer.get("values"), older.get("values")
    if not isinstance(after, Mapping) or not isinstance(before, Mapping):
        return ()
    return tuple(sorted(name for name in {*after, *before} if after.get(name) != before.get(name)))


def warnings_of(findings: Sequence[Finding]) -> tuple[Message, ...]:
    """Return the sentences of all warnings."""
    return tuple(sentence(each) for each in findings if each.severity is Severity.WARNING)
