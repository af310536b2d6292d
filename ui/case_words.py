"""A case in words for list, detail and review: facts, findings, the ladder of states. No Qt in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refusal
from core.forms.kinds import display, masked
from core.forms.spec import Finding, Severity, visible_fields
from core.records.ladder import Standing
from ui.messages import Message, sentence
from ui.record_words import (
    DELIVERY_WORDS,
    FORM_WORDS,
    LIFECYCLE_WORDS,
    action_words,
    masked_name,
    moment,
    who_words,
)
from ui.widgets.fact_grid import Fact

if TYPE_CHECKING:
    from core.records.states import CaseState
    from core.services.audit import AuditLine
    from core.services.listing import CaseDetail, CaseView

ERASED = "已销毁"


@dataclass(frozen=True)
class Rung:
    """A step of the ladder; ``state``: done, now, later or bad."""

    title: str
    text: str
    state: str


@dataclass(frozen=True)
class HistoryLine:
    """What somebody did; ``note`` what the hub made of it when that needs saying."""

    who: str
    when: str
    what: str
    note: str = ""
    tone: str = ""


def holder_of(case: CaseState) -> str:
    """Return the first responsible manager's name as lists show it."""
    appointed = case.values.get("other_manager") == "yes" or case.form == "attachment-3"
    name = case.values.get("manager_name" if appointed else "representative_name", "")
    return masked_name(name) or (ERASED if case.erased else "")


def refusal_words(code: str, params: Mapping[str, object]) -> Message:
    """Return the sentence of a rule that stands against a step or an action."""
    return sentence(Refusal(code, **dict(params)))


def form_facts(view: CaseView, findings: Iterable[Finding] = ()) -> tuple[Fact, ...]:
    """Return the form's values in the order of the paper, personal ones covered, findings beside them."""
    case, spec = view.case, view.form
    said: dict[str, list[Finding]] = {}
    for finding in findings:
        said.setdefault(finding.field, []).append(finding)
    shown = {field.id for field in visible_fields(spec, case.values)}
    facts: list[Fact] = []
    for section in spec.sections:
        lines = [field for field in section.fields if field.id in shown]
        if lines:
            facts.append(Fact(section.title, heading=True))
        for field in lines:
            value = case.values.get(field.id, "")
            gone = ERASED if case.erased and not value else ""
            note, tone = _said(said.get(field.id, ()))
            facts.append(
                Fact(
                    field.label,
                    masked(field, value) if value else gone,
                    display(field, value) if value else gone,
                    tone=tone,
                    note=note,
                    statement=field.kind == "tick",
                )
            )
    return tuple(facts)


def _said(findings: Iterable[Finding]) -> tuple[str, str]:
    found = list(findings)
    if not found:
        return "", ""
    errors = any(finding.severity is Severity.ERROR for finding in found)
    notes = all(finding.severity is Severity.NOTE for finding in found)
    return "　".join(sentence(each).whole() for each in found), "bad" if errors else "" if notes else "warn"


def history_lines(history: Iterable[AuditLine], year: int) -> tuple[HistoryLine, ...]:
    """Return a case's history, newest first."""
    return tuple(_history_line(line, year) for line in history)


def _history_line(line: AuditLine, year: int) -> HistoryLine:
    action, receipt = line.recorded.signed.action, line.recorded.receipt
    note, tone = "", ""
    if receipt is None:
        note = DELIVERY_WORDS["pending"]
    elif receipt.verdict == "rejected":
        note, tone = f"被退：{refusal_words(receipt.code, receipt.params).text}", "bad"
    return HistoryLine(
        who_words(line.who), moment(action.at, year), action_words(action.kind, action.public), note, tone
    )


def ladder(detail: CaseDetail) -> tuple[Rung, ...]:
    """Return where the case stands: filed, submitted, then the four steps that the law knows."""
    state = detail.view.case.lifecycle.value
    if state == "withdrawn":
        return (Rung("已撤回", "单位撤回了申请，此件办结，不再继续。", "done"), _delivered(detail))
    if state == "ended":
        return (
            Rung("已终止", "单位办理了变更，或另一件的证书已替换此件的证书；此件不再继续。", "done"),
            _delivered(detail),
        )
    passed = {"filed": 0, "returned": 0, "submitted": 1, "approved": 2, "claimed": 3}[state]
    return (
        _filed(detail, passed > 0),
        _submitted(state, passed),
        _approved(detail, passed),
        _delivered(detail) if passed < 2 else _received(detail),
        _claimed(detail, passed),
        _in_force(detail),
    )


