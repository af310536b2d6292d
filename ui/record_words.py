"""The record in plain words: states, kinds of action, reasons, moments. No Qt, no names of persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.clock import CHINA, from_stamp
from ui.roles import role_words

LIFECYCLE_WORDS = {
    "filed": "已填报",
    "submitted": "待审核",
    "returned": "已退回",
    "approved": "待领取",
    "claimed": "已领取",
    "withdrawn": "已撤回",
    "ended": "已终止",
}
"""In the order in which a case goes through them."""

LIFECYCLE_TONES = {"submitted": "accent", "returned": "warn", "approved": "accent", "claimed": "good"}

DELIVERY_WORDS = {"pending": "待同步", "recorded": "省级已收", "rejected": "被退"}
DELIVERY_TONES = {"pending": "", "recorded": "good", "rejected": "bad"}

CLOSED_WORDS = {"deregistered": "已注销", "handed_over": "已移交"}
"""How a unit's record was closed."""


FORM_WORDS = {"attachment-1": "申领", "attachment-3": "变更责任人"}
FORM_TITLES = {
    "attachment-1": "附件 1　电子证书申领表",
    "attachment-3": "附件 3　第一管理责任人变更申请表",
    "unit-record": "单位登记",
}

RETURN_REASON_WORDS = {
    "form_wrong": "申请表填写有误",
    "signature_missing": "缺少法定代表人签名",
    "seal_missing": "未加盖单位公章或公章不清",
    "scan_unreadable": "扫描件不清楚或不完整",
    "papers_differ": "申领材料与填报内容不一致",
    "person_wrong": "第一管理责任人信息有误",
    "other": "其他（见说明）",
}
"""``core.services.review.RETURN_REASONS`` as the clerk and the unit read them."""

KIND_WORDS = {
    "office_founded": "设立登记机关",
    "person_added": "添加工作人员",
    "person_disabled": "停用账号",
    "person_enabled": "启用账号",
    "person_rekeyed": "更换签名密钥",
    "person_roles_set": "调整角色",
    "checklist_set": "修改材料清单",
    "device_added": "添加窗口设备",
    "unit_registered": "登记单位",
    "unit_corrected": "更正单位信息",
    "register_page": "整页登记单位",
    "representative_changed": "变更法定代表人",
    "manager_changed": "变更第一管理责任人",
    "unit_changed": "变更登记事项",
    "unit_renewed": "到期换领",
    "unit_suspended": "暂停使用电子证书",
    "unit_resumed": "恢复使用电子证书",
    "unit_deregistered": "注销单位",
    "unit_handed_over": "移交单位",
    "loss_reported": "挂失",
    "change_filed": "填报变更",
    "change_withdrawn": "撤回变更",
    "change_returned": "退回变更",
    "change_approved": "核准变更",
    "change_approved_single": "独任审核核准变更",
    "case_filed": "填报申请",
    "case_amended": "修改申请",
    "papers_checked": "核对申领材料",
    "case_printed": "打印申请表",
    "scan_attached": "添加扫描件",
    "case_submitted": "提交审核",
    "submission_recalled": "撤回提交",
    "case_withdrawn": "撤回申请",
    "case_approved": "核准",
    "case_approved_single": "独任审核核准",
    "case_returned": "退回",
    "approval_undone": "撤销核准",
    "claim_minted": "生成领取码",
    "claim_voided": "作废领取码",
    "refusal_settled": "处理退回事项",
    "certificate_issued": "颁发电子证书",
    "certificate_voided": "作废电子证书",
    "certificate_suspended": "暂停电子证书",
    "certificate_resumed": "恢复电子证书",
    "delegation_granted": "授权他人用证",
    "delegation_claimed": "领取授权",
    "delegation_revoked": "撤销授权",
    "delegation_voided": "授权随上级失效",
    "delegation_suspended": "授权随证书暂停",
    "delegation_resumed": "授权随证书恢复",
}
"""Every kind of ``core.records.kinds``, for filters and as the ground of the sentences below."""

SUBJECT_WORDS = {
    "office": "登记机关",
    "unit": "单位",
    "case": "申请",
    "claim": "领取码",
    "certificate": "证书",
    "refusal": "退回事项",
    "register": "单位名册",
    "delegation": "授权",
    "change": "变更",
}

CHANGE_WORDS = {
    "representative": "法定代表人变更",
    "manager": "第一管理责任人变更",
    "renewal": "到期换领",
    "details": "登记事项变更",
    "suspension": "暂停使用",
    "resumption": "恢复使用",
    "deregistration": "注销",
    "handover": "移交其他机关",
    "loss": "手机丢失（挂失）",
}
"""Every kind of ``core.records.changes``."""

