"""Sentences for the codes of ``core/sync``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "receipts_incomplete": "平台的回执不完整，这次不算送达｜稍后会自动重试",
    "hub_answer_forged": "平台的答复签名不符，没有采用｜请核对平台地址，并联系上级机关",
    "certificate_malformed": "收到的机关证书格式不对｜请联系上级机关重新发放",
    "certificate_forged": "机关证书的签名不符，没有采用｜请核对平台地址，并联系上级机关",
    "envelope_too_large": "这一批数据太大｜程序会分批重试；仍不行请联系管理员",
    "envelope_malformed": "收到的数据格式不对，没有采用｜请重试；再次出现请联系管理员",
    "protocol_unknown": "平台的版本与本程序不同｜请更新程序",
    "private_unreadable": "加密的个人信息解不开｜请联系上级机关核对密钥",
    "hub_failing": "平台暂时出错（{status}）｜可继续离线办理，稍后会自动重试",
    "hub_refused": ("平台没有接受这次请求（{status} {reason}）｜内容都在本机；请把括号中的代码告知管理员"),
    "hub_url_wrong": "平台地址写法不对｜请核对后重新填写",
    "hub_url_insecure": "http 明文不能用于别的电脑上的平台｜请改用 https 开头的地址",
    "hub_http_not_chosen": "平台地址是 http 明文｜请改用 https；只在本机试用的，请勾选允许或加 --http",
    "hub_answer_damaged": "平台的答复不完整｜可继续离线办理，稍后会自动重试",
    "hub_untrusted": "平台的安全证书不受信任，已停止连接｜请核对地址，并联系上级机关",
    "nothing_to_continue": "同步没有停止，不需要处理｜请直接同步",
    "halt_is_a_fork": (
        "本机记录与平台上的不一致，不能只是重试｜请管理员核查后，在同步窗口选择“以新一代继续”"
    ),
    "feed_gap": (
        "收到的记录不连续（本机到第 {have} 条，收到的从第 {after} 条之后开始）｜请先联网同步或取更早的介质"
    ),
    "body_encoding": "平台不认识这种压缩方式｜程序会自动改用不压缩的方式重试",
    "hub_unreachable": "连不上平台｜可继续离线办理，联网后会自动同步",
}
