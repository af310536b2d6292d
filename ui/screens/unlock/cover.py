"""What every page of the cover looks like: one card in the middle, buttons at its foot, room to scroll."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.messages import Message
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notice import Notice


class _TallEnough(QFrame):
    """As tall as its wrapped words need at its width; box layouts alone would squeeze them."""

    def sizeHint(self) -> QSize:
        """Return width and the height the words need there."""
        hint, layout = super().sizeHint(), self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return hint
        return QSize(hint.width(), max(hint.height(), layout.totalHeightForWidth(self.minimumWidth())))

    def minimumSizeHint(self) -> QSize:
        """Never less: the page scrolls instead."""
        return self.sizeHint()


class CoverPage(QScrollArea):
    """A card with title, words, ``body``, an inline notice and a row of buttons.

    ``width`` is in letter sizes.
    """

    def __init__(self, title: str, text: str = "", width: int = 34) -> None:
        super().__init__()
        self._width = width
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(2)
        self.card = _TallEnough()
        self.card.setProperty("face", "card")
        self.card.setAccessibleName(title)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)
        self.setWidget(inside)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(32, 26, 32, 26)
        column.setSpacing(12)
        self.heading = label(title, "title")
        column.addWidget(self.heading)
        self.text = label(text, "muted", wrap=True)
        # Into the card first: shown without a parent it would be a window of its own for a moment.
        column.addWidget(self.text)
        self.text.setVisible(bool(text))
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body)
        self.notice = Notice()
        self.notice.hide()
        column.addWidget(self.notice)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(10)
        column.addLayout(self._foot)
        self._fit()
        theme().changed.connect(self._fit)

    def add_field(self, caption: str, editor: QWidget, hint: str = "") -> None:
        """Append a caption over an editor."""
        words = label(caption, "label", buddy=editor)
        editor.setAccessibleName(caption)
        self.body.addWidget(words)
        self.body.addWidget(editor)
        if hint:
            self.body.addWidget(label(hint, "hint", wrap=True))

    def add_foot(self, left: Iterable[QWidget], right: Iterable[QWidget]) -> None:
        """Fill the row of buttons."""
        for each in left:
            self._foot.addWidget(each)
        self._foot.addStretch(1)
        for each in right:
            self._foot.addWidget(each)

    def tell(self, message: Message | None, tone: str = "bad") -> None:
        """Show a sentence in the card, or none."""
        self.notice.setVisible(message is not None)
        if message is not None:
            self.notice.set_text(message.whole(), tone)
            self.ensureWidgetVisible(self.notice)

    def _fit(self) -> None:
        self.card.setFixedWidth(self._width * theme().base)


def password_edit(on_enter: Button | None = None) -> QLineEdit:
    """Return a line for a password: dots, no input method; Enter clicks ``on_enter``."""
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setInputMethodHints(
        Qt.InputMethodHint.ImhHiddenText
        | Qt.InputMethodHint.ImhSensitiveData
        | Qt.InputMethodHint.ImhNoPredictiveText
    )
    if on_enter is not None:
        made.returnPressed.connect(on_enter.click)
    return made
