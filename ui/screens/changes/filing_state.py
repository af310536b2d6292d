"""What each kind of change asks of the clerk: a part of the unit record, a reason, an office, a tick.

The fields are those of the unit record itself; nothing is declared here a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.forms.spec import FormSpec, Section
from core.records.changes import (
    CHANGES,
    DETAILS,
    FIXED_FIELDS,
    HANDOVER,
    LOSS,
    RENEWAL,
    REPRESENTATIVE,
    RESUMPTION,
    SUSPENSION,
    renewal_opens,
    renewed_period,
)
from ui.record_words import CHANGE_WORDS, RESUMPTION_WORDS, SUSPENSION_WORDS

KIND_ORDER = (
    REPRESENTATIVE,
    "manager",
    DETAILS,
    RENEWAL,
    LOSS,
    SUSPENSION,
    RESUMPTION,
    HANDOVER,
    "deregistration",
)
"""As offered, the usual ones first."""

KIND_HINTS: Mapping[str, str] = {
    REPRESENTATIVE: "核准后，原证书的所有授权立即失效；新的法定代表人凭附件3重新申领。",
    "manager": "原第一管理责任人已不能履职、新责任人还没有确定时办理。已确定的，请直接填报附件3。",
    DETAILS: "证书所载事项有变动的，核准后原证书失效，须重新申领。",
    RENEWAL: "有效期最后 30 天内或到期后办理，续期五年；再以“到期换领”申领新证书。",
    LOSS: "持证手机丢失或损坏时办理：原证书先失效，再为新手机生成领取码，不必重新申请。",
    SUSPENSION: "暂停期间查验结果为“暂停”，恢复后原证书继续有效。",
    RESUMPTION: "恢复后，暂停前的证书和授权继续有效。",
    HANDOVER: "核准后本机关不再办理该单位的业务，由接收机关登记后重新申领。",
    "deregistration": "核准后证书和授权全部失效，不能恢复。",
}
BASIS_HINTS: Mapping[str, str] = {
    LOSS: "例如：单位出具的遗失说明",
    SUSPENSION: "文书名称和文号",
}


@dataclass(frozen=True)
class Asked:
    """What one kind of change asks. ``form`` is the part of the unit record to be stated."""

    kind: str
    form: FormSpec | None
    basis: bool
    reasons: tuple[tuple[str, str], ...] = ()
    office: bool = False
    identity: bool = False

    @property
    def hint(self) -> str:
        """One sentence about the kind."""
        return KIND_HINTS[self.kind]


def kind_choices() -> tuple[tuple[str, str], ...]:
    """Return the kinds on offer, (code, words)."""
    return tuple((kind, CHANGE_WORDS[kind]) for kind in KIND_ORDER)


def asked(kind: str, record: FormSpec) -> Asked:
    """Return what is asked for ``kind``; ``record`` is the unit record's form."""
    reasons = {SUSPENSION: SUSPENSION_WORDS, RESUMPTION: RESUMPTION_WORDS}.get(kind, {})
    return Asked(
        kind,
        _part(kind, record),
        CHANGES[kind].basis,
        tuple(reasons.items()),
        office=kind == HANDOVER,
        identity=kind == LOSS,
    )


def _part(kind: str, record: FormSpec) -> FormSpec | None:
    name = "representative_name"
    if kind == REPRESENTATIVE:
        wanted = {name}
    elif kind == DETAILS:
        wanted = set(record.by_id) - FIXED_FIELDS - {name}
    else:
        return None
    sections = []
    for section in record.sections:
        fields = tuple(field for field in section.fields if field.id in wanted)
        if fields:
            sections.append(Section(section.id, section.title, fields))
    return FormSpec(id=record.id, version=record.version, title=CHANGE_WORDS[kind], sections=tuple(sections))


def renewal_words(values: Mapping[str, str]) -> tuple[str, str, str]:
    """Return (period now, period after, when it opens) of a unit; empty where it states no end."""
    end = values.get("valid_to", "")
    if not end:
        return "", "", ""
    begin, later = renewed_period(end)
    return (
        f"{values.get('valid_from', '')} 至 {end}",
        f"{begin} 至 {later}",
        renewal_opens(end).isoformat(),
    )


def missing(asks: Asked, typed: Mapping[str, str], basis: str, details: Mapping[str, str]) -> str:
    """Return what the clerk still has to give, as a sentence, or empty. Rules beyond that are the core's."""
    if asks.form is not None and asks.kind == REPRESENTATIVE and not typed.get("representative_name"):
        return "请填写新任法定代表人。"
    if asks.reasons and not details.get("reason"):
        return "请选择原因。"
    if asks.office and not details.get("office"):
        return "请选择接收的登记管理机关。"
    if asks.identity and details.get("identity_checked") != "yes":
        return "请核对办理人身份证原件后勾选。"
    if asks.basis and not basis.strip():
        return "请填写变更依据（文件名称和文号）。"
    return ""
