"""Sentences for the codes of ``core/documents``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "text_too_long": "“{field}”的文字太长，表格里放不下｜请缩短后再打印",
    "glyph_missing": (
        "“{field}”里的字“{character}”（{codepoint}）没有字体可以印出｜请对照证件核对该字；确需使"
        "用请联系管理员补充字体"
    ),
    "nothing_to_print": "没有可以打印的内容｜请先填写并保存",
    "form_not_printed": "这张表没有打印版式｜请更新程序",
    "pdf_unreadable": "预览没有生成｜请稍后重试",
    "printer_timeout": "打印系统没有回应｜请检查打印机是否开机、联网，然后重试",
    "print_system_missing": "这台电脑没有打印系统｜请先“另存为 PDF”，并请管理员安装打印服务",
    "printer_failed": "打印机没有接受这份文件｜请检查打印机后重试，也可先另存为 PDF",
    "printer_missing": "找不到打印机“{printer}”｜请在设置中重新选择打印机",
    "qr_too_long": "内容太长，做不成二维码｜请在设置中缩短网址后重试",
    "font_unreadable": "字体文件损坏｜请重新安装程序",
}
