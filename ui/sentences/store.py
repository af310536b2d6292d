"""Sentences for the codes of ``core/store``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "record_tampered": "记录的校验不通过，可能被改动过｜请停止使用并联系管理员，从备份恢复",
    "database_key_wrong": "数据文件损坏，或不属于本机关｜请从最近的备份恢复",
    "database_busy": "数据正被另一个程序使用｜请稍候再试，或关闭其他正在处理数据的程序",
    "disk_fault": "磁盘读写出错｜请检查磁盘后重试；仍不行请从最近的备份恢复",
    "database_damaged": "数据文件损坏，打不开｜请从最近的备份恢复",
    "attachment_missing": "扫描件文件不见了｜请重新扫描添加，或从备份恢复",
    "attachment_damaged": "扫描件文件已损坏｜请重新扫描添加，或从备份恢复",
    "database_newer": "数据由更新版本的程序写成｜请更新程序后再打开",
    "database_not_durable": "数据文件夹不支持可靠写入｜请把数据放到本机磁盘，不要放在网络盘或 U 盘",
}
