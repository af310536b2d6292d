"""What the review desk shows, as data: the queue, the sheet, its buttons and why one is shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.forms.spec import Severity
from ui.case_words import case_subtitle, case_touches, form_facts, refusal_words
from ui.dying_words import dying_view
from ui.record_words import DELIVERY_TONES, DELIVERY_WORDS, FORM_WORDS, LIFECYCLE_WORDS, moment, reasons_words
from ui.screen import Chip
from ui.widgets.confirm import Question
from ui.widgets.fact_grid import Fact
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.forms.papers import PaperItem
    from core.services.listing import CaseDetail, QueueLine

NOT_YOURS = "您经手过此件，须由他人审核"
TABS = (("submitted", "待审核"), ("approved", "待领取"))
"""What waits for the reviewer, and what may still be undone."""


@dataclass(frozen=True)
class QueueRow(Line):
    """A row of the queue; ``quiet`` greys what this person may not approve."""

    quiet: bool = False


def queue_rows(lines: Iterable[QueueLine], year: int, single: bool) -> tuple[QueueRow, ...]:
    """Return the queue; in a single-clerk office (独任审核) nothing is greyed."""
    rows = []
    for each in lines:
        line = each.line
        waits = f"{line.case_no}　{FORM_WORDS.get(line.form, '')[:2]}"
        barred = each.mine and not single and line.lifecycle == "submitted"
        mark, tone = (moment(line.changed_at, year), "") if not barred else ("", "")
        note = NOT_YOURS if barred else waits
        rows.append(QueueRow(line.case, line.unit_name, note, mark, tone, quiet=barred))
    return tuple(rows)


@dataclass(frozen=True)
class Check:
    """A line of the checklist; ``state``: ok, bad or off (not needed in this case)."""

    text: str
    note: str
    state: str


@dataclass(frozen=True)
class SheetView:
    """The case under review. ``verdict`` is (words, tone) of the rules as of today."""

    case: str
    title: str
    subtitle: str
    chips: tuple[Chip, ...]
    notices: tuple[tuple[str, str], ...]
    verdict: tuple[str, str]
    facts: tuple[Fact, ...]
    checks: tuple[Check, ...]
    may_approve: bool
    may_return: bool
    may_undo: bool
    why_not: str
    approve_words: str
    lifecycle: str


def sheet_view(detail: CaseDetail) -> SheetView:
    """Return all that the sheet says of a case."""
    case, steps = detail.view.case, {each.step.value: each for each in detail.steps}
    approve, send_back, undo = (steps.get(name) for name in ("approve", "return", "undo"))
    why = ""
    for step in (approve, undo):
        if step is not None and not step.open:
            why = refusal_words(step.code, step.params).whole()
            if step.code == "self_approval":
                why = f"{NOT_YOURS}。"
    state, delivery = case.lifecycle.value, detail.delivery.value
    return SheetView(
        case=case.id,
        title=detail.view.unit.values.get("name", ""),
        subtitle=case_subtitle(detail.view),
        chips=(
            Chip(LIFECYCLE_WORDS[state], "accent"),
            Chip(DELIVERY_WORDS[delivery], DELIVERY_TONES[delivery]),
        ),
        notices=_notices(detail, why),
        verdict=_verdict(detail),
        facts=form_facts(detail.view, detail.findings),
        checks=_checks(detail),
        may_approve=bool(approve and approve.open),
        may_return=bool(send_back and send_back.open),
        may_undo=bool(undo and undo.open),
        why_not=why,
        approve_words="独任审核核准" if detail.single else "核准",
        lifecycle=state,
    )


def _notices(detail: CaseDetail, why: str) -> tuple[tuple[str, str], ...]:
    case = detail.view.case
    found: list[tuple[str, str]] = []
    if why:
        found.append((why, "warn"))
    if detail.single and case.lifecycle.value == "submitted":
        found.append(
            ("本机关已登记为独任审核：您经手过此件，仍可由您核准，记录中会写明“独任审核”。", "accent")
        )
    if detail.refused is not None:
        said = refusal_words(detail.refused.code, detail.refused.params)
        found.append((f"省级平台退回：{said.whole()}", "bad"))
    if case.lifecycle.value == "returned":
        remark = f"　说明：{case.remark}" if case.remark else ""
        found.append((f"此件已退回：{reasons_words(case.reasons)}。{remark}", "accent"))
    elif case.lifecycle.value not in ("submitted", "approved"):
        found.append((f"此件现在是“{LIFECYCLE_WORDS[case.lifecycle.value]}”，不在审核中。", "accent"))
    return tuple(found)


def _verdict(detail: CaseDetail) -> tuple[str, str]:
    if detail.view.case.erased:
        return "个人信息已按规定销毁，无法核对。", "warn"
    errors = sum(1 for each in detail.findings if each.severity is Severity.ERROR)
    others = sum(1 for each in detail.findings if each.severity is Severity.WARNING)
    if errors:
        return f"按今天的规则核对：{errors} 项不符合要求，已在各项下注明。", "bad"
    if others:
        return f"按今天的规则核对：{others} 项请再看一眼，已在各项下注明。", "warn"
    return "按今天的规则核对：没有发现问题。", "good"


def _checks(detail: CaseDetail) -> tuple[Check, ...]:
    view = detail.view
    return tuple(_check(item, detail) for item in view.checklist)


def _check(item: PaperItem, detail: CaseDetail) -> Check:
    case = detail.view.case
    if not item.needed(case.values):
        return Check(item.label, "此件不需要", "off")
    ticks = case.papers.get(item.id, {})
    parts, whole = [], True
    for wanted, name, done in ((item.original, "原件", "original"), (item.copy, "复印件", "copy")):
        if wanted:
            seen = bool(ticks.get(done))
            whole = whole and seen
            parts.append(f"{name}{'已核' if done == 'original' else '已收'}" if seen else f"{name}未见")
    return Check(item.label, "、".join(parts), "ok" if whole else "bad")


def approve_question(detail: CaseDetail) -> Question:
    """Return what is asked before an approval: whom it concerns and what follows."""
    words = "独任审核核准" if detail.single else "核准"
    text = "核准后即可为第一管理责任人生成领取码，手机领取前可以撤销核准。"
    if detail.view.case.form == "attachment-3":
        text = "核准后即可生成领取码，由新的第一管理责任人领取。领取前可以撤销核准。"
        if detail.view.case.values.get("reason") == "manager_changed":
            text = "核准后，原证书的所有授权立即失效，不能恢复；随即可为新的第一管理责任人生成领取码。"
    if detail.single:
        text += "您经手过此件，记录中会写明“独任审核”。"
    ends = dying_view(detail.dying)
    told = (ends.headline, *ends.details) if ends.lines else ()
    return Question(words, text, words, (*case_touches(detail.view), *told), danger=bool(told))


def undo_question(detail: CaseDetail) -> Question:
    """Return what is asked before an approval is undone."""
    text = "此件回到“待审核”，尚未使用的领取码同时作废。已经领取的证书不能这样撤销。"
    return Question("撤销核准", text, "撤销核准", case_touches(detail.view), danger=True)
