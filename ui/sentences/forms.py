"""Sentences for the codes of ``core/forms``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "required": "此项必填",
    "tick_required": "请确认后勾选",
    "tick_unknown": "这一项只能勾选或不勾选｜请重新选择",
    "too_long": "最多 {limit} 个字符，现有 {length} 个｜请删减后再试",
    "too_short": "还差 {missing} 位｜应为 {length} 位，请补全",
    "choice_unknown": "所选项不在可选范围内｜请重新选择",
    "field_unknown": "表单中没有这一项｜请用本版程序重新填写后提交",
    "field_hidden": "当前情形不需要填写这一项｜请清空，或先勾选“授权其他人员担任”",
    "not_normal": "这一项的写法不规范｜请重新输入后提交",
    "char_private": "第 {position} 个字（{codepoint}）是旧系统自造字｜请用输入法重新录入该字",
    "char_invisible": "第 {position} 个字符看不见（{codepoint}）｜请清空本项后手工重新输入",
    "char_direction": "第 {position} 个字符是看不见的文字方向符（{codepoint}）｜请清空本项后手工重新输入",
    "char_control": "第 {position} 个字符是控制符（{codepoint}）｜请清空本项后手工重新输入",
    "char_broken": "第 {position} 个字是乱码（{codepoint}）｜请对照原件重新录入",
    "name_character": "姓名第 {position} 个字符不常见｜请对照身份证核对",
    "name_short": "姓名只有一个字｜请对照身份证核对",
    "name_long": "姓名有 {length} 个字｜请对照身份证核对；少数民族姓名请用间隔号“·”",
    "number_character": "第 {position} 位不应是这个字符｜请核对后改正",
    "number_looks_like": "第 {position} 位不应是这个字母，是否应为 {suggestion}？｜请核对后改正",
    "uscc_check_outside": "校验位不符，差错可能在前 8 位或最后一位｜请对照证书副本核对",
    "uscc_check_inside": "校验位不符，差错可能在第 9 至 17 位｜请对照证书副本核对",
    "uscc_inner_check": "第 17 位（主体标识码校验位）不符｜请对照证书副本逐位核对",
    "uscc_not_institution": "该代码以 {prefix} 开头，事业单位应以 12 开头｜请核对是否为事业单位",
    "uscc_other_area": "该代码的登记机关区划为 {area}（{name}），不是本机关｜请核对是否由本机关登记",
    "id_fifteen": "这是 15 位旧号码｜请按二代身份证填写 18 位号码",
    "id_date": "号码中的出生日期不存在｜请对照身份证核对第 7 至 14 位",
    "id_check": "校验位不符｜请对照身份证逐位核对",
    "id_future": "号码中的出生日期在办理日期之后｜请对照身份证核对第 7 至 14 位",
    "id_age": "按号码推算年龄不在 {youngest} 至 {oldest} 岁之间｜请对照身份证核对第 7 至 14 位",
    "id_area_unknown": "前 6 位不在已知区划代码中｜请对照身份证看一眼；无误可继续",
    "mobile_prefix": "手机号应以 13 至 19 开头｜请核对",
    "date_format": "请按“2026-11-23”的样式填写日期",
    "date_nonexistent": "没有这一天｜请核对年月日",
    "date_in_future": "日期晚于今天｜请改为实际填表日期",
    "date_long_ago": "日期在一年以前｜请核对年份",
    "money_format": "请填写数字和单位，例如 600万元",
    "differs_from_record": "与本机关登记的内容不一致｜请核对；如已变更，请先更正单位登记信息",
    "certificate_no_shape": "原证书号一般为“事证第”加 12 位数字加“号”｜请核对",
    "manager_is_representative": (
        "与法定代表人是同一身份证号码｜由法定代表人本人担任时，请取消勾选“授权其他人员担任”"
    ),
    "same_id_other_name": "与法定代表人身份证号码相同但姓名不同｜请核对姓名和号码",
    "representative_manages": "由法定代表人本人担任第一管理责任人",
    "mobile_shared": "两个人填了同一个手机号｜请核对；各人应填本人手机号",
    "namesakes": "两人姓名相同而身份证号码不同｜请确认是同名的两个人",
    "attendant_not_appointed": (
        "未授权其他人员担任，到场办理人只能是法定代表人｜请改选，或先勾选“授权其他人员担任”"
    ),
    "unit_not_active": "该单位已注销，不能申领｜请核对单位登记信息",
    "unit_certificate_expired": "该单位证书有效期至 {valid_to}，已到期｜请先办理换领或与到期换领同时申领",
    "period_reversed": "有效期止应晚于有效期起｜请核对两个日期",
    "period_over": "证书有效期已过｜请核对日期或提醒单位换领",
    "form_not_published": "本版程序没有这张表（{form}）｜请更新程序",
    "office_not_listed": "名录中没有代码为 {office} 的登记管理机关｜请核对机关代码",
    "checklist_malformed": "材料清单内容不完整或有重复｜请检查每一项的名称和勾选后再保存",
}
