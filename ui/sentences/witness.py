"""Sentences for the codes of the tamper-evident record: ``core/tlog``, ``hub/log*``, ``verify-log``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "log_diverged": (
        "平台上的记录与本机以前核对过的不一致，已停止同步｜本机记录完好，可继续离线办理；"
        "请保留本机数据，联系上级机关核查平台是否改动或恢复过旧备份"
    ),
    "log_tampered": (
        "机关 {office} 的日志核验不通过（{check}，第 {position} 条）｜请保全数据库和检查点，"
        "停止在平台上改动，报告上级机关"
    ),
    "log_damaged": (
        "平台的日志与已签名的检查点对不上，没有继续签名｜请停止改动，用 verify-log 核验后从备份恢复"
    ),
    "record_damaged": (
        "平台保存的单位资料与当初签名的不符，没有使用｜"
        "请停止改动，用 verify-log 和 hub check 查明后从备份恢复"
    ),
    "record_differs": (
        "平台有 {count} 处与办理记录不符，第一处在机关 {office} 的 {table}｜请停止改动，"
        "用 verify-log 核验记录，查明原因后从备份恢复"
    ),
    "log_missing": "这里没有防篡改日志｜请核对数据库地址或文件夹；旧版本的数据库请先由本版平台打开一次",
    "log_unknown": "没有这个机关的日志｜请核对机关编号",
    "hub_key_malformed": "平台公钥写法不对｜应为 64 位十六进制，可用 hub keys 查看",
    "checkpoint_malformed": "检查点文件格式不对｜请使用原样导出的检查点",
    "checkpoint_forged": "检查点不是这个平台对这份日志的签名｜请核对平台公钥和检查点来自哪个机关",
    "checkpoint_newer": "这份检查点比本机的日志新｜请先同步一次",
    "proof_none": "本机的日志里还没有这项办理｜请先同步一次；被退回的办理不会入账",
    "proof_malformed": "入账证明的格式不对｜请使用原样导出的文件",
    "proof_wrong": "入账证明不成立：这项办理不在检查点所指的日志里｜请保全文件，报告上级机关",
    "proof_elsewhere": (
        "入账证明所用的检查点不是给出的这一份｜请用 checkpoint proof --under 按留存的检查点重新导出"
    ),
    "checkpoint_none": "还没有核对过的检查点｜请先同步一次",
}
