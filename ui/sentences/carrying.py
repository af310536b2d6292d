"""Sentences for what is carried: scans on their own lane, and everything by USB stick."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "scan_not_here_yet": "这份扫描件还没有传到本机｜请先同步；仍没有，请在附上它的那台电脑上同步一次",
    "scan_differs": "收到的扫描件与当时登记的不是同一份，没有采用｜请在附上它的那台电脑上重新同步",
    "scan_refused": "这份扫描件三次送达都与登记的不符，平台不再接收｜请重新扫描并重新办理核准",
    "scan_erased": "这一件的个人信息已依规删除，扫描件不再传送｜无需处理",
    "scan_stuck": "扫描件传送停在中途｜稍后会自动重试；一直不动请联系上级机关",
    "scan_quota": "本机关在平台的扫描件容量已满｜请联系上级机关扩容，其他业务照常同步",
    "scan_chunk_wrong": "扫描件的一段数据格式不对，平台没有收下｜请重新同步；再次出现请联系管理员",
    "scan_size_differs": "扫描件在传送途中变了大小，平台没有收下｜请重新同步；再次出现请重新扫描",
}
