"""用 U 盘同步: choose the stick, write onto it or take in from it, with progress and a way to stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from core.errors import UserError
from ui.desk import Desk
from ui.files import Chooser, DialogChooser
from ui.messages import sentence
from ui.stick_view import Carried, export_words, import_words
from ui.task import CancelToken, Progress, ReportProgress, Task
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.services.session import Session

_STEPS = (
    "1. 插入 U 盘，选它的文件夹，导出。",
    "2. 把 U 盘带到上级平台收取，平台把答复写回同一个 U 盘。",
    "3. 带回本机，导入，才算办完。带丢、重复带都不会遗漏或重复。",
)


class StickDialog(QDialog):
    """Work goes on the hub lane, so that a cycle and a stick never carry at once. Closing stops it."""

    def __init__(self, parent: QWidget | None, desk: Desk, chooser: Chooser | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("用 U 盘同步")
        self.setMinimumWidth(theme().base * 40)
        self._desk, self._chooser = desk, chooser or DialogChooser()
        self._task: Task[Carried] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label("用 U 盘同步", "section"))
        for step in _STEPS:
            column.addWidget(label(step, "muted", wrap=True))
        self.folder = QLineEdit()
        self.folder.setAccessibleName("U 盘文件夹")
        self.folder.setPlaceholderText("U 盘所在的文件夹")
        self.folder.textChanged.connect(self._enable)
        self.browse = Button("选择…", on_click=self._on_browse)
        self.browse.setAccessibleName("选择 U 盘文件夹")
        line = QHBoxLayout()
        line.addWidget(self.folder, 1)
        line.addWidget(self.browse)
        column.addWidget(label("U 盘文件夹", "label", buddy=self.folder))
        column.addLayout(line)
        self.share = label("", "label")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("U 盘同步进度")
        self.outcome = Notice()
        for each in (self.share, self.bar, self.outcome):
            each.hide()
            column.addWidget(each)
        column.addSpacing(4)
        column.addLayout(self._buttons())
        self.finished.connect(self._on_closed)
        self._enable()
        self.folder.setFocus()

    def _buttons(self) -> QHBoxLayout:
        self.export = Button("导出到 U 盘", icon_name="upload", face="primary", on_click=self.run_export)
        self.take = Button("从 U 盘导入", icon_name="download", on_click=self.run_import)
        self.stop = Button("停止", on_click=self._on_stop)
        self.close_button = Button("关闭", key="Esc", on_click=self.reject)
        row = QHBoxLayout()
        row.addWidget(self.export)
        row.addWidget(self.take)
        row.addStretch(1)
        row.addWidget(self.stop)
        row.addWidget(self.close_button)
        return row

    # -- work -------------------------------------------------------------------------------------

    def _on_browse(self) -> None:
        chosen = self._chooser.folder(self, "选择 U 盘文件夹", self.folder.text())
        if chosen:
            self.folder.setText(chosen)
            self.export.setFocus()

    def run_export(self) -> None:
        """Write what the hub does not have yet."""
        self._run(writing=True)

    def run_import(self) -> None:
        """Take the hub's answers in."""
        self._run(writing=False)

    def _run(self, *, writing: bool) -> None:
        place = self.folder.text().strip()
        if self._task is not None or not place:
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Carried:
            from core.services.hub_link import request_fingerprint
            from core.services.offices import is_enrolled
            from core.services.stick import export_stick, import_stick

            enrolling = not is_enrolled(session)
            carry = export_stick if writing else import_stick
            try:
                report = carry(session, Path(place), progress, lambda: cancel.cancelled)
            except UserError as fault:
                if fault.code != "not_enrolled":
                    raise
                raise UserError("stick_not_approved") from fault
            return Carried(report, enrolling, request_fingerprint(session) if enrolling and writing else "")

        self.outcome.hide()
        task = self._desk.act(self, op, "stick")
        self._task = task
        self.share.setText("正在写入 U 盘…" if writing else "正在收取…")
        self.bar.setRange(0, 0)
        self._enable()
        task.with_progress(self._on_progress)
        task.on_success(lambda carried: self._on_done(carried, writing))
        task.on_failure(self._on_failed).on_cancelled(lambda: self._on_stopped(writing)).start("hub")

    def _on_stop(self) -> None:
        if self._task is not None:
            self.stop.setEnabled(False)
            self._task.cancel()

    def _on_closed(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    # -- how it went ------------------------------------------------------------------------------

    def _on_done(self, carried: Carried, writing: bool) -> None:
        lines = export_words(carried) if writing else import_words(carried)
        clean = not (carried.report.faults or carried.report.rejected)
        self._ended("\n".join(lines), "good" if clean else "warn")

    def _on_failed(self, error: BaseException) -> None:
        self._desk.changed.emit()  # what was taken in before it went wrong stands
        self._ended(sentence(error).whole(), "bad")

    def _on_stopped(self, writing: bool) -> None:
        self._desk.changed.emit()
        words = "已停止，U 盘上原有的内容没有变。" if writing else "已停止，收好的部分有效，可以再导入。"
        self._ended(words, "accent")

    def _ended(self, words: str, tone: str) -> None:
        self._task = None
        self.outcome.set_text(words, tone)
        self.outcome.show()
        self._enable()

    def _enable(self) -> None:
        busy, ready = self._task is not None, bool(self.folder.text().strip())
        for button in (self.export, self.take):
            button.setEnabled(ready and not busy)
        self.folder.setEnabled(not busy)
        self.browse.setEnabled(not busy)
        self.stop.setVisible(busy)
        self.stop.setEnabled(busy)
        self.bar.setVisible(busy)
        self.share.setVisible(busy)
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))