def _filed(detail: CaseDetail, passed: bool) -> Rung:
    case = detail.view.case
    if passed:
        return Rung("本机已填报", "申请表已打印，签字盖章的扫描件已收存。", "done")
    if case.lifecycle.value == "returned":
        return Rung("已退回", "审核人员退回了此件，请改正后重新提交。", "bad")
    if case.paper_stale():
        return Rung("本机已填报", "打印之后内容又改过，请重新打印并签字盖章。", "bad")
    if not case.printed:
        return Rung("本机已填报", "还没有打印申请表。", "now")
    if case.signed_scan() is None:
        return Rung("本机已填报", "已打印，等签字盖章后扫描。", "now")
    if detail.view.missing:
        return Rung("本机已填报", f"还缺 {len(detail.view.missing)} 份材料。", "now")
    return Rung("本机已填报", "材料齐全，可以提交审核。", "now")


def _submitted(state: str, passed: int) -> Rung:
    if state == "submitted":
        return Rung("已提交审核", "等另一位工作人员审核。", "now")
    return Rung("已提交审核", "审核完毕。" if passed > 1 else "尚未提交。", "done" if passed > 1 else "later")


def _approved(detail: CaseDetail, passed: int) -> Rung:
    if passed < 2:
        return Rung("本机已核准", "尚未核准。", "later")
    how = "独任审核，已在记录中写明。" if detail.view.case.single else "已由另一位工作人员核准。"
    return Rung("本机已核准", how, "done")


def _delivered(detail: CaseDetail) -> Rung:
    kind = detail.delivery.value
    if kind == "rejected":
        return Rung("省级平台退回", "请先到“退回事项”里处理，再继续办理。", "bad")
    if kind == "pending":
        count = f"还有 {detail.pending} 条记录" if detail.pending else "还有记录"
        return Rung("待同步", f"{count}没有送达省级平台，联网后自动送出，不影响窗口继续办理。", "now")
    return Rung("省级已收", "到目前为止的记录，省级平台都已收到。", "done")


def _received(detail: CaseDetail) -> Rung:
    """The approval itself at the hub; what else still waits is said beside it."""
    step = detail.legal[1]
    if step.standing is Standing.REFUSED or detail.delivery.value == "rejected":
        return _delivered(detail)
    if step.standing is Standing.AHEAD:
        return Rung("省级未收到", "核准还没有送达省级平台，联网或用 U 盘送出后才算送达。", "now")
    rest = f"另有 {detail.pending} 条记录待同步。" if detail.pending else ""
    when = moment(step.at, detail.as_of.year)
    return Rung("省级已收", f"核准已于 {when} 送达省级平台。{rest}", "done")


_IN_FORCE = {
    Standing.AHEAD: Rung("证书生效", "手机领取后即生效。", "later"),
    Standing.DONE: Rung("证书有效", "用证部门现在查验，结果为有效。", "done"),
    Standing.SUSPENDED: Rung("证书已暂停", "此证书暂停使用，用证部门查验结果为暂停。", "bad"),
    Standing.VOID: Rung("证书已失效", "此证书已作废，用证部门查验结果为无效。", "bad"),
    Standing.EXPIRED: Rung("证书已过期", "有效期已届满，请办理换领。", "bad"),
}


def _in_force(detail: CaseDetail) -> Rung:
    return _IN_FORCE[detail.legal[3].standing]


def _claimed(detail: CaseDetail, passed: int) -> Rung:
    if passed == 3:
        when = moment(detail.legal[2].at, detail.as_of.year)
        return Rung("手机已领取", f"电子证书于 {when} 发到手机。" if when else "电子证书已发到手机。", "done")
    if passed < 2:
        return Rung("手机已领取", "核准后才能领取。", "later")
    return Rung("手机已领取", "请生成领取码，由第一管理责任人用手机领取。", "now")


def case_subtitle(view: CaseView) -> str:
    """Return case number and business in one line."""
    return f"受理号 {view.case.case_no}　{FORM_WORDS.get(view.case.form, '')}"


def case_touches(view: CaseView) -> tuple[str, ...]:
    """Return the lines by which a confirmation names the case: unit, holder masked, number, state."""
    case = view.case
    return (
        view.unit.values.get("name", ""),
        f"第一管理责任人　{holder_of(case)}",
        f"{case_subtitle(view)}　{LIFECYCLE_WORDS[case.lifecycle.value]}",
    )
