"""Sentences about relying departments, the scenario list and the use list."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "field_type": "“{field}”的类型不对｜请对照 docs/api.md 更正",
    "field_strange": "“{field}”处有规定之外的内容｜请去掉后重试",
    "field_missing": "缺少“{field}”｜请补上后重试",
    "field_not_one": "“{field}”只能填写其中一种｜请更正后重试",
    "field_blank": "“{field}”不能为空｜请补上后重试",
    "field_too_long": "“{field}”太长（上限 {longest}）｜请缩短后重试",
    "field_wrong": "“{field}”的写法不对｜请对照 docs/api.md 更正",
    "field_range": "“{field}”应在 {least} 到 {most} 之间｜请更正后重试",
    "uscc_wrong": "统一社会信用代码校验不通过｜请核对是否录错",
    "id_number_wrong": "公民身份号码校验不通过｜请核对是否录错",
    "compare_spent": "这次出示已比对 {tries} 次，不再比对｜请当面核对身份证件，或请对方重新亮证",
    "budget_spent": "本机关查询基本信息的次数暂时用完｜每分钟最多 20 次、每日 500 次，请稍后再试",
    "request_old": "本机时间与平台相差超过两分钟｜请同步一次，并校准电脑时间后重试",
    "request_replayed": "这次查询已经处理过｜请重新查询",
    "request_unnumbered": "查询没有编号｜请更新程序后重试",
    "reason_long": "查验事由太长（最多 {limit} 个字）｜请缩短后重试",
    "operator_unknown": "省级平台还没有您的账号，或者账号已停用｜请按 F5 同步一次后重试，或联系管理员",
    "online_only": "基本信息要联网查询，U 盘带不去｜请联网后重试",
    "party_file_malformed": "用证部门文件不是规范的 JSON｜请对照 docs/api.md 更正",
    "party_key_wrong": "公钥看不懂｜请提供 P-256 公钥，JWK 或 PEM 均可",
    "party_key_private": "文件里是私钥｜私钥只应留在部门自己手里；请另换一对密钥，只提交公钥",
    "party_repeated": "“{field}”里有重复的内容｜请去掉重复后重试",
    "party_fields_missing": "“{field}”没有写：查询基础信息须写明准予返回的字段｜请补上后重试",
    "party_fields_needless": "“{field}”多余：这个用途不查询基础信息｜请去掉字段，或加上 basic 功能",
    "party_matters_missing": "“{field}”与功能不一致：核验办理事项须写明事项，其他功能不写｜请更正后重试",
    "party_matter_unknown": "应用场景清单中没有事项“{matter}”｜请核对代码，或先用 hub scenario add 加入",
    "party_budget_missing": "缺少“{field}”：准用的功能都要写明次数上限｜请补上后重试",
    "party_period_wrong": "有效期止不对｜请填写今天以后、{years} 年以内的日期",
    "party_unknown": "没有登记这个用证部门：{party}｜请用 hub party list 核对",
    "scenario_file_malformed": "文件不是规范的 JSON｜请对照 docs/api.md 更正",
    "scenario_twice": "事项“{matter}”在文件中出现两次｜请去掉重复后重试",
    "period_wrong": "起止日期不对｜请按 2026-11-29 的写法填写，起不晚于止",
    "out_suffix_wrong": "不知道写成什么文件｜文件名请以 .csv 或 .pdf 结尾",
    "receipts_not_yours": "只有证书的管理人可以查看谁查验过｜请联系本单位的第一管理责任人",
    "receipts_place_wrong": "查验记录没有接上｜请返回后重新打开",
}
