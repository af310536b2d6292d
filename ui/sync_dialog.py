"""The exchange with the hub in words: what waits, what is wrong, what to do, and try again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ui.files import Chooser, DialogChooser
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.stick_dialog import StickDialog
from ui.sync_strip import SyncStrip
from ui.sync_view import SyncView, age_words, clock_words, headline, progress_words
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.confirm import Question, ask
from ui.widgets.labels import label
from ui.widgets.notice import Notice

Ask = Callable[[QWidget | None, Question], bool]


class SyncDialog(QDialog):
    """Not modal: work goes on beside it. Esc closes, F5 syncs, the buttons by Tab."""

    def __init__(
        self,
        parent: QWidget | None,
        strip: SyncStrip,
        navigator: Navigator | None = None,
        *,
        ask_first: Ask = ask,
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("同步")
        self.setMinimumWidth(theme().base * 40)
        self._strip, self._navigator = strip, navigator
        self._ask_first, self._chooser = ask_first, chooser or DialogChooser()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label("与平台同步", "section"))
        self.headline = label(wrap=True)
        self.facts = label("", "muted", wrap=True)
        self.age = label("", "muted", wrap=True)
        self.share = label("", "label")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("同步进度")
        self._make_notices()
        for each in (self.headline, self.facts, self.age, self.share, self.bar, self.said, self.notice,
                     self.refusals):  # fmt: skip
            column.addWidget(each)
        column.addSpacing(4)
        column.addLayout(self._buttons())
        QShortcut(QKeySequence("F5"), self).activated.connect(strip.sync_now)
        strip.changed.connect(self.show_view)
        self.show_view(strip.view)
        self.close_button.setFocus()

    def _make_notices(self) -> None:
        self.said, self.notice, self.refusals = Notice(), Notice("", "warn"), Notice("", "bad")
        self.said.hide()
        self.go_on = Button("以新一代继续…", on_click=self._on_go_on)
        self.notice.add_button(self.go_on)
        self.settle = Button("去处理", on_click=self._on_settle)
        self.refusals.add_button(self.settle)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.stop = Button("停止", on_click=self._strip.stop)
        self.pausing = Button("暂停自动同步", on_click=self._on_pausing)
        self.stick = Button("U 盘同步…", icon_name="usb", on_click=self.open_stick)
        self.again = Button("立即同步", key="F5", face="primary", on_click=self._strip.sync_now)
        self.close_button = Button("关闭", key="Esc", on_click=self.reject)
        for button in (self.pausing, self.stick):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.stop, self.close_button, self.again):
            row.addWidget(button)
        return row

    # -- showing ----------------------------------------------------------------------------------

    def show_view(self, view: SyncView) -> None:
        """Show where the exchange stands."""
        self._view = view
        self.headline.setText(headline(view))
        self.facts.setText("　·　".join(_facts(view)))
        age = age_words(view.days, view.level)
        self.age.setVisible(bool(age))
        self.age.setText(age)
        self.share.setVisible(view.running)
        self.share.setText(progress_words(view))
        self.bar.setVisible(view.running)
        # Bytes of many scans pass what a progress bar counts to.
        self.bar.setRange(0, 1000 if view.total else 0)
        self.bar.setValue(min(1000, view.done * 1000 // view.total) if view.total else 0)
        self.stop.setVisible(view.running)
        self.again.setEnabled(not view.running)
        self.pausing.setVisible(view.linked)
        self.pausing.set_caption("恢复自动同步" if view.paused else "暂停自动同步")
        self.stick.setVisible(not view.embedded)
        words, tone = _notice(view)
        self.notice.setVisible(bool(words))
        if words:
            self.notice.set_text(words, tone)
        self.go_on.setVisible(bool(view.remedy))
        self.go_on.setEnabled(not view.running)
        self.go_on.set_caption("重新核对" if view.remedy == "again" else "以新一代继续…")
        self.refusals.setVisible(bool(view.open_refusals))
        self.refusals.set_text(f"{view.open_refusals} 件退回事项等待处理。", "bad")
        self.settle.setVisible(self._navigator is not None)
        self._fit()

    def say(self, message: Message, tone: str = "bad") -> None:
        """Show how something a person decided went."""
        self.said.set_text(message.whole(), tone)
        self.said.show()
        self._fit()

    def _fit(self) -> None:
        # Lines come and go with the state; a dialog that keeps the tallest one's height looks broken.
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    # -- what a person decides --------------------------------------------------------------------

    def _failed(self, error: BaseException) -> None:
        self.say(sentence(error))

    def _on_pausing(self) -> None:
        self.said.hide()
        self._strip.set_paused(not self._view.paused, self._failed)

    def open_stick(self) -> None:
        """Open 用 U 盘同步."""
        dialog = StickDialog(self, self._strip.desk, self._chooser)
        dialog.open()
        self.stick_dialog = dialog

    def _on_settle(self) -> None:
        if self._navigator is not None:
            self._navigator.open_refusals()
            self.reject()

    def _on_go_on(self) -> None:
        self.said.hide()
        question = _generation_question(self._view) if self._view.remedy == "generation" else None
        if question is None or self._ask_first(self, question):
            self._strip.end_halt(self._on_gone_on, self._failed)

    def _on_gone_on(self, given_up: int) -> None:
        words = f"{given_up} 条未上传的记录已成为退回事项，请逐件处理。" if given_up else "已恢复，正在同步。"
        self.say(Message("", words), "warn" if given_up else "good")


def _generation_question(view: SyncView) -> Question:
    lost = view.halt != "epoch_old"
    what = (
        f"本机未上传的 {view.pending} 条记录不再上传，成为退回事项，由经办人逐件重新办理。"
        if lost and view.pending
        else "本机未上传的记录会从新一代补传，能否采用由平台核对。"
    )
    return Question(
        "以新一代继续",
        "本机将以新的一代与平台往来。请先核实没有另一台电脑在用同一份数据。",
        "以新一代继续",
        (what, "已上传的记录不受影响"),
        danger=True,
    )


def _facts(view: SyncView) -> list[str]:
    facts = [f"待上传 {view.pending} 条"]
    if view.scans_waiting:
        facts.append(f"扫描件 {view.scans_waiting} 份待传")
    if view.last_sync:
        facts.append(f"上次同步 {clock_words(view.last_sync)}")
    if view.embedded:
        facts.append("平台在本机运行")
    return facts


def _notice(view: SyncView) -> tuple[str, str]:
    if view.halt_words is not None:
        return view.halt_words.whole(), "bad"
    if view.fault is not None:
        return view.fault.whole(), "warn"
    if view.rejected and not view.open_refusals:
        return f"平台退回了 {view.rejected} 条记录，请到“受理台账”查看标为“被退回”的事项。", "bad"
    if view.fingerprint:
        return f"接入申请指纹（请报给上级核对）：{view.fingerprint}", "accent"
    return "", "accent"
