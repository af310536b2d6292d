"""Small parts: dialogs that name what happens, busy strip, choices."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.task import Progress
from ui.widgets.busy import BusyStrip
from ui.widgets.buttons import Button
from ui.widgets.choices import PickBox, Segments, TickBox
from ui.widgets.confirm import ConfirmDialog, Question
from ui.widgets.labels import ElidedLabel
from ui.widgets.notice import EmptyState, Notice

QUESTION = Question("作废领取码", "现有领取码立即失效。", "作废并换新码", ("示范幼儿园",), danger=True)


def test_a_dangerous_question_starts_on_the_safe_side(qtbot: QtBot) -> None:
    dialog = ConfirmDialog(None, QUESTION)
    qtbot.addWidget(dialog)
    dialog.show()
    said = [each.text() for each in dialog.findChildren(QLabel)]
    assert "示范幼儿园" in said and "现有领取码立即失效。" in said
    assert dialog.confirm.text().strip() == "作废并换新码"
    assert dialog.stay.isDefault() and not dialog.confirm.isDefault()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_question_is_answered_by_its_button(qtbot: QtBot) -> None:
    dialog = ConfirmDialog(None, QUESTION)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)


def test_the_busy_strip_can_be_stopped(qtbot: QtBot) -> None:
    strip, stopped = BusyStrip(), []
    qtbot.addWidget(strip)
    strip.begin("正在导入", lambda: stopped.append(1))
    strip.advance(Progress(3, 10, "检查"))
    assert strip._text.text() == "检查"
    QTest.mouseClick(strip._stop, Qt.MouseButton.LeftButton)
    QTest.mouseClick(strip._stop, Qt.MouseButton.LeftButton)
    assert stopped == [1]
    strip.end()
    assert not strip.isVisible()


def test_segments_choose_one_and_can_be_emptied(qtbot: QtBot) -> None:
    segments, chosen = Segments([("a", "甲 & 乙"), ("b", "丙")], "选项"), []
    qtbot.addWidget(segments)
    segments.chosen.connect(chosen.append)
    segments.show()
    QTest.mouseClick(segments.buttons()[1], Qt.MouseButton.LeftButton)
    assert chosen == ["b"] and segments.value() == "b"
    segments.set_value("")
    assert segments.value() == "" and chosen == ["b"]
    assert segments.buttons()[0].accessibleName() == "选项：甲 & 乙"


def test_the_wheel_does_not_change_an_answer(qtbot: QtBot) -> None:
    holder = QWidget()
    box = PickBox()
    box.addItems(["一", "二"])
    QVBoxLayout(holder).addWidget(box)
    qtbot.addWidget(holder)
    holder.show()
    nothing = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), nothing,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert box.currentIndex() == 0


def test_a_tick_paints_differently_when_set_and_when_focused(qtbot: QtBot) -> None:
    box = TickBox("已核对")
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.addWidget(QPushButton("x"))
    column.addWidget(box)
    qtbot.addWidget(holder)
    with qtbot.waitActive(holder):
        holder.show()
        holder.activateWindow()
    pictures = [box.grab().toImage()]
    box.setChecked(True)
    pictures.append(box.grab().toImage())
    box.setFocus()
    pictures.append(box.grab().toImage())
    assert pictures[0] != pictures[1] and pictures[1] != pictures[2]


def test_long_words_are_shortened_with_the_whole_as_tool_tip(qtbot: QtBot) -> None:
    words = ElidedLabel("海南省示范县很长很长的名称")
    qtbot.addWidget(words)
    words.resize(60, 20)
    words.show()
    words.grab()
    assert words.elided and words.toolTip() == words.text()
    assert words.minimumSizeHint().width() == 0


def test_notices_speak_to_screen_readers(qtbot: QtBot) -> None:
    notice, empty = Notice("上次未完成", "warn"), EmptyState("inbox", "没有记录", "从登记开始")
    for each in (notice, empty):
        qtbot.addWidget(each)
    assert notice.accessibleName() == "上次未完成"
    assert "没有记录" in empty.accessibleName()


def test_enter_presses_a_button_like_the_space_bar(qtbot: QtBot) -> None:
    pressed: list[str] = []
    button = Button("开始", on_click=lambda: pressed.append("x"))
    qtbot.addWidget(button)
    button.show()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        qtbot.keyClick(button, key)
    assert pressed == ["x", "x", "x"]
