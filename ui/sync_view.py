"""What the exchange with the hub looks like, as data and words; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import CHINA, from_stamp
from ui.messages import Message
from ui.screen import Chip

FIRST_WAIT, LONGEST_WAIT = 5, 300
SCANS, ACTIONS = "scans", "actions"
FORKS = ("chain_forked", "chain_broken", "epoch_old")
"""Halts that end by going on as a new generation (``core.sync.desk.FORKS``)."""


@dataclass(frozen=True)
class SyncView:
    """Where the exchange stands.

    ``linked``: a hub was chosen; ``enrolled``: it has recognised this office; ``last_sync`` a UTC stamp or
    empty; ``fault`` what went wrong last; ``rejected`` how many records the hub refused in the last cycle,
    ``open_refusals`` on how many cases or units something refused waits for a person. ``stage`` is what
    ``done`` of ``total`` counts: "actions", or "scans" in bytes. ``halt`` is the code for which this desk
    exchanges nothing, ``days`` since the last cycle (None: never) with their ``level``: fresh, old or stale.
    ``busy``: the hub has no turn for this desk and told it to come again after so many seconds.
    """

    linked: bool = False
    enrolled: bool = False
    pending: int = 0
    last_sync: str = ""
    running: bool = False
    done: int = 0
    total: int = 0
    fault: Message | None = None
    rejected: int = 0
    open_refusals: int = 0
    fingerprint: str = ""
    embedded: bool = False
    stage: str = ""
    paused: bool = False
    halt: str = ""
    halt_words: Message | None = None
    scans_waiting: int = 0
    admin: bool = False
    days: int | None = None
    level: str = ""
    busy: int = 0

    @property
    def waiting(self) -> str:
        """What waits, in words, empty when nothing does."""
        parts = [f"{self.pending} 条待同步"] if self.pending else []
        if self.scans_waiting:
            parts.append(f"{self.scans_waiting} 份扫描件待传")
        return "、".join(parts)

    @property
    def remedy(self) -> str:
        """What an administrator may do about the halt: "generation", "again", or nothing."""
        if not self.admin or not self.halt:
            return ""
        return {**dict.fromkeys(FORKS, "generation"), "log_diverged": "again"}.get(self.halt, "")


def wait_after(failures: int) -> int:
    """Return the seconds to wait after so many failures in a row: 5, 10, 20 … 300."""
    return min(LONGEST_WAIT, FIRST_WAIT << min(10, max(0, failures - 1)))


def clock_words(stamp: str) -> str:
    """Return the time of day of a UTC stamp as China's clocks show it, with the date."""
    return from_stamp(stamp).astimezone(CHINA).strftime("%m-%d %H:%M") if stamp else ""


def age_words(days: int | None, level: str) -> str:
    """Return how old the knowledge of the hub is, empty while nothing is known of it."""
    if not level or level == "fresh":
        return "平台情况在一天以内核对过。" if level else ""
    if days is None:
        return "本机还没有与平台同步过。"
    return f"平台情况是 {days} 天前的，其他窗口和上级的新情况可能还没有收到。"


def progress_words(view: SyncView) -> str:
    """Return how far a running cycle is."""
    if view.stage == SCANS:
        share = f" {min(100, view.done * 100 // view.total)}%" if view.total else ""
        return f"正在传送扫描件{share}"
    return f"正在上传记录 {view.done}/{view.total}" if view.total else "正在核对记录"


def chip_of(view: SyncView) -> Chip:
    """Return the pill of the window's heading."""
    waiting = f" · {view.pending} 条待同步" if view.pending else ""
    if view.running:
        if view.stage == SCANS and view.total:
            return Chip(f"正在传扫描件 {min(100, view.done * 100 // view.total)}%", "accent")
        share = f" {view.done}/{view.total}" if view.total else ""
        return Chip(f"正在同步{share}", "accent")
    if view.halt:
        return Chip(f"同步已停止{waiting}", "bad")
    if view.paused:
        return Chip(f"同步已暂停 · {view.waiting}" if view.waiting else "同步已暂停", "warn")
    if view.open_refusals:
        return Chip(f"{view.open_refusals} 件退回待处理{waiting}", "bad")
    if view.rejected:
        return Chip(f"{view.rejected} 条被退回{waiting}", "bad")
    if not view.linked:
        return Chip(f"单机办理{waiting}", "warn")
    if view.fault is not None:
        return Chip(f"离线可用{waiting}", "warn")
    if view.busy:
        return Chip(f"平台繁忙，稍后继续{waiting}", "accent")
    if not view.enrolled:
        return Chip(f"等待上级核准{waiting}", "warn")
    if view.pending:
        return Chip(f"待同步 {view.pending} 条", "warn")
    return Chip(f"已同步 {clock_words(view.last_sync)[-5:]}".strip(), "good")


def icon_of(view: SyncView) -> str:
    """Return the icon of the rail's entry."""
    if view.running or (view.busy and chip_of(view).tone == "accent"):
        return "refresh"
    return "cloud-check" if chip_of(view).tone == "good" else "cloud-off"


def headline(view: SyncView) -> str:
    """Return what the exchange's own dialog says first."""
    if view.running:
        return "正在与平台同步…"
    if view.halt:
        return "同步已停止。登记、打印、审核照常办理，记录保存在本机。"
    if view.paused:
        return "自动同步已暂停。需要时按 F5 同步一次；恢复后自动补传。"
    if not view.linked:
        return "尚未接入平台。申领、打印、审核照常办理，记录保存在本机。"
    if view.busy:
        return f"平台正忙，约 {view.busy} 秒后自动继续。记录都在本机，没有丢失，窗口照常办理。"
    if not view.enrolled and view.fault is None:
        return "已提出接入申请，等待上级核准。请把下面的指纹报给上级核对。"
    if view.fault is not None:
        return "这次同步没有成功。窗口照常办理，恢复后自动补传。"
    if view.pending:
        return f"有 {view.pending} 条记录等待上传。"
    return "全部记录已上传。"
