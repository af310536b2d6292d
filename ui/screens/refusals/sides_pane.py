"""Both sides of one item: why, what was done here and what stands there, values beside each other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.screens.refusals.state import DeedLine, ItemView, PairLine
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.fact_grid import HoldButton
from ui.widgets.labels import Picture, chip, label, restyle
from ui.widgets.notice import Notice
from ui.widgets.refill import refill

MINE, THEIRS = "本机的（没有采用）", "省级已记录的"


def _top_left(widget: QLabel) -> QLabel:
    widget.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return widget


class PairGrid(QWidget):
    """Label, mine, theirs. What differs is marked by ground, sign and weight; equal rows can be shown."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        for column, share in ((1, 2), (2, 3), (3, 3)):
            self._grid.setColumnStretch(column, share)
        self._values: list[tuple[PairLine, QLabel, QLabel]] = []
        self._equal: list[QWidget] = []

    def show_pairs(self, pairs: tuple[PairLine, ...], *, equal: bool) -> None:
        """Show the values, covered; those that are the same on both sides only when ``equal``."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._values = []
        for column, words in ((2, "本机的"), (3, "省级的")):
            self._grid.addWidget(label(words, "column"), 0, column)
        row = 1
        for pair in sorted(pairs, key=lambda each: not each.differs):
            if pair.differs or equal:
                self._add(pair, row)
                row += 1

    def _add(self, pair: PairLine, row: int) -> None:
        if pair.differs:
            self._grid.addWidget(frame("differs"), row, 0, 1, 4)
            sign = label("≠", "strong", tone="warn")
            sign.setAccessibleName("不同")
        else:
            sign = label("＝", "hint")
            sign.setAccessibleName("相同")
        role = "strong" if pair.differs else "muted"
        name = label(pair.label, "label", wrap=True)
        mine, theirs = label(pair.mine or "—", role, wrap=True), label(pair.theirs or "—", role, wrap=True)
        mine.setAccessibleName(f"{pair.label}，本机：{pair.mine or '空'}")
        theirs.setAccessibleName(f"{pair.label}，省级：{pair.theirs or '空'}")
        for column, cell in enumerate((sign, name, mine, theirs)):
            cell.setContentsMargins(8 if column == 0 else 0, 5, 8 if column == 3 else 0, 5)
            self._grid.addWidget(_top_left(cell), row, column)
        self._values.append((pair, mine, theirs))

    def reveal(self, on: bool) -> None:
        """Show what is covered, or cover it; the accessible names keep to what is covered."""
        for pair, mine, theirs in self._values:
            mine.setText((pair.mine_clear if on else pair.mine) or "—")
            theirs.setText((pair.theirs_clear if on else pair.theirs) or "—")

    def texts(self) -> tuple[tuple[str, str, str], ...]:
        """Return label and both values as they stand on screen."""
        return tuple((pair.label, mine.text(), theirs.text()) for pair, mine, theirs in self._values)


def _side(title: str, deeds: tuple[DeedLine, ...], nothing: str, icon: str, token: str) -> QFrame:
    box = frame("side")
    column = QVBoxLayout(box)
    column.setContentsMargins(14, 10, 14, 12)
    column.setSpacing(8)
    heading = QHBoxLayout()
    heading.setSpacing(8)
    heading.addWidget(Picture(icon, token))
    heading.addWidget(label(title, "column"), 1)
    column.addLayout(heading)
    for deed in deeds:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(deed.what, "strong", wrap=True))
        words.addWidget(label(deed.by, "hint", wrap=True))
        column.addLayout(words)
    if not deeds:
        column.addWidget(label(nothing, "muted", wrap=True))
    column.addStretch(1)
    spoken = "；".join(f"{deed.what}，{deed.by}" for deed in deeds) or nothing
    box.setAccessibleName(f"{title}：{spoken}")
    return box


class SidesPane(QFrame):
    """``show_item`` in; ``back_requested`` out (narrow windows show the pane instead of the list)."""

    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("face", "card")
        self.setAccessibleName("退回事项详情")
        self.shown: ItemView | None = None
        self.back = Button("返回列表", key="Esc", icon_name="arrow-left", face="quiet")
        self.back.clicked.connect(self.back_requested)
        self.back.hide()
        self.grid = PairGrid()
        self.hold = HoldButton()
        self.hold.held.connect(self.grid.reveal)
        self.equal = Button("", face="quiet")
        self.equal.setCheckable(True)
        self.equal.toggled.connect(self._on_equal)
        for button in (self.hold, self.equal):
            restyle(button, low=True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("退回事项详情")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self._scroll, 1)
        self._lay_out()
        theme().changed.connect(self._fit)
        self._fit()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        self._title, self._subtitle = label(role="section", wrap=True), label(role="subtitle", wrap=True)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        head.addLayout(self._chips)
        column.addLayout(head)
        self._reason = Notice("", "bad")
        column.addWidget(self._reason)
        self._sides = QHBoxLayout()
        self._sides.setSpacing(12)
        column.addLayout(self._sides)
        self._choices = QVBoxLayout()
        self._choices.setSpacing(6)
        column.addLayout(self._choices)
        self._values = QWidget()
        values = QVBoxLayout(self._values)
        values.setContentsMargins(0, 0, 0, 0)
        values.setSpacing(6)
        values.addWidget(frame("line"))
        values.addSpacing(4)
        heading = QHBoxLayout()
        self._count = label(role="section")
        heading.addWidget(self._count, 1)
        heading.addWidget(self.equal)
        heading.addWidget(self.hold)
        values.addLayout(heading)
        values.addWidget(self.grid)
        column.addWidget(self._values)
        column.addStretch(1)
        self._scroll.setWidget(inside)

    def _fit(self) -> None:
        self.setMinimumWidth(size("body") * 24)

    def show_item(self, view: ItemView) -> None:
        """Show an item; of the same item the place in the pane stays."""
        same = self.shown is not None and self.shown.id == view.id
        place = self._scroll.verticalScrollBar().value() if same else 0
        self.shown = view
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        self._subtitle.setVisible(bool(view.subtitle))
        refill(self._chips, [chip(each.text, each.tone) for each in view.chips])
        self._reason.set_text(view.reason, "bad")
        sides = (
            _side(MINE, view.mine, "", "device-desktop", "bad"),
            _side(THEIRS, view.theirs, view.nothing, "cloud-check", "good"),
        )
        refill(self._sides, sides)
        self._show_values(view)
        choices = (("保留已记录的", view.drop, view.may_drop), ("按本机的重做", view.redo, view.may_redo))
        refill(self._choices, [_choice(*each) for each in choices])
        self._scroll.verticalScrollBar().setValue(place)

    def focus_start(self) -> None:
        """Put the focus where arrow keys move through the item."""
        self._scroll.setFocus()

    def _show_values(self, view: ItemView) -> None:
        self._values.setVisible(bool(view.pairs))
        equal = len(view.pairs) - view.differing
        self._count.setText(f"内容对照：{view.differing} 项不同" if view.differing else "内容对照：没有不同")
        self.equal.setVisible(equal > 0)
        every = self.equal.isChecked()
        self.equal.set_caption(f"{'隐藏' if every else '显示'}相同的 {equal} 项")
        self.grid.show_pairs(view.pairs, equal=every)
        self.hold.setVisible(any(pair.covered for pair in view.pairs if pair.differs or every))

    def _on_equal(self, _on: bool) -> None:
        if self.shown is not None:
            self._show_values(self.shown)


def _choice(title: str, words: str, able: bool) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    name = label(title, "strong" if able else "muted")
    name.setMinimumWidth(size("body") * 7)
    row.addWidget(_top_left(name))
    row.addWidget(_top_left(label(words, "muted", wrap=True)), 1)
    return box
