"""The papers a unit brings: ticks, scans, what is still missing. Dumb: one state in, named events out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.icons import icon
from ui.screens.application.papers_state import PaperRow, PapersState, Tile
from ui.theme import colour, size, theme
from ui.widgets.buttons import Button
from ui.widgets.choices import PickBox, TickBox
from ui.widgets.labels import ElidedLabel, label, restyle
from ui.widgets.notice import Notice

ROOMY = 24
"""Height in letter sizes from which scans are shown as pictures on a shelf."""
NARROW = 27
"""Width in letter sizes below which a paper's name stands above its ticks."""
MOST_PICTURES = 4


def _framed(picture: QPixmap) -> QPixmap:
    """Return the picture with a thin frame, so that white paper shows on a white card."""
    painter = QPainter(picture)
    painter.setPen(QPen(colour("field_line"), max(2, picture.width() // 50)))
    painter.drawRect(picture.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return picture


def _scanned(row: PaperRow) -> bool:
    return any(tile.current for tile in row.tiles)


def _count(row: PaperRow) -> str:
    if _scanned(row):
        return "已扫描"
    if row.tiles:
        return "扫描件已旧"
    return "未扫描" if row.role == "signed_form" else ""


class PapersView(QWidget):
    """Checklist over the place where scans come in."""

    ticked = Signal(str, str, bool)
    path_entered = Signal(str, str)
    choose_requested = Signal(str)
    dropped = Signal(list, str)
    role_changed = Signal(str)
    offer_taken = Signal(str)
    offer_declined = Signal()
    notice_requested = Signal()
    scan_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._state = PapersState()
        self._boxes: dict[tuple[str, str], TickBox] = {}
        self._thumbs: dict[str, QPushButton] = {}
        self._shown_rows: object = None
        self._arranged = (False, False)
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 6, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        scroll.setWidget(inside)
        column.addWidget(scroll, 1)
        self._offer = Notice("")
        self._offer.add_button(Button("添加", face="primary", on_click=self._on_offer))
        self._offer.add_button(Button("不用", face="quiet", on_click=self.offer_declined.emit))
        self._offer.hide()
        column.addWidget(self._offer)
        said = QHBoxLayout()
        said.setSpacing(8)
        self._note = label("", "hint", wrap=True)
        said.addWidget(self._note, 1)
        self.notice_button = Button(
            "一次性告知书", icon_name="file-text", face="quiet", on_click=self.notice_requested.emit
        )
        self.notice_button.setProperty("low", True)
        said.addWidget(self.notice_button)
        column.addLayout(said)
        column.addWidget(self._scan_line())
        theme().changed.connect(self._rebuild)

    def _scan_line(self) -> QWidget:
        line = QWidget()
        rows = QGridLayout(line)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.setColumnStretch(0, 1)
        self.role = PickBox()
        self.role.setAccessibleName("扫描件是哪一份")
        self.role.setSizeAdjustPolicy(PickBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.role.setMinimumContentsLength(4)
        self.role.activated.connect(lambda index: self.role_changed.emit(str(self.role.itemData(index))))
        self.path = QLineEdit()
        self.path.setAccessibleName("扫描件路径")
        self.path.setPlaceholderText("扫描件路径，或把文件拖到这里")
        self.path.setMinimumWidth(60)
        self.path.returnPressed.connect(self._on_path)
        self.choose = Button("选择文件", icon_name="scan", on_click=self._on_choose)
        rows.addWidget(self.role, 0, 0)
        rows.addWidget(self.choose, 0, 1)
        rows.addWidget(self.path, 1, 0, 1, 2)
        return line

    # -- showing ----------------------------------------------------------------------------------

    def show_state(self, state: PapersState) -> None:
        """Show a state; ticks that did not change keep the focus."""
        self._state = state
        key = (tuple((r.item, r.original is None, r.copy is None, r.tiles, r.needed) for r in state.rows),
               frozenset(state.previews), state.enabled, state.can_scan)  # fmt: skip
        if key != self._shown_rows:
            self._shown_rows = key
            self._rebuild()
        for row in state.rows:
            for which, on in (("original", row.original), ("copy", row.copy)):
                box = self._boxes.get((row.item, which))
                if box is not None and box.isChecked() != bool(on):
                    blocked = box.blockSignals(True)
                    box.setChecked(bool(on))
                    box.blockSignals(blocked)
        self._show_roles(state)
        self._note.setText(state.scan_note)
        self.notice_button.setVisible(state.enabled)
        for widget in (self.role, self.path, self.choose):
            widget.setEnabled(state.enabled and state.can_scan)
        self._offer.set_text(f"扫描文件夹里有新文件：{state.offer}")
        self._offer.setVisible(bool(state.offer) and state.enabled and state.can_scan)

    def _show_roles(self, state: PapersState) -> None:
        known = [(str(self.role.itemData(i)), self.role.itemText(i)) for i in range(self.role.count())]
        if known != list(state.roles):
            self.role.clear()
            for role, words in state.roles:
                self.role.addItem(words, role)
        self.role.setCurrentIndex(self.role.findData(state.role))

    def _rebuild(self) -> None:
        """Lay the rows out again. A tick that is still asked keeps its very box.

        A scan's preview may arrive between the press and the release of the space bar: in a box made anew
        that tick would be lost, and the focus with it.
        """
        tile = next((id for id, thumb in self._thumbs.items() if thumb.hasFocus()), None)
        old = [item.widget() for item in iter(lambda: self._grid.takeAt(0), None)]
        boxes, self._boxes, self._thumbs = self._boxes, {}, {}
        self._arranged = (self._roomy, self._narrow)
        for place, row in enumerate(self._state.rows):
            self._add_row(2 * place, row, boxes)
        for place in range(self._grid.rowCount()):
            self._grid.setRowStretch(place, 0)
        last = 2 * len(self._state.rows)
        if self._roomy:
            self._add_shelf(last)
        else:
            self._grid.setRowStretch(last, 1)
        for place in range(self._grid.count()):
            laid = self._grid.itemAt(place)
            if laid is not None and (widget := laid.widget()) is not None:
                # A layout shows what it took in only later; until then a widget takes no key.
                widget.show()
        for thumb in self._thumbs.values():
            thumb.show()
        if tile in self._thumbs:
            self._thumbs[tile].setFocus()
        for gone in set(filter(None, old)) - set(self._boxes.values()):
            # After the focus has its new place: hiding would push it to a neighbour.
            gone.hide()
            gone.deleteLater()
        self._order_keys()

    def _order_keys(self) -> None:
        """Tab walks down the rows, then along the scan's line."""
        walked: list[QWidget] = []
        for row in self._state.rows:
            walked += [box for (item, _), box in self._boxes.items() if item == row.item]
            walked += [self._thumbs[tile.id] for tile in row.tiles if tile.id in self._thumbs]
        for before, after in pairwise((*walked, self.notice_button, self.role, self.choose, self.path)):
            QWidget.setTabOrder(before, after)

    def _add_row(self, place: int, row: PaperRow, kept: Mapping[tuple[str, str], TickBox]) -> None:
        words = row.text if row.needed else f"{row.text}（本件不需要）"
        name = ElidedLabel(words, "body" if row.needed else "muted")
        name.setToolTip(row.whole)
        name.setMinimumHeight(size("field_height") - 4)
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # Where there is little width, a name has a line of its own above its ticks.
        self._grid.addWidget(name, place, 0, 1, 4 if self._narrow else 1)
        place += 1 if self._narrow else 0
        captions = {"original": "原件" if row.copy is not None else "已核对", "copy": "复印件"}
        for column, (which, on) in enumerate((("original", row.original), ("copy", row.copy)), 1):
            if on is None:
                continue
            box = kept.get((row.item, which)) or self._new_box(row.item, which, on)
            box.setText(captions[which])
            box.setEnabled(self._state.enabled)
            box.setAccessibleName(f"{row.text}：{captions[which]}")
            self._grid.addWidget(box, place, column)
            self._boxes[(row.item, which)] = box
        tiles = QWidget()
        line = QHBoxLayout(tiles)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        if self._roomy:
            line.addWidget(label(_count(row), "hint", tone="good" if _scanned(row) else ""))
        else:
            for tile in row.tiles[-2:]:
                line.addWidget(self._thumb(tile, row, size("field_height") - 6))
            if not row.tiles:
                line.addWidget(label(_count(row), "hint"))
        self._grid.addWidget(tiles, place, 3, Qt.AlignmentFlag.AlignRight)

    def _new_box(self, item: str, which: str, on: bool) -> TickBox:
        box = TickBox()
        box.setChecked(on)
        box.toggled.connect(lambda value: self.ticked.emit(item, which, value))
        return box

    @property
    def _roomy(self) -> bool:
        """Whether there is room for pictures in which a seal can be seen."""
        return self.height() >= ROOMY * size("body")

    @property
    def _narrow(self) -> bool:
        return self.width() < NARROW * size("body")

    def _add_shelf(self, place: int) -> None:
        """Below the rows: the scans as pictures, and a word that more may be dropped here."""
        shelf = QWidget()
        line = QHBoxLayout(shelf)
        line.setContentsMargins(0, 6, 0, 0)
        line.setSpacing(8)
        pairs = [(tile, row) for row in self._state.rows for tile in row.tiles]
        for tile, row in pairs[-MOST_PICTURES:]:
            line.addWidget(self._thumb(tile, row, round(size("body") * 7.5)))
        if len(pairs) > MOST_PICTURES:
            line.addWidget(label(f"另 {len(pairs) - MOST_PICTURES} 份", "hint"))
        line.addStretch(1)
        self._grid.addWidget(shelf, place, 0, 1, 4)
        if self._state.can_scan:
            hint = label("把扫描件拖到这里", "hint")
            hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(hint, place + 1, 0, 1, 4)
        self._grid.setRowStretch(place + 1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose small or large pictures."""
        super().resizeEvent(event)
        if self._arranged != (self._roomy, self._narrow):
            self._rebuild()

    def _thumb(self, tile: Tile, row: PaperRow, height: int) -> QPushButton:
        button = QPushButton()
        picture = QPixmap()
        data = self._state.previews.get(tile.id, b"")
        if data and picture.loadFromData(data):
            button.setIcon(QIcon(_framed(picture)))
        else:
            button.setIcon(icon("photo", "muted", size("icon")))
        button.setIconSize(QSize(round(height * 0.75), height - 6))
        button.setFixedHeight(height)
        button.setAutoDefault(False)
        button.setProperty("face", "quiet")
        if tile.pages > 1:
            button.setText(f"{tile.pages} 页")
        stale = "" if tile.current else "（旧版，已失效）"
        button.setEnabled(True)
        button.setAccessibleName(f"查看扫描件：{row.text}{stale}")
        button.setToolTip(f"查看扫描件{stale}")
        if not tile.current:
            button.setText("旧版")
        button.clicked.connect(lambda _checked=False: self.scan_opened.emit(tile.id))
        self._thumbs[tile.id] = button
        return button

    # -- events -----------------------------------------------------------------------------------

    def box(self, item: str, which: str) -> TickBox:
        """Return the tick of a paper; ``which`` is original or copy. Raises ``KeyError``."""
        return self._boxes[(item, which)]

    def take_focus(self) -> None:
        """Put the focus where the next thing is to do: the scan's path, else the first open tick."""
        if self._state.can_scan and self._state.role == "signed_form" and self.path.isEnabled():
            self.path.setFocus()
            return
        first = next((box for box in self._boxes.values() if not box.isChecked()), None)
        target = first or next(iter(self._boxes.values()), None)
        if target is not None:
            target.setFocus()

    def focus_open_tick(self) -> None:
        """Put the focus into the first tick of a needed paper that is not set."""
        needed = {row.item for row in self._state.rows if row.needed}
        for (item, _), box in self._boxes.items():
            if item in needed and not box.isChecked():
                box.setFocus()
                return

    def chosen_role(self) -> str:
        """Return what the next scan shows."""
        return str(self.role.currentData() or "")

    def _on_path(self) -> None:
        # Quotes come along when a path is copied from a file window.
        text = self.path.text().strip().strip("\"'")
        if text:
            self.path.clear()
            self.path_entered.emit(text, self.chosen_role())

    def _on_choose(self) -> None:
        self.choose_requested.emit(self.chosen_role())

    def _on_offer(self) -> None:
        self.offer_taken.emit(self.chosen_role())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files while scans may be added."""
        local = any(url.isLocalFile() for url in event.mimeData().urls())
        if local and self._state.enabled and self._state.can_scan:
            event.acceptProposedAction()
            restyle(self.path, tone="warn")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the wish."""
        restyle(self.path, tone="")

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over the paths of what was dropped."""
        restyle(self.path, tone="")
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths, self.chosen_role())
