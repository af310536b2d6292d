"""The exchange with the hub in words: what waits, what is wrong, what to do, and try again."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ui.sync_strip import SyncStrip
from ui.sync_view import SyncView, clock_words, headline
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notice import Notice


class SyncDialog(QDialog):
    """Not modal: work goes on beside it."""

    def __init__(self, parent: QWidget | None, strip: SyncStrip) -> None:
        super().__init__(parent)
        self.setWindowTitle("同步")
        self.setMinimumWidth(460)
        self._strip = strip
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label("与平台同步", "section"))
        self.headline = label(wrap=True)
        self.facts = label("", "muted", wrap=True)
        self.notice = Notice("", "warn")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("同步进度")
        for each in (self.headline, self.facts, self.bar, self.notice):
            column.addWidget(each)
        row = QHBoxLayout()
        self.stop = Button("停止", on_click=strip.stop)
        self.again = Button("立即同步", key="F5", face="primary", on_click=strip.sync_now)
        self.close_button = Button("关闭", key="Esc", on_click=self.reject)
        row.addWidget(self.stop)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.again)
        column.addLayout(row)
        strip.changed.connect(self.show_view)
        self.show_view(strip.view)
        self.close_button.setFocus()

    def show_view(self, view: SyncView) -> None:
        """Show where the exchange stands."""
        self.headline.setText(headline(view))
        facts = [f"待上传 {view.pending} 条"]
        if view.last_sync:
            facts.append(f"上次同步 {clock_words(view.last_sync)}")
        if view.embedded:
            facts.append("平台在本机运行")
        self.facts.setText("　·　".join(facts))
        self.bar.setVisible(view.running)
        self.bar.setRange(0, view.total)
        self.bar.setValue(view.done)
        self.stop.setVisible(view.running)
        self.again.setEnabled(not view.running)
        words, tone = _notice(view)
        self.notice.setVisible(bool(words))
        if words:
            self.notice.set_text(words, tone)


def _notice(view: SyncView) -> tuple[str, str]:
    if view.fault is not None:
        return view.fault.whole(), "warn"
    if view.rejected:
        return f"平台退回了 {view.rejected} 条记录，请到“受理台账”查看标为“被退回”的事项。", "bad"
    if view.fingerprint:
        return f"接入申请指纹（请报给上级核对）：{view.fingerprint}", "accent"
    return "", "accent"
