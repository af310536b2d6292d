"""What is asked before a code dies, and before a replacement can kill a certificate on a phone."""

from __future__ import annotations

from ui.screens.claim.state import CaseFacts
from ui.widgets.confirm import Question

_CUT_OFF = "现有的二维码和验证码立即作废，手机上已扫描但未完成的领取将中断。"


def _about(facts: CaseFacts) -> tuple[str, ...]:
    return (facts.unit, f"{facts.holder_title}　{facts.masked_name}", f"受理号 {facts.case_no}")


def renew_question(facts: CaseFacts) -> Question:
    """Ask before a live code is replaced by a new one."""
    return Question("作废并换新码", _CUT_OFF, "作废并换新码", _about(facts), danger=True)


def void_question(facts: CaseFacts) -> Question:
    """Ask before a live code is voided."""
    return Question("作废领取码", _CUT_OFF, "作废领取码", _about(facts), danger=True)


def replacement_question(facts: CaseFacts) -> Question:
    """Ask before a claimed case gets another code; name what dies, and when."""
    return Question(
        "补发领取码",
        "这件申请的证书已经领取过。请先核对申请人身份。用补发的领取码领到新证书时，"
        "原手机上的证书立即失效，不能恢复。",
        "补发领取码",
        (*_about(facts), "将失效：原手机上的电子证书"),
        danger=True,
    )
