"""Sentences for the codes of ``core/claims``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "code_malformed": "二维码内容不完整或被改动｜请到窗口重新出示二维码",
    "code_expired": "领取码已过期（{minutes} 分钟前）｜请到窗口换发新码",
    "code_from_future": "登记机关电脑的时间快了约 {minutes} 分钟｜请工作人员校准时间后换发新码",
    "code_lifetime": "领取码的有效时间超过规定｜请工作人员更新程序后换发新码",
    "issuer_wrong": (
        "发证服务地址不对。须以 https:// 开头（本机除外），小写，结尾不带斜杠，不含问号、百分号和加号"
    ),
    "issuer_too_long": (
        "发证服务地址有 {length} 个字符，最多 {limit} 个，否则二维码太密难以扫描｜请换用较短的域名"
    ),
    "offer_too_long": "二维码内容有 {length} 个字符，超过上限 {limit}｜请缩短发证服务地址",
    "short_code_wrong": "八位领取码不对｜请对照屏幕逐位核对后重新输入",
}
