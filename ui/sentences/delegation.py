"""Sentences for authorisations and showing: what the hub refuses of them."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "delegation_malformed": "授权的内容看不懂｜请刷新页面后重新填写",
    "delegation_not_allowed": "使用人不能再授权他人｜请由第一管理责任人或管理人办理",
    "delegation_manager_not_allowed": "管理人不能再指定管理人｜请由第一管理责任人办理",
    "delegation_name_wrong": "姓名没有填好｜请填写被授权人身份证上的姓名",
    "delegation_id_number_wrong": "身份证号码不对｜请对照身份证核对十八位号码",
    "delegation_matters_wrong": "没有选好授权事项｜请选择全部事项，或至少选择一项",
    "delegation_matter_unlisted": "所选事项已不在应用场景清单中｜请刷新授权管理页，重新选择",
    "delegation_matters_beyond": "授权事项超出了您自己的范围｜请只选择您有权办理的事项",
    "delegation_period_wrong": "授权期限不对｜请填写起止日期，止期不早于起期",
    "delegation_period_past": "授权起期已经过去｜请从今天或以后开始",
    "delegation_period_beyond": "授权期限超出了您自己的期限｜最晚到 {last}，请改短",
    "delegation_period_long": "授权期限太长｜最多 {limit} 天，请改短；到期可再次授权",
    "delegation_person_twice": "此人已有授权｜如需更改，请先撤销原授权再重新授权",
    "delegation_managers_full": "管理人已满 {limit} 名｜请先撤销不再需要的授权",
    "delegation_users_full": "使用人已满 {limit} 名｜请先撤销不再需要的授权",
    "delegation_unknown": "没有找到这项授权｜请刷新后重试",
    "delegation_not_yours": "只有授权人或其上级可以撤销｜请由他们办理",
    "delegation_ended": "这项授权已经终止｜请刷新后查看；仍需要的，请重新授权",
    "delegation_claimed": "这项授权已在手机上领取，不能更改｜如需更改，请撤销后重新授权",
    "credential_void": "证书或授权已失效｜请向授权人或登记窗口了解",
    "credential_suspended": "证书或授权已暂停使用｜请向登记窗口了解",
    "shown_expired": "出示的二维码已过期｜请对方刷新后重新出示",
    "limit_wrong": "设置“{name}”超出范围（0 到 {most}）｜请改后再试",
}
