"""The two bars around a screen: heading above, buttons below."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui.screen import Chip, Footer, Header, ScreenAction
from ui.theme import size, theme
from ui.widgets.busy import BusyStrip
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, chip, label, restyle

SEARCH_HINT = "搜索单位、信用代码、受理号　Ctrl+K"


class HeaderBar(QFrame):
    """Title, subtitle, chips, search."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "header")
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 7, 22, 8)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title, self._subtitle = label(role="title"), ElidedLabel(role="subtitle")
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        row.addLayout(words)
        row.addSpacing(14)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        row.addLayout(self._chips)
        row.addStretch(1)
        self.search = QLineEdit()
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.setProperty("face", "search")
        self.search.setPlaceholderText(SEARCH_HINT)
        self.search.setAccessibleName("搜索单位、信用代码、受理号")
        row.addWidget(self.search, 3)
        self._shown: tuple[Chip, ...] = ()
        self._fit()
        theme().changed.connect(self._fit)

    def show_header(self, header: Header, extra: tuple[Chip, ...] = ()) -> None:
        """Show a screen's heading, its chips first, then the window's own."""
        self._title.setText(header.title)
        self._subtitle.set_text(header.subtitle)
        self._subtitle.setVisible(bool(header.subtitle))
        wanted = (*header.chips, *extra)
        if wanted == self._shown:
            return
        self._shown = wanted
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for each in wanted:
            self._chips.addWidget(chip(each.text, each.tone), 0, Qt.AlignmentFlag.AlignVCenter)

    def _fit(self) -> None:
        self.setFixedHeight(round(size("body") * 4.3))
        self.search.setMinimumWidth(size("body") * 9)
        self.search.setMaximumWidth(round(size("body") * 20.5))


class ActionBar(QFrame):
    """Progress, key hints, what is going on, and the screen's buttons."""

    def __init__(self, keys: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "footer")
        self._keys = keys
        self._offered: tuple[ScreenAction, ...] = ()
        self._buttons: dict[str, Button] = {}
        self._shortcuts: list[QObject] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 6, 22, 7)
        row.setSpacing(10)
        self._count = label()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(110)
        self._bar.setAccessibleName("必填项完成情况")
        self._hints = ElidedLabel(role="hint")
        row.addWidget(self._count)
        row.addWidget(self._bar)
        row.addWidget(self._hints, 1)
        self.busy = BusyStrip()
        row.addWidget(self.busy)
        self._place = QHBoxLayout()
        self._place.setSpacing(10)
        row.addLayout(self._place)

    def show_bar(self, footer: Footer, actions: tuple[ScreenAction, ...]) -> None:
        """Show a screen's progress, hints and buttons; hide the bar when there is nothing to show."""
        self.setVisible(bool(actions or footer.total or footer.hints))
        self._count.setVisible(footer.total > 0)
        self._bar.setVisible(footer.total > 0)
        self._count.setText(f"必填 {footer.done} / {footer.total}")
        self._bar.setRange(0, max(1, footer.total))
        self._bar.setValue(footer.done)
        restyle(self._bar, tone="good" if footer.done == footer.total else "")
        self._hints.set_text("　".join(footer.hints))
        # `run` is not compared, so the newest one is kept whether or not the buttons are made anew.
        changed = actions != self._offered
        self._offered = actions
        if changed:
            self._make_buttons(actions)

    def button(self, id: str) -> Button:
        """Return a button by its action's id. Raises ``KeyError``."""
        return self._buttons[id]

    def _make_buttons(self, actions: tuple[ScreenAction, ...]) -> None:
        for shortcut in self._shortcuts:
            shortcut.deleteLater()
            shortcut.setParent(None)
        focused = next((id for id, each in self._buttons.items() if each.hasFocus()), "")
        for old in self._buttons.values():
            old.hide()
            old.deleteLater()
        self._shortcuts, self._buttons = [], {}
        for each in actions:
            button = Button(each.caption, key=each.key, icon_name=each.icon, face=each.face)
            button.setEnabled(each.enabled)
            button.setToolTip(each.tip)
            button.clicked.connect(lambda _checked=False, id=each.id: self._run(id))
            self._place.addWidget(button)
            self._buttons[each.id] = button
            if each.key:
                shortcut = QShortcut(QKeySequence(each.key), self._keys)
                shortcut.activated.connect(lambda id=each.id: self._run(id))
                self._shortcuts.append(shortcut)
        if focused in self._buttons:
            self._buttons[focused].setFocus()

    def _run(self, id: str) -> None:
        action = next((each for each in self._offered if each.id == id), None)
        if action is not None and action.enabled:
            action.run()


class Keys(QObject):
    """Window-wide keys: Ctrl+K search, F1 help."""

    search = Signal()
    help = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        for key, signal in (("Ctrl+K", self.search), ("F1", self.help)):
            QShortcut(QKeySequence(key), window).activated.connect(signal.emit)
