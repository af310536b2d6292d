"""What 变更办理 shows, as data: the lists, a change with what it ends, a unit that waits. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.forms.kinds import display, masked
from core.forms.spec import FormSpec
from ui.case_words import refusal_words
from ui.dying_words import DyingView, dying_view, moment_of_seconds
from ui.record_words import (
    CHANGE_RETURN_WORDS,
    CHANGE_WORDS,
    DELIVERY_TONES,
    DELIVERY_WORDS,
    RESUMPTION_WORDS,
    STAGE_WORDS,
    SUSPENSION_WORDS,
    VOIDED_WORDS,
    moment,
)
from ui.screen import Chip
from ui.widgets.confirm import Question
from ui.widgets.fact_grid import Fact
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from core.services.changes import ChangeDetail, ChangeLine, ReclaimLine
    from core.services.hub_questions import UnitReach
    from core.services.periods import PeriodLine

WAITING, RECLAIM, PERIOD, DONE = "waiting", "reclaim", "period", "done"
TABS = ((WAITING, "待审核"), (RECLAIM, "待重领"), (PERIOD, "到期"), (DONE, "已办结"))
NOTHING = {
    WAITING: "没有待审核的变更。按 Ctrl+N 为来办事的单位填报。",
    RECLAIM: "没有“已失效待重领”的单位。",
    PERIOD: "没有已过期或 30 日内到期的单位。",
    DONE: "还没有办结的变更。",
}
NOT_FOUND = "没有找到。可以输入名称中的几个字、拼音首字母，或信用代码的开头。"
STAGE_TONES = {"filed": "accent", "returned": "warn", "withdrawn": "", "approved": "good"}


def change_rows(lines: Sequence[ChangeLine], year: int) -> tuple[Line, ...]:
    """Return the rows of the list of changes."""
    return tuple(
        Line(
            each.change,
            each.unit_name,
            f"{CHANGE_WORDS.get(each.kind, '变更')}　{moment(each.changed_at, year)}",
            "被退" if each.delivery == "rejected" else STAGE_WORDS.get(each.stage, ""),
            "bad" if each.delivery == "rejected" else STAGE_TONES.get(each.stage, ""),
        )
        for each in lines
    )


def reclaim_rows(lines: Sequence[ReclaimLine], year: int) -> tuple[Line, ...]:
    """Return the rows of the worklist, the longest waiting first."""
    return tuple(
        Line(
            each.unit,
            each.unit_name,
            f"{VOIDED_WORDS.get(each.reason, '已失效')}　{moment(each.since, year)}",
            "在办" if each.open_case else "待重领",
            "accent" if each.open_case else "warn",
        )
        for each in lines
    )


def period_rows(lines: Sequence[PeriodLine]) -> tuple[Line, ...]:
    """Return the units to be renewed, the first to end first."""
    return tuple(
        Line(
            each.unit,
            each.unit_name,
            f"{each.uscc}　至 {each.valid_to}",
            "在办" if each.renewal else "已过期" if each.over else "即将到期",
            "accent" if each.renewal else "bad" if each.over else "warn",
        )
        for each in lines
    )


# --- a change ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangeView:
    """A change in front. ``facts`` are what it states; ``why_not`` why this person may not approve.

    ``decides``: deciding is this person's office at all; ``voided``: its approval ended what there was.
    """

    id: str
    unit: str
    title: str
    subtitle: str
    chips: tuple[Chip, ...]
    notices: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    dying: DyingView
    may_approve: bool
    may_return: bool
    may_withdraw: bool
    why_not: str
    approve_words: str
    waiting: bool
    decides: bool
    voided: bool
    content: str


def change_view(detail: ChangeDetail, record: FormSpec, year: int) -> ChangeView:
    """Return all that is said of a change."""
    from core.services.handover import handover_code

    change = detail.change
    steps = {each.step: each for each in detail.steps}
    approve = steps.get("approve")
    why = "" if approve is None or not approve.code else refusal_words(approve.code, approve.params).whole()
    if approve is not None and approve.code == "self_approval":
        why = "您填报了这项变更，须由另一位工作人员审核。"
    decides = approve is not None and approve.code != "role_missing"
    stage, delivery = change.stage.value, detail.delivery.value
    waiting, code = stage == "filed", handover_code(change)
    return ChangeView(
        id=change.id,
        unit=change.unit,
        title=detail.unit.values.get("name", "") or "（信息已销毁）",
        subtitle=f"{CHANGE_WORDS.get(change.change, '变更')}　{moment(change.filed_at, year)} 填报",
        chips=(
            Chip(STAGE_WORDS[stage], STAGE_TONES[stage]),
            Chip(DELIVERY_WORDS[delivery], DELIVERY_TONES[delivery]),
        ),
        notices=_notices(detail, why if waiting and decides else ""),
        facts=(
            *change_facts(change.change, change.basis, change.details, detail.before, change.values, record),
            *((_plain("移交码", code),) if code else ()),
        ),
        dying=dying_view(detail.dying, done=not waiting),
        may_approve=approve is not None and not approve.code,
        may_return=_open(steps.get("return")),
        may_withdraw=_open(steps.get("withdraw")),
        why_not=why,
        approve_words="独任审核核准" if detail.single else "核准",
        waiting=waiting,
        decides=decides,
        voided=detail.voided,
        content=change.content,
    )


def _open(step: object) -> bool:
    return step is not None and not getattr(step, "code", "x")


def _notices(detail: ChangeDetail, why: str) -> tuple[tuple[str, str], ...]:
    change = detail.change
    found: list[tuple[str, str]] = []
    if change.erased:
        found.append(("个人信息已按规定销毁。", "warn"))
    if why:
        found.append((why, "warn"))
    if detail.single and change.stage.value == "filed":
        found.append(("本机关已登记为独任审核：您填报的变更仍可由您核准，记录中会写明“独任审核”。", "accent"))
    if change.stage.value == "returned":
        told = "；".join(CHANGE_RETURN_WORDS.get(code, "其他") for code in change.reasons)
        remark = f"　说明：{change.remark}" if change.remark else ""
        found.append((f"已退回：{told}。{remark}改正后请重新填报。", "warn"))
    if detail.delivery.value == "rejected":
        found.append(("省级平台没有采用，请到“退回事项”处理。", "bad"))
    return tuple(found)


def change_facts(
    kind: str,
    basis: str,
    details: Mapping[str, object],
    before: Mapping[str, str],
    after: Mapping[str, str],
    record: FormSpec,
) -> tuple[Fact, ...]:
    """Return what a change states: each differing field from … to …, then basis and what else it says."""
    rows: list[Fact] = []
    for field in record.fields():
        old, new = before.get(field.id, ""), after.get(field.id, "")
        if after and old != new:
            rows.append(
                Fact(
                    field.label,
                    f"{masked(field, old) or '（空）'}　→　{masked(field, new) or '（空）'}",
                    f"{display(field, old) or '（空）'}　→　{display(field, new) or '（空）'}",
                )
            )
    reasons = {"suspension": SUSPENSION_WORDS, "resumption": RESUMPTION_WORDS}.get(kind, {})
    if details.get("reason"):
        rows.append(_plain("原因", reasons.get(str(details["reason"]), "其他")))
    if details.get("office"):
        rows.append(_plain("接收机关", office_words(str(details["office"]))))
    if details.get("identity_checked"):
        rows.append(_plain("身份核对", "已核对办理人身份证原件，人证一致"))
    if basis:
        rows.append(_plain("依据", basis))
    return tuple(rows) or (_plain("内容", "不改动登记信息"),)


def _plain(name: str, words: str) -> Fact:
    return Fact(name, words, words)


def office_words(code: str) -> str:
    """Return what an office is called, or its code."""
    from core.errors import UserError
    from core.forms.divisions import get_office

    try:
        return get_office(code).registrar
    except UserError:
        return code


# --- how far the end has reached (product.md D3) ---------------------------------------------------


@dataclass(frozen=True)
class ReachView:
    """Until when somebody may still hold a status list from before. ``done``: nobody does any more."""

    headline: str
    tone: str
    lines: tuple[tuple[str, str], ...]


def reach_view(reach: UnitReach, now: int) -> ReachView:
    """Return the reach meter's words for a unit whose certificate ended."""
    lines = [("circle-check", f"联网查验：{moment_of_seconds(reach.ended_at)} 起即为失效")]
    if reach.public_until > now:
        lines.append(("clock", f"公开状态清单：最迟 {moment_of_seconds(reach.public_until)} 更新"))
    for each in reach.holders:
        who = {"party": "用证部门", "desk": "窗口", "file": "导出的文件"}.get(each.kind, "")
        name = f"“{each.name}”" if each.name else ""
        icon = "clock" if each.expires_at > now else "circle-check"
        lines.append(
            (icon, f"{who}{name}持有 {moment_of_seconds(each.as_of)} 的清单，"
                   f"{moment_of_seconds(each.expires_at)} 到期")
        )  # fmt: skip
    if reach.everywhere(now):
        return ReachView(f"已于 {moment_of_seconds(reach.by)} 起在各处失效。", "good", tuple(lines))
    said = f"最迟 {moment_of_seconds(reach.by)} 起在各处失效；此前离线查验可能答“无法确认”。"
    return ReachView(said, "accent", tuple(lines))


