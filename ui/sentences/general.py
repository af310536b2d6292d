"""Sentences for what may happen in any room: disk, network, time, unknown codes."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "cancelled": "已取消。",
    "disk_full": "磁盘已满，没有写入任何内容。｜请清理磁盘后重试，已填写的内容仍保留。",
    "folder_read_only": "数据文件夹不能写入。｜请检查文件夹权限，或联系管理员。",
    "not_permitted": "您的角色不能办理此项。｜请由有权限的人员登录后办理。",
    "not_found": "没有找到这条记录。｜它可能已被移走，请刷新列表后重试。",
    "resource_missing": "程序文件不完整（缺少 {name}）｜请重新安装程序",
}
