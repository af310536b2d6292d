"""Sentences for what a hub refuses."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "claim_refused": "平台没有接受这次领取｜请到窗口更换领取码",
    "transaction_unknown": "没有找到这次领取的记录｜请重新扫码领取",
    "notification_unknown": "没有找到这次通知对应的领取｜请忽略，或重新扫码",
    "request_stale": "电脑时间与平台相差 {seconds} 秒｜请校准电脑日期和时间后重试",
    "device_unknown": "平台还没有这台电脑的登记｜请先在核准它的那台电脑上同步一次，再到这里同步",
    "signed_with_former_key": "办理人的密码重置过，这条是用换掉的签名密钥签的｜请核对后重新办理，或保留现状",
    "signature_wrong": "签名校验不通过，没有采用｜请重试；再次出现请联系管理员",
    "device_revoked": "这台电脑已被停用，不能同步，领取码也不再有效｜请改用本机关其他电脑，并联系上级机关",
    "batch_too_large": "这一批记录太多（上限 {limit}）｜程序会分批重试",
    "epoch_old": (
        "这台设备的备份已在别处恢复并使用，本机已停止同步｜请管理员核查后，在同步窗口选择“以新一代继续”"
    ),
    "algorithm_unknown": "签名算法不被平台支持｜请更新程序",
    "database_url_unknown": "数据库地址写法不对｜请核对后重试",
    "database_unreadable": "平台数据库打不开｜请检查数据库服务和权限",
    "enrolment_malformed": "登记申请的内容不完整｜请重新提交登记申请",
    "enrolment_forged": "登记申请的签名不符｜请在原设备上重新提交",
    "rehearsal_mismatch": "演练与正式环境不能混用｜请核对平台地址",
    "enrolment_unknown": "没有找到这份登记申请｜请核对文件或指纹",
    "enrolments_full": "待处理的登记申请太多｜请稍后再试，或联系上级机关",
    "glyphs_wrong": "请求的字太多或写法不对｜请刷新页面重试",
    "glyphs_missing": "没有这些字的字形｜请联系登记机关",
    "too_many": "尝试次数太多｜请稍后再试",
    "key_file_unwritable": "密钥文件没有写成｜请检查文件夹权限和磁盘空间",
    "key_file_missing": "没有找到平台密钥文件｜请核对路径，或从备份恢复",
    "key_file_open": "密钥文件的权限太宽，别人也能读取｜请改为仅本人可读后重试",
    "key_file_damaged": "密钥文件已损坏｜请从备份恢复",
    "device_foreign": "这条记录不是由该设备写成｜请在原设备上重新提交",
    "action_too_large": "这条记录太大（上限 {limit} 字节）｜请精简备注后重新提交",
    "action_changed": "同一条记录有两个不同的内容，平台没有采用｜请联系管理员核查",
    "subject_erased": "相关个人信息已按规定销毁｜如需办理，请重新受理",
    "version_conflict": "别处刚办理过同一件｜请刷新，核对最新情况后再办理",
    "action_from_future": "记录的时间比平台早走了 {seconds} 秒｜请校准电脑时间后重试",
    "tls_unreadable": "安全证书文件读不出来｜请核对路径和权限",
    "tls_and_http": "不能同时使用安全证书和明文方式｜请只选一种",
    "tls_required": "对外服务必须使用安全证书｜请提供证书，或只在本机使用",
    "http_not_loopback": "明文方式只能在本机使用｜请改用 https，或改为本机地址",
    "address_unusable": "这个监听地址不能使用｜请核对地址",
    "root_unwritable": "根证书文件没有写成｜请检查文件夹权限",
    "hub_exists": "这里已经设立过平台｜请直接启动，或换一个数据库",
    "hub_missing": "平台还没有设立｜请先运行平台初始化",
    "claim_expired": "领取码已过期｜请生成新的领取码",
    "short_wrong": "八位领取码不对｜请核对后重新输入",
    "short_unknown": "没有找到这个八位领取码，可能已过期｜请到窗口更换",
    "reverse_wrong": "手机上的短码输错了｜请对照手机屏幕逐位核对后重新输入",
    "reverse_unknown": "没有手机在显示这个短码，或已过期｜请在手机上重新显示短码",
    "reverse_used": "这部手机已收到另一个领取码｜请在手机上重新显示短码，再试一次",
    "reverse_gone": "手机上的短码已过期｜请在手机上重新显示短码",
    "tls_unwritable": "安全证书文件没有写成｜请检查文件夹权限和磁盘空间",
    "usage": "命令写法有误：{why}｜请用 app.py --help 查看写法",
    "chain_gap": (
        "平台缺少这台设备较早的记录（应从第 {seq} 条续传）｜请联系平台管理员，核查平台是否恢复过旧备份"
    ),
    "chain_broken": (
        "这台设备的记录与平台上的前后不衔接，本机已停止同步"
        "｜请管理员核查是否恢复过旧备份，再在同步窗口选择“以新一代继续”"
    ),
    "chain_forked": (
        "平台上已有这台设备的另一条同号记录，本机已停止同步"
        "｜请管理员核查是否恢复过旧备份或复制过数据，再在同步窗口选择“以新一代继续”"
    ),
    "body_malformed": "请求内容看不懂｜请刷新页面重试",
    "body_too_large": "请求内容太大（上限 {limit} 字节）｜请分批重试",
    "hub_busy": "平台正忙｜请过一会儿再试，已办理的内容不会丢失",
    "hub_failed": "平台出了故障｜请稍后重试；一直这样请联系平台管理员",
    "hub_unavailable": "平台暂时不能使用数据库｜请稍后重试；一直这样请联系平台管理员",
    "database_failed": "平台的数据库没有应答｜请稍后重试；一直这样请联系平台管理员",
    "desk_outdated": "省级平台有本程序旧版读不懂的新记录｜请更新程序后再同步，已办理的内容不会丢失",
}