# --- a unit that waits ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ReclaimView:
    """A unit that waits, and the way on (``way``): to a certificate by form, code or case; to a renewal that
    is to be filed, or the change that is filed already (``case``).
    """

    unit: str
    title: str
    facts: tuple[tuple[str, str], ...]
    way: str
    form: str
    case: str
    words: str
    button: str


def reclaim_view(line: ReclaimLine, claimed_case: str, year: int) -> ReclaimView:
    """Return what is said of a waiting unit; ``claimed_case`` is the one its lost certificate came from."""
    form = "attachment-1" if line.reason == "unit_changed" else "attachment-3"
    way, case = "form", ""
    words = "请单位携带附件3《第一管理责任人变更申请表》和身份证件重新申领；核准后再生成领取码。"
    button = "填报附件3"
    if form == "attachment-1":
        words, button = "证书所载事项已变更，请单位以附件1申领新的证书。", "填报附件1"
    if line.reason == "loss_reported" and claimed_case:
        way, case = "code", claimed_case
        words, button = "原手机上的证书已经失效。请为新手机生成补领码，不必重新申请。", "生成补领码"
    if line.open_case:
        way, case = "case", line.open_case
        words, button = "重新申领正在办理。", "打开在办件"
    return ReclaimView(
        line.unit,
        line.unit_name,
        (
            ("信用代码", line.uscc),
            ("失效原因", VOIDED_WORDS.get(line.reason, "证书已失效")),
            ("失效时间", moment(line.since, year)),
        ),
        way,
        form,
        case,
        words,
        button,
    )


