"""The only maker of labels: always plain text, so that nothing typed or received is ever read as markup."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from ui.icons import picture
from ui.theme import size, theme

ROLES = (
    "body", "title", "display", "section", "strong", "subtitle", "label", "hint", "muted", "number",
    "required", "verdict", "chip", "band", "count", "column",
)  # fmt: skip
TONES = ("", "good", "warn", "bad", "accent")


def restyle(widget: QWidget, **properties: str | bool) -> None:
    """Set dynamic properties that the style sheet reads, and lay it over the widget again if one changed."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        style: QStyle = widget.style()
        style.unpolish(widget)
        style.polish(widget)
        widget.update()


def label(
    text: str = "", role: str = "body", *, tone: str = "", wrap: bool = False, buddy: QWidget | None = None
) -> QLabel:
    """Return a plain-text label; ``role`` (of ``ROLES``) gives size and weight, ``tone`` the colour."""
    made = QLabel()
    _prepare(made, role, tone)
    made.setText(text)
    made.setWordWrap(wrap)
    if buddy is not None:
        made.setBuddy(buddy)
    return made


def _prepare(made: QLabel, role: str, tone: str) -> None:
    if role not in ROLES or tone not in TONES:
        raise ValueError(f"no label role {role!r} with tone {tone!r}")
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setProperty("tone", tone)
    if role == "number":
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)


class ElidedLabel(QLabel):
    """A one-line plain label that ends in … where there is no room; the whole text is its tool tip."""

    def __init__(self, text: str = "", role: str = "body", tone: str = "", align_right: bool = False) -> None:
        super().__init__()
        _prepare(self, role, tone)
        self._align_right = align_right
        side = Qt.AlignmentFlag.AlignRight if align_right else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show ``text``."""
        self.setText(text)
        self.setToolTip("")

    def minimumSizeHint(self) -> QSize:
        """Ask for no width, so that a long text never widens a window."""
        return QSize(0, super().minimumSizeHint().height())

    @property
    def elided(self) -> bool:
        """Whether the text does not fit at the present width."""
        return QFontMetrics(self.font()).horizontalAdvance(self.text()) > self.contentsRect().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, shortened at its end."""
        if not self.elided:
            super().paintEvent(event)
            return
        room = self.contentsRect()
        shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        self.setToolTip(self.text())
        side = Qt.AlignmentFlag.AlignRight if self._align_right else Qt.AlignmentFlag.AlignLeft
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class Picture(QLabel):
    """An icon standing alone, recoloured on theme change. ``scale`` is in icon sizes."""

    def __init__(self, icon_name: str, token: str = "muted", scale: float = 1.0) -> None:
        super().__init__()
        self._what = (icon_name, token, scale)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._repaint_icon()
        theme().changed.connect(self._repaint_icon)

    def show_icon(self, icon_name: str, token: str) -> None:
        """Show another icon in another colour."""
        self._what = (icon_name, token, self._what[2])
        self._repaint_icon()

    def _repaint_icon(self) -> None:
        name, token, scale = self._what
        self.setPixmap(picture(name, token, round(size("icon") * scale), self.devicePixelRatioF()))


def chip(text: str, tone: str = "") -> QLabel:
    """Return a pill that states something in words; never colour alone. It shortens where room is short."""
    made = ElidedLabel(text, "chip", tone)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def rehearsal_band(text: str = "演练　·　数据均为虚构，不具法律效力") -> QLabel:
    """Return the band that every screen carries in a rehearsal."""
    made = label(text, "band")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setAccessibleName(text)
    return made
