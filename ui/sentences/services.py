"""Sentences for the codes of ``core/services``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "refusal_gone": "这个退回事项已经处理过了｜列表已刷新，请看其余事项",
    "refusal_sync_first": "这一件还有操作没有得到省级的答复｜请先同步一次，再来处理",
    "refusal_import_anew": "一页名册不能照原样重做｜请保留已记录的，再重新导入名册",
    "refusal_once_only": "领取码不能照原样重做｜请保留已记录的，再到“领取码”重新生成",
    "scan_unknown": "没有找到这份扫描件｜请刷新后重新添加",
    "lists_differ": "台账与原始记录不一致｜请重建台账；仍不一致请联系管理员",
    "backup_damaged": "备份文件损坏或不完整｜请换一份备份再恢复",
    "hub_start_failed": "本机平台没有启动成功｜请重试；仍不行请查看磁盘空间",
    "clock_went_back": "电脑时间比上次记录早｜请校准电脑日期和时间后重试；时间已校准的，请联网同步一次",
    "no_live_claim": "这件申请没有有效的领取码｜请先生成领取码",
    "hub_setup_failed": "本机平台没有启动成功｜请重试；仍不行请查看磁盘空间",
    "certificate_foreign": "收到的机关证书不属于本机关｜请核对平台地址后重新登记",
    "hub_changed": "平台的身份与登记时不同，已停止连接｜请与上级机关核实，切勿继续",
    "not_enrolled": "本机关还没有在平台登记｜请在设置中完成登记后再同步",
    "founder_not_admin": "首位工作人员必须是管理员｜请勾选管理员角色",
    "name_missing": "还没有填写姓名｜请填写姓名",
    "roles_missing": "至少要选一个角色｜请选择角色",
    "file_unreadable": "文件读不出来｜请检查路径和权限",
    "port_taken": "端口 {port} 已被占用｜请关闭占用它的程序，或换一个端口",
    "hub_is_embedded": (
        "这台电脑使用本机平台，不需要填写平台地址｜如要连接省级平台，请先在设置中改为联网方式"
    ),
    "ca_file_wrong": "所选文件不是可用的根证书｜请向上级机关索取 PEM 格式的根证书",
    "person_key_differs": (
        "您的密码在别的电脑上重置过，本机还是旧的签名密钥，没有保存"
        "｜请在“设置—电脑”取得新的登录资料，再用新密码登录"
    ),
    "not_a_rehearsal": "这个文件夹不是演练数据，没有删除｜请在演练登录界面重新开始演练",
    "scan_changed": "扫描件在保存期间被改动，没有附上｜请重新扫描后再附",
}
