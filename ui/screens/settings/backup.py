"""Backup: the daily one, one at will with progress and stop, and whether a file can be relied on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from ui.files import BACKUP
from ui.messages import Message, sentence
from ui.screens.settings.section import Section
from ui.sync_view import clock_words
from ui.task import CancelToken, Progress, ReportProgress, Task
from ui.widgets.buttons import Button
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.services.session import Session


class Backup(Section):
    """Back up, verify; restoring is done from the cover."""

    title = "备份与恢复"

    def build(self) -> None:
        """Three cards."""
        self._task: Task[str] | None = None
        daily = self.add_card(
            "自动备份", "每天第一次锁定或退出时自动备份一次。备份文件是加密的，请定期拷到另一台设备上。"
        )
        self.last = label("", "strong")
        daily.body.addWidget(self.last)
        self.add_folder(daily, "backup_folder", "备份文件夹", "留空则放在数据文件夹内的 backups。")
        self.keep = self.add_segments(
            daily, "keep_backups", "保留份数", ((7, "7 份"), (14, "14 份"), (30, "30 份"), (90, "90 份"))
        )
        now = self.add_card("立即备份")
        row = QHBoxLayout()
        self.make = Button("备份到…", icon_name="database-import", on_click=self._on_make)
        self.verify = Button("核对备份文件…", icon_name="list-check", on_click=self._on_verify)
        self.stop = Button("停止", on_click=self._on_stop)
        for button in (self.make, self.verify, self.stop):
            row.addWidget(button)
        row.addStretch(1)
        now.body.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("备份进度")
        now.body.addWidget(self.bar)
        self.add_card(
            "恢复",
            "恢复在登录界面进行：按 Ctrl+L 锁定，选“从备份恢复”，再选备份文件并输入当时的账号和密码。"
            "恢复前的数据会另存在旁边的文件夹，可以再换回来。",
        )
        self._busy(False)

    def refresh(self) -> None:
        """Show when the last backup was made."""
        super().refresh()
        wanted = self.desk.settings.backup_folder

        def op(session: Session) -> str:
            from core.services.backup import verify_backup
            from core.services.daily_backup import backup_folder, newest_backup

            newest = newest_backup(backup_folder(session, wanted))
            return "" if newest is None else verify_backup(newest)

        self.ask(op, self._on_last)

    def _on_last(self, stamp: str) -> None:
        self.last.setText(
            f"最近一次自动备份：{clock_words(stamp)}，已核对完好。" if stamp else "还没有自动备份。"
        )

    def _on_make(self) -> None:
        chosen = self.chooser.save(self, "备份到", "证窗备份.certdesk", BACKUP)
        if chosen:
            self.back_up(Path(chosen if chosen.endswith(".certdesk") else f"{chosen}.certdesk"))

    def back_up(self, target: Path) -> None:
        """Write a backup with progress."""

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> str:
            from core.services.backup import back_up

            return back_up(session, target, progress, lambda: cancel.cancelled).name

        self.say(None)
        self._run(
            self.desk.ask(self, op, "backup"),
            lambda name: self.say(Message("", f"已备份并核对：{name}。"), "good"),
        )

    def _on_verify(self) -> None:
        chosen = self.chooser.open(self, "选择备份文件", BACKUP)
        if not chosen:
            return

        def op(progress: ReportProgress, cancel: CancelToken) -> str:
            from core.services.backup import verify_backup

            return verify_backup(Path(chosen))

        task: Task[str] = Task(self, op, "verify backup")
        self._run(
            task, lambda stamp: self.say(Message("", f"备份完好，制作于 {clock_words(stamp)}。"), "good")
        )

    def _run(self, task: Task[str], done: object) -> None:
        self._task = task
        self._busy(True)
        task.with_progress(self._on_progress)
        task.on_success(lambda result: self._finished(done, result))
        task.on_failure(self._on_failed).on_cancelled(self._on_cancelled).start("store")

    def _finished(self, done: object, result: str) -> None:
        self._busy(False)
        if callable(done):
            done(result)

    def _on_failed(self, error: BaseException) -> None:
        self._busy(False)
        self.say(sentence(error))

    def _on_cancelled(self) -> None:
        self._busy(False)
        self.say(Message("", "已停止，没有留下不完整的备份。"), "accent")

    def _on_stop(self) -> None:
        if self._task is not None:
            self.stop.setEnabled(False)
            self._task.cancel()

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    def _busy(self, busy: bool) -> None:
        self.make.setEnabled(not busy)
        self.verify.setEnabled(not busy)
        self.stop.setVisible(busy)
        self.stop.setEnabled(busy)
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        if not busy:
            self._task = None
