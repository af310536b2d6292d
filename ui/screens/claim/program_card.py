"""Step 1: the phone program of 附件2, before the claim code. Its name, phones and address are settings."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.customer_view import Matrix
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.notice import Notice
from ui.widgets.qr_view import QrView

NO_PROGRAM_NEEDED = "领取页面不需要安装程序：任何手机浏览器均可扫码领取。"


@dataclass(frozen=True)
class ProgramState:
    """The settings; ``matrix`` is empty while the code is drawn or when there is no address."""

    name: str
    phones: str
    url: str
    matrix: Matrix = ()
    problem: str = ""


class ProgramCard(Card):
    """Open before a code is minted; folded afterwards, so that two codes never stand side by side."""

    print_requested = Signal()
    save_requested = Signal()
    settings_requested = Signal()

    def __init__(self) -> None:
        super().__init__("手机程序", 1)
        self._state = ProgramState("", "", "")
        self.qr = QrView(pixels_per_module=3)
        self.qr.setAccessibleName("手机程序下载二维码")
        self._title = label(role="strong")
        self._phones = label(role="muted", wrap=True)
        self._url = ElidedLabel(role="hint")
        self._no_need = label(NO_PROGRAM_NEEDED, wrap=True)
        self._unset = Notice("", "warn")
        self.to_settings = Button("去设置", face="quiet", on_click=self.settings_requested.emit)
        self._unset.add_button(self.to_settings)
        words = QVBoxLayout()
        words.setSpacing(4)
        for each in (self._title, self._phones, self._no_need, self._url, self._unset):
            words.addWidget(each)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._inside = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        self._inside.setLayout(row)
        self.body.addWidget(self._inside)
        self.printer = Button("打印", icon_name="printer", face="quiet", on_click=self.print_requested.emit)
        self.saver = Button("另存…", icon_name="download", face="quiet", on_click=self.save_requested.emit)
        self.fold_button = Button("收起", face="quiet", on_click=lambda: self.fold(not self.folded))
        for button in (self.printer, self.saver, self.fold_button):
            self.add_to_heading(button)
        self.printer.setAccessibleName("打印手机程序下载二维码")
        self._fit()
        theme().changed.connect(self._fit)

    @property
    def folded(self) -> bool:
        """Whether only the heading shows."""
        return self._inside.isHidden()

    def fold(self, away: bool) -> None:
        """Show the heading alone, or everything."""
        self._inside.setVisible(not away)
        self.fold_button.set_caption("展开" if away else "收起")

    def show_state(self, state: ProgramState) -> None:
        """Show the settings."""
        self._state = state
        name = state.name or "手机程序"
        self._title.setText(f"申请人需要时，先扫码下载“{name}”")
        self._phones.setText(f"支持的手机：{state.phones}" if state.phones else "支持的手机：未设置")
        self._url.set_text(state.url)
        self._url.setVisible(bool(state.url))
        missing = "未设置下载地址。请到“设置 → 机关与手机程序”填写后，这里显示下载二维码并可打印。"
        problem = state.problem or ("" if state.url else missing)
        self._unset.set_text(problem, "warn")
        self._unset.setVisible(bool(problem))
        self.qr.set_matrix(state.matrix)
        self.qr.setVisible(bool(state.matrix))
        for button in (self.printer, self.saver):
            button.setEnabled(bool(state.url) and not state.problem)
            button.setToolTip("" if state.url else "未设置下载地址")

    def _fit(self) -> None:
        side = round(size("body") * 8.6)
        self.qr.setFixedSize(side, side)
