"""Sentences for the codes of ``core/keys``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "sealed_damaged": "加密数据已损坏或不属于本处，无法打开｜请从最近的备份恢复",
    "exchange_key_damaged": "密钥资料已损坏｜请从备份恢复，或重新登记本机",
    "cipher_unsupported": "本机的加密组件太旧（缺少 {cipher}）｜请用安装包重新安装本程序",
    "wrap_damaged": "密码保护的密钥文件已损坏｜请从最近的备份恢复",
    "kdf_below_floor": (
        "密钥文件的密码保护强度低于规定，已拒绝打开。文件可能被改动｜请从备份恢复并报告管理员"
    ),
    "wrong_password": "密码不对｜请重新输入。忘记密码时请使用恢复单",
    "password_empty": "请输入密码",
    "password_too_short": "密码太短｜请至少输入 {minimum} 个字符",
    "recovery_code_wrong": "恢复码不对｜请对照恢复单逐组核对后重新输入",
    "login_taken": "这个登录名已有人使用｜请换一个登录名",
    "keyring_missing": "没有找到登录资料，可能尚未设置或文件夹不对｜请选择正确的数据文件夹，或从备份恢复",
    "keyring_damaged": "登录资料文件已损坏｜请从备份恢复",
    "data_folder_in_use": "这个文件夹里已有登记机关的数据｜请换一个空文件夹",
    "disk_readonly": "数据文件夹不能写入｜请检查文件夹权限，或换一个文件夹",
}
