"""How the page stands on the screens it is promised for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.application.stage import Stage, filled, printed, registered
from ui.theme import theme

Key = Qt.Key
Take = Callable[..., Stage]
SIZES = [(1366, 768, 14), (1280, 720, 14), (1366, 768, 20), (1920, 1080, 14), (1920, 1080, 20)]


@pytest.mark.parametrize("form_id", ["attachment-1", "attachment-3"])
def test_a_whole_form_needs_no_scrolling_at_1366(take_stage: Take, kit: OfficeKit, form_id: str) -> None:
    (unit,) = registered(kit)
    stage = take_stage(form_id)
    filled(stage, unit, form_id)
    stage.screen.hand.edit("other_manager", "yes")
    QApplication.processEvents()
    stage.until(lambda: stage.screen.bench.form._dense)
    bar = stage.screen.bench.form.verticalScrollBar()
    stage.until(lambda: bar.maximum() == 0)


@pytest.mark.parametrize(("width", "height", "base"), SIZES)
def test_nothing_is_cut_at_its_right(
    take_stage: Take, kit: OfficeKit, restored_theme: None, width: int, height: int, base: int
) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    theme().apply("light", base)
    stage.window.resize(width, height)
    for page in ("paper", "papers", "unit"):
        stage.screen.bench.side.show_page(page)
        QApplication.processEvents()
        assert stage.window.width() == width
        for area in stage.screen.bench.findChildren(QScrollArea):
            inside = area.widget()
            if inside is not None and area.isVisible():
                assert inside.width() <= area.viewport().width(), (page, area.accessibleName())


def test_every_input_has_a_name_and_no_window_stands_apart(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    kinds = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractButton, QAbstractItemView)
    for each in stage.screen.findChildren(QWidget):
        inside_popup = each.window() is not stage.window
        if isinstance(each, kinds) and not inside_popup and not each.objectName().startswith("qt_"):
            assert each.accessibleName() or isinstance(each.parent(), (QLineEdit, QComboBox)), each
    visible = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    assert all(each is stage.window for each in visible), visible


def test_high_windows_put_papers_below_the_form(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    papers = stage.screen.bench.papers
    assert not papers.isVisible()
    stage.window.resize(1920, 1080)
    QApplication.processEvents()
    assert papers.isVisible() and papers.mapTo(stage.screen, QPoint(0, 0)).y() > 500
    stage.window.resize(1366, 768)
    QApplication.processEvents()
    stage.press(Key.Key_F6)
    assert papers.isVisible()
