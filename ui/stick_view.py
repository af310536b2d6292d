"""What a stick's report says in words; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from ui.messages import sentence

if TYPE_CHECKING:
    from core.services.stick import StickFault, StickReport

MOST_FAULTS = 5


@dataclass(frozen=True)
class Carried:
    """A report, and whether the office had no certificate yet (then ``fingerprint`` names its request)."""

    report: StickReport
    enrolling: bool = False
    fingerprint: str = ""


def export_words(carried: Carried) -> tuple[str, ...]:
    """Return what an export wrote, and what to do next."""
    report = carried.report
    if carried.enrolling:
        return (
            "已把接入申请写到 U 盘。",
            f"接入申请指纹（请用电话报给上级核对）：{carried.fingerprint}",
            "请安全弹出 U 盘，带到上级平台；核准后再带回本机导入。",
        )
    return (
        f"已写入 {report.files} 个文件：记录 {report.actions} 条，扫描件 {report.scans} 份。",
        "请安全弹出 U 盘，带到上级平台收取，再带回本机导入。带回之前，这些记录仍算待上传。",
        *_faults(report.faults),
    )


def import_words(carried: Carried) -> tuple[str, ...]:
    """Return what an import took in, what it did not, and what still waits."""
    report = carried.report
    if carried.enrolling:
        return ("上级已核准接入，本机已收下机关证书。", "请再导出一次，把待上传的记录带到平台。")
    lines = [
        f"已收取 {report.files} 个文件：确认 {report.actions} 条，扫描件 {report.scans} 份，"
        f"新收到 {report.pulled} 条。"
    ]
    if report.rejected:
        lines.append(f"平台退回了 {len(report.rejected)} 条，请到“退回事项”处理。")
    if report.foreign:
        lines.append(f"另有 {report.foreign} 个文件是给其他电脑的，没有动。")
    waiting = f"还有 {report.pending} 条待上传，请再导出一次。"
    lines.append(waiting if report.pending else "本机记录已全部上传。")
    return (*lines, *_faults(report.faults))


def _faults(faults: tuple[StickFault, ...]) -> list[str]:
    lines = [
        f"{fault.file.rpartition('/')[2]}：{sentence(EnvironmentFault(fault.code, **fault.params)).whole()}"
        for fault in faults[:MOST_FAULTS]
    ]
    if len(faults) > MOST_FAULTS:
        lines.append(f"另有 {len(faults) - MOST_FAULTS} 个文件没有收下。")
    return lines
