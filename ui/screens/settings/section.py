"""A page of the settings: cards, lines bound to one setting each, saved when the line is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.files import Chooser
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.task import Task
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.choices import Segments, TickBox
from ui.widgets.labels import label
from ui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace
    from core.services.session import Session


class Section(QScrollArea):
    """Base: ``refresh`` is called when the page comes to the front and after every change."""

    title = ""
    needs_face = False

    def __init__(self, desk: Desk, navigator: Navigator, chooser: Chooser) -> None:
        super().__init__()
        self.desk, self.navigator, self.chooser = desk, navigator, chooser
        self._shows: list[Callable[[], None]] = []
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 8, 0)
        self.column.setSpacing(10)
        self.notice = Notice()
        self.notice.hide()
        self.column.addWidget(self.notice)
        self.build()
        self.column.addStretch(1)
        self.setWidget(inside)

    def build(self) -> None:
        """Make the cards."""

    def refresh(self) -> None:
        """Show what is in force."""
        for show in self._shows:
            show()
        if self.needs_face:
            self.ask(_face, self.show_face)

    def show_face(self, face: OfficeFace) -> None:
        """Take what the session says of office and person (only when ``needs_face``)."""

    # -- saying and asking ------------------------------------------------------------------------

    def say(self, message: Message | None, tone: str = "bad") -> None:
        """Show a sentence on top of the page, or none."""
        self.notice.setVisible(message is not None)
        if message is not None:
            self.notice.set_text(message.whole(), tone)
            self.ensureWidgetVisible(self.notice)

    def ask(self, op: Callable[[Session], Any], done: Callable[[Any], None]) -> Task[Any]:
        """Read on the store lane; a failure is shown on the page."""
        task = self.desk.ask(self, lambda session, progress, cancel: op(session), "settings")
        return task.on_success(done).on_failure(self.fail).start("store")

    def act(self, op: Callable[[Session], Any], done: Callable[[Any], None]) -> Task[Any]:
        """Write on the store lane, with the strip "正在保存" shown meanwhile."""
        self.say(None)
        self.navigator.busy("正在保存…")
        task = self.desk.act(self, lambda session, progress, cancel: op(session), "settings")
        task.on_success(lambda result: self._ended(done, result))
        task.on_failure(self._failed)
        return task.start("store")

    def _ended(self, done: Callable[[Any], None], result: Any) -> None:
        self.navigator.done()
        done(result)

    def _failed(self, error: BaseException) -> None:
        self.navigator.done()
        self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Show what went wrong."""
        self.say(sentence(error))

    # -- settings ---------------------------------------------------------------------------------

    def save(self, **values: Any) -> bool:
        """Keep settings; on a fault say so and show the old ones again."""
        if all(getattr(self.desk.settings, key) == value for key, value in values.items()):
            return True
        try:
            self.desk.change_settings(self.desk.settings.changed(**values))
        except CertDeskError as fault:
            self.fail(fault)
            for show in self._shows:
                show()
            return False
        self.say(None)
        self.navigator.toast("已保存。")
        return True

    def add_card(self, title: str, text: str = "") -> Card:
        """Append a card."""
        card = Card(title)
        if text:
            card.body.addWidget(label(text, "muted", wrap=True))
        self.column.addWidget(card)
        return card

    def add_text(self, card: Card, key: str, caption: str, hint: str = "") -> QLineEdit:
        """Append a line for a text setting."""
        line = QLineEdit()
        line.setAccessibleName(caption)
        card.body.addWidget(label(caption, "label", buddy=line))
        card.body.addWidget(line)
        if hint:
            card.body.addWidget(label(hint, "hint", wrap=True))
        line.editingFinished.connect(lambda: self.save(**{key: line.text().strip()}))
        self._shows.append(lambda: _show_text(line, str(getattr(self.desk.settings, key))))
        return line

    def add_folder(self, card: Card, key: str, caption: str, hint: str = "") -> QLineEdit:
        """Append a line for a folder with a button to choose one."""
        line = self.add_text(card, key, caption, hint)
        row = QHBoxLayout()
        at = card.body.indexOf(line)
        card.body.removeWidget(line)
        row.addWidget(line, 1)

        def choose() -> None:
            chosen = self.chooser.folder(self, caption, line.text())
            if chosen:
                line.setText(chosen)
                self.save(**{key: chosen})

        button = Button("选择…", on_click=choose)
        button.setAccessibleName(f"选择{caption}")
        row.addWidget(button)
        card.body.insertLayout(at, row)
        return line

    def add_tick(self, card: Card, key: str, caption: str) -> TickBox:
        """Append a tick for a yes/no setting."""
        box = TickBox(caption)
        card.body.addWidget(box)
        box.clicked.connect(lambda on: self.save(**{key: bool(on)}))
        self._shows.append(lambda: box.setChecked(bool(getattr(self.desk.settings, key))))
        return box

    def add_segments(
        self, card: Card, key: str, caption: str, options: tuple[tuple[Any, str], ...]
    ) -> Segments:
        """Append a choice between a few values."""
        by_code = {str(value): value for value, _ in options}
        made = Segments([(str(value), words) for value, words in options], caption)
        card.body.addWidget(label(caption, "label"))
        card.body.addWidget(made)
        made.chosen.connect(lambda code: self.save(**{key: by_code[code]}))
        self._shows.append(lambda: made.set_value(str(getattr(self.desk.settings, key))))
        return made


def _face(session: Session) -> OfficeFace:
    from core.services.office_papers import office_face

    return office_face(session)


def _show_text(line: QLineEdit, text: str) -> None:
    if line.text() != text:
        line.setText(text)
