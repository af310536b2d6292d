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
    "stick_gone": "U 盘读写不了，可能已被拔出｜请插好 U 盘再试；U 盘上原有的内容仍然有效",
    "stick_empty": "U 盘上没有同步数据｜请确认插的是同步用的 U 盘，并先在另一端导出",
    "stick_damaged": "U 盘上的这个文件已损坏，没有采用｜其余文件照常收取；请重新导出后再带一次",
    "stick_foreign": "U 盘上的这个文件不是给这里的，没有采用｜请不要改动 U 盘上的文件；请重新导出",
    "stick_not_approved": (
        "U 盘上还没有给本机的核准｜请确认带回的是本机导出过的 U 盘，并请上级核准、收取后再导入"
    ),
    "stick_gap": "U 盘上缺少这个文件，它后面的内容可能要等下一次｜请重新导出后再带一次，不会重复也不会遗漏",
    "stick_again": "本机与平台的记录对不上，将从头核对一遍｜请再导出一次并带到平台",
    "stick_incomplete": "U 盘上有 {count} 个文件没有收下｜其余已收好；请按列出的原因重新导出后再带一次",
}
