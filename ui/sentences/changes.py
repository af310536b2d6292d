"""Sentences for the codes of life-cycle changes."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "change_unknown": "没有找到这项变更｜请刷新变更列表后重试",
    "change_kind_unknown": "没有这种变更业务｜请从列表中选择变更种类",
    "change_states_no_values": "这种变更不改登记信息｜请去掉填写的登记信息后再提交",
    "change_stale": "填报之后单位登记信息又有变动｜请核对现在的登记信息，撤回后重新填报",
    "change_wrong_stage": "这项变更已经办结｜请刷新列表后按当前状态办理",
    "change_not_approved": "这项变更还没有核准，或不是您核准的｜请由核准人办理",
    "change_differs": "要生效的内容与核准的不一致｜请重新填报并核准",
    "change_other_field": "这种变更不能同时改动“{field}”｜请另行办理该项变更",
    "change_nothing": "登记信息没有任何改动｜请填写要变更的事项",
    "change_not_applied": "原第一管理责任人的授权还没有作废｜请撤销核准后重新核准此件",
    "representative_apart": "法定代表人变更要单独办理｜请改用“变更法定代表人”",
    "representative_unchanged": "法定代表人没有变更登记｜请先办理法定代表人变更，再申领新证书",
    "renewal_without_end": "登记信息没有写明有效期截止日期｜请先更正单位登记信息",
    "renewal_too_early": "还没有到换领时间，{opens} 起可以办理｜请在有效期最后 30 天内办理",
    "renewal_period_wrong": "换领后的有效期应为 {valid_from} 至 {valid_to}｜请按此填写",
    "unit_suspended": "这个单位的电子证书已暂停｜请先办理恢复，再继续",
    "unit_not_suspended": "这个单位的电子证书没有被暂停｜无需办理恢复",
    "unit_closed": "这个单位已注销或已移交，不能再办理业务｜如有疑问，请查看单位记录",
    "unit_state_apart": "注销不是更正｜请办理“注销”，由另一位工作人员核准",
    "unit_changed_meanwhile": "填报之后这个单位办理了变更，此件已作废｜请按变更后的登记信息重新填报",
    "unit_period_over": "单位证书已于 {valid_to} 到期｜请先办理到期换领",
    "handover_to_self": "不能移交给本机关｜请选择接收的登记管理机关",
    "handover_code_wrong": "移交码不对｜请对照移出机关的失效告知书重新扫描或输入",
    "handover_unknown": "移出机关没有这项移交记录｜请核对移交的单位和接收机关",
    "identity_unchecked": "还没有核对办理人身份｜请核对身份证原件后勾选",
    "change_voids_nothing": "这项变更不使证书失效，或尚未核准｜核准后再打印失效告知书",
    "certificate_none": "这个单位没有有效的电子证书｜无需挂失，可直接申领",
}
