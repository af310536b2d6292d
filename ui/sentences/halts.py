"""What is said while a desk has stopped exchanging (``core.sync.desk.Halt``): why, and who does what."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "halt_chain_forked": (
        "平台上已有这台电脑的另一份记录，可能恢复过旧备份或复制过数据，已停止同步"
        "｜请先核实只有这一台在用，再由管理员登录后选“以新一代继续”"
    ),
    "halt_chain_broken": (
        "这台电脑的记录与平台上的前后不衔接，可能恢复过旧备份，已停止同步"
        "｜请先核实只有这一台在用，再由管理员登录后选“以新一代继续”"
    ),
    "halt_epoch_old": (
        "这台电脑的数据在别处恢复过，那一份已经在与平台往来，这一份已停止同步"
        "｜请先核实以哪一份为准；确定用这一份，由管理员登录后选“以新一代继续”"
    ),
    "halt_chain_gap": (
        "平台缺少这台电脑较早的记录，已停止上传｜本机记录完好；请联系上级机关，平台恢复后会自动续传"
    ),
    "halt_device_revoked": (
        "上级已停用这台电脑，不能再同步｜没有上传的记录仍在本机；请联系上级机关，恢复后会自动继续"
    ),
    "halt_log_diverged": (
        "平台的记录与本机核对过的不一致，已停止同步"
        "｜请保留本机数据，联系上级机关核查；查清后由管理员登录后选“重新核对”"
    ),
    "halt_other": "已停止同步｜本机记录完好，照常办理；请联系管理员或上级机关",
}
