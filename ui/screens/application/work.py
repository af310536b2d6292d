"""What one application is at this moment, and everything that follows from it. No Qt here.

``Work`` is frozen; the screen replaces it after every edit. Values are kept as typed, hidden ones too, so
that unticking a box by mistake costs nothing; what counts is their normal form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from core.forms.check import CheckContext, check_form, normalise, progress
from core.forms.papers import MissingPaper, PaperItem, missing_papers
from core.forms.spec import Finding, FormSpec, Severity, visible_fields
from core.records.states import CaseState, Lifecycle, UnitState

SIGNED_FORM = "signed_form"
EDITABLE = frozenset({Lifecycle.FILED, Lifecycle.RETURNED})
TICKS_KEY = "_papers"
"""Where a draft keeps the ticks of papers; no field of a form begins with an underscore."""

Ticks = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class PastCase:
    """A case of the unit, for its history."""

    id: str
    case_no: str
    form: str
    lifecycle: str
    changed_on: str


@dataclass(frozen=True)
class Work:
    """One application on the desk. ``case`` is None until it is filed (its first print)."""

    form: FormSpec
    unit: UnitState
    context: CheckContext
    rehearsal: bool
    draft_id: str
    typed: Mapping[str, str]
    checklist: tuple[PaperItem, ...] = ()
    ticks: Ticks = field(default_factory=dict)
    case: CaseState | None = None
    stale: tuple[str, ...] = ()
    pending: int = 0
    history: tuple[PastCase, ...] = ()
    touched: bool = False
    restored: bool = False
    reveal: bool = False
    unprintable: Finding | None = None

    # -- values -----------------------------------------------------------------------------------

    @cached_property
    def values(self) -> dict[str, str]:
        """The normal form of what was typed."""
        return normalise(self.form, self.typed)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say, and what the paper's fonts and boxes say."""
        found = check_form(self.form, self.values, self.context)
        extra = self.unprintable
        if extra is None or any(f.field == extra.field and f.severity is Severity.ERROR for f in found):
            return found
        return (*found, extra)

    @cached_property
    def faulty(self) -> tuple[str, ...]:
        """Fields with an error, in paper order."""
        wrong = {each.field for each in self.findings if each.severity is Severity.ERROR}
        return tuple(each.id for each in visible_fields(self.form, self.values) if each.id in wrong)

    @property
    def progress(self) -> tuple[int, int]:
        """Required fields filled, and how many there are."""
        return progress(self.form, self.values)

    @property
    def editable(self) -> bool:
        """Whether values, ticks and scans may still change."""
        return self.case is None or self.case.lifecycle in EDITABLE

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Fields in which the screen differs from the filed version, in paper order."""
        if self.case is None or not self.editable:
            return ()
        filed, now = self.case.values, self.values
        return tuple(f.id for f in self.form.fields() if filed.get(f.id, "") != now.get(f.id, ""))

    # -- papers -----------------------------------------------------------------------------------

    @cached_property
    def missing(self) -> tuple[MissingPaper, ...]:
        """Papers not ticked yet that these values ask for."""
        return missing_papers(self.checklist, self.ticks, self.values)

    @property
    def ticks_changed(self) -> bool:
        """Whether the ticks differ from what the record knows."""
        return self.case is not None and self.editable and tidy(self.ticks) != tidy(self.case.papers)

    @property
    def printed(self) -> bool:
        """Whether a sheet of exactly what the screen shows left the printer."""
        return self.case is not None and not self.changed and self.case.content in self.case.printed

    @property
    def paper_differs(self) -> tuple[str, ...]:
        """Fields in which the sheet printed last differs from the screen; empty when none was printed."""
        if self.case is None or not self.case.printed or not self.editable:
            return ()
        wrong = {*self.changed, *self.stale}
        return tuple(each.id for each in self.form.fields() if each.id in wrong)

    @property
    def signed(self) -> bool:
        """Whether the signed scan of exactly this version is there."""
        return self.printed and self.case is not None and self.case.signed_scan() is not None

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way of review."""
        return self.editable and not self.faulty and self.signed and not self.missing and not self.pending

    @property
    def worth_keeping(self) -> bool:
        """Whether a draft holds something the record does not."""
        return self.touched and self.editable and (self.case is None or bool(self.changed))

    # -- changes ----------------------------------------------------------------------------------

    def with_value(self, id: str, value: str) -> Work:
        """Return the work with one value typed."""
        kept = None if self.unprintable is not None and self.unprintable.field == id else self.unprintable
        return replace(self, typed={**self.typed, id: value}, touched=True, unprintable=kept)

    def with_tick(self, item: str, which: str, on: bool) -> Work:
        """Return the work with one paper ticked or not; ``which`` is original or copy."""
        row = {**self.ticks.get(item, {}), which: on}
        return replace(self, ticks={**self.ticks, item: row}, touched=True)

    def draft_values(self) -> dict[str, str]:
        """Return what a draft keeps."""
        ticks = json.dumps(tidy(self.ticks), sort_keys=True)
        return {**self.typed, TICKS_KEY: ticks}


def tidy(ticks: Ticks) -> dict[str, dict[str, bool]]:
    """Return only what is ticked, so that equal means equal."""
    rows = {item: {which: True for which, on in row.items() if on} for item, row in ticks.items()}
    return {item: row for item, row in rows.items() if row}


def split_draft(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, bool]]]:
    """Part a draft into typed values and ticks; ticks that cannot be read are dropped."""
    typed = {id: value for id, value in values.items() if id != TICKS_KEY}
    try:
        rows = json.loads(values.get(TICKS_KEY, "{}"))
        ticks = {str(item): {str(w): bool(on) for w, on in row.items()} for item, row in rows.items()}
    except (ValueError, AttributeError):
        ticks = {}
    return typed, ticks


def form_pdf(work: Work) -> Callable[[tuple[float, float]], bytes]:
    """Return what makes the form's PDF for a printer's offset in millimetres; callable on any thread."""
    form, values, rehearsal = work.form, dict(work.values), work.rehearsal

    def make(offset: tuple[float, float]) -> bytes:
        from core.documents.pdf import render_form

        return render_form(form, values, rehearsal=rehearsal, offset_mm=offset).pdf

    return make
