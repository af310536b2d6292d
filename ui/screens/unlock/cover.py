"""What every page of the cover looks like: one card in the middle, buttons at its foot, room to scroll."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.messages import Message
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notice import Notice


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
        self.card = QFrame()
        self.card.setProperty("face", "card")
        self.card.setAccessibleName(title)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self.setWidget(inside)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(32, 26, 32, 26)
        column.setSpacing(12)
        self.heading = label(title, "title")
        column.addWidget(self.heading)
        self.text = label(text, "muted", wrap=True)
        self.text.setVisible(bool(text))
        column.addWidget(self.text)
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