STAGE_WORDS = {"filed": "待审核", "returned": "已退回", "withdrawn": "已撤回", "approved": "已核准"}

CHANGE_RETURN_WORDS = {
    "basis_insufficient": "变更依据不足",
    "values_wrong": "变更内容有误",
    "papers_missing": "材料不齐",
    "unit_wrong": "单位不符",
    "other": "其他（见说明）",
}
"""``core.services.changes.CHANGE_RETURN_REASONS`` in words."""

SUSPENSION_WORDS = {
    "dispute": "法定代表人或管理权有争议",
    "investigation": "配合调查",
    "court_order": "依司法机关文书",
    "misuse": "证书被违规使用",
    "other": "其他（见依据）",
}
RESUMPTION_WORDS = {
    "cause_ended": "暂停的原因已消除",
    "suspended_in_error": "暂停有误",
    "other": "其他（见依据）",
}

VOIDED_WORDS = {
    "representative_changed": "法定代表人已变更",
    "manager_changed": "第一管理责任人已变更",
    "unit_changed": "证书所载登记事项已变更",
    "unit_deregistered": "单位已注销",
    "unit_handed_over": "单位已移交其他机关",
    "loss_reported": "手机已挂失",
    "replaced": "已由新证书替换",
}
"""Why a certificate is void."""


def change_words(kind: str) -> str:
    """Return what a kind of change is called."""
    return CHANGE_WORDS.get(kind, "变更")


_VOID_REASONS = {
    "renewed": "换了新码",
    "cancelled": "窗口作废",
    "approval_undone": "核准已撤销",
    **VOIDED_WORDS,
}

HUB_WORDS = "省级平台"


def who_words(login: str) -> str:
    """Return how an account is called in a history."""
    return HUB_WORDS if login == "hub" else login


def _printed(public: Mapping[str, Any]) -> str:
    return f"打印了申请表 {int(public.get('copies', 0))} 份"


def _scanned(public: Mapping[str, Any]) -> str:
    what = "签字扫描件" if public.get("role") == "signed_form" else "材料扫描件"
    return f"添加了{what}，共 {int(public.get('pages', 0))} 页"


def _ticked(public: Mapping[str, Any]) -> str:
    items = public.get("items", {})
    seen = sum(1 for ticks in items.values() if ticks.get("original"))
    kept = sum(1 for ticks in items.values() if ticks.get("copy"))
    return f"核对了申领材料：原件 {seen} 项、复印件 {kept} 项"


def _returned(public: Mapping[str, Any]) -> str:
    return f"退回了申请：{reasons_words(public.get('reasons', ()))}"


def _change_returned(public: Mapping[str, Any]) -> str:
    codes = public.get("reasons", ())
    told = [CHANGE_RETURN_WORDS.get(str(code), "其他原因") for code in codes]
    return f"退回了变更：{'；'.join(told) or '未写明原因'}"


def _roles(public: Mapping[str, Any]) -> str:
    return f"把一名工作人员的角色调整为：{role_words(public.get('roles', ()))}"


def _added(public: Mapping[str, Any]) -> str:
    return f"添加了工作人员，角色：{role_words(public.get('roles', ()))}"


def _minted(public: Mapping[str, Any]) -> str:
    return "补发了领取码" if public.get("purpose") == 2 else "生成了领取码"


def _voided(public: Mapping[str, Any]) -> str:
    reason = _VOID_REASONS.get(str(public.get("reason", "")), "")
    return f"作废了领取码（{reason}）" if reason else "作废了领取码"


def _granted(public: Mapping[str, Any]) -> str:
    role = "其他管理人" if public.get("role") == "manager" else "使用人"
    return f"授权了一名{role}（{public.get('valid_from', '')} 至 {public.get('valid_to', '')}）"


