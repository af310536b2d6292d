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
    "data_folder_unusable": "数据文件夹不能使用｜请检查文件夹是否存在、能否写入",
    "write_failed": "文件没有写成｜请检查磁盘空间和权限后重试，已填写的内容仍保留",
    "setting_invalid": "设置项“{key}”的值不正确｜请修改后再保存",
    "settings_unreadable": "设置文件读不出来｜请检查数据文件夹权限后重试",
    "settings_damaged": "设置文件已损坏，已另存一份并改用默认设置｜请到设置中检查一遍",
    "file_exists": "目标文件已存在，没有覆盖｜请换一个文件名",
    "input_too_large": "文件太大（上限 {limit} 字节）｜请拆分后重试",
    "input_malformed": "文件内容的格式不对｜请对照说明修改后重试",
    "paper_unknown": "材料清单里没有这一项｜请核对材料名称",
    "lines_refused": "有 {count} 行没有通过｜请按逐行说明改正后重试",
    "role_unknown": "没有这个角色｜请核对角色名称",
    "recovery_beside_data": "恢复单不能放在数据文件夹里｜请换一个位置保存",
    "file_unwritable": "文件没有写成｜请检查文件夹权限和磁盘空间",
    "data_folder_missing": "没有找到数据文件夹｜请核对路径，或先设立登记机关",
    "actions_rejected": "有 {count} 条记录被平台退回｜请到“退回事项”中逐条处理",
    "offer_malformed": "领取码内容不完整｜请重新扫描",
    "wallet_answer_malformed": "平台的答复格式不对｜请稍后重试",
    "claim_deferred": "申请资料还在送往平台的途中｜请稍候再试，领取码不会因此失效",
    "hub_gone": "本机平台已停止｜请重新启动程序后重试",
    "certificate_differs": "领到的证书与登记内容不一致｜请停止使用并联系登记机关",
    "desk_locked": "窗口已锁定，这一步没有办理｜请输入密码解锁后重试",
    "verb_unknown": "没有这个动词｜请用 app.py --help 查看全部动词",
    "reason_unknown": "没有这个原因代码，可用的有：{reasons}",
    "draft_gone": "这份草稿已不存在，可能已经归档或放弃｜请重新调出单位填写",
}
