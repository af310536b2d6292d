"""The customer's screen: knows nothing personal, fits every monitor, never takes the clerk's focus."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.qr_reader import read_qr
from tests.ui.test_qr_view import TEXT, matrix_of, shot
from ui.customer_view import CustomerView
from ui.customer_window import CustomerWindow, FullClaimWindow, choose_screen, screen_key
from ui.widgets.qr_view import QrView

VIEW = CustomerView(
    "海口市龙华区示范幼儿园", "李**", matrix_of(TEXT), 297, phones_note="各类手机", rehearsal=True
)


def words(window: QWidget) -> str:
    return "\n".join(each.text() for each in window.findChildren(QLabel) if each.isVisibleTo(window))


def test_the_whitelist_is_exactly_this() -> None:
    assert [each.name for each in fields(CustomerView)] == [
        "unit", "masked_name", "qr_matrix", "remaining_seconds", "heading", "phones_note", "rehearsal",
    ]  # fmt: skip
    with pytest.raises(FrozenInstanceError):
        VIEW.unit = "x"  # type: ignore[misc]


def test_a_whole_name_is_refused() -> None:
    with pytest.raises(ValueError, match="masked"):
        replace(VIEW, masked_name="李雪梅")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1024, 768), (800, 1280)])
def test_everything_fits_and_the_code_is_read(qtbot: QtBot, width: int, height: int) -> None:
    window = CustomerWindow()
    qtbot.addWidget(window)
    window.resize(width, height)
    window.show_view(
        replace(VIEW, unit="海南省琼中黎族苗族自治县示范乡镇社会事务与综合便民服务中心（示范站）")
    )
    with qtbot.waitExposed(window):
        window.show()
    QApplication.processEvents()
    for each in window.findChildren(QLabel):
        if each.isVisibleTo(window) and each.text():
            assert each.fontMetrics().horizontalAdvance(each.text()) <= width, each.text()
            assert each.mapTo(window, each.rect().bottomLeft()).y() < height, each.text()
    picture = shot(window, 1.0)
    assert picture.size == (width, height)
    assert [each.text for each in read_qr(picture)] == [TEXT]


def test_it_says_whose_how_long_and_that_it_is_a_rehearsal(qtbot: QtBot) -> None:
    window = CustomerWindow()
    qtbot.addWidget(window)
    window.resize(1024, 768)
    window.show_view(VIEW)
    window.show()
    said = words(window)
    assert "李**" in said and "04:57" in said and "演练" in said and VIEW.unit in said
    window.show_view(replace(VIEW, rehearsal=False))
    assert "演练" not in words(window)


def test_an_expired_code_is_taken_away(qtbot: QtBot) -> None:
    window = CustomerWindow()
    qtbot.addWidget(window)
    window.resize(1024, 768)
    window.show_view(replace(VIEW, remaining_seconds=0))
    window.show()
    assert not window.findChildren(QrView)[0].isVisible()
    assert "已失效" in words(window)
    assert read_qr(shot(window, 1.0)) == []


def test_it_never_takes_the_focus(qtbot: QtBot) -> None:
    window = CustomerWindow()
    qtbot.addWidget(window)
    assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert window.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_one_monitor_means_no_second_window(qtbot: QtBot) -> None:
    clerk, window = QWidget(), CustomerWindow()
    for each in (clerk, window):
        qtbot.addWidget(each)
    clerk.show()
    assert len(QGuiApplication.screens()) == 1
    assert not window.open_beside(clerk)
    assert not window.isVisible()


def test_the_remembered_monitor_is_preferred(qtbot: QtBot) -> None:
    class Monitor:
        def __init__(self, name: str) -> None:
            self._name = name

        def name(self) -> str:
            return self._name

        def serialNumber(self) -> str:
            return "1"

    clerk, tv, panel = Monitor("clerk"), Monitor("tv"), Monitor("panel")
    everything = (clerk, tv, panel)
    assert choose_screen(everything, clerk, screen_key(panel)) is panel  # type: ignore[arg-type,comparison-overlap]
    assert choose_screen(everything, clerk, "gone|1") is tv  # type: ignore[arg-type,comparison-overlap]
    assert choose_screen(everything, clerk, screen_key(clerk)) is tv  # type: ignore[arg-type,comparison-overlap]
    assert choose_screen((clerk,), clerk) is None  # type: ignore[arg-type]


def test_the_pin_shows_only_while_held(qtbot: QtBot) -> None:
    fetched: list[int] = []

    def fetch() -> str:
        fetched.append(1)
        return "042917"

    window = FullClaimWindow(None, fetch)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show_view(VIEW)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    assert fetched == [], "the PIN was fetched before anyone held the button"
    QTest.mousePress(window.pin, Qt.MouseButton.LeftButton)
    assert "042 917" in window.pin.text()
    QTest.mouseRelease(window.pin, Qt.MouseButton.LeftButton)
    assert "042" not in window.pin.text()
    window.pin.setFocus()
    QTest.keyPress(window.pin, Qt.Key.Key_Space)
    assert "042 917" in window.pin.text()
    assert "042" not in window.pin.accessibleName()
    window.back.setFocus()
    assert "042" not in window.pin.text(), "losing the focus did not cover it"
    with qtbot.waitSignal(window.closed):
        QTest.keyClick(window, Qt.Key.Key_Escape)