def _settled(public: Mapping[str, Any]) -> str:
    count = len(public.get("refused", ()))
    if public.get("choice") == "redone":
        return f"处理了退回事项（{count} 步）：按本机的重做"
    return f"处理了退回事项（{count} 步）：保留省级已记录的"


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "office_founded": lambda p: "设立了登记机关，添加了首位管理员",
    "person_added": _added,
    "person_disabled": lambda p: "停用了一个账号",
    "person_enabled": lambda p: "启用了一个账号",
    "person_rekeyed": lambda p: "更换了一名工作人员的签名密钥",
    "person_roles_set": _roles,
    "checklist_set": lambda p: f"修改了“{FORM_WORDS.get(str(p.get('form', '')), '')}”的材料清单",
    "device_added": lambda p: "添加了一台窗口设备",
    "unit_registered": lambda p: "登记了单位",
    "unit_corrected": lambda p: "更正了单位信息",
    "register_page": lambda p: f"整页登记了 {int(p.get('count', 0))} 家单位",
    "representative_changed": lambda p: "变更了法定代表人",
    "manager_changed": lambda p: "变更了第一管理责任人",
    "unit_changed": lambda p: "变更了登记事项",
    "unit_renewed": lambda p: "换领了新的有效期",
    "unit_suspended": lambda p: "暂停了电子证书的使用",
    "unit_resumed": lambda p: "恢复了电子证书的使用",
    "unit_deregistered": lambda p: "注销了单位，电子证书同时失效",
    "unit_handed_over": lambda p: "把单位移交给另一登记机关",
    "loss_reported": lambda p: "办理了手机挂失，原证书失效",
    "change_filed": lambda p: f"填报了{change_words(str(p.get('change', '')))}",
    "change_withdrawn": lambda p: "撤回了变更",
    "change_returned": _change_returned,
    "change_approved": lambda p: "核准了变更",
    "change_approved_single": lambda p: "独任审核，核准了变更",
    "case_filed": lambda p: "填报了申请",
    "case_amended": lambda p: "修改了申请，此前打印的纸质表作废",
    "papers_checked": _ticked,
    "case_printed": _printed,
    "scan_attached": _scanned,
    "case_submitted": lambda p: "提交了审核",
    "submission_recalled": lambda p: "撤回了提交",
    "case_withdrawn": lambda p: "应单位要求撤回了申请",
    "case_approved": lambda p: "核准了申请",
    "case_approved_single": lambda p: "独任审核，核准了申请",
    "case_returned": _returned,
    "approval_undone": lambda p: "撤销了核准，退回待审核",
    "claim_minted": _minted,
    "claim_voided": _voided,
    "refusal_settled": _settled,
    "certificate_issued": lambda p: "颁发了电子证书，手机已领取",
    "certificate_voided": lambda p: "作废了电子证书",
    "certificate_suspended": lambda p: "暂停了电子证书",
    "certificate_resumed": lambda p: "恢复了电子证书",
    "delegation_granted": _granted,
    "delegation_claimed": lambda p: "颁发了授权，被授权人的手机已领取",
    "delegation_revoked": lambda p: "单位撤销了授权",
    "delegation_voided": lambda p: "作废了授权，因为它所依附的证书或授权已失效",
    "delegation_suspended": lambda p: "随证书暂停了授权",
    "delegation_resumed": lambda p: "随证书恢复了授权",
}


def action_words(kind: str, public: Mapping[str, Any]) -> str:
    """Return what was done, as the predicate of a sentence; never a name or number of a person."""
    say = _SENTENCES.get(kind)
    return f"办理了本版程序不认识的操作（{kind[:30]}）" if say is None else say(public)


def reasons_words(reasons: object) -> str:
    """Return return reasons in words; an unknown code is called 其他."""
    codes = [str(code) for code in reasons] if isinstance(reasons, (list, tuple)) else []
    return "；".join(RETURN_REASON_WORDS.get(code, "其他原因") for code in codes) or "未写明原因"


def moment(stamp: str, now_year: int = 0) -> str:
    """Return a stamp in China's time as ``11-23 10:42``; with the year when it is not ``now_year``."""
    try:
        local = from_stamp(stamp).astimezone(CHINA)
    except ValueError:
        return ""
    return local.strftime("%m-%d %H:%M" if local.year == now_year else "%Y-%m-%d %H:%M")


def exact_moment(stamp: str) -> str:
    """Return a stamp in China's time to the second."""
    try:
        return from_stamp(stamp).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return ""


def masked_name(name: str) -> str:
    """Return a person's name as lists show it: surname and two stars."""
    return f"{name[:1]}**" if name else ""


def unit_mark(closed: str, open_case: str | None, delivery: str = "") -> tuple[str, str]:
    """Return the mark of a unit in a list and its tone: refused, closed, in an application, or none."""
    if delivery == "rejected":
        return DELIVERY_WORDS[delivery], "bad"
    if closed:
        return CLOSED_WORDS[closed], ""
    return ("在办", "accent") if open_case else ("", "")
