"""A kept scan, seen large. The picture was made by our own child process and lives in memory only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import label


class ScanViewer(QDialog):
    """One page, as wide as the window."""

    def __init__(self, parent: QWidget | None, title: str, picture_png: bytes, pages: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._picture = QPixmap()
        self._picture.loadFromData(picture_png, "PNG")  # type: ignore[call-overload]
        self._page = label("")
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._page.setAccessibleName(title)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._page)
        self._scroll = scroll
        column = QVBoxLayout(self)
        column.addWidget(scroll, 1)
        if pages > 1:
            column.addWidget(label(f"共 {pages} 页，这里显示第 1 页。", "hint"))
        close = Button("关闭", key="Esc", face="primary", on_click=self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        height = parent.window().height() - 60 if parent is not None else 800
        self.resize(720, max(400, min(height, 1000)))
        close.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the page as wide as there is room."""
        super().resizeEvent(event)
        width = max(100, self._scroll.viewport().width() - 16)
        smooth = Qt.TransformationMode.SmoothTransformation
        self._page.setPixmap(self._picture.scaledToWidth(min(width, self._picture.width()), smooth))
