"""What the screen says about a piece of work: chips, notices, which step comes next. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.forms.spec import FormSpec
from core.records.states import Lifecycle
from ui.screens.application.work import SIGNED_FORM, Work

TITLES: Mapping[str, tuple[str, str]] = {
    "attachment-1": ("电子证书申领", "附件 1　事业单位法人电子证书申领表"),
    "attachment-3": ("变更第一管理责任人", "附件 3　第一管理责任人变更申请表"),
}
"""Form id → title and subtitle of the screen."""

FORM_WORDS = {"attachment-1": "申领", "attachment-3": "变更责任人"}

LIFECYCLES: Mapping[str, tuple[str, str]] = {
    Lifecycle.FILED: ("已填报", "accent"),
    Lifecycle.SUBMITTED: ("待审核", "warn"),
    Lifecycle.RETURNED: ("已退回", "bad"),
    Lifecycle.WITHDRAWN: ("已撤回", ""),
    Lifecycle.APPROVED: ("已核准", "good"),
    Lifecycle.CLAIMED: ("已领取", "good"),
    Lifecycle.ENDED: ("已终止", ""),
}
"""Lifecycle → what it is called, and its tone."""

RETURN_REASONS: Mapping[str, str] = {
    "form_wrong": "申请表内容有误",
    "signature_missing": "缺少签名",
    "seal_missing": "缺少公章",
    "scan_unreadable": "扫描件看不清",
    "papers_differ": "材料与申请表不一致",
    "person_wrong": "办理人身份不符",
    "other": "其他原因",
}

MOST_LABELS = 4


@dataclass(frozen=True)
class Telling:
    """A notice on the screen: ``buttons`` are pairs of id and caption."""

    key: str
    text: str
    tone: str = "accent"
    buttons: tuple[tuple[str, str], ...] = ()


def labels(form: FormSpec, ids: Iterable[str], most: int = MOST_LABELS) -> str:
    """Return the labels of some fields as one phrase, telling the two persons' fields apart."""
    names = []
    for id in ids:
        name = form.field(id).label
        if name in ("手机", "身份证号码"):
            whose = "法定代表人" if id.startswith("representative") else "第一管理责任人"
            name = f"{whose}{name}"
        names.append(name)
    shown = "、".join(names[:most])
    return f"{shown}等 {len(names)} 项" if len(names) > most else shown


def tellings(work: Work) -> tuple[Telling, ...]:
    """Return the notices, the most urgent first."""
    told = []
    if work.pending:
        told.append(
            Telling(
                "pending",
                f"纸质表（{work.pending} 份）是否已经印出，程序没有得到确认。请看一下纸，再选择：",
                "warn",
                (("printed", "已打印"), ("not_printed", "未打印")),
            )
        )
    if work.case is not None:
        told += _of_case(work)
    return tuple(told)


def _of_case(work: Work) -> list[Telling]:
    case = work.case
    assert case is not None
    told = []
    if case.lifecycle is Lifecycle.RETURNED:
        why = "、".join(RETURN_REASONS.get(reason, "其他原因") for reason in case.reasons)
        remark = f"附言：{case.remark.rstrip('。')}。" if case.remark else ""
        told.append(Telling("returned", f"审核退回：{why}。{remark}请更正后重新提交。", "bad"))
    if work.paper_differs:
        changed = labels(work.form, work.paper_differs)
        told.append(
            Telling(
                "stale",
                f"纸质表与当前内容不一致，请重新打印（改动：{changed}）。",
                "warn",
                (("print", "重新打印"),),
            )
        )
    if case.lifecycle is Lifecycle.SUBMITTED:
        told.append(
            Telling(
                "submitted",
                "已提交，等待另一位工作人员审核。",
                "accent",
                (("receipt", "打印受理回执"), ("recall", "撤回提交")),
            )
        )
    elif case.lifecycle is Lifecycle.APPROVED:
        told.append(Telling("approved", "已核准，可以生成领取码（F10）。", "good", (("claim", "去生成"),)))
    elif case.lifecycle is Lifecycle.CLAIMED:
        told.append(Telling("claimed", "电子证书已领取，这件申请已办结。", "good"))
    elif case.lifecycle is Lifecycle.ENDED:
        told.append(Telling("ended", "单位已变更或证书已被替换，这件申请已终止。", "accent"))
    elif case.lifecycle is Lifecycle.WITHDRAWN:
        told.append(Telling("withdrawn", "这件申请已撤回。", "accent"))
    return told


def next_step(work: Work) -> str:
    """Return the id of the action that comes next: print, submit, claim, or empty."""
    if not work.editable:
        return "claim" if may_claim(work) else ""
    if work.printed or (work.case is not None and work.case.printed and not work.paper_differs):
        return "submit"
    return "print"


def may_claim(work: Work | None) -> bool:
    """Whether a claim code may be made: the case is approved."""
    return work is not None and work.case is not None and work.case.lifecycle is Lifecycle.APPROVED


def claim_tip(work: Work | None) -> str:
    """Return why no claim code can be made, or empty."""
    if may_claim(work):
        return ""
    return "审核核准后才能生成领取码"


def hint(work: Work) -> str:
    """Return the one thing to do now, for the bottom bar."""
    if not work.editable:
        return ""
    if work.faulty:
        return "Enter 下一项"
    if not work.printed:
        return "内容已填好，按 F9 打印"
    if not work.signed:
        return "请签字盖章后扫描（F6）"
    if work.missing:
        return f"还有 {len(work.missing)} 份材料未核对（F6）"
    if work.case is not None and work.case.lifecycle is Lifecycle.RETURNED:
        return "按退回原因更正后，按 F8 重新提交"
    return "材料齐全，按 F8 提交审核"


def why_not_submitted(work: Work) -> str:
    """Return what stands in the way of review beside the form's own errors, or empty."""
    if work.pending:
        return "请先确认纸质表是否已经印出。"
    if work.paper_differs:
        return f"打印后又改过{labels(work.form, work.paper_differs)}，请按 F9 重新打印并请对方签字盖章。"
    if not work.printed:
        return "还没有打印申请表，请按 F9 打印，请对方签字盖章。"
    if not work.signed:
        return "还没有签字盖章的扫描件，请扫描签好的申请表。"
    if work.missing:
        return f"还有 {len(work.missing)} 份材料没有核对，可打印一次性告知书交给对方。"
    return ""


def role_words(work: Work, role: str) -> str:
    """Return what a scan shows: the signed form, or one of the papers."""
    if role == SIGNED_FORM:
        return "签字盖章的申请表"
    item = role.removeprefix("paper:")
    return next((short(each.label) for each in work.checklist if each.id == item), "其他材料")


def short(text: str) -> str:
    """Return a paper's name without what the ticks beside it say anyway."""
    return text.split("（")[0].removesuffix("原件及复印件").removesuffix("原件")