def period_view(line: PeriodLine) -> ReclaimView:
    """Return what is said of a unit whose period ends or has ended."""
    facts = (
        ("信用代码", line.uscc),
        ("有效期至", f"{line.valid_to}（{'已过期' if line.over else '即将到期'}）"),
    )
    words = "请办理到期换领：核准后有效期续五年，再以附件1（到期换领）申领新证书。"
    if line.over:
        words = "有效期已过，电子证书不能再用，也不能申领。" + words
    if line.renewal:
        words = "到期换领已经填报，待审核。"
        return ReclaimView(
            line.unit, line.unit_name, facts, "change", "", line.renewal, words, "打开待审核的变更"
        )
    return ReclaimView(line.unit, line.unit_name, facts, "renewal", "", "", words, "办理到期换领")


# --- questions -----------------------------------------------------------------------------------


def approve_question(view: ChangeView) -> Question:
    """Return what is asked before an approval: exactly what ends."""
    text = f"{view.title}：{view.subtitle.split('　')[0]}。{view.dying.headline}"
    danger = view.dying.tone in ("bad", "warn")
    return Question(view.approve_words, text, view.approve_words, view.dying.details, danger=danger)


def withdraw_question(view: ChangeView) -> Question:
    """Return what is asked before a change is taken back."""
    return Question(
        "撤回变更", f"{view.title}的这项变更就此撤回，什么也不失效；需要时可以重新填报。", "撤回变更"
    )
