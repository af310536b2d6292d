"""Sentences for the codes of ``core/records``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "action_malformed": "这一步的记录格式不对，没有保存｜请重试；再次出现请联系管理员",
    "person_unknown": "没有找到这位工作人员，或其账号已停用｜请刷新后重试，或联系管理员",
    "role_missing": "您的角色不能办理此项｜请由有权限的工作人员登录后办理",
    "office_exists": "这个登记机关已经设立｜请直接登录，或联系上级机关",
    "key_in_use": "这把密钥已被别人使用｜请重新生成后再试",
    "person_exists": "这位工作人员已经登记｜请在人员名单中查找",
    "last_admin": "至少要保留一位管理员｜请先任命另一位管理员",
    "form_unknown": "这份申请用的表格版本本机不认识｜请更新程序后再办理",
    "device_exists": "这台设备已经登记｜请直接使用，无需重复登记",
    "form_incomplete": "“{field}”没有填好｜请打开申请表核对此项后再提交",
    "unit_exists": "这个统一社会信用代码已有登记｜请在单位名录中查找并更正",
    "representative_no_wrong": "法定代表人任次与登记不一致｜请先同步，再核对单位登记信息",
    "case_unknown": "没有找到这件申请｜请刷新列表后重试",
    "case_wrong_state": "这件申请当前状态不能办理此步｜请刷新后按当前状态办理",
    "unit_unknown": "没有找到这个单位｜请先登记单位信息",
    "unit_has_open_case": "这个单位已有一件在办申请｜请先办结或撤回那一件",
    "content_stale": "申请内容刚被更新过｜请刷新，核对最新内容后再办理",
    "paper_not_printed": "申请表还没有打印｜请先打印，请对方签字盖章后再扫描",
    "paper_stale": "打印之后内容又改过，纸质表已不是最新｜请重新打印并请对方签字盖章",
    "signed_scan_missing": "还没有当前版本的签字盖章扫描件｜请扫描签好的申请表后再办理",
    "papers_missing": "还缺 {count} 份材料｜请补齐，或打印一次性告知书交给对方",
    "self_approval": "不能审核自己受理的申请｜请由另一位工作人员登录审核",
    "reason_missing": "还没有填写理由｜请写明理由后再继续",
    "already_claimed": "电子证书已被领取，不能再作此操作｜如需变更，请办理变更手续",
    "claim_waits_for_change": "变更申请批准后的领取尚未开通｜请待变更业务开通后再生成领取码",
    "claim_purpose_wrong": "领取码用途与申请不符｜请重新生成领取码",
    "claim_lifetime_wrong": "领取码有效时间不对｜请核对电脑时间后重新生成",
    "claim_unknown": "没有找到这个领取码｜请刷新后重新生成",
    "claim_already_void": "这个领取码已经作废｜请生成新的领取码",
    "action_unknown": "这一步是本版程序不认识的操作｜请更新程序",
    "action_hub_only": "这一步只能由省级平台办理｜请等待平台处理",
    "action_out_of_order": "前面的步骤还没有完成｜请刷新后按顺序办理",
    "office_unknown": "平台没有找到本登记机关｜请先完成机关登记",
    "office_foreign": "这条记录不属于本登记机关｜请由其登记机关办理",
    "commitment_wrong": "个人信息与记录的校验值不符，没有采用｜请联系管理员核查",
}
