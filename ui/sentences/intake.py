"""Sentences for the codes of ``core/intake``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "scan_too_large": "文件太大（上限 {limit} 字节）｜请降低扫描分辨率后重新扫描",
    "scan_too_many_pixels": "图片尺寸太大｜请降低扫描分辨率后重新扫描",
    "scan_encrypted": "这个 PDF 设有密码，无法读取｜请去掉密码或重新扫描",
    "scan_too_many_pages": "这个 PDF 有 {pages} 页，最多 {limit} 页｜请拆分后再添加",
    "scan_type_unknown": "只能添加 JPG、PNG 或 PDF 文件｜请另存为这几种格式后再添加",
    "scan_damaged": "文件已损坏，读不出来｜请重新扫描",
    "watched_folder_unreadable": "扫描文件夹打不开｜请在设置中重新选择文件夹",
    "intake_unavailable": "暂时不能检查扫描件｜请重试；仍不行请重新启动程序",
    "scan_timeout": "文件检查时间过长，已停止｜请重新扫描，或换成 JPG 再添加",
    "scan_unreadable": "文件读不出来｜请检查文件或 U 盘后重试",
}
